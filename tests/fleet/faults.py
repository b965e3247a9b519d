#!/usr/bin/python3
"""A fleet of several members on one volume, real etcd, and random faults: no gateway ever runs in two places.

    dev/fleet-faults [--minutes 10] [--members 5] [--gateways 40] [--seed N] [--without ACTION]... [--naive]

Three members of etcd, and members of the fleet that are real containers in trees of their own. Each has its own way to
etcd, which can be cut, and its own view of the volume, by which the locks of one member do not reach the others, as on a
network volume: what keeps a gateway from running twice is the fence alone. A round does one thing: kills, stops or
starves an agent, kills or stops a `run`, freezes, kills, stops or starts a member, steps its wall clock, cuts its way to
etcd, makes etcd slow, kills or freezes etcd's leader, takes its quorum away, drains, cordons or moves, or types an
operation in any member. The gateways write down on the boot-time clock from when to when they lived; what is checked:

    doubled      no two lives of one gateway overlap, whichever members they were in
    ownerless    no gateway runs nowhere for longer than a lease, a drain and a boot while somebody could have it
                 (ownerless.py says how that is told)
    missing      where members can run gateways, each runs exactly once in a moment, and what is stopped runs nowhere
    lost         no intent has changed but by an operation that was accepted, and nothing is parked

--naive writes a lease that never ends into each fence, as if there were none: the first agent that stops must be caught.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / folder) for folder in ("support", "own", "fleet")]

import proof  # noqa: E402
from box import Box  # noqa: E402
from etcd_cluster import EtcdCluster  # noqa: E402
from fleets import TTL, Fleet  # noqa: E402
from lives import gaps, overlaps, read_lives  # noqa: E402
from control_group import ControlGroup  # noqa: E402
from gateway_image import binary  # noqa: E402
from ownerless import History, longest  # noqa: E402
from places_watch import PlacesWatch  # noqa: E402
from members import freeze, thaw  # noqa: E402
from places import ODDFS  # noqa: E402
from poll import PATIENCE, is_gone, process_state, wait_until  # noqa: E402
from tree_processes import Process, processes  # noqa: E402
from ways import Way, Ways  # noqa: E402

SETTLE_SECONDS = 30  # of a quiet machine: a lease, a drain, a boot, and twice that
RUNNING = {"gateway_state": "running", "desired_state": "running"}
# What is done to a member that is well, or to etcd, and how often beside the others.
TO_A_WELL_ONE = {
    "kill_agent": 8, "stop_agent": 10, "kill_run": 6, "stop_run": 6, "agent_and_run": 8, "freeze": 8, "cut": 12, "kill": 10,
    "stop": 8, "operate": 12, "move": 8, "mark": 6, "kill_leader": 4, "freeze_leader": 4, "take_quorum": 3,
    "starve_agent": 8, "step_clock": 8, "slow_etcd": 4,
}
# They do no harm: whoever had a place keeps it.
HARMLESS = {"step_clock", "operate", "move", "mark"}
STARVED_US = 1000  # of each second: what the kernel gives at least
BOOT_SECONDS = 10  # of a quiet machine, for all gateways that a member may have to take at once
CUT_OFF = 124  # by timeout(1)
LONGEST_ASK_SECONDS = 120  # a lease of what was asked for, and a stop of the longest
NOTICE_SECONDS = 0.5  # in which etcd sees that a lease has ended
FLAGS = ["--lives", "/opt/beside/{profile}", "--lives-apart", "--drain-ms", "200"]
LEAST_EVERY_MS = 20  # a gateway says that it lives; of many of them each does it less often, for the machine's sake


class Fault(AssertionError):
    """What was found is not what must be."""


class View:
    """The volume as one member has it: what is written is everybody's, what is locked is its own."""

    def __init__(self, below: Path, place: Path) -> None:
        self.place = place
        place.mkdir()
        nothing = place.with_name(place.name + ".refusals")
        nothing.write_text("")
        self._daemon = subprocess.Popen([ODDFS, below, place, nothing], stdin=subprocess.DEVNULL)
        wait_until(lambda: os.path.ismount(place), what=f"the view {place}")

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.place)], check=False)
        self._daemon.kill()  # another mount namespace of the machine may have a copy of the mount
        self._daemon.wait(120)


