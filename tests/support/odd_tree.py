"""A tree whose home lies on an odd volume."""

from __future__ import annotations

import contextlib
import shutil
import subprocess

from odd_volume import OddVolume
from places import TEST_GATEWAY
from poll import wait_until
from s6_tree import S6Tree


class OddTree:
    """A live s6-svscan, and gateways behind `gatewayctl run`, on a home that refuses some operations."""

    def __init__(self, tree: S6Tree, volume: OddVolume) -> None:
        self.tree, self.volume = tree, volume

    def profile(self, name: str) -> None:
        with self.volume.well():
            directory = self.tree.profile(name)
        # `run` in front of it reads the marker.
        (self.tree.parts / name).write_text(f"echo here is {name}\nexec {TEST_GATEWAY} --event-log {directory}/events\n")

    def ctl(self, *words: str, complains: str = "") -> str:
        """A command that has to succeed and has nothing to complain about, or only of that; what it prints."""
        done = self.tree.ctl(*words)
        said = [line for line in done.stderr.splitlines() if not complains or complains not in line]
        assert (done.returncode, said) == (0, []), (words, done.stdout, done.stderr)
        assert not complains or complains in done.stderr, (words, done.stderr)
        return done.stdout

    def wait_running(self, name: str, other_than: int = -1) -> int:
        """The pid of a front whose gateway is ready."""
        def running() -> int:
            with contextlib.suppress(subprocess.CalledProcessError):  # its supervisor is not born yet
                pid = self.tree.pid(name)
                ready = self.tree.state(name).get("gateway_state") == "running" and self.tree.events(name)
                return pid if ready and pid not in (-1, other_than) else 0
            return 0

        return wait_until(running, what=f"{name} to run")

    def reboot(self) -> None:
        """The container again: all processes are gone, and so is the scandir."""
        self.tree.stop()
        for entry in self.tree.scandir.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        self.tree.start()
