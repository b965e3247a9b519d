"""The two trees of tests/runtime for what somebody asks at night."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from s6_tree import Finish, S6Tree, Supervisor

TREES = [Supervisor.OWN, *([Supervisor.OF_ROOT] if os.geteuid() == 0 else [])]


@pytest.fixture(params=TREES, ids=lambda supervisor: supervisor.value)
def tree(request: pytest.FixtureRequest) -> Iterator[S6Tree]:
    """An own tree, and one of root; with all that finish does in an image."""
    with S6Tree(request.param, Finish.WHOLE) as made:
        yield made


@pytest.fixture
def user_tree() -> Iterator[S6Tree]:
    """For what does not depend on who runs s6-svscan."""
    with S6Tree(Supervisor.OF_USER, Finish.WHOLE) as made:
        yield made
