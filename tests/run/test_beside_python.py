"""A gateway of the Python implementation (tests/peer) and `gatewayctl run`, on one profile: before it, beside it, after it."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from peer import Peer
from poll import is_gone, start_time, wait_until
from worker import Worker

TRY_AGAIN = 75


@pytest.fixture
def peer(worker: Worker) -> Peer:
    return Peer(worker)


# -- what may lie there when it starts --------------------------------------------------------------------


def a_dead_pid() -> int:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid


def leave(worker: Worker, *, pid_file: str, lock_file: bool, state: str, marker: bool) -> None:
    """What an earlier life may have left: of a process that is dead, or whose pid is another process by now."""
    process = {"none": None, "dead": {"pid": a_dead_pid(), "start_time": 7}, "recycled": {"pid": os.getpid(), "start_time": 7},
               "bare": a_dead_pid()}
    if process[pid_file] is not None:
        (worker.path / "gateway.pid").write_text(json.dumps(process[pid_file]))
    if lock_file:
        (worker.path / "gateway.lock").write_text(json.dumps(process["dead"]))
    if state != "none":
        worker.volume.profile("worker", {"gateway_state": "running", "kind": "hermes-gateway", **(process[state] or {})})
    if marker:
        (worker.path / ".gateway-takeover.json").write_text(json.dumps(
            {"target_pid": a_dead_pid(), "target_start_time": 7, "replacer_pid": 1, "written_at": datetime.now(UTC).isoformat()}))


LEFT = list(itertools.product(("none", "dead", "recycled", "bare"), (False, True), ("none", "dead", "recycled"), (False, True)))


def names_the_gateway(worker: Worker, gateway: int, front: int) -> None:
    """Whoever looks for the gateway finds its own process, and the front in a field of ours."""
    own = {"pid": gateway, "start_time": start_time(gateway)}
    assert {key: worker.state[key] for key in own} == own
    assert worker.state["front_pid"] == front
    assert worker.state["argv"][-2:] != [] and "run" in worker.state["argv"]
    record = worker.volume.read(worker.path / "gateway.pid")
    assert {key: record[key] for key in own} == own
    assert worker.holder()["pid"] == front


@pytest.mark.parametrize(("ours", "theirs"), itertools.product((False, True), repeat=2))
def test_it_works_behind_run_whatever_lies_there(worker: Worker, peer: Peer, ours: bool, theirs: bool) -> None:
    """Every combination of --replace on either side with what an earlier life has left in the four files."""
    for pid_file, lock_file, state, marker in LEFT:
        leave(worker, pid_file=pid_file, lock_file=lock_file, state=state, marker=marker)
        peer.events_file.unlink(missing_ok=True)
        run = peer.behind_run(*(["--replace"] if theirs else []), options=("--replace",) if ours else ())
        gateway = peer.pid_of("running")
        worker.wait_state("running")
        wait_until(lambda run=run: worker.state.get("front_pid") == run.pid, what="the state of this life")
        names_the_gateway(worker, gateway, run.pid)
        run.terminate()
        assert worker.ended(run) == (1, "running", True), (pid_file, lock_file, state, marker, worker.said())
        assert peer.words_of(gateway) == ["claimed", "running", "unmarked", "exits 1"]
        assert not peer.pid_file.exists()
        assert "front_pid" not in worker.state


def test_it_may_take_longer_to_claim_the_profile_than_to_count_as_ready(worker: Worker, peer: Peer) -> None:
    """It creates gateway.pid exclusively: nobody may have written it before."""
    run = peer.behind_run("--replace", options=("--ready-after", "1"), PEER_START_MS="600")
    worker.wait_state("running")
    gateway = peer.pid_of("running")
    names_the_gateway(worker, gateway, run.pid)
    assert run.poll() is None


def test_what_it_writes_of_itself_stays(worker: Worker, peer: Peer) -> None:
    """Its own "starting" is not overwritten because it has been silent for a moment; who stands before it is added.

    It has read the file before its front named itself there, and writes it afterwards."""
    script = ('import json,os,sys,time; p=sys.argv[1]; time.sleep(0.2); s=json.load(open(p)); s.pop("front_pid"); '
              's.update(pid=os.getpid(), gateway_state="degraded", updated_at="2026-11-20T23:45:25Z"); '
              'json.dump(s, open(p + "x", "w")); os.replace(p + "x", p); time.sleep(300)')
    file = worker.path / "gateway_state.json"
    run = worker.run("/usr/bin/python3", "-c", script, str(file), options=("--ready-after", "700"))
    worker.wait_state("degraded")
    wait_until(lambda: (worker.path / "gateway.pid").exists(), what="that it is ready")
    wait_until(lambda: worker.state.get("front_pid") == run.pid, what="who stands before it")
    assert worker.state["gateway_state"] == "degraded"
    run.terminate()
    assert worker.ended(run) == (1, "running", True)


# -- how it ends ------------------------------------------------------------------------------------------


@pytest.fixture
def running(worker: Worker, peer: Peer) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    run = peer.behind_run("--replace", PEER_DRAIN_MS="100")
    gateway = peer.pid_of("running")
    worker.wait_state("running")
    yield run, gateway


@pytest.mark.parametrize(
    ("marker", "told", "number", "expected", "word"),
    [
        (None, "front", signal.SIGTERM, (1, "running", True), "unmarked"),
        (None, "front", signal.SIGUSR1, (75, "stopped", True), "restart"),
        (None, "gateway", signal.SIGUSR1, (75, "stopped", True), "restart"),
        (["--reason", "stop"], "front", signal.SIGTERM, (0, "stopped", True), "planned"),
        (["--reason", "restart"], "front", signal.SIGTERM, (75, "stopped", True), "planned"),
        (["--kind", "takeover"], "front", signal.SIGTERM, (0, "stopped", True), "planned"),
        (["--reason", "stop"], "gateway", signal.SIGTERM, (0, "stopped", True), "planned"),
        (["--kind", "takeover"], "gateway", signal.SIGTERM, (0, "stopped", True), "planned"),
    ],
)
def test_every_end_means_the_same_to_both(worker: Worker, peer: Peer, running: tuple[subprocess.Popen[bytes], int],
                                          marker: list[str] | None, told: str, number: int, expected: tuple[int, str, bool],
                                          word: str) -> None:
    """A marker for the front is handed on to the gateway, which looks for its own pid."""
    run, gateway = running
    target = run.pid if told == "front" else gateway
    if marker is not None:
        assert worker.tool("marker", "write", "--pid", str(target), *marker).returncode == 0
    os.kill(target, number)
    assert worker.ended(run) == expected
    assert word in peer.words_of(gateway)
    assert not list(worker.path.glob(".gateway-*-stop.json")) + list(worker.path.glob(".gateway-takeover.json"))


def test_a_marker_that_is_handed_on_and_not_read_does_not_stay(worker: Worker) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    worker.mark(run)
    run.terminate()
    assert worker.ended(run) == (0, "stopped", True)
    assert not (worker.path / ".gateway-planned-stop.json").exists()


@pytest.mark.parametrize("behind", ["peer", "any program"])
def test_a_planned_stop_needs_no_signal(worker: Worker, peer: Peer, behind: str) -> None:
    run = peer.behind_run() if behind == "peer" else worker.gateway()
    worker.wait_state("running")
    worker.mark(run)
    assert worker.ended(run) == (0, "stopped", True)


def test_the_signal_that_follows_a_marker_is_waited_for(worker: Worker) -> None:
    run = worker.gateway("--drain-ms", "10")
    worker.wait_state("running")
    began = time.monotonic()
    worker.mark(run)
    assert run.wait(120) == 0
    assert time.monotonic() - began > 1


@pytest.mark.parametrize("code", [75, 78])
def test_its_own_exit_codes_are_understood(worker: Worker, peer: Peer, code: int) -> None:
    run = peer.behind_run(options=("--ready-after", "notify"), PEER_EXIT=str(code))
    assert worker.ended(run)[:2] == (code, "stopped" if code == 75 else "startup_failed")


# -- beside each other ------------------------------------------------------------------------------------


def test_a_live_gateway_of_the_other_kind_is_not_joined_by_a_second_one(worker: Worker, peer: Peer) -> None:
    other = peer.start()
    peer.pid_of("running")
    record = peer.pid_file.read_text()
    run = worker.run("sleep", "300")
    assert run.wait(120) == TRY_AGAIN
    assert f"runs already: pid {other.pid}, by gateway.lock" in worker.said()
    assert peer.pid_file.read_text() == record
    assert worker.state["pid"] == other.pid
    assert other.poll() is None


@pytest.mark.parametrize("claim", ["lock", "pid file", "state file"])
def test_it_is_known_from_its_lock_its_pid_file_and_its_state(worker: Worker, peer: Peer, claim: str) -> None:
    other = peer.start()
    peer.pid_of("running")
    if claim != "lock":
        (worker.path / "gateway.lock").unlink()
    if claim == "state file":
        peer.pid_file.unlink()
    assert worker.run("true").wait(120) == TRY_AGAIN
    known_from = {"lock": "gateway.lock", "pid file": "gateway.pid", "state file": "gateway_state.json"}[claim]
    assert f"pid {other.pid}, by {known_from}" in worker.said()


@pytest.mark.parametrize("words", ["run --replace", "the command's own"])
def test_it_is_replaced_when_that_is_asked_for(worker: Worker, peer: Peer, words: str) -> None:
    other = peer.start()
    peer.pid_of("running")
    run = peer.behind_run(*(["--replace"] if words != "run --replace" else []),
                          options=("--replace",) if words == "run --replace" else ())
    assert other.wait(120) == 0
    assert "planned" in peer.words_of(other.pid)
    wait_until(lambda: peer.pid_of("running") != other.pid, what="the one that has replaced it")
    worker.wait_state("running")
    wait_until(lambda: worker.state.get("front_pid") == run.pid, what="its state")
    assert run.poll() is None


def test_a_holder_in_another_container_is_refused_and_named_by_its_lock(worker: Worker, peer: Peer) -> None:
    """Its pid means nothing here."""
    inside = subprocess.Popen(["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--", *peer_words()],
                              env=worker.environment(**peer.environment()), stdin=subprocess.DEVNULL)
    worker.runs.append(inside)
    peer.pid_of("running")
    (worker.path / "gateway_state.json").unlink()
    for options in ((), ("--replace",)):
        assert worker.run("true", options=options).wait(120) == TRY_AGAIN
        assert "a process that is not in sight, by gateway.lock" in worker.said()
    assert inside.poll() is None


def peer_words() -> list[str]:
    from peer import RUN

    return list(RUN)


def test_the_other_kind_finds_a_gateway_behind_run_and_takes_its_place(worker: Worker, peer: Peer,
                                                                       running: tuple[subprocess.Popen[bytes], int]) -> None:
    run, gateway = running
    assert peer.command("gateway", "status") == str(gateway)
    refused = peer.start()
    assert refused.wait(120) == 1
    assert f"already running {gateway}" in peer.words_of(refused.pid)
    other = peer.start("--replace")
    assert worker_code(run) == 0
    wait_until(lambda: "running" in peer.words_of(other.pid), what="the one that has replaced it")
    assert "planned" in peer.words_of(gateway)
    assert (worker.state["pid"], worker.state["gateway_state"]) == (other.pid, "running")
    assert "front_pid" not in worker.state
    assert peer.command("gateway", "status") == str(other.pid)


def worker_code(run: subprocess.Popen[bytes]) -> int:
    return run.wait(120)


def test_its_status_may_remove_the_pid_file_and_the_holder_is_still_known(worker: Worker, peer: Peer) -> None:
    """The command line of the program behind `run` says nothing to it."""
    run = worker.gateway("--drain-ms", "50")
    worker.wait_state("running")
    assert peer.pid_file.exists()
    assert peer.command("gateway", "status") == "not running"
    assert not peer.pid_file.exists()
    assert worker.run("true").wait(120) == TRY_AGAIN
    assert f"runs already: pid {run.pid}" in worker.said()
    second = worker.gateway(options=("--replace",))
    assert run.wait(120) == 0
    wait_until(lambda: worker.holder().get("pid") == second.pid, what="the one that has replaced it")


def test_commands_of_the_other_kind_work_behind_run(worker: Worker, peer: Peer,
                                                    running: tuple[subprocess.Popen[bytes], int]) -> None:
    run, gateway = running
    peer.command("gateway", "restart")
    assert worker.ended(run) == (75, "stopped", True)
    assert is_gone(gateway)
    again = peer.behind_run("--replace")
    wait_until(lambda: peer.pid_of("running") != gateway, what="the next one")
    peer.command("gateway", "stop")
    assert worker.ended(again) == (0, "stopped", True)
    assert worker.state["desired_state"] == "stopped"


def test_the_end_of_one_that_was_replaced_writes_nothing_over_the_next_one(worker: Worker, peer: Peer,
                                                                           running: tuple[subprocess.Popen[bytes], int]) -> None:
    """The front hears of the end late: it was stopped meanwhile, perhaps before it has seen its gateway ready."""
    run, gateway = running
    os.kill(run.pid, signal.SIGSTOP)
    try:
        peer.start("--replace")
        next_one = wait_until(lambda: (pid := peer.pid_of("running")) != gateway and pid, what="the next one")
        wait_until(lambda: (worker.state["pid"], worker.state["gateway_state"]) == (next_one, "running"), what="its state")
    finally:
        os.kill(run.pid, signal.SIGCONT)
    assert run.wait(120) == 0
    assert (worker.state["pid"], worker.state["gateway_state"]) == (next_one, "running")
    assert worker.lifecycle["phase"] == "running"
    assert json.loads(peer.pid_file.read_text())["pid"] == next_one
