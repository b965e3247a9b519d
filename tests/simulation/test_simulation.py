"""The simulation: worlds in which everything may happen at every system call, and nothing may be lost.

`dev/simulate` plays them for as long as one likes; docs/proof.md says what is in them.
"""

from __future__ import annotations

import os
import subprocess

import pytest
from places import BUILD

SIMULATE = BUILD / "tests/simulation/simulate"
# The same ones at every run: what dev/mutate takes out of the program must be missed in one of them.
FIRST_SEED = 1
WORLDS = {"container": 1500, "host": 1000, "standby": 300}
LOST_ONCE = (
    # What was unregistered during a boot pass came back; whoever was killed in its pass became an s6-svscan of the model.
    ("container", 108887), ("container", 115076), ("container", 111124),
    # A boot pass made the slot while somebody registered it, who took that for a failure.
    ("container", 16936),
    # systemd does not flush what it enables (8) or disables (108): a power cut undid an accepted operation.
    ("host", 8), ("host", 108),
    # A unit was made and enabled while a start was about to fail and take its intent back.
    ("host", 20269031),
    # The owner that was killed had left the pid of a process that its heir has too, of the same hundredth of a second.
    ("standby", 20266836),
)


def simulate(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SIMULATE, *words], capture_output=True, text=True, timeout=1200)


@pytest.mark.parametrize("kind", WORLDS)
def test_worlds_of_known_seeds_lose_nothing(kind: str) -> None:
    done = simulate("--kind", kind, "--seed", str(FIRST_SEED), "--worlds", str(WORLDS[kind]))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("kind", "seed"), LOST_ONCE)
def test_a_world_that_has_lost_something_loses_nothing_any_more(kind: str, seed: int) -> None:
    done = simulate("--kind", kind, "--seed", str(seed), "--worlds", "1")
    assert done.returncode == 0, done.stdout


def test_a_world_is_what_its_seed_makes_it() -> None:
    """Whatever else the machine does: the same story, to the last line."""
    stories = {simulate("--seed", "7", "--story").stdout for _ in range(2)}
    assert len(stories) == 1, os.linesep.join(stories)
