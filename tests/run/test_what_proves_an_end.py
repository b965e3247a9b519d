"""What files prove of an end or of a parking: each speaks of one life, and the supervisor has seen for itself."""

from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from peer import Peer
from places import GATEWAYCTL
from poll import start_time, wait_until
from worker import Worker


@pytest.fixture
def strict(worker: Worker) -> Worker:
    """The first death parks."""
    (worker.home / "gatewayctl.yaml").write_text("death_budget: 1\n")
    return worker


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def exited(key: str, seconds: float, **more: Any) -> dict[str, Any]:
    return {"phase": "exited", "pid": 12, "exit_code": 1, key: ago(seconds), **more}


def is_a_death(worker: Worker, *end: str) -> bool:
    """As the supervisor tells of it."""
    worker.tool("after-exit", *end)
    return worker.volume.is_parked("worker")


def note(worker: Worker, life: dict[str, int] | None, seconds: float = 0, word: str = "drained") -> Path:
    path = worker.path / ".clean_shutdown"
    path.write_text("" if life is None else f"{word}\n" + " ".join(f"{key}={value}" for key, value in life.items()) + "\n")
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


LAST_WRITER = {"pid": 12, "start_time": 34}


@pytest.mark.parametrize(("life", "seconds", "word", "orderly"), [
    (LAST_WRITER, 0, "drained", True),
    (LAST_WRITER, 3 * 86400, "drained", False),
    (LAST_WRITER, 0, "draining", False),
    ({**LAST_WRITER, "start_time": 35}, 0, "drained", False),
    (None, 0, "drained", False),
    (None, 3 * 86400, "drained", False),
])
def test_the_note_of_a_clean_end_belongs_to_one_life(strict: Worker, life: dict[str, int] | None, seconds: float, word: str,
                                                     orderly: bool) -> None:
    """An old or empty one, and a command that dies before it takes it away, were 38 starts in 38 seconds."""
    strict.volume.profile("worker", {"gateway_state": "running", **LAST_WRITER})
    note(strict, life, seconds, word)
    assert is_a_death(strict, "1") is not orderly


def test_what_has_proved_one_end_proves_no_other(strict: Worker) -> None:
    """The life after it has died before it wrote anything."""
    strict.volume.profile("worker", {"gateway_state": "running", **LAST_WRITER})
    note(strict, LAST_WRITER)
    assert not is_a_death(strict, "1")
    assert is_a_death(strict, "1")


@pytest.mark.parametrize("key", ["ended_at", "exited_at"])
def test_both_shapes_of_the_lifecycle_record_are_read(strict: Worker, key: str) -> None:
    for _ in range(3):
        strict.volume.profile("worker", lifecycle=exited(key, 1))
        assert not is_a_death(strict, "1")
    assert is_a_death(strict, "1"), "it has told of the end before this one"


@pytest.mark.parametrize(("record", "end"), [
    (exited("exited_at", 1), ("256", "11")),
    (exited("exited_at", 1), ("3",)),
    (exited("exited_at", 1, exit_code=None), ("1",)),
    (exited("exited_at", 3 * 86400), ("1",)),
    (exited("exited_at", -3600), ("1",)),
    ({"phase": "exited", "pid": 12, "exit_code": 1}, ("1",)),
])
def test_what_the_supervisor_has_seen_beats_the_record(strict: Worker, record: dict[str, Any], end: tuple[str, ...]) -> None:
    strict.volume.profile("worker", lifecycle=record)
    assert is_a_death(strict, *end)


def test_a_failed_start_that_is_recorded_in_order_is_a_death(strict: Worker) -> None:
    strict.volume.profile("worker", {"gateway_state": "startup_failed", **LAST_WRITER}, lifecycle=exited("exited_at", 1))
    assert is_a_death(strict, "1")


def test_an_end_without_a_record_of_its_own_gets_one(worker: Worker) -> None:
    worker.tool("after-exit", "0")
    assert worker.lifecycle["phase"] == "exited"
    assert (worker.lifecycle["exit_code"], worker.lifecycle["heard"]) == (0, True)


