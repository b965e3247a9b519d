#!/usr/bin/python3
"""Several containers on one volume: started, stopped, killed and frozen at random, and no gateway ever runs twice.

    dev/owners [--rounds 200] [--members 3] [--profiles 3] [--seed N] [--seconds S] [--takeovers 5]

Each member is a real container with a tree of a random kind and a random role. A round does one thing to one member:
starts it, stops it in order, kills its PID 1, its s6-svscan, one s6-supervise, one `run`, one gateway or the keeper of
its share, freezes or thaws it, or types an operation. The gateways write down on the boot-time clock from when to when
they lived; what is checked:

    doubled      no two lives of one gateway overlap, whichever members they were in
    missing      where a member can own the volume, every gateway runs exactly once in a moment
    refused      nothing is parked, and no intent has changed, but by an operation that was accepted

The last lines say how much was tried, and how long a takeover took.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from box import Box, Tree  # noqa: E402
from members import Life, Volume, freeze, gateways, killed, thaw  # noqa: E402
import proof  # noqa: E402
from poll import wait_until  # noqa: E402
from tree_processes import processes  # noqa: E402

TREES = (Tree.SHARED, Tree.OWN, Tree.ENTRY_POINT)
SETTLE_SECONDS = 120  # s6 waits a second between two lives; the rest is for a busy machine


class Fault(AssertionError):
    """What was found is not what must be."""


@dataclass
class Member:
    name: str
    role: str
    box: Box
    up: bool = False
    frozen: bool = False


def gaps_between_members(lives: list[Life]) -> list[float]:
    """Seconds from the last sign of life in one member to the first one in another."""
    return [(later.begin - earlier.last) / 1e6 for earlier, later in itertools.pairwise(lives) if earlier.member != later.member]


class Owners:
    def __init__(self, seed: int, members: int, profiles: int) -> None:
        self.seed, self.dice = seed, random.Random(seed)
        self.trace: collections.deque[str] = collections.deque(maxlen=40)
        self.counts: collections.Counter[str] = collections.Counter()
        self.scratch = Path(tempfile.mkdtemp(prefix="owners-"))
        self.scratch.chmod(0o755)
        self.volume = Volume(self.scratch / "volume")
        self.names = [f"p{index}" for index in range(profiles)]
        self.wanted = dict.fromkeys(self.names, True)
        for name in self.names:
            self.volume.profile(name, {"gateway_state": "running", "desired_state": "running"})
        # The first one may take over by itself, so that there is always somebody who does.
        self.members = [self._member(f"m{index}", "standby" if index == 0 else self.dice.choice(["standby", "owner"]))
                        for index in range(members)]

    def _member(self, name: str, role: str) -> Member:
        tree = self.dice.choice(TREES)
        self.record(f"{name}: {tree.value}, role {role}")
        return Member(name, role, self.volume.member(name, role, tree))

    def close(self) -> None:
        for member in self.members:
            if member.frozen:
                thaw(member.box)
            member.box.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def record(self, text: str) -> None:
        self.trace.append(text)

    # -- what is done ---------------------------------------------------------------------------------------------

    def start(self, member: Member) -> None:
        member.box.start(seconds=120)
        member.up = True

    def stop(self, member: Member) -> None:
        member.box.stop(120)
        member.up = False

    def kill(self, member: Member) -> None:
        member.box.kill()
        member.up = False

    def freeze(self, member: Member) -> None:
        freeze(member.box)
        member.frozen = True

    def thaw(self, member: Member) -> None:
        thaw(member.box)
        member.frozen = False

    def kill_one(self, member: Member, kind: str) -> None:
        is_it = {
            "svscan": lambda p: p.is_("s6-svscan", member.box.scandir) and p.pid != member.box.host_pid,
            "supervise": lambda p: p.is_("s6-supervise") and any(word.startswith("gateway-") for word in p.words),
            "run": lambda p: p.is_("gatewayctl", "run"),
            "gateway": lambda p: p.is_("test-gateway"),
            "keeper": lambda p: p.is_("gatewayctl", "keep-volume"),
        }[kind]
        found = [process.pid for process in processes(member.box) if is_it(process)]
        if found:
            killed(self.dice.choice(found))
            self.counts[f"kill -9 {kind}"] += 1

    def operate(self, member: Member) -> None:
        name = self.dice.choice(self.names)
        verb = self.dice.choice(["start", "stop", "restart"])
        done = member.box.run(["gatewayctl", verb, "--no-wait", name], timeout=300)
        self.record(f"  {verb} {name} -> {done.returncode} {done.stderr.strip()[:200]}")
        intent = self.volume.intent(name).get("desired_state", "running") == "running"
        if done.returncode == 0:
            self.wanted[name] = verb != "stop"
            self.counts["operations"] += 1
        elif "belong to" in done.stderr:
            self.counts["operations refused"] += 1
        else:
            self.wanted[name] = intent  # its supervisor was just being killed
            self.counts["operations failed"] += 1
        if intent != self.wanted[name]:
            raise Fault(f"{name}: intent running is {intent} after {verb} by {member.name}: {done.stderr}")

    def round(self) -> None:
        member = self.dice.choice(self.members)
        if not member.up:
            action = "start"
        elif member.frozen:
            action = self.dice.choice(["thaw", "thaw", "kill"])
        else:
            action = self.dice.choices(["stop", "kill", "freeze", "svscan", "supervise", "run", "gateway", "keeper", "operate"],
                                       [14, 14, 12, 8, 8, 6, 6, 6, 12])[0]
        self.record(f"{action} {member.name}")
        self.counts[action] += action in ("start", "stop", "kill", "freeze", "thaw")
        if action in ("svscan", "supervise", "run", "gateway", "keeper"):
            self.kill_one(member, action)
        else:
            {"start": self.start, "stop": self.stop, "kill": self.kill, "freeze": self.freeze, "thaw": self.thaw,
             "operate": self.operate}[action](member)

    # -- what must be ---------------------------------------------------------------------------------------------

    def running(self, name: str) -> list[str]:
        return [member.name for member in self.members if member.up for _ in gateways(member.box, name)]

    def check_doubles(self) -> None:
        for name in self.names:
            if doubles := self.volume.doubles(name):
                raise Fault(f"{name} ran twice: {doubles}")
            if len(self.running(name)) > 1 and len(again := self.running(name)) > 1:
                raise Fault(f"{name} runs twice: {again}")

    def somebody_can(self) -> bool:
        """A standby is there and nobody is frozen, who may have the volume."""
        alive = [member for member in self.members if member.up]
        return not any(member.frozen for member in alive) and any(member.role == "standby" for member in alive)

    def check(self) -> None:
        self.check_doubles()
        if self.somebody_can():
            for name, wanted in self.wanted.items():
                try:
                    wait_until(lambda name=name, wanted=wanted: len(self.running(name)) == int(wanted), SETTLE_SECONDS, name)
                except AssertionError:
                    raise Fault(f"{name}: wanted {wanted}, runs in {self.running(name)}; owner {self.volume.owner_record()}") from None
            self.counts["settled"] += 1
            self.check_doubles()
        if parked := [name for name in self.names if self.volume.is_parked(name)]:
            raise Fault(f"parked: {parked}")

    def run(self, rounds: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for _ in range(rounds):
            if time.monotonic() >= deadline:
                break
            self.round()
            if self.dice.random() < 0.7:
                self.check()
            self.counts["rounds"] += 1
        for member in self.members:
            if member.frozen:
                self.thaw(member)
        self.check()


def takeover(volume_tree: Tree, scratch: Path, times: int) -> list[float]:
    """How long a gateway is away when its owner is killed and a standby takes over, nothing else being done."""
    volume = Volume(scratch / f"takeover-{volume_tree.name}", volume_tree)
    volume.profile("mail", {"gateway_state": "running", "desired_state": "running"})
    with volume.member("one", "standby") as one, volume.member("two", "standby") as two:
        owner, other = one, two
        owner.start(seconds=120)
        for _ in range(times):
            wait_until(lambda owner=owner: gateways(owner, "mail"), 60, "the owner's gateway")
            other.start(seconds=120)
            owner.kill()
            owner, other = other, owner
        wait_until(lambda: gateways(owner, "mail"), 60, "the last takeover")
    return gaps_between_members(volume.lives("mail"))


def owners(seed: int, *, rounds: int, members: int = 3, profiles: int = 3, seconds: float = float("inf")) -> collections.Counter[str]:
    """Raises Fault; answers with how much was tried."""
    one = Owners(seed, members, profiles)
    try:
        one.run(rounds, seconds)
        one.counts["takeovers"] = sum(len(gaps_between_members(one.volume.lives(name))) for name in one.names)
        one.counts["lives"] = sum(len(one.volume.lives(name)) for name in one.names)
    except BaseException:
        print(f"seed {seed}, rounds {one.counts['rounds']}; before it:", *one.trace, sep="\n  ", file=sys.stderr)
        for member in one.members:
            print(f"--- {member.name}\n{member.box.console()[-3000:]}", file=sys.stderr)
        raise
    finally:
        one.close()
    return one.counts


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--members", type=int, default=3)
    options.add_argument("--profiles", type=int, default=3)
    options.add_argument("--takeovers", type=int, default=5, help="how many of each kind of tree are measured")
    options.add_argument("--seconds", type=float, default=float("inf"))
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    begin = time.monotonic()
    counts = owners(chosen.seed, rounds=chosen.rounds, members=chosen.members, profiles=chosen.profiles,
                    seconds=chosen.seconds)
    for what, count in sorted(counts.items()):
        if count:
            print(f"{what}: {count}")
    with tempfile.TemporaryDirectory(prefix="owners-") as scratch:
        os.chmod(scratch, 0o755)
        for tree in TREES if chosen.takeovers else ():
            times = takeover(tree, Path(scratch), chosen.takeovers)
            print(f"takeover, {tree.value}: median {statistics.median(times):.2f} s, longest {max(times):.2f} s of {len(times)}")
    print(f"0 doubled, 0 missing; {time.monotonic() - begin:.0f} s")
    proof.tell("rounds of several containers on one volume", counts["rounds"], 0, chosen.seed)


if __name__ == "__main__":
    os.umask(0o022)
    main()
