"""A supervisor for every test of the run time."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from s6_tree import S6Tree, Supervisor

SUPERVISORS = list(Supervisor) if os.geteuid() == 0 else [Supervisor.OF_USER]


@pytest.fixture(params=SUPERVISORS, ids=lambda supervisor: f"svscan of {supervisor.value}")
def tree(request: pytest.FixtureRequest) -> Iterator[S6Tree]:
    """Once with s6-svscan run by the user, once by root; the commands are the user's in both."""
    with S6Tree(request.param) as made:
        yield made


@pytest.fixture
def user_tree() -> Iterator[S6Tree]:
    """For what does not depend on who runs s6-svscan."""
    with S6Tree(Supervisor.OF_USER) as made:
        yield made
