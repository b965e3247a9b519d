"""The processes of a tree in a box, as /proc shows them."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from box import Box


@dataclass(frozen=True)
class Process:
    """One process of the box. Pids are those outside."""

    pid: int
    parent: int
    words: tuple[str, ...]
    uids: tuple[int, ...]
    capabilities: int  # permitted, effective, inheritable and ambient together

    def is_(self, program: str, argument: str = "") -> bool:
        return bool(self.words) and Path(self.words[0]).name == program and (not argument or argument in self.words)


def process_of(pid: int) -> Process | None:
    with contextlib.suppress(OSError, IndexError, ValueError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        if status["State"].split()[0] in "ZX":
            return None
        capabilities = 0
        for name in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
            capabilities |= int(status[name], 16)
        return Process(pid, int(status["PPid"]), tuple(words), tuple(int(uid) for uid in status["Uid"].split()),
                       capabilities)
    return None


def processes(box: Box) -> list[Process]:
    return [found for pid in box.pids().values() if (found := process_of(pid))]


def one(box: Box, program: str, argument: str = "") -> Process:
    found = [process for process in processes(box) if process.is_(program, argument)]
    assert len(found) == 1, (program, argument, found)
    return found[0]


def tree_of(box: Box) -> list[Process]:
    """The s6-svscan on the gateways' own scandir, and all below it."""
    everything = processes(box)
    below = {process.pid for process in everything if process.is_("s6-svscan", box.scandir)}
    while more := {process.pid for process in everything if process.parent in below} - below:
        below |= more
    return [process for process in everything if process.pid in below]


class Watch:
    """Looks at every process of the tree, again and again, and keeps those that somebody privileged runs."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.looks = 0
        self.seen: set[int] = set()
        self.privileged: list[Process] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._over.wait(0.001):
            for process in tree_of(self.box):
                self.seen.add(process.pid)
                if 0 in process.uids or process.capabilities:
                    self.privileged.append(process)
            self.looks += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
