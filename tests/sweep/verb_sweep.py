#!/usr/bin/python3
"""Each verb is killed in front of every system call that changes something, and every one that can fail does, with each
error; on each kind of file system. Then the verb is typed again, and all must be as if nothing had happened.

    dev/sweep [--whole] [--cases 300] [--seed N] [--verb V]... [--volume tmpfs|ext4|refusals]... [--action kill|errno]... [--jobs N]

A case is a verb, a volume, a call, and what becomes of it. What must hold right behind it: the exit status is honest, no
file is torn, the intent is the old or the new one, no life is called what it was not; after the repetition: the new intent,
a gateway that follows it, nothing left over. --whole tries every case, otherwise as many as are asked for, drawn by the
seed, which is printed. The calls are those of the command itself: tests/runtime/test_failing_tools.py breaks its tools.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import proof  # noqa: E402
from apart import apart  # noqa: E402
from mounted import VOLUMES  # noqa: E402
from verb_cases import ACTIONS, Case, cases_of, try_all  # noqa: E402
from verb_stories import STORIES  # noqa: E402

def shares_of(cases: list[Case], jobs: int) -> list[list[Case]]:
    """Of about the same length; of one site as much as possible in one of them."""
    cases = sorted(cases, key=lambda case: (case.volume, case.story))
    size = max(4, -(-len(cases) // (jobs * 4)))
    return [cases[begin:begin + size] for begin in range(0, len(cases), size)]


def sweep(places: list[tuple[str, int]], actions: Collection[str], count: int | None, seed: int, jobs: int
          ) -> tuple[Counter[str], list[str]]:
    """`count` None: every case."""
    dice = random.Random(seed)
    if count is not None:  # to record a story once takes as long as a few of its cases
        places = dice.sample(places, min(len(places), max(1, count // 8)))
    with ThreadPoolExecutor(jobs) as pool:
        cases = [case for some in pool.map(partial(apart, cases_of), places) for case in some if case.action in actions]
        print(f"{len(cases)} cases of {len(places)} stories", flush=True)
        if count is not None:  # as many of each action
            by_action = [[case for case in cases if case.action == action] for action in actions]
            cases = [case for some in by_action for case in dice.sample(some, min(count // len(by_action), len(some)))]
        tried: Counter[str] = Counter(dict.fromkeys(actions, 0))
        losses: list[str] = []
        for some, lost in pool.map(partial(apart, try_all), shares_of(cases, jobs)):
            tried += some
            losses += lost
    return tried, losses


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    verbs = sorted({re.split(r"[ ,]", story.name)[0] for story in STORIES})
    options.add_argument("--whole", action="store_true")
    options.add_argument("--cases", type=int, default=300)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options.add_argument("--verb", action="append", choices=verbs)
    options.add_argument("--volume", action="append", choices=list(VOLUMES))
    options.add_argument("--action", action="append", choices=ACTIONS)
    options.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    begin = time.monotonic()
    places = [(volume, number) for volume in chosen.volume or VOLUMES for number, story in enumerate(STORIES)
              if not chosen.verb or re.split(r"[ ,]", story.name)[0] in chosen.verb]
    tried, losses = sweep(places, chosen.action or ACTIONS, None if chosen.whole else chosen.cases, chosen.seed, chosen.jobs)
    print(f"{tried.total()} tried in {time.monotonic() - begin:.0f} s, {len(losses)} lost something")
    for action, what in (("kill", "kills at a system call"), ("errno", "system calls that fail")):
        if action in tried:
            lost = sum(("signal=KILL" in loss.splitlines()[0]) == (action == "kill") for loss in losses)
            proof.tell(what, tried[action], lost, chosen.seed)
    return 1 if losses else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
