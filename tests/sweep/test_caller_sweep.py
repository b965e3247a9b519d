"""A sample of tests/sweep/caller_sweep.py; the whole of it is one command."""

from __future__ import annotations

import random

import caller_sweep
import pytest

SEED = random.SystemRandom().randrange(2**32)


@pytest.mark.long
def test_a_caller_that_dies_at_any_call_leaves_what_was_asked_for() -> None:
    print(f"seed {SEED}")
    cases = caller_sweep.cases_of(random.Random(SEED), 24)
    ends = caller_sweep.try_all(cases)
    print(dict(ends))
    assert ends.total() == 24
    assert ends["told"] + ends["nobody was told"] > 0, "callers did die"
