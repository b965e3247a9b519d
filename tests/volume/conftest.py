"""Trees on odd volumes."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator

import pytest
from odd_tree import OddTree
from odd_volume import OddVolume
from places import GATEWAYCTL
from s6_tree import Finish, S6Tree


@pytest.fixture
def odd_tree() -> Iterator[Callable[..., OddTree]]:
    """Makes one for the refusals that are named: odd_tree(fsyncdir=22)."""
    with contextlib.ExitStack() as stack:
        def make(**refusals: int) -> OddTree:
            tree = S6Tree(finish=Finish.WHOLE)
            front = [str(GATEWAYCTL), "run", "--ready-after", "50", "--", str(tree.root / "play"), "{profile}"]
            tree.config(command=front)
            stack.callback(shutil.rmtree, tree.root)
            volume = stack.enter_context(OddVolume(tree.home, **refusals))
            stack.callback(tree.stop)
            tree.start()
            return OddTree(tree, volume)

        yield make
