"""What the gateways themselves recorded of when they lived, and whether any lived twice at a moment.

Each life has a file of its own beside the volume: the volume of a fleet reaches its members late, and two lives that
overlap would write over each other just when it matters. All times are of the boot-time clock, which the members of one
machine have in common."""

from __future__ import annotations

import itertools
from collections import defaultdict
from pathlib import Path

from members import Life


def read_lives(directory: Path) -> dict[str, list[Life]]:
    """By profile, the earliest first."""
    found: defaultdict[str, list[Life]] = defaultdict(list)
    for path in directory.iterdir():
        words = path.read_text().split()
        if len(words) == 4:  # it may be about to be written
            found[path.name.split(".")[0]].append(Life(int(words[0]), int(words[1]), words[3]))
    return {profile: sorted(lives, key=lambda life: life.begin) for profile, lives in found.items()}


def overlaps(lives: list[Life]) -> list[tuple[Life, Life]]:
    """Each life that began before an earlier one had ended, with that one."""
    found = []
    longest = None
    for life in lives:
        if longest is not None and life.begin <= longest.last:
            found.append((longest, life))
        if longest is None or life.last > longest.last:
            longest = life
    return found


def gaps(lives: list[Life]) -> list[float]:
    """Seconds in which nobody had it, between one life and the next."""
    return [(later.begin - earlier.last) / 1e6 for earlier, later in itertools.pairwise(lives)]
