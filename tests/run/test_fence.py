"""A gateway in a member of a fleet: it runs as long as the member has lease and place, and not a moment longer,
whatever becomes of the agent that renews the lease, of the gateway, and of `run` itself."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fence import SECOND, Fence, boot_ns
from places import GATEWAYCTL, TEST_GATEWAY
from poll import children, is_gone, process_state, processes_with, wait_until
from worker import Worker


@pytest.fixture
def fence(tmp_path: Path) -> Iterator[Fence]:
    with Fence(tmp_path / "run/fence") as made:
        yield made


def gateway(worker: Worker, fence: Fence, *flags: str, **options: object) -> subprocess.Popen[bytes]:
    """One that records until when it lives, and that drains for longer than any lease of these tests."""
    return worker.gateway("--lives", str(worker.home / "lives"), *flags, env=fence.variable, **options)  # type: ignore[arg-type]


def running(worker: Worker, fence: Fence, *flags: str) -> subprocess.Popen[bytes]:
    fence.give("worker", 7)
    fence.keep_renewing()
    run = gateway(worker, fence, *flags)
    worker.wait_state("running")
    return run


def last_sign_of_life(worker: Worker) -> int:
    """In nanoseconds of the boot-time clock, by the gateway itself, which writes it every 2 ms."""
    return max(int(line.split()[1]) * 1000 for line in (worker.home / "lives").read_text().splitlines())


def moment_of(worker: Worker, event: str) -> int:
    lines = [line.split() for line in worker.events_file.read_text().splitlines()]
    return next(int(words[0]) * 10**6 for words in lines if words[2] == event)


def has_fenced(worker: Worker, run: subprocess.Popen[bytes], deadline: int) -> None:
    """The end has its own word, is no failure for any supervisor, and was recorded before somebody else could have written."""
    assert run.wait(120) == 75
    assert last_sign_of_life(worker) < deadline
    record = worker.lifecycle
    assert (record["phase"], record["cause"], record["exit_code"]) == ("exited", "fenced", 75)
    assert worker.state["gateway_state"] == "running"


def test_nothing_starts_without_lease_and_place(worker: Worker, fence: Fence) -> None:
    run = gateway(worker, fence, "--echo-env", str(worker.home / "env"))
    wait_until(lambda: "this member has no lease" in worker.said(), what="the wait at the fence")
    fence.keep_renewing()
    fence.give("another", 6)
    assert not worker.events_file.exists()
    assert not (worker.path / ".gateway-run.json").exists()
    fence.give("worker", 7)
    worker.wait_state("running")
    assert json.loads((worker.home / "env").read_text())["env"]["GATEWAYCTL_FENCING_TOKEN"] == "7"
    run.terminate()
    assert worker.ended(run) == (1, "running", True)


def test_a_place_that_covers_the_volume_is_one(worker: Worker, fence: Fence) -> None:
    fence.give(".all", 5)
    fence.keep_renewing()
    gateway(worker, fence, "--echo-env", str(worker.home / "env"))
    worker.wait_state("running")
    assert json.loads((worker.home / "env").read_text())["env"]["GATEWAYCTL_FENCING_TOKEN"] == "5"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_waits_at_the_fence_can_be_stopped(worker: Worker, fence: Fence, number: int) -> None:
    run = gateway(worker, fence)
    wait_until(lambda: "it is not started" in worker.said(), what="the wait at the fence")
    run.send_signal(number)
    assert run.wait(120) == 75
    assert not (worker.path / "gateway_state.json").exists() or worker.state.get("gateway_state") != "starting"
    assert not (worker.path / "state/gateway.lifecycle.json").exists()


def test_without_a_supervisor_nobody_waits_at_the_fence(worker: Worker, fence: Fence) -> None:
    run = gateway(worker, fence, supervised=False)
    assert run.wait(120) not in (0, 75)
    assert "this member has no lease" in worker.said()


def test_a_fence_that_is_not_there_is_closed(worker: Worker, fence: Fence) -> None:
    fence.path = worker.home / "nowhere"
    run = gateway(worker, fence)
    wait_until(lambda: "it is not started" in worker.said(), what="the wait at the fence")
    assert "nowhere" in worker.said()
    run.terminate()
    assert run.wait(120) == 75


def test_a_lease_that_is_renewed_ends_nothing(worker: Worker, fence: Fence) -> None:
    run = running(worker, fence)
    first = fence.renew()
    wait_until(lambda: boot_ns() > first, what="the end of the first lease")
    deadline = fence.renew()
    wait_until(lambda: boot_ns() > deadline, what="the end of a later one")
    assert run.poll() is None
    assert worker.events().count("start") == 1


def test_without_renewal_it_drains_in_time(worker: Worker, fence: Fence) -> None:
    run = running(worker, fence, "--drain-ms", "100")
    deadline = fence.freeze()
    has_fenced(worker, run, deadline)
    assert worker.lifecycle["clean"] is True
    drain = moment_of(worker, "drain-begin")
    third = int(fence.lease_seconds / 3 * SECOND)
    assert deadline - third - 10**6 <= drain  # a renewal may fail, and the next one
    assert "drain-end" in worker.events()
    assert "the lease of this member was not renewed" in worker.lifecycle["detail"]


@pytest.mark.parametrize("flags", [("--drain-ms", "600000"), ("--ignore-term",),
                                   ("--ignore-term", "--children", "2", "--orphans", "1", "--children-ignore-term")],
                         ids=["drains for longer", "ignores SIGTERM", "has a family that does"])
def test_nothing_of_it_lives_at_the_deadline(worker: Worker, fence: Fence, flags: tuple[str, ...]) -> None:
    """Also where the drain timeout (60 s) is far longer than what is left of the lease."""
    run = running(worker, fence, *flags)
    family = children(run.pid)
    has_fenced(worker, run, fence.freeze())
    assert worker.lifecycle["clean"] is False
    assert all(map(is_gone, family))
    assert not children(run.pid)


def test_a_stop_that_drains_is_cut_off_by_the_fence(worker: Worker, fence: Fence) -> None:
    """What was planned stays planned: the operator's word does not depend on who was quicker."""
    run = running(worker, fence, "--drain-ms", "600000")
    worker.mark(run)
    run.terminate()
    worker.wait_event("drain-begin")
    deadline = fence.freeze()
    assert run.wait(120) == 0
    assert last_sign_of_life(worker) < deadline
    assert (worker.lifecycle["cause"], worker.lifecycle["clean"]) == ("planned-stop", False)