def test_every_proof_names_its_life(strict: Worker) -> None:
    run = strict.gateway("--exit-after-ms", "5000", "--exit-code", "3")
    strict.wait_state("running")
    life = {"pid": strict.state["pid"], "start_time": strict.state["start_time"]}
    assert life["start_time"] == start_time(life["pid"])
    assert {key: strict.lifecycle[key] for key in life} == life
    assert strict.ended(run)[0] == 3
    assert is_a_death(strict, "3")
    parked = strict.volume.read(strict.path / "state/gateway.parked.json")
    assert {key: parked["life"][key] for key in life} == life
    assert parked["life"]["boot_id"] == strict.lifecycle["boot_id"]


# -- how long a parking holds ----------------------------------------------------------------------------------


def reason(worker: Worker) -> str:
    done = worker.tool("--scandir", str(worker.home / "scan"), "--json", "plan")
    return next(one["reason"] for one in json.loads(done.stdout)["profiles"] if one["profile"] == "worker")


def boot(worker: Worker) -> None:
    worker.tool("--scandir", str(worker.home / "scan"), "reconcile")


def test_a_life_that_was_good_under_the_other_kind_ends_a_parking(worker: Worker) -> None:
    peer = Peer(worker)
    failed = peer.behind_run(PEER_EXIT="78")
    assert worker.ended(failed)[0] == 78
    worker.volume.profile("worker", intent={"desired_state": "running", "generation": 1})
    assert is_a_death(worker, "78")
    assert reason(worker) == "parked"
    other = peer.start()
    peer.pid_of("running")
    assert reason(worker) == "intent"
    peer.command("gateway", "stop")
    assert other.wait(120) == 0
    peer.command("gateway", "start")
    assert reason(worker) == "intent"
    boot(worker)
    assert not worker.volume.is_parked("worker")


def test_an_intent_of_another_tool_ends_a_parking(worker: Worker) -> None:
    worker.volume.profile("worker", {"gateway_state": "startup_failed", "desired_state": "running"})
    assert is_a_death(worker, "78")
    assert reason(worker) == "parked"
    worker.volume.profile("worker", intent={"desired_state": "stopped", "generation": 1})
    wait_until(lambda: Peer(worker).command("gateway", "start") == "", what="the command of the other kind")
    assert reason(worker) == "intent"


def test_a_failed_start_under_the_other_kind_ends_none(worker: Worker) -> None:
    assert is_a_death(worker, "78")
    assert Peer(worker).start(PEER_EXIT="78").wait(120) == 78
    assert reason(worker) == "parked"


def test_a_life_that_becomes_ready_forgets_the_parking(worker: Worker) -> None:
    assert is_a_death(worker, "78")
    run = worker.gateway()
    wait_until(lambda: not worker.volume.is_parked("worker"), what="that it is forgotten")
    run.terminate()
    assert worker.ended(run) == (1, "running", True)


def test_what_ends_the_life_confirms_the_intent(worker: Worker) -> None:
    """Nobody has waited for the end, and the gateway has written its old copy back until then."""
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    worker.volume.profile("worker", intent={"desired_state": "stopped", "generation": 2})
    worker.volume.write(worker.path / ".gateway-planned-end.json", {
        "pid": os.getpid(), "start_time": 7, "boot_id": boot_id, "wanted": "stopped", "generation": 2})
    worker.volume.profile("worker", {"gateway_state": "stopped", "desired_state": "running"})
    assert worker.tool("after-exit", "0").returncode == 0
    assert worker.state["desired_state"] == "stopped"
    assert worker.state["desired_generation"] == worker.volume.intent("worker")["generation"] == 3


BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@pytest.mark.parametrize(("boot_id", "readable", "planned"), [
    (BOOT_ID.read_text().strip(), True, True),
    (BOOT_ID.read_text().strip(), False, True),
    ("of another boot", True, False),
])
def test_a_planned_end_is_of_one_boot_where_that_can_be_told(strict: Worker, boot_id: str, readable: bool,
                                                             planned: bool) -> None:
    gone = subprocess.Popen(["true"])
    life = {"pid": gone.pid, "start_time": start_time(gone.pid), "boot_id": boot_id}
    gone.wait()
    (strict.path / ".gateway-planned-end.json").write_text(json.dumps(life))
    blind = ["strace", "-qqq", "-o", "/dev/null", "-P", str(BOOT_ID), "-e", "inject=read:error=EIO"]
    words = [*([] if readable else blind), str(GATEWAYCTL), "after-exit", "1"]
    subprocess.run(words, env=strict.environment(), capture_output=True, timeout=120)
    assert strict.volume.is_parked("worker") is not planned
