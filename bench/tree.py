"""A supervision tree of the gateways' own against s6 alone: how long until all are up, and until all are down?

Every gateway is `sleep`, with a logger. s6 alone: bare slots (`run` and `log/run` of two lines, no `finish`), one rescan.
The product: `gatewayctl tree` on a volume of as many profiles that are meant to run, boot pass included. Both as the same
unprivileged user, on a tmpfs, in turn. Up: as many `sleep` as there are gateways; down: s6-svscan has ended. Memory: of
each gateway with all that supervises it (PSS).
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rows import GATEWAYCTL, Row, on_tmpfs

USER = 10000
DEADLINE = 300
SLEEP = f"{100_000 + os.getpid()}"  # this bench's own sleeps


class Times(NamedTuple):
    up: float
    down: float
    memory: float


def as_user(*words: str) -> list[str]:
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "env", "--default-signal=INT,QUIT", *words]


def sleeps() -> int:
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found += (process / "cmdline").read_bytes() == f"sleep\0{SLEEP}\0".encode()
        except OSError:
            pass
    return found


def below(root: int) -> set[int]:
    parents = {}
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = process.read_text().partition(" ")
            parents[int(pid)] = int(rest.rpartition(")")[2].split()[1])
        except OSError:
            pass
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def memory(pids: set[int]) -> int:
    """Bytes, each shared page divided among those who share it."""
    total = 0
    for pid in pids:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) << 10
        except OSError:
            pass
    return total


def measure(words: list[str], env: dict[str, str], gateways: int) -> Times:
    begin = time.monotonic()
    process = subprocess.Popen(as_user(*words), env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    while sleeps() < gateways:
        assert process.poll() is None and time.monotonic() < begin + DEADLINE, f"{sleeps()} of {gateways} are up"
        time.sleep(0.1)
    up = time.monotonic() - begin
    used = memory(below(process.pid)) / gateways
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(DEADLINE)
    return Times(up, time.monotonic() - begin, used)


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def s6_alone(root: Path, gateways: int) -> Times:
    scandir, logs = root / "scandir", root / "logs"
    for index in range(gateways):
        log = scandir / f"g{index:05}/log"
        log.mkdir(parents=True)
        (logs / f"g{index:05}").mkdir(parents=True)
        script(log.parent / "run", f"exec sleep {SLEEP}")
        script(log / "run", f"exec s6-log n10 s1000000 T {logs}/g{index:05}")
    subprocess.run(["chown", "-R", f"{USER}:{USER}", root], check=True)
    return measure(["s6-svscan", "-c", str(gateways * 2 + 1000), str(scandir)], {"PATH": os.environ["PATH"]}, gateways)


def volume(root: Path, gateways: int) -> None:
    """As many profiles that are meant to run."""
    home = root / "home"
    for index in range(gateways):
        profile = home / f"profiles/g{index:05}"
        profile.mkdir(parents=True)
        (profile / "SOUL.md").write_text("# soul\n")
        (profile / "gateway_state.json").write_text('{"gateway_state":"running","desired_state":"running"}')
    (home / "gatewayctl.yaml").write_text(f"wrapper: no-such-wrapper\ncommand: [sleep, '{SLEEP}']\n"
                                          "ports: [9200-9799, 20000-39999]\n")
    subprocess.run(["chown", "-R", f"{USER}:{USER}", root], check=True)


def product(root: Path, gateways: int) -> Times:
    volume(root, gateways)
    return measure([str(GATEWAYCTL), "tree"], {"PATH": f"{GATEWAYCTL.parent}:{os.environ['PATH']}", "HERMES_HOME": str(root / "home"),
                                               "S6_PROFILE_GATEWAY_SCANDIR": str(root / "scandir")}, gateways)


def rows(short: bool) -> Iterator[Row]:
    gateways, rounds = (100, 1) if short else (2000, 3)
    seen: dict[str, list[Times]] = {"s6 alone": [], "ours": []}
    for _ in range(rounds):
        for name, times in seen.items():
            with on_tmpfs() as root:
                times.append(s6_alone(root, gateways) if name == "s6 alone" else product(root, gateways))
    medians = {name: Times(*(statistics.median(values) for values in zip(*times, strict=True))) for name, times in seen.items()}
    floor, ours = medians["s6 alone"], medians["ours"]
    yield Row("tree", f"{gateways} gateways up", ours.up, floor.up, "s", 1.3)
    yield Row("tree", f"{gateways} gateways down", ours.down, floor.down, "s", 2.0)
    yield Row("tree", f"memory of one of {gateways}", ours.memory / 1024, floor.memory / 1024, "kB", None)
