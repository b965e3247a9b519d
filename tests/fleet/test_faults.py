"""A short form of tests/fleet/faults.py; the long one is `dev/fleet-faults`."""

from __future__ import annotations

import os
import random
import signal

import pytest
from faults import Fault, Faults, faults
from fleets import agent
from lives import overlaps, read_lives
from poll import wait_until

SEED = random.SystemRandom().randrange(2**32)


@pytest.mark.long
def test_whatever_happens_to_a_fleet_a_gateway_never_runs_twice() -> None:
    print(f"seed {SEED}")
    counts = faults(SEED, seconds=45, members=3, gateways=9)
    print(dict(counts))
    assert counts["rounds"] >= 1 and counts["lives"] >= 9


@pytest.mark.long
def test_without_a_fence_the_checker_sees_two() -> None:
    """An agent that is stopped cannot end its gateways, and the fleet has given their places away."""
    with Faults(SEED, 2, 6, naive=True) as one:
        for member in one.members:
            one.start(member)
        one.check()
        os.kill(agent(one.members[0].box).pid, signal.SIGSTOP)
        wait_until(lambda: any(map(overlaps, read_lives(one.beside).values())), 120, "two lives at a moment")
        with pytest.raises(Fault, match="ran twice"):
            one.check_doubles()
