"""What the tests of the whole program share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "support"))

from volume import Volume  # noqa: E402


@pytest.fixture
def volume() -> Iterator[Volume]:
    """An empty home and an empty scandir of the unprivileged user, gone after the test."""
    with Volume() as made:
        yield made