def test_a_renewal_while_it_drains_gives_it_its_time(worker: Worker, fence: Fence) -> None:
    """It comes back afterwards, but nobody kills it meanwhile."""
    run = running(worker, fence, "--drain-ms", str(int(fence.lease_seconds * 1000)))
    fence.freeze()
    worker.wait_event("drain-begin")
    fence.keep_renewing()
    assert run.wait(120) == 75
    assert "drain-end" in worker.events()
    assert (worker.lifecycle["cause"], worker.lifecycle["clean"]) == ("fenced", True)


def test_a_run_that_is_stopped_holds_nobody_beyond_the_deadline(worker: Worker, fence: Fence) -> None:
    """Nobody of ours is awake any more, neither agent nor `run`: the kernel ends both processes."""
    run = running(worker, fence, "--ignore-term")
    child = children(run.pid)[0]
    run.send_signal(signal.SIGSTOP)
    wait_until(lambda: process_state(run.pid) == "T", what="run to be stopped")
    deadline = fence.freeze()
    assert run.wait(120) == -signal.SIGKILL
    wait_until(lambda: is_gone(child), what="the gateway's end")
    assert last_sign_of_life(worker) < deadline


def test_a_run_that_is_stopped_for_a_while_goes_on(worker: Worker, fence: Fence) -> None:
    run = running(worker, fence)
    run.send_signal(signal.SIGSTOP)
    wait_until(lambda: process_state(run.pid) == "T", what="run to be stopped")
    moment = boot_ns()
    wait_until(lambda: boot_ns() > moment + SECOND // 2, what="half a second")
    run.send_signal(signal.SIGCONT)
    deadline = fence.renew()
    wait_until(lambda: boot_ns() > deadline, what="the end of that lease")
    assert run.poll() is None
    assert worker.events().count("start") == 1


@pytest.mark.parametrize("loses", ["place", "place to another", "lease"])
def test_what_has_lost_its_place_is_killed_and_records_nothing(worker: Worker, fence: Fence, loses: str) -> None:
    """Another member may have the place from that moment on, and write."""
    run = running(worker, fence, "--drain-ms", "600000")
    before = worker.lifecycle
    if loses == "place":
        fence.take_away("worker")
    elif loses == "place to another":
        fence.give("worker", 8)
    else:
        fence.end_lease()
    assert run.wait(120) == 75
    assert "signal SIGTERM" not in worker.events()
    assert worker.lifecycle == before
    assert worker.lifecycle["phase"] == "running"


def test_the_timers_are_those_of_the_boot_time_clock(worker: Worker, fence: Fence) -> None:
    """A step of the wall clock moves neither of them, and time in which the machine was suspended counts."""
    run = running(worker, fence)
    boot_time_clock = 7
    timers = Path(f"/proc/{run.pid}/timers").read_text()
    assert re.search(r"^signal: 9/", timers, re.MULTILINE)
    assert re.findall(r"^ClockID: (\d+)", timers, re.MULTILINE) == [str(boot_time_clock)]
    alarms = [text for entry in Path(f"/proc/{run.pid}/fdinfo").iterdir() if "clockid:" in (text := entry.read_text())]
    assert [int(re.findall(r"clockid: (\d+)", text)[0]) for text in alarms] == [boot_time_clock]


def test_a_gateway_without_run_gets_one_at_the_fence(worker: Worker, fence: Fence) -> None:
    """`join` stands before it in a slot; only `run` can hold a gateway to its fence."""
    fence.give("worker", 7)
    fence.keep_renewing()
    words = [str(TEST_GATEWAY), "--event-log", str(worker.events_file), "--lives", str(worker.home / "lives")]
    with (worker.home / "stderr").open("ab") as stderr:
        joined = subprocess.Popen([str(GATEWAYCTL), "join", "--", *words], stderr=stderr, stdin=subprocess.DEVNULL,
                                  env=worker.environment(HERMES_SUPERVISED_CHILD="1", **fence.variable))
    worker.runs.append(joined)
    worker.wait_state("running")
    has_fenced(worker, joined, fence.freeze())


def test_an_end_by_the_fence_is_no_death(worker: Worker, fence: Fence) -> None:
    """Nor one by the kernel's hand, of which `run` could not tell; and who has lost its place writes nothing."""
    run = running(worker, fence)
    has_fenced(worker, run, fence.freeze())
    before = {path: path.read_bytes() for path in worker.path.rglob("*") if path.is_file()}
    wait_until(lambda: boot_ns() > fence.deadline, what="the deadline")
    for words in (("75",), ("256", "9"), ("1",)):
        done = subprocess.run([str(GATEWAYCTL), "after-exit", *words], env=worker.environment(**fence.variable), timeout=120,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in worker.path.rglob("*") if path.is_file()} == before
    assert not (worker.path / "state/gateway.deaths.json").exists()


def test_a_family_does_not_survive_its_run(worker: Worker, fence: Fence) -> None:
    """The gateway dies with a `run` that is killed; what it has started is ended by the slot's `finish`."""
    run = running(worker, fence, "--children", "2", "--orphans", "1", "--children-ignore-term")
    mine = lambda: processes_with(lambda variable: variable == f"GATEWAYCTL_FENCE={fence.path}")  # noqa: E731
    wait_until(lambda: len(mine()) == 5, what="run, the gateway and its family")
    run.kill()
    run.wait(120)
    done = subprocess.run([str(GATEWAYCTL), "after-exit", "256", "9"], env=worker.environment(**fence.variable), timeout=120)
    assert done.returncode == 0
    assert not mine()
