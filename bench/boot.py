"""A boot pass beside the floor (floor.c), which leaves the same bytes with the least work in C, on one thread.

Half of the profiles are up, each has the two stale files of an old pid namespace. The volume is a tmpfs, or an ext4 with a
journal on a loop device; the scandir is a tmpfs, as in a container. In the shared tree the pass begins as root, as the boot
hook does. The two results are compared file by file first. "made for" in a slot is the one thing that the floor cannot know:
it is another one in each slot, and is made alike before the second pass.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rows import BUILD, GATEWAYCTL, Row, in_turns

USER = 10000
MODEL = "zz-model-zz"
STATE = '{"pid":3842,"kind":"hermes-gateway","argv":["/opt/hermes/.venv/bin/hermes","-p","worker","gateway","run",' \
    '"--replace"],"start_time":274219,"gateway_state":"%s","desired_state":"%s","exit_reason":null,"restart_requested":false,' \
    '"active_agents":2,"platforms":{"telegram":{"state":"connected","updated_at":' \
    '"2026-11-20T23:45:25.548675+00:00"}},"updated_at":"2026-11-20T23:45:25.548665+00:00"}'
LINE = "2026-11-20T23:45:25+0000 profile=X prior_state=running action=registered prior_exit=unknown reason=last-state"
TARGETS = {1: 1.5, 10: 1.5, 100: 1.15, 1000: 1.0, 10000: 1.0}
SECOND_TARGET = 2.0
CALL = re.compile(r"\d+ +\w+\(")
MADE_FOR = re.compile(rb"^# made for: .*$", re.MULTILINE)


def run(*argv: str) -> None:
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


class Boot:
    def __init__(self, root: Path, volume: str, tree: str, profiles: int) -> None:
        self.root, self.volume, self.tree, self.count = root, volume, tree, profiles
        root.chmod(0o755)
        self.home, self.scandir = root / "volume/home", root / "scandir"
        self.mount()
        self.names = [f"p{index:05}" for index in range(profiles)]
        for index, name in enumerate(self.names):
            self.make_profile(name, index)
        self.models = [self.make_model(up) for up in (True, False)]

    def mount(self) -> None:
        for place in (self.root / "volume", self.scandir):
            place.mkdir()
        run("mount", "-t", "tmpfs", "-o", "mode=755,nr_inodes=0,size=4g", "scandir", str(self.scandir))
        if self.volume == "tmpfs":
            run("mount", "-t", "tmpfs", "-o", "mode=755,nr_inodes=0,size=2g", "volume", str(self.root / "volume"))
        else:
            image = self.root / "image"
            with image.open("wb") as file:
                file.truncate(64 << 20 if self.count <= 1000 else 512 << 20)
            run("mkfs.ext4", "-q", "-N", str(self.count * 8 + 1000), str(image))
            run("mount", "-o", "loop,nodiscard", str(image), str(self.root / "volume"))
        self.home.mkdir()
        (self.home / "gatewayctl.yaml").write_text("wrapper: no-such-wrapper\nports: [20000-60000]\n")
        self.own(self.home, self.scandir)

    def unmount(self) -> None:
        for place in (self.scandir, self.root / "volume"):
            run("umount", str(place))

    @staticmethod
    def own(*paths: Path) -> None:
        run("chown", "-R", f"{USER}:{USER}", *map(str, paths))

    def make_profile(self, name: str, index: int) -> Path:
        directory = self.home / "profiles" / name
        directory.mkdir(parents=True)
        (directory / "SOUL.md").write_text("# soul\n")
        state = "stopped" if index % 2 else "running"
        (directory / "gateway_state.json").write_text(STATE % (state, state))
        port = 60000 if name == MODEL else 20000 + index  # the floor knows ports of five digits
        (directory / ".gateway-service.json").write_text(json.dumps({"port": port, "env": {}}, separators=(",", ":")))
        return directory

    def make_model(self, up: bool) -> Path:
        """A slot as gatewayctl makes it, for a profile whose name the floor replaces."""
        directory = self.make_profile(MODEL, 0 if up else 1)
        self.own(self.home)
        self.fresh()
        self.ours()
        model = self.root / ("up" if up else "down")
        shutil.copytree(self.scandir / f"gateway-{MODEL}", model, ignore=shutil.ignore_patterns("supervise", "event"))
        shutil.rmtree(directory)
        return model

    def started(self, user: int, *words: str) -> tuple[float, str]:
        """The milliseconds that a command took, and what it said."""
        env = {"PATH": "/usr/bin:/bin", "GATEWAYCTL_TREE": self.tree, "HERMES_HOME": str(self.home),
               "S6_PROFILE_GATEWAY_SCANDIR": str(self.scandir)}
        begin = time.perf_counter()
        done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              user=user, group=user, extra_groups=[], text=True)
        took = time.perf_counter() - begin
        assert done.returncode == 0, (words, done.stderr)
        return took * 1000, done.stdout

    def command(self, name: str) -> tuple[int, list[str]]:
        """Of a pass of ours, or of the floor: whose process it is, and its words."""
        if name == "ours":
            return 0 if self.tree == "shared" else USER, [str(GATEWAYCTL), "-q", "reconcile"]
        return USER, [str(BUILD / "bench/floor"), str(self.home), str(self.scandir), *map(str, self.models), MODEL, LINE, self.tree]

    def ours(self) -> float:
        user, words = self.command("ours")
        return self.started(user, *words)[0]

    def floor(self) -> float:
        user, words = self.command("floor")
        return self.started(user, *words)[0]

    def fresh(self) -> None:
        """The state of a container boot: an empty scandir, a volume with stale files, all of it in the page cache."""
        for entry in self.scandir.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.rmtree(self.home / "logs", ignore_errors=True)
        if self.tree == "own":
            (self.scandir / ".gatewayctl.own-tree").touch()
        for name in self.names:
            for stale in ("gateway.pid", "processes.json"):
                path = self.home / "profiles" / name / stale
                path.write_text("1\n")
                os.chown(path, USER, USER)
        self.own(self.scandir)
        os.sync()

    def slots(self) -> dict[str, tuple[int, int, bytes]]:
        def content(path: Path) -> bytes:
            return MADE_FOR.sub(b"", path.read_bytes()) if path.is_file() else b""

        return {str(path.relative_to(self.scandir)): (path.lstat().st_mode, path.lstat().st_uid, content(path))
                for slot in self.scandir.glob("gateway-p*") for path in [slot, *slot.rglob("*")]}

    def compare(self) -> None:
        """default's slot aside, which the floor does not make."""
        results = []
        for action in (self.ours, self.floor):
            self.fresh()
            action()
            results.append(self.slots())
        assert results[0] == results[1], "gatewayctl and the floor left different slots"
        assert len(results[0]) >= self.count * 6

    def passes(self, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
        def fresh(action: str) -> float:
            self.fresh()
            return getattr(self, action)()

        first = in_turns({"ours": lambda: fresh("ours"), "floor": lambda: fresh("floor")}, rounds)
        self.fresh()
        self.floor()  # its slots are compared by itself; ours are put right once, and then by ourselves
        floor = in_turns({"floor": self.floor}, rounds)
        self.ours()
        return first, {**in_turns({"ours": self.ours}, rounds), **floor}

    def one_changed(self, rounds: int) -> float:
        """A pass over slots that are right but one."""
        def changed() -> float:
            (self.scandir / f"gateway-{self.names[0]}/finish").write_text("#!/bin/sh\n")
            return self.ours()

        return in_turns({"ours": changed}, rounds)["ours"]

    def calls(self) -> dict[str, int]:
        """System calls of a pass from an empty scandir."""
        counted = {}
        for name in ("ours", "floor"):
            self.fresh()
            log = self.root / f"strace-{name}"
            log.touch()
            os.chown(log, USER, USER)
            user, words = self.command(name)
            self.started(user, "strace", "-f", "-o", str(log), *words)
            # A call that another thread's line interrupts has two lines; the first one begins with its name.
            counted[name] = sum(CALL.match(line) is not None for line in log.read_text(errors="replace").splitlines())
        return counted

    def peak_memory(self) -> float:
        """MiB of a pass from an empty scandir."""
        self.fresh()
        user, words = self.command("ours")
        return int(self.started(user, str(BUILD / "bench/peak"), *words)[1].split()[-1]) / 1024


def of_one_size(boot: Boot, rounds: int) -> Iterator[Row]:
    boot.compare()
    first, second = boot.passes(rounds)
    where = f"{boot.count} profiles, {boot.tree} tree, {boot.volume}"
    yield Row("boot", f"fresh pass, {where}", first["ours"], first["floor"], "ms", TARGETS[boot.count])
    yield Row("boot", f"second pass, {where}", second["ours"], second["floor"], "ms", SECOND_TARGET)
    if boot.count == 1000 and boot.volume == "tmpfs":
        yield Row("boot", f"one slot changed, {where}", boot.one_changed(rounds), None, "ms", None)


def rows(short: bool) -> Iterator[Row]:
    fresh: dict[tuple[str, int], tuple[float, float]] = {}
    for tree in ("shared", "own"):
        for volume in ("tmpfs",) if short else ("tmpfs", "ext4"):
            for count in (1, 100) if short else (1, 10, 100, 1000, 10000):
                with tempfile.TemporaryDirectory(prefix="bench-") as root:
                    boot = Boot(Path(root), volume, tree, count)
                    try:
                        for row in of_one_size(boot, 5 if short else 3 if count == 10000 else 11):
                            if row.what.startswith("fresh") and volume == "tmpfs":
                                fresh[tree, count] = (row.ours, boot.peak_memory() if count >= 1000 else 0)
                            yield row
                        if count == 100 and volume == "tmpfs":
                            calls = boot.calls()
                            yield Row("boot", f"system calls a profile, {tree} tree", calls["ours"] / count, calls["floor"] / count,
                                      "calls", 1.2)
                    finally:
                        boot.unmount()
        if not short:
            (time_few, memory_few), (time_many, memory_many) = fresh[tree, 1000], fresh[tree, 10000]
            yield Row("boot", f"time, 10,000 against 1,000, {tree} tree", time_many, time_few, "ms", 10.5)
            yield Row("boot", f"memory, 10,000 against 1,000, {tree} tree", memory_many, memory_few, "MiB", 1.5)
            yield Row("boot", f"peak memory, 1,000 profiles, {tree} tree", memory_few, None, "MiB", 6)
