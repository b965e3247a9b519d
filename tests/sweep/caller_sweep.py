#!/usr/bin/python3
"""The caller of a verb dies at its system calls in turn, and the gateway becomes what was asked for all the same.
One command, its seed printed:

    tests/sweep/caller_sweep.py [--jobs 4] [--sample N] [--seed N] [--looks]

Tried is every call that changes something: disk, locks, processes, the supervisor. Who dies in front of a call that only
looks has left what he leaves in front of the next one that changes something, and most calls are the looks of a wait; with
--looks they are tried too.

A caller is killed (SIGKILL, by strace) in front of one call; for some of them another caller asks for something else right
behind it. Then, in the end: the supervisor wants what the latest intent that it was told of says, and the gateway is that.
A caller that dies between its record and its command has told nobody: then `status` says so, and its advice mends it.
After `register` and `unregister` the verb is typed again, and ends where an undisturbed one does.
Without --sample all of them are tried. The last line counts.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import proof  # noqa: E402
from crash import CHANGES, points_of  # noqa: E402
from poll import wait_until  # noqa: E402
from s6_tree import Finish, S6Tree, Supervisor  # noqa: E402

NAME = "a"
DRAIN = "--drain-ms 150"
QUICK = ("--timeout", "20")


def be_registered(tree: S6Tree) -> None:
    done = tree.ctl("register", NAME)
    assert done.returncode == 0 or "already registered" in done.stderr, done.stderr


def be_up(tree: S6Tree) -> None:
    tree.ctl("start", NAME, check=True)


def be_down(tree: S6Tree) -> None:
    tree.ctl("stop", NAME, check=True)


def be_unregistered(tree: S6Tree) -> None:
    tree.ctl("unregister", NAME, check=True)


def be_leaving(tree: S6Tree) -> None:
    """Up, and told to go a moment ago."""
    be_up(tree)
    tree.ctl("stop", "--no-wait", NAME, check=True)


# The verb, and what is found by it.
STORIES: list[tuple[str, Callable[[S6Tree], None]]] = [
    ("restart", be_up), ("restart", be_down), ("restart", be_leaving), ("start", be_down), ("start", be_leaving),
    ("stop", be_up), ("register", be_unregistered), ("unregister", be_up)]
OTHERS = [None, None, "stop", "start", "restart"]

def changes_something(line: str) -> bool:
    """A line of strace's."""
    return CHANGES.match(line) is not None


@dataclass(frozen=True)
class Case:
    story: int
    call: str
    when: int
    other: str | None

    def __str__(self) -> str:
        verb, begin = STORIES[self.story]
        return f"{verb} ({begin.__name__}) killed at {self.call} {self.when}, then {self.other or 'nobody'}"


def fresh_tree() -> S6Tree:
    tree = S6Tree(Supervisor.OF_USER, Finish.WHOLE)
    tree.profile(NAME, DRAIN)
    return tree


def words_of(verb: str) -> list[str]:
    return [verb, *(() if verb == "register" else QUICK), NAME]


def calls_of(tree: S6Tree, story: int) -> Iterator[tuple[str, int, str]]:
    """Every system call of an undisturbed caller: its name, the how many-th of that name, and its line in the trace."""
    verb, begin = STORIES[story]
    be_registered(tree)
    begin(tree)
    trace = tree.write(tree.home / "trace", "")
    tree.ctl(*words_of(verb), before=("strace", "-qqq", "-o", str(trace)), check=True)
    for point, line in points_of(trace.read_text().splitlines()):
        yield *point, line


def is_settled(tree: S6Tree, wanted: bool) -> bool:
    now = tree.svstat(NAME)
    return now["wantedup"] == wanted and now["up"] == wanted


def slot_of(tree: S6Tree) -> set[str]:
    """What is in the scandir of the profile, but for what its supervisor and its gateway write."""
    found = (path.relative_to(tree.scandir) for path in tree.scandir.rglob("*"))
    return {str(path) for path in found
            if f"gateway-{NAME}" in path.parts[0] and not {"supervise", "event", "life"} & set(path.parts)}


