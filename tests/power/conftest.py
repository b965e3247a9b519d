"""A supervisor for what is traced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from s6_tree import Finish, S6Tree, Supervisor


@pytest.fixture
def user_tree() -> Iterator[S6Tree]:
    with S6Tree(Supervisor.OF_USER, Finish.WHOLE) as made:
        yield made
