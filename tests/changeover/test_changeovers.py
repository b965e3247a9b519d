"""A sample of `dev/changeovers`, and what it has found."""

from __future__ import annotations

import random

import changeovers
import pytest

ROUNDS = 50
SEEDS = random.SystemRandom().sample(range(10**9), 6)


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_a_changeover_loses_no_intent_and_doubles_no_gateway(number: int) -> None:
    changeovers.run(str(SEEDS[number]), ROUNDS)  # a fault names its seed
