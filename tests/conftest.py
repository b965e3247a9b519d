"""What the tests of the whole program share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "support"))

from volume import Volume  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "serial: measures time, or the whole machine: runs when nothing else does")
    config.addinivalue_line("markers", "long: takes longest, so it begins first when tests run side by side")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture
def volume() -> Iterator[Volume]:
    """An empty home and an empty scandir of the unprivileged user, gone after the test."""
    with Volume() as made:
        yield made
