"""Several containers on one volume, and what their gateways themselves record of when they lived."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from box import Box, Tree
from poll import is_gone, wait_until
from tree_image import Image
from tree_processes import Process, processes


@dataclass(frozen=True)
class Life:
    """One life of a gateway, in microseconds of the boot-time clock. It was alive from `begin` to `last` at least."""

    begin: int
    last: int
    member: str


class Volume(Image):
    """A volume whose gateways record their lives; each member is a box of its own tree."""

    def __init__(self, path: Path, tree: Tree = Tree.SHARED) -> None:
        super().__init__(path, tree)
        self.flags = ["--lives", "/opt/data/lives-{profile}", "--drain-ms", "20"]
        self.config |= {"death_budget": 1_000_000, "drain_timeout": "5"}

    def member(self, name: str, role: str = "owner", tree: Tree | None = None, **options: Any) -> Box:
        return self.box(tree=tree or self.tree, grace_ms=100,
                        env={"GATEWAYCTL_MEMBER": name, "GATEWAYCTL_ROLE": role}, **options)

    def owner_record(self) -> dict[str, Any]:
        return self.read(self.home / ".gateway-owner.json")

    def lives(self, profile: str) -> list[Life]:
        path = self.home / f"lives-{profile}"
        found = []
        for line in path.read_text().splitlines() if path.exists() else []:
            begin, last, _, member = line.split()
            found.append(Life(int(begin), int(last), member))
        return sorted(found, key=lambda life: life.begin)

    def doubles(self, profile: str) -> list[tuple[Life, Life]]:
        """Pairs of lives that overlap."""
        lives = self.lives(profile)
        return [(one, other) for one, other in zip(lives, lives[1:]) if other.begin <= one.last]

    def doubled(self) -> list[str]:
        """The profiles of which two lives overlap."""
        names = sorted(path.name.removeprefix("lives-") for path in self.home.glob("lives-*"))
        return [name for name in names if self.doubles(name)]


def is_gateway(process: Process, profile: str) -> bool:
    return process.is_("test-gateway", f"/opt/data/lives-{profile}")


def gateways(box: Box, profile: str) -> list[int]:
    """The pids of the gateways of a profile that live in a member."""
    return [process.pid for process in processes(box) if is_gateway(process, profile)]


def runs_once(profile: str, *boxes: Box) -> bool:
    return sum(len(gateways(box, profile)) for box in boxes) == 1


def wait_running(box: Box, *profiles: str, seconds: float = 30) -> None:
    for profile in profiles:
        wait_until(lambda profile=profile: len(gateways(box, profile)) == 1, seconds, f"{profile} to run")


def send(box: Box, number: int, pids: list[int] | None = None) -> None:
    """To some processes of a member, or to all of them."""
    for pid in box.pids().values() if pids is None else pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def freeze(box: Box) -> None:
    """Stops every process of a member, also those that come up meanwhile."""
    def all_are_stopped() -> bool:
        states = []
        for pid in box.pids().values():
            with contextlib.suppress(OSError):
                states.append(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0])
        if all(state in "TZX" for state in states):
            return True
        send(box, signal.SIGSTOP)
        return False

    wait_until(all_are_stopped, 20, "the member to be frozen")


def thaw(box: Box) -> None:
    send(box, signal.SIGCONT)


def killed(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pid), 20, f"the end of {pid}")
