#!/usr/bin/python3
"""The volume's user against the verbs that root types: links and other things in the place of everything, swaps while root
works, and files that are as bad as they may be. One command, its seed printed:

    tests/security/sweep.py [--rounds 300] [--profiles 10000] [--seed N]

Outside of what is the user's stand tripwires: files and directories of root's that must be, to the byte and the owner, what
they were. The last lines say how much was tried.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import proof  # noqa: E402
from places import USER  # noqa: E402
from volume import Volume, snapshot  # noqa: E402

ROOT = 0
VERBS = [["reconcile"], ["plan"], ["status"], ["list"], ["drain"], ["start", "--no-wait", "a"], ["stop", "--no-wait", "a"],
         ["register", "a"], ["unregister", "a"], ["prepare"], ["-p", "a", "run", "--", "true"],
         ["-p", "a", "marker", "write", "--pid", "1"], ["-p", "a", "after-exit", "1", "0"], ["logs", "a"]]

# Below the directory that is the user's: everything that a verb of root's opens, makes, locks or renames.
PLACES = [
    "home", "home/profiles", "home/profiles/a", "home/profiles/a/state", "home/profiles/a/gateway_state.json",
    "home/profiles/a/.gateway-intent.json", "home/profiles/a/.gateway-intent.lock",
    "home/profiles/a/.gateway-operation.lock", "home/profiles/a/.gateway-service.json", "home/profiles/a/gateway.pid",
    "home/profiles/a/.gateway-planned-stop.json", "home/profiles/a/state/gateway.lifecycle.json",
    "home/profiles/a/state/gateway.deaths.json", "home/logs", "home/logs/container-boot.log", "home/logs/gateways",
    "home/logs/gateways/a", "home/gatewayctl.yaml", "home/.gateway-ports.lock", "service", "service/gateway-a",
    "service/gateway-a/run", "service/gateway-a/supervise", "service/gateway-a/log", "service/.gatewayctl.lock",
    "service/.s6-svscan", "service/.gateway-a.new",
]
SWAPPER = r"""
import ctypes, itertools, os, sys
libc = ctypes.CDLL(None)
pairs = [line.encode().split(b"\0") for line in sys.stdin.read().splitlines()]
swaps = 0
print("swapping", flush=True)
for one, other in itertools.cycle(pairs):
    if libc.renameat2(-100, one, -100, other, 2) == 0:
        swaps += 1
    if swaps % 1000 == 0 and os.path.exists(sys.argv[1]):
        break
print(swaps)
"""


class Arena:
    """A directory of the user's with a home and a scandir in it, and tripwires of root's outside."""

    def __init__(self, volume: Volume) -> None:
        self.volume = volume
        self.mine = volume.root / "mine"
        self.mine.mkdir(mode=0o755)
        volume.own(self.mine)
        volume.home, volume.scandir = self.mine / "home", self.mine / "service"
        self.build()
        self.victim = volume.root / "victim"
        (self.victim / "directory").mkdir(parents=True)
        (self.victim / "directory/inside").write_text("root's\n")
        (self.victim / "file").write_text(json.dumps({"desired_state": "running", "pid": 1}))
        (self.victim / "gatewayctl.yaml").write_text("command: [touch, /nowhere]\n")
        self.before = snapshot(self.victim)

    def build(self) -> None:
        """As good as new; what lies in the way goes."""
        subprocess.run(["rm", "-rf", self.volume.home, self.volume.scandir], check=True)
        for directory in (self.volume.home, self.volume.scandir):
            directory.mkdir(mode=0o755)
            self.volume.own(directory)
        self.volume.profile("a", {"gateway_state": "running"}, service={"port": 9300, "env": {}})
        self.volume.reconcile()

    def root(self, words: list[str]) -> None:
        env = {"HERMES_HOME": str(self.volume.home), "S6_PROFILE_GATEWAY_SCANDIR": str(self.volume.scandir),
               "GATEWAYCTL_MANAGER": "s6"}
        done = self.volume.run(*words, user=ROOT, env=env)
        assert done.returncode >= 0 and "Sanitizer" not in done.stderr, (words, done)

    def check(self, what: object) -> None:
        assert snapshot(self.victim) == self.before, f"root changed what is not the user's: {what}"


@contextmanager
def arena() -> Iterator[Arena]:
    with Volume() as volume:
        yield Arena(volume)


def replacements(victim: Path) -> dict[str, list[str]]:
    """Commands of the user's that put something in the place of $1."""
    file, directory = victim / "file", victim / "directory"
    return {
        "link to a file of root's": ["ln", "-sfn", str(file)],
        "link to a directory of root's": ["ln", "-sfn", str(directory)],
        "link to what is not there": ["ln", "-sfn", str(directory / "made")],
        "link to itself": ["sh", "-c", 'ln -sfn "$(basename "$1")" "$1"', "sh"],
        "pipe": ["mkfifo"],
        "directory": ["mkdir"],
        "directory that is full": ["sh", "-c", 'mkdir "$1" && touch "$1/x"', "sh"],
        "sparse terabyte": ["truncate", "-s", "1T"],
        "garbage": ["sh", "-c", 'head -c 70000 /dev/urandom >"$1"', "sh"],
        "nothing": ["true"],
    }


