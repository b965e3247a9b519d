"""A short form of tests/soak/soak.py; the long one is `dev/soak`."""

from __future__ import annotations

import random

import pytest
import soak

SEED = random.SystemRandom().randrange(2**32)


@pytest.mark.long
def test_boots_operations_and_kills_lose_nothing() -> None:
    print(f"seed {SEED}")
    counts = soak.soak(SEED, boots=8, operations=60, seconds=50)
    print(dict(counts))
    assert counts["boots"] >= 1 and counts["operations"] >= 1
