"""The simulation of a fleet: whatever becomes of agents, members, the network and etcd, no gateway lives twice, and none is
forgotten.

`dev/simulate-fleet` plays fleets for as long as one likes; docs/proof.md says what is in them.
"""

from __future__ import annotations

import os
import subprocess

from places import BUILD

SIMULATE = BUILD / "tests/simulation/fleet/simulate-fleet"
# The same ones at every run: what dev/mutate takes out of the program must be missed in one of them.
FIRST_SEED = 1
WORLDS = 400


def simulate(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SIMULATE, *words], capture_output=True, text=True, timeout=600)


def test_fleets_of_known_seeds_lose_nothing() -> None:
    done = simulate("--seed", str(FIRST_SEED), "--worlds", str(WORLDS))
    assert done.returncode == 0, done.stdout


def test_a_fleet_is_what_its_seed_makes_it() -> None:
    """Whatever else the machine does: the same story, to the last line."""
    stories = {simulate("--seed", "7", "--story").stdout for _ in range(2)}
    assert len(stories) == 1, os.linesep.join(stories)