def end_registration(tree: S6Tree, verb: str) -> str:
    """The verb again: a whole slot that is supervised, or none, and nothing beside it."""
    registered = verb == "register"
    if registered:
        be_registered(tree)
    else:
        tree.ctl(*words_of(verb), check=True)
    slot = slot_of(tree)
    assert all(path.startswith(f"gateway-{NAME}") for path in slot), slot
    assert (f"gateway-{NAME}/run" in slot and f"gateway-{NAME}/log/run" in slot) == registered, slot
    assert tree.supervised(tree.slot(NAME)) == registered
    tree.ctl("reconcile", check=True)  # what a killed write has left is the boot pass's to remove
    assert list(tree.directory(NAME).rglob("*.tmp-*")) == []
    assert tree.supervised(tree.slot(NAME)) == registered, "and the pass has changed nothing else"
    return "typed again"


def try_case(tree: S6Tree, case: Case) -> str:
    """How it went: "never reached", "told", "nobody was told". AssertionError when the gateway is not what was asked for."""
    verb, begin = STORIES[case.story]
    be_registered(tree)
    begin(tree)
    inject = ("strace", "-qqq", "-o", "/dev/null", "-e", f"trace={case.call}", "-e",
              f"inject={case.call}:signal=KILL:when={case.when}")
    done = tree.ctl(*words_of(verb), before=inject)
    if verb.endswith("register"):
        return end_registration(tree, verb)
    if case.other:
        tree.ctl(case.other, *QUICK, NAME, check=True)
    wanted = tree.intent(NAME)["desired_state"] == "running"
    assert not case.other or wanted == (case.other != "stop"), "the later intent has won"
    told = case.other is not None or tree.svstat(NAME)["wantedup"] == wanted
    if not told:
        # `finish` of an earlier life may answer yet.
        notes = wait_until(lambda: tree.status(NAME)["notes"] or is_settled(tree, wanted), what="a note")
        if notes is not True:
            advice = re.search(r"gatewayctl (start|stop) a", " ".join(notes))
            assert advice and (advice[1] == "start") == wanted, notes
            tree.ctl(advice[1], *QUICK, NAME, check=True)
    wait_until(lambda: is_settled(tree, wanted), 30, f"{NAME} to be {'up' if wanted else 'down'}")
    assert (tree.intent(NAME)["desired_state"] == "running") == wanted, "and nothing has changed the intent"
    assert tree.ctl("stop", "--timeout", "20", NAME).returncode == 0, "no lock and no marker is left in the way"
    return "never reached" if done.returncode == 0 else "told" if told else "nobody was told"


def try_all(cases: list[Case]) -> Counter[str]:
    with fresh_tree() as tree:
        ends: Counter[str] = Counter()
        for case in cases:
            try:
                ends[try_case(tree, case)] += 1
            except (AssertionError, OSError) as error:
                raise AssertionError(f"{case}: {error}") from error
        return ends


def cases_of(dice: random.Random, sample: int | None, is_tried: Callable[[str], bool] = changes_something) -> list[Case]:
    with fresh_tree() as tree:
        cases = [Case(story, call, when, dice.choice(OTHERS)) for story in range(len(STORIES))
                 for call, when, line in calls_of(tree, story) if is_tried(line)]
    return cases if sample is None else dice.sample(cases, min(sample, len(cases)))


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    options.add_argument("--sample", type=int)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options.add_argument("--looks", dest="is_tried", action="store_const", const=bool, default=changes_something)
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    begin = time.monotonic()
    cases = cases_of(random.Random(chosen.seed), chosen.sample, chosen.is_tried)
    print(f"{len(cases)} calls", flush=True)
    with ProcessPoolExecutor(chosen.jobs) as pool:
        ends = sum(pool.map(try_all, [cases[share::chosen.jobs] for share in range(chosen.jobs)]), Counter())
    print(", ".join(f"{count} {how}" for how, count in sorted(ends.items())), f"in {time.monotonic() - begin:.0f} s: all well")
    proof.tell("callers killed at a system call", ends.total(), 0, chosen.seed)


if __name__ == "__main__":
    main()
