from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from host import Host, running_host


@pytest.fixture(params=["system", "user"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    with running_host(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Host]:
    with running_host("system", tmp_path) as made:
        yield made


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Host]:
    with running_host("user", tmp_path) as made:
        yield made
