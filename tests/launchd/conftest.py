from __future__ import annotations

from collections.abc import Iterator

import pytest

from mac import Mac, running_mac


@pytest.fixture
def mac() -> Iterator[Mac]:
    with running_mac() as made:
        yield made