@dataclass
class Member:
    name: str
    box: Box
    ways: list[Way]
    up: bool = False
    frozen: bool = False
    cut: bool = False
    stopped: list[int] = field(default_factory=list)  # processes that got SIGSTOP
    starved: list[int] = field(default_factory=list)  # processes in the group that gets next to nothing

    @property
    def well(self) -> bool:
        return self.up and not (self.frozen or self.cut or self.stopped or self.starved)


def profile_of(process: Process) -> str | None:
    """Which gateway it is, by its words."""
    if process.is_("test-gateway") and "--lives" in process.words:
        return Path(process.words[process.words.index("--lives") + 1]).name
    return None


class EndlessLease(threading.Thread):
    """For --naive: whatever the agents write, the lease in each fence has an hour left."""

    def __init__(self, members: list[Member]) -> None:
        super().__init__(daemon=True)
        self.members, self.ended = members, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.05):
            for member in self.members:
                with contextlib.suppress(OSError, AssertionError):
                    deadline = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + 3600 * 10**9
                    fence = member.box.slots / ".fence"
                    (fence / ".endless").write_text(f"{deadline} {3600 * 10**9}\n")
                    (fence / ".endless").rename(fence / "lease")


class Faults:
    def __init__(self, seed: int, members: int, gateways: int, naive: bool = False, without: Sequence[str] = ()) -> None:
        self.seed, self.dice = seed, random.Random(seed)
        self.actions = {action: weight for action, weight in TO_A_WELL_ONE.items() if action not in without}
        self.trace: collections.deque[str] = collections.deque(maxlen=60)
        self.counts: collections.Counter[str] = collections.Counter()
        self.settled: list[float] = []
        self.begin = time.monotonic()
        self.end = contextlib.ExitStack()
        self.scratch = Path(tempfile.mkdtemp(prefix="fleet-faults-"))
        self.end.callback(shutil.rmtree, self.scratch, ignore_errors=True)
        self.scratch.chmod(0o755)
        self.beside = self.scratch / "beside"
        self.beside.mkdir()
        self.beside.chmod(0o777)
        self.etcd = self.end.enter_context(EtcdCluster(self.scratch / "etcd"))
        self.dead_etcd: list[int] = []
        self.frozen_etcd: list[int] = []
        self.etcd_is_slow = False
        self.all_ways = self.end.enter_context(Ways())
        self.fleet = Fleet(self.scratch / "volume", self.etcd, spread="gateway")
        self.fleet.flags = [*FLAGS, "--lives-every-ms", str(max(LEAST_EVERY_MS, gateways // 2))]
        self.longest = (0.0, "", 0)
        self.starved = self.end.enter_context(ControlGroup("cpu", STARVED_US))
        self.history = History()
        self.marks: dict[str, bool] = {}  # cordoned or draining, by member
        self.watch = self.end.enter_context(PlacesWatch(self.etcd.endpoints, self.history))
        self.names = [f"g{index}" for index in range(gateways)]
        self.wanted = dict.fromkeys(self.names, True)
        self.unsure: dict[str, float] = {}  # since when, of operations whose caller was cut off
        for name in self.names:
            self.fleet.profile(name, RUNNING)
        self.members = [self._member(f"m{index}") for index in range(members)]
        if naive:
            endless = EndlessLease(self.members)
            endless.start()
            self.end.callback(endless.join)
            self.end.callback(endless.ended.set)

    def _member(self, name: str) -> Member:
        ways = self.all_ways.to(int(url.rpartition(":")[2]) for url in self.etcd.endpoints)
        endpoints = [f"http://127.0.0.1:{way.port}" for way in ways]
        self.dice.shuffle(endpoints)
        self.fleet.config["fleet"] = {**self.fleet.config["fleet"], "endpoints": endpoints}
        view = View(self.fleet.home, self.scratch / f"view-{name}")
        self.end.callback(view.close)
        # Their wall clock can be stepped (tests/clock).
        programs = {f"/usr/local/bin/{program}": binary(f"tests/clock/{program}") for program in ("gatewayctl", "gatewayctl-fleet")}
        box = self.fleet.member(name, beside=self.beside, overlay=programs)
        box.volume = view.place
        self.end.callback(box.close)
        return Member(name, box, ways)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self.members:
            self._undo(member)
        for index in self.frozen_etcd:
            self.etcd.thaw(index)
        self.end.close()

    def record(self, text: str) -> None:
        self.trace.append(f"{time.monotonic() - self.begin:7.1f} {text}")

    # -- what is done to a member -------------------------------------------------------------------------------------

    def start(self, member: Member) -> None:
        member.box.start(seconds=120)
        member.up = True

    def stop(self, member: Member) -> None:
        self._undo(member)
        member.box.stop(120)
        member.up = False

    def kill(self, member: Member) -> None:
        member.box.kill()
        member.up = member.frozen = False
        member.stopped.clear()
        member.starved.clear()

    def freeze(self, member: Member) -> None:
        freeze(member.box)
        member.frozen = True

    def cut(self, member: Member) -> None:
        (self.all_ways.refuse if self.dice.random() < 0.5 else self.all_ways.swallow)(member.ways)
        member.cut = True

    def _undo(self, member: Member) -> None:
        """All of it but that it may be down."""
        if member.frozen:
            thaw(member.box)
        for pid in member.stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        if member.starved:
            # With what it has started meanwhile.
            self.starved.leave_all(lambda: {process.pid for process in processes(member.box)})
        if member.cut:
            self.all_ways.mend(member.ways)
        member.frozen = member.cut = False
        member.stopped.clear()
        member.starved.clear()

    def mend(self, member: Member) -> None:
        self._undo(member)

    def _some(self, member: Member, is_it: Callable[[Process], bool]) -> int | None:
        found = [process.pid for process in processes(member.box) if is_it(process)]
        return self.dice.choice(found) if found else None

    def _signal(self, member: Member, is_it: Callable[[Process], bool], number: int) -> None:
        pid = self._some(member, is_it)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
            if number == signal.SIGSTOP:
                wait_until(lambda: process_state(pid) in ("T", "Z", None), what="a process to be stopped")
                member.stopped.append(pid)
            else:
                wait_until(lambda: is_gone(pid), what="a process to be gone")

    def kill_agent(self, member: Member) -> None:
        self._signal(member, lambda p: p.is_("gatewayctl-fleet", "agent"), signal.SIGKILL)

    def stop_agent(self, member: Member) -> None:
        self._signal(member, lambda p: p.is_("gatewayctl-fleet", "agent"), signal.SIGSTOP)

    def kill_run(self, member: Member) -> None:
        self._signal(member, lambda p: p.is_("gatewayctl", "run"), signal.SIGKILL)

    def stop_run(self, member: Member) -> None:
        self._signal(member, lambda p: p.is_("gatewayctl", "run"), signal.SIGSTOP)

    def agent_and_run(self, member: Member) -> None:
        """Nobody of ours is awake."""
        self.stop_run(member)
        self.stop_agent(member)

    def starve_agent(self, member: Member) -> None:
        """It gets a thousandth of a processor."""
        pid = self._some(member, lambda p: p.is_("gatewayctl-fleet", "agent"))
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                self.starved.join(pid)
                member.starved.append(pid)

    def step_clock(self, member: Member) -> None:
        """Its wall clock is another one from now on, for as long as it is up."""
        (member.box.root / "run/wall-clock-offset").write_text(str(self.dice.choice([-1, 1]) * self.dice.randrange(1, 10**6)))

    # -- what is done to etcd -----------------------------------------------------------------------------------------

    def kill_leader(self, _: Member) -> None:
        if not self.dead_etcd and not self.frozen_etcd:
            self.dead_etcd.append(self.etcd.leader())
            self.etcd.kill(self.dead_etcd[0])

    def freeze_leader(self, _: Member) -> None:
        if not self.dead_etcd and not self.frozen_etcd:
            self.frozen_etcd.append(self.etcd.leader())
            self.etcd.freeze(self.frozen_etcd[0])

    def take_quorum(self, _: Member) -> None:
        if not self.dead_etcd and not self.frozen_etcd:
            self.frozen_etcd += self.dice.sample(range(3), 2)
            for index in self.frozen_etcd:
                self.etcd.freeze(index)

    def slow_etcd(self, _: Member) -> None:
        """For everybody: some answers come in time, some do not."""
        if self.etcd_is_well():
            self.etcd_is_slow = True
            for member in self.members:
                if not member.cut:
                    self.all_ways.slow(member.ways, self.dice.uniform(0.02, 0.8))

    def etcd_is_well(self) -> bool:
        return not (self.dead_etcd or self.frozen_etcd or self.etcd_is_slow)

    def mend_etcd(self, _: Member) -> None:
        if self.etcd_is_slow:
            for member in self.members:
                self.all_ways.slow(member.ways, 0)
            self.etcd_is_slow = False
        for index in self.frozen_etcd:
            self.etcd.thaw(index)
        for index in self.dead_etcd:
            self.etcd.start(index)
        self.frozen_etcd.clear()
        self.dead_etcd.clear()
        self.etcd.wait_healthy()

    # -- what is typed ------------------------------------------------------------------------------------------------

    def _typed(self, member: Member, *words: str) -> subprocess.CompletedProcess[str]:
        # A drain that waits for somebody who is stopped goes on without whoever asked for it.
        done = member.box.run(["timeout", "20", "gatewayctl", *words], timeout=600)
        self.record(f"  {' '.join(words)} in {member.name} -> {done.returncode} {done.stderr.strip()[:200]}")
        self.counts[f"{words[0]} {words[1] if words[0] == 'fleet' else ''}".strip()] += 1
        return done

    def operate(self, member: Member) -> None:
        name = self.dice.choice(self.names)
        verb = self.dice.choice(["start", "stop", "restart"])
        done = self._typed(member, verb, "--no-wait", name)
        intent = self.intends(name)
        self.history.asked.append(self.now())
        if done.returncode == CUT_OFF:
            self.unsure[name] = time.monotonic()  # it may be carried out later, or not
            self.history.want(self.now(), name, False)
        elif done.returncode == 0:
            self.want(name, verb != "stop")
            if intent != self.wanted[name] and name not in self.unsure:
                raise Fault(f"{name}: intent running is {intent} after {verb} by {member.name}: {done.stderr}")
        else:
            self.want(name, intent)

    def want(self, name: str, wanted: bool) -> None:
        self.wanted[name] = wanted
        self.history.want(self.now(), name, wanted and name not in self.unsure)

    def is_wanted(self, name: str) -> bool:
        """What was accepted; of an operation whose caller was cut off, whatever has come of it."""
        return self.intends(name) if name in self.unsure else self.wanted[name]

    def intends(self, name: str) -> bool:
        return self.fleet.intent(name).get("desired_state", "running") == "running"

    def be_sure(self) -> None:
        """Of what was asked for so long ago that nobody carries it out any more."""
        for name in [name for name, since in self.unsure.items() if time.monotonic() - since > LONGEST_ASK_SECONDS]:
            del self.unsure[name]
            self.want(name, self.intends(name))

    def move(self, member: Member) -> None:
        name = self.dice.choice(self.names)
        to = [] if self.dice.random() < 0.5 else [self.dice.choice(self.members).name]
        self._typed(member, "fleet", "move", name, *to)

    def mark(self, member: Member) -> None:
        verb = self.dice.choice(["drain", "cordon", "uncordon", "uncordon"])
        whose = self.dice.choice(self.members).name
        self.marks[whose] = verb != "uncordon"  # whatever comes of it
        self._note()
        self._typed(member, "fleet", verb, whose)

    # -- one round ----------------------------------------------------------------------------------------------------

    @staticmethod
    def now() -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000

    def _note(self) -> None:
        """Whether somebody could have what nobody has."""
        willing = any(member.well and not self.marks.get(member.name) for member in self.members)
        self.history.could_be(self.now(), willing and self.etcd_is_well())

    def round(self) -> None:
        member = self.dice.choice(self.members)
        if not self.etcd_is_well() and self.dice.random() < 0.5:
            action = "mend_etcd"
        elif not member.up:
            action = "start"
        elif not member.well:
            action = self.dice.choice(["mend", "mend", "mend", "kill"])
        else:
            action = self.dice.choices(list(self.actions), list(self.actions.values()))[0]
        self.record(f"{action} {member.name}")
        self.counts[action] += 1
        if action in HARMLESS:
            self.history.asked.append(self.now())
        getattr(self, action)(member)
        if action not in HARMLESS:
            self.history.harmed[member.name].append(self.now())
        self._note()

    # -- what must be -------------------------------------------------------------------------------------------------

    def running(self) -> dict[str, list[str]]:
        found: collections.defaultdict[str, list[str]] = collections.defaultdict(list)
        for member in self.members:
            if member.up:
                for process in processes(member.box):
                    if profile := profile_of(process):
                        found[profile].append(member.name)
        return found

    def _behind_stopped_runs(self) -> set[str]:
        """Nobody starts, or stops, these: who would have to has got SIGSTOP, and its member keeps their places."""
        names = set()
        for pid in (pid for member in self.members for pid in member.stopped):
            with contextlib.suppress(OSError):
                environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                names |= {word.partition(b"=")[2].decode() for word in environment if word.startswith(b"GATEWAYCTL_PROFILE=")}
        return names

    def check_doubles(self) -> None:
        for name, lives in read_lives(self.beside).items():
            if doubled := overlaps(lives):
                raise Fault(f"{name} ran twice: {doubled}")

    def check_ownerless(self) -> None:
        """The longest time in which a gateway ran nowhere although somebody could have had it."""
        self.longest = longest(self.history, read_lives(self.beside), self.now())
        most = PATIENCE * (TTL + NOTICE_SECONDS + float(self.fleet.config["drain_timeout"]) + BOOT_SECONDS)
        if self.longest[0] > most:
            raise Fault(f"{self.longest[1]} ran nowhere for {self.longest[0]:.1f} s, though somebody could have had it")

    def quorum(self) -> bool:
        return len(self.dead_etcd) + len(self.frozen_etcd) < 2

    def check(self) -> None:
        self.check_doubles()
        self.check_ownerless()
        if not self.quorum() or self.etcd_is_slow or self._nobody_may():
            return
        begin = time.monotonic()
        self.be_sure()
        asleep = self._behind_stopped_runs()

        def as_wanted() -> bool:
            found = self.running()
            return all(len(found[name]) == int(self.is_wanted(name)) or name in asleep for name in self.names)

        try:
            wait_until(as_wanted, SETTLE_SECONDS)
        except AssertionError:
            found = self.running()
            wrong = {name: found[name] for name in self.names
                     if len(found[name]) != int(self.is_wanted(name)) and name not in asleep}
            self._explain(list(wrong)[:3])
            raise Fault(f"wanted {[(name, self.is_wanted(name)) for name in wrong]}, runs in {wrong}") from None
        self.settled.append(time.monotonic() - begin)
        self.counts["settled"] += 1
        self.check_doubles()
        if parked := [name for name in self.names if self.fleet.is_parked(name)]:
            raise Fault(f"parked: {parked}")
        for name in self.names:
            if self.intends(name) != self.is_wanted(name):
                raise Fault(f"{name}: the intent was lost: {self.fleet.intent(name)}")

    def _explain(self, names: list[str]) -> None:
        """What an operator would look at."""
        if self.quorum():
            keys = self.fleet.keys()
            print({key: value for key, value in keys.items() if not key.startswith("places/") or key[7:] in names}, file=sys.stderr)
        for member in (member for member in self.members if member.well):
            of_each = [(verb, name) for name in names for verb in ("explain", "history")]
            for words in (("status", *names), *of_each):
                done = member.box.run(["timeout", "20", "gatewayctl", *words], timeout=600)
                print(f"--- gatewayctl {' '.join(words)} in {member.name}\n{done.stdout}{done.stderr}", file=sys.stderr)

    def _nobody_may(self) -> bool:
        """Whether a gateway that has no place gets none, because each member that is well is cordoned or drains."""
        keys = self.fleet.keys()
        return all(f"cordon/{member.name}" in keys or f"drain/{member.name}" in keys for member in self.members if member.well)

    def run(self, seconds: float) -> None:
        for member in self.members:
            self.start(member)
        self._note()
        self.check()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.round()
            if self.dice.random() < 0.4:
                self.check()
            else:
                # So that a lease may end meanwhile, or not.
                moment = time.monotonic() + self.dice.uniform(0, 1.5 * TTL)
                wait_until(lambda moment=moment: time.monotonic() >= moment, 60)
            self.counts["rounds"] += 1
        self.mend_etcd(self.members[0])
        for member in self.members:
            self._undo(member)
            if not member.up:
                self.start(member)
        for member in self.members:
            self.history.harmed[member.name].append(self.now())
            self._typed(self.members[0], "fleet", "uncordon", member.name)
            self.marks[member.name] = False
        self._note()
        self.check()


def faults(seed: int, *, seconds: float, members: int, gateways: int, naive: bool = False,
           without: Sequence[str] = ()) -> collections.Counter[str]:
    """Raises Fault; answers with how much was tried."""
    with Faults(seed, members, gateways, naive, without) as one:
        try:
            one.run(seconds)
        except BaseException:
            print(f"seed {seed}, rounds {one.counts['rounds']}; before it:", *one.trace, sep="\n  ", file=sys.stderr)
            if not naive:
                for member in one.members:
                    print(f"--- {member.name}\n{member.box.console()[-60_000:]}", file=sys.stderr)
            raise
        lives = read_lives(one.beside)
        one.counts["lives"] = sum(map(len, lives.values()))
        away = [gap for of_one in lives.values() for gap in gaps(of_one)]
        if away:
            print(f"between two lives: median {statistics.median(away):.2f} s, longest {max(away):.2f} s")
        print(f"without an owner though somebody could be: {one.longest[0]:.2f} s at the longest")
        if one.settled:
            print(f"settled after a check began: median {statistics.median(one.settled):.1f} s, longest {max(one.settled):.1f} s")
        return one.counts


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--members", type=int, default=5)
    options.add_argument("--gateways", type=int, default=40)
    options.add_argument("--without", action="append", default=[], choices=TO_A_WELL_ONE, metavar="ACTION")
    options.add_argument("--naive", action="store_true", help="without a fence: it must fail")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    counts = faults(chosen.seed, seconds=60 * chosen.minutes, members=chosen.members, gateways=chosen.gateways,
                    naive=chosen.naive, without=chosen.without)
    for what, count in sorted(counts.items()):
        if count:
            print(f"{what}: {count}")
    print("0 doubled, 0 ownerless for too long, 0 missing, 0 lost")
    proof.tell("faults in a fleet on etcd", counts["rounds"], 0, chosen.seed)


if __name__ == "__main__":
    os.umask(0o022)
    main()