def try_things(rounds: int, dice: random.Random) -> int:
    with arena() as here:
        cases = [(place, what) for place in PLACES for what in replacements(here.victim)]
        dice.shuffle(cases)
        for place, what in cases[:rounds]:
            here.build()
            path = here.mine / place
            subprocess.run(["rm", "-rf", path], check=True)
            if path.parent.is_dir():
                subprocess.run([*replacements(here.victim)[what], str(path)], user=USER, group=USER, extra_groups=[],
                               stderr=subprocess.DEVNULL, check=False)
            for words in dice.sample(VERBS, 4):
                here.root(words)
                here.check((place, what, words))
        return min(rounds, len(cases))


def try_swaps(rounds: int, dice: random.Random) -> int:
    """Every place and a link to something of root's change places again and again while root works."""
    with arena() as here:
        pairs = []
        for index, place in enumerate(PLACES):
            twin = here.mine / f"twin-{index}"
            twin.symlink_to(here.victim / ("directory" if "." not in place else "file"))
            here.volume.own(twin)
            pairs.append(f"{here.mine / place}\0{twin}")
        enough = here.volume.root / "enough"
        swapper = subprocess.Popen(["/usr/bin/python3", "-c", SWAPPER, enough], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, user=USER, group=USER, extra_groups=[])
        assert swapper.stdin and swapper.stdout
        swapper.stdin.write("\n".join(pairs))
        swapper.stdin.close()
        assert swapper.stdout.readline() == "swapping\n"
        try:
            for _ in range(rounds):
                words = dice.choice(VERBS)
                here.root(words)
                here.check(("swaps", words))
        finally:
            enough.touch()
            swaps = int(swapper.stdout.readline())
            swapper.wait()
        return swaps


def boot(profiles: int, worst: bool) -> tuple[float, int]:
    """Processor seconds and peak KiB of the first pass over that many profiles."""
    with Volume() as volume:
        plain = json.dumps({"gateway_state": "running"}).encode()
        keys = json.dumps({"gateway_state": "running", **{f"{i:x}": 0 for i in range(100_000)}}, separators=(",", ":")).encode()
        assert len(keys) < 1 << 20
        contents = [keys, json.dumps({"x": "y" * 1_000_000}).encode(), b"[" * 60 + b"]" * 60,
                    json.dumps({"gateway_state": "z" * 900_000}).encode()]
        sources = [volume.write(volume.root / f"source-{index}", content) for index, content in enumerate(contents)]
        for index in range(profiles):
            directory = volume.profile(f"p{index}", plain)
            if worst:
                for name in ("gateway_state.json", ".gateway-service.json", "gateway.pid"):
                    (directory / name).unlink(missing_ok=True)
                    (directory / name).hardlink_to(sources[(index + len(name)) % len(sources)])
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = volume.run("reconcile")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode in (0, 1), done.stderr[-2000:]
        assert len(volume.slots()) == profiles + 1
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=300)
    options.add_argument("--profiles", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    dice = random.Random(chosen.seed)
    begin = time.monotonic()
    things, swaps = try_things(chosen.rounds, dice), try_swaps(chosen.rounds, dice)
    print(f"things in the place of what root touches: {things} tried, 0 harmed", flush=True)
    print(f"swaps while root works: {swaps} in {chosen.rounds} commands, 0 harmed", flush=True)
    (plain, _), (worst, peak) = boot(chosen.profiles, worst=False), boot(chosen.profiles, worst=True)
    print(f"boot of {chosen.profiles} profiles: plain {plain:.2f} s, worst {worst:.2f} s of the processor, "
          f"at most {peak // 1024} MiB")
    print(f"{time.monotonic() - begin:.0f} s")
    proof.tell("things in the place of what root touches", things, 0, chosen.seed)
    proof.tell("swaps of what root touches, while it does", swaps, 0, chosen.seed)
    proof.tell("profiles with the worst legal files, booted", chosen.profiles, 0, chosen.seed)


if __name__ == "__main__":
    os.umask(0o022)
    main()
