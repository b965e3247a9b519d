"""A supervisor for every test of the run time."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from s6_tree import Finish, S6Tree, Supervisor

TREES = [Supervisor.OWN, *([Supervisor.OF_ROOT] if os.geteuid() == 0 else [])]


@pytest.fixture(params=TREES, ids=lambda supervisor: supervisor.value)
def tree(request: pytest.FixtureRequest) -> Iterator[S6Tree]:
    """Once in a tree of the user's own, once in one of root; the commands are the user's in both."""
    with S6Tree(request.param) as made:
        yield made


@pytest.fixture
def user_tree() -> Iterator[S6Tree]:
    """For what does not depend on who runs s6-svscan."""
    with S6Tree(Supervisor.OF_USER) as made:
        yield made


@pytest.fixture(params=TREES, ids=lambda supervisor: supervisor.value)
def whole_tree(request: pytest.FixtureRequest) -> Iterator[S6Tree]:
    """As `tree`, with what finish does in an image: death budget, pauses, planned ends."""
    with S6Tree(request.param, Finish.WHOLE) as made:
        yield made
