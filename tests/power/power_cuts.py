#!/usr/bin/python3
"""The power is cut at every point of a day of verbs, on a real ext4; then the volume is mounted, and the next boot asked.

    dev/power [--cuts N|--whole] [--seed N]

A first boot, stops, starts, restarts, a registration, a crash and the end of the tree are recorded as the writes that reach
the disk. A cut is a point in their order, and which of the writes after the last flush the disk has kept: all of them, or
any. What must hold then: every file of the program that was there is whole; what a verb had said before the cut, counts at
the next boot; what was under way counts in the old or the new way; a port that was kept is kept. The seed is printed.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import proof  # noqa: E402
from apart import apart  # noqa: E402
from losses import try_cuts  # noqa: E402
from power_day import record  # noqa: E402


def tried_and_lost(cuts: int | None, seed: int) -> tuple[int, list[str]]:
    with tempfile.TemporaryDirectory(prefix="power-") as scratch:
        os.chmod(scratch, 0o755)
        recording = apart(record, scratch)
        first = recording.marks[0][0]
        points = list(range(first, len(recording.events) + 1))
        flushes = sum(event is None for event in recording.events)
        print(f"{len(recording.events)} writes, {flushes} of them flushes, {len(recording.marks)} words of verbs", flush=True)
        if cuts is not None:
            points = sorted(random.Random(seed).sample(points, min(len(points), max(1, cuts // 2))))
        lost = apart(try_cuts, (recording, points, seed))
    return 2 * len(points), lost


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--whole", action="store_true")
    options.add_argument("--cuts", type=int, default=400)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    begin = time.monotonic()
    tried, lost = tried_and_lost(None if chosen.whole else chosen.cuts, chosen.seed)
    for loss in lost:
        print(f"LOST: {loss}", file=sys.stderr)
    print(f"{tried} cuts tried in {time.monotonic() - begin:.0f} s, {len(lost)} losses")
    proof.tell("power cuts on a real ext4", tried, len(lost), chosen.seed)
    return 1 if lost else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
