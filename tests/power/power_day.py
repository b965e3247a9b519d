"""The day of verbs that tests/power records: what is done, and what may be true of the next boot at each moment of it."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

from places import GATEWAYCTL
from poll import wait_until
from recorded_disk import RecordedDisk, Recording
from s6_tree import Finish, S6Tree, Supervisor

RUN = ("run", "--ready-after", "1", "--drain-timeout", "20", "--")
#: Of which the content must outlive a cut.
LASTING = ("gateway_state.json", ".gateway-intent.json", ".gateway-service.json")


class Day:
    """Says on the disk, between its writes, what holds from there on."""

    def __init__(self, tree: S6Tree, disk: RecordedDisk) -> None:
        self.tree, self.disk = tree, disk
        self.goals: dict[str, str] = {}
        self.ports: dict[str, int] = {}
        self.files: list[str] = []

    def say(self, **changing: str) -> None:
        """From here on; a profile that is `changing` may already have the new goal."""
        allowed = {name: sorted({goal, changing.get(name, goal)}) for name, goal in self.goals.items()}
        allowed |= {name: sorted({"absent", goal}) for name, goal in changing.items() if name not in self.goals}
        self.disk.mark({"allowed": allowed, "ports": self.ports, "files": self.files})

    def keep_what_is_there(self) -> None:
        """What has been said to be done lies on the disk, and stays there in one form or another."""
        paths = [path for name in LASTING for path in self.tree.home.rglob(name)]
        self.files = sorted(str(path.relative_to(self.tree.home)) for path in paths)
        for name in self.goals:
            if port := self.tree.read(self.tree.service_file(name)).get("port"):
                self.ports[name] = port

    def done(self, *words: str, **goals: str) -> None:
        """A verb: `goals` are those of the profiles that it changes."""
        self.say(**goals)
        self.tree.ctl(*words, check=True, timeout=240)
        self.goals |= goals
        self.keep_what_is_there()
        self.say()

    def begin(self) -> None:
        for name, state in (("a", "running"), ("b", "running"), ("c", "stopped")):
            self.tree.profile(name, "--drain-ms 20", state={"gateway_state": state, "note": "x" * 3000})
        os.sync()
        self.goals = {"a": "up", "b": "up", "c": "down"}
        self.keep_what_is_there()
        self.say()

    def is_running(self, name: str) -> None:
        wait_until(lambda: self.tree.state(name).get("gateway_state") == "running", what=f"{name} to run")

    def live(self) -> None:
        tree = self.tree
        tree.start()
        self.done("reconcile")
        for name in ("a", "b"):
            self.is_running(name)
        self.done("stop", "a", a="down")
        self.done("start", "c", c="up")
        self.done("start", "a", a="up")
        self.done("restart", "b")
        tree.profile("d", "--drain-ms 20")
        os.sync()
        self.done("register", "d", d="down")
        self.done("start", "d", d="up")
        self.done("stop", "b", b="down")
        self.is_running("c")
        os.kill(tree.pid("c"), signal.SIGKILL)
        wait_until(lambda: tree.state("c").get("gateway_state") == "running" and tree.svstat("c")["up"], what="c to run again")
        self.done("stop", "--all", a="down", c="down", d="down")
        self.done("start", "a", "c", a="up", c="up")
        self.done("unregister", "d", d="absent")
        self.done("register", "d", d="down")
        assert tree.svscan
        os.kill(tree.svscan.pid, signal.SIGTERM)
        tree.svscan.wait(120)


def record(scratch: str) -> Recording:
    tree = S6Tree(Supervisor.OF_USER, Finish.WHOLE)
    try:
        disk = RecordedDisk(Path(scratch), tree.home)
        with disk.mounted():
            tree.config(command=[str(GATEWAYCTL), *RUN, str(tree.root / "play"), "{profile}"])
            day = Day(tree, disk)
            day.begin()
            day.live()
            tree.stop()
        return disk.recording()
    finally:
        tree.stop()
        shutil.rmtree(tree.root)
