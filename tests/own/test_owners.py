"""A short form of tests/own/owners.py; the long one is `dev/owners`."""

from __future__ import annotations

import random

import owners
import pytest

SEED = random.SystemRandom().randrange(2**32)


@pytest.mark.long
@pytest.mark.parametrize("members", [2, 3])
def test_whatever_happens_to_its_members_a_gateway_never_runs_twice(members: int) -> None:
    print(f"seed {SEED}")
    counts = owners.owners(SEED, rounds=12, members=members, profiles=2, seconds=60)
    print(dict(counts))
    assert counts["rounds"] >= 1 and counts["lives"] >= 1
