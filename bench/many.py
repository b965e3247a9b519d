"""Verbs about many gateways: looks at a thousand and more, and stops of all of them.

Each gateway is a `sleep`, which ends at once, in a tree of its user's own on a tmpfs. The floor of a stop of all: the tree is
taken down by s6 alone (its SIGTERM), and as many files are replaced and flushed as the stop leaves.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rows import GATEWAYCTL, Row, in_turns, on_tmpfs

import tree as whole_tree
from tree import as_user, sleeps

TIMES = 5


class Many:
    def __init__(self, root: Path, gateways: int) -> None:
        self.home, self.scandir, self.count = root / "home", root / "scandir", gateways
        self.env = {"PATH": f"{GATEWAYCTL.parent}:{os.environ['PATH']}", "HERMES_HOME": str(self.home),
                    "S6_PROFILE_GATEWAY_SCANDIR": str(self.scandir), "GATEWAYCTL_TREE": "own"}
        whole_tree.volume(root, gateways)
        self.process = subprocess.Popen(as_user(str(GATEWAYCTL), "tree"), env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for(gateways)

    def wait_for(self, gateways: int) -> None:
        deadline = time.monotonic() + whole_tree.DEADLINE
        while sleeps() != gateways:
            assert time.monotonic() < deadline, f"{sleeps()} of {gateways}"
            time.sleep(0.1)

    def took(self, *words: str) -> float:
        begin = time.perf_counter()
        done = subprocess.run(as_user(str(GATEWAYCTL), *words), env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
        took = time.perf_counter() - begin
        # `status` ends with 3 as long as something is not as it was meant.
        assert done.returncode == 0 or (words == ("status",) and done.returncode == 3), (words, done.returncode, done.stderr[-2000:])
        return took * 1000

    def end(self) -> float:
        """Seconds until s6-svscan has ended, as the container's stop has it."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(whole_tree.DEADLINE)
        return time.monotonic() - begin


@contextmanager
def many(gateways: int) -> Iterator[Many]:
    with on_tmpfs() as root:
        one = Many(root, gateways)
        try:
            yield one
        finally:
            if one.process.poll() is None:
                one.end()


def flushes(directory: Path, files: int) -> float:
    """Seconds for as many atomic replacements, each flushed with its directory, in one process."""
    begin = time.perf_counter()
    at = os.open(directory, os.O_RDONLY)
    for index in range(files):
        file = os.open(".new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=at)
        os.write(file, b"{}" * 100)
        os.fsync(file)
        os.close(file)
        os.rename(".new", f"file{index}", src_dir_fd=at, dst_dir_fd=at)
        os.fsync(at)
    os.close(at)
    return time.perf_counter() - begin


def looks(one: Many, short: bool) -> Iterator[Row]:
    limits = {1000: 60.0, 2000: 120.0}
    target = None if short else limits.get(one.count)
    took = in_turns({"status": lambda: one.took("status"), "list": lambda: one.took("list"), "health": lambda: one.took("health")},
                    3 if short else TIMES)
    for verb, milliseconds in took.items():
        yield Row("many", f"{verb} of {one.count}", milliseconds, None, "ms", target if verb == "status" else None)


def stop_all(one: Many, floor_down: float) -> Row:
    before = flushes(one.home, 3 * one.count)
    return Row("many", f"stop --all of {one.count}, s6's stop and the same flushes", one.took("stop", "--all") / 1000,
               floor_down + before, "s", 3.0)


def rows(short: bool) -> Iterator[Row]:
    for gateways in (50,) if short else (200, 1000, 2000):
        with on_tmpfs() as root:
            floor = whole_tree.s6_alone(root, gateways)
        with many(gateways) as one:
            if gateways != 200:
                yield from looks(one, short)
            if gateways == 200:
                yield Row("many", f"drain of {gateways}, s6's stop", one.took("drain") / 1000, floor.down, "s", 1.5)
        if gateways != 1000:
            with many(gateways) as one:
                yield stop_all(one, floor.down)
