"""Waiting for things that other processes do.

A test never sleeps for "long enough": it asks again until the answer is yes or a deadline has passed,
so it is as fast as the machine allows and fails with a sentence instead of a race.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


#: How many times slower than a quiet one a machine may be before a wait on it is called a failure.
PATIENCE = 4


def wait_until(predicate: Callable[[], T], seconds: float = 20, what: str = "the condition") -> T:
    """Returns the first true answer of `predicate`; AssertionError with the last answer after PATIENCE times
    `seconds`, which a quiet machine never needs."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    pause = 0.001
    while not (answer := predicate()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}; last answer: {answer!r}")
        time.sleep(pause)
        pause = min(pause * 2, 0.02)
    return answer


def _stat_fields(pid: int) -> list[str]:
    """/proc/<pid>/stat from its third field on (the second may hold blanks); [] when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def process_state(pid: int) -> str | None:
    """The state letter of a process (R, S, D, Z, T, ...), None when it does not exist."""
    fields = _stat_fields(pid)
    return fields[0] if fields else None


def start_time(pid: int) -> int | None:
    """Field 22 of /proc/<pid>/stat: with the pid it identifies a process, also after the pid was used again."""
    fields = _stat_fields(pid)
    return int(fields[19]) if fields else None


def is_gone(pid: int) -> bool:
    """A zombie is dead: a PID 1 may reap late, and kill(pid, 0) would still succeed."""
    return process_state(pid) in (None, "Z", "X")


def handles(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (number - 1) & 1)


def children(pid: int) -> list[int]:
    """The direct children of a process, of all its threads."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass  # a thread or the process went away meanwhile
    return found


def processes_with(is_wanted: Callable[[str], bool]) -> dict[int, list[str]]:
    """Every live process that has such a variable ("NAME=value") in its environment: its words by pid.

    That finds what a test has started also where it has lost its parents.
    """
    found: dict[int, list[str]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it went away meanwhile
            variables = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
            if any(map(is_wanted, variables)):
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
                if not is_gone(int(entry.name)):
                    found[int(entry.name)] = words
    return found


def kill_all(find: Callable[[], Iterable[int]], what: str) -> None:
    """Kills what `find` finds until it finds nothing any more."""

    def killed() -> bool:
        left = list(find())
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left

    wait_until(killed, what=what)
