"""Restarts in place, the record of a life, and the verbs for markers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

from places import GATEWAYCTL
from poll import children, wait_until
from worker import Worker


def test_without_a_supervisor_a_restart_happens_in_place(worker: Worker) -> None:
    run = worker.gateway(supervised=False)
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    wait_until(lambda: worker.events().count("start") == 2, what="the second start")
    worker.wait_state("running")
    assert run.poll() is None
    run.terminate()
    assert worker.ended(run) == (1, "running", True)


def test_without_a_supervisor_a_bare_sigterm_ends_even_a_restart(worker: Worker) -> None:
    run = worker.gateway("--drain-ms", "300", supervised=False)
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    worker.wait_event("drain-begin")
    run.terminate()
    assert worker.ended(run) == (75, "stopped", True)


def test_a_life_that_is_killed_reads_unclean_afterwards(worker: Worker) -> None:
    run = worker.gateway("--drain-ms", "600000")
    worker.wait_state("running")
    child = children(run.pid)[0]
    run.terminate()
    worker.wait_event("drain-begin")
    run.kill()
    run.wait()
    os.kill(child, signal.SIGKILL)
    assert worker.lifecycle["phase"] == "running"
    next_life = worker.run("true")
    assert next_life.wait(120) == 0
    assert (worker.lifecycle["prior_exit"], worker.lifecycle["prior_detail"]) == ("unclean", "killed while draining")


def test_the_record_of_a_life_tells_boot_and_signal(worker: Worker) -> None:
    """#95275: a machine that went down is told from a process that was killed."""
    run = worker.gateway()
    worker.wait_state("running")
    assert worker.lifecycle["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    child = children(run.pid)[0]
    run.kill()
    run.wait()
    os.kill(child, signal.SIGKILL)
    assert worker.tool("after-exit", "256", "9").returncode == 0  # as the slot's finish
    record = worker.lifecycle
    assert (record["phase"], record["exit_code"], record["signal"], record["clean"]) == ("exited", None, 9, False)


def test_marker_verbs_answer_by_exit_code(worker: Worker) -> None:
    assert worker.tool("marker", "consume").returncode == 1
    assert worker.tool("marker", "show").returncode == 1
    assert worker.tool("marker", "write", "--pid", str(os.getpid())).returncode == 0
    shown = worker.tool("marker", "show", "--json")
    assert json.loads(shown.stdout)["verdict"] == "names-me"  # the parent: this very process
    assert json.loads(worker.tool("marker", "consume", "--json").stdout)["consumed"] is True
    assert worker.tool("marker", "consume").returncode == 1
    assert worker.tool("marker", "write", "--pid", str(os.getpid())).returncode == 0
    elsewhere = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", GATEWAYCTL, "marker", "consume"],
                               env=worker.environment(), capture_output=True, text=True)
    assert elsewhere.returncode == 64  # as under `docker exec`: the caller has no pid here
    assert "--pid" in elsewhere.stderr
    assert worker.tool("marker", "show", "--pid", str(2**22)).stdout.startswith("names-other: ")
    assert worker.tool("marker", "clear").returncode == 0
    assert worker.tool("marker", "clear").returncode == 0
    (worker.path / ".gateway-planned-stop.json").mkdir()
    assert worker.tool("marker", "consume").returncode == 2


def test_run_needs_a_command_and_a_profile(worker: Worker) -> None:
    assert worker.tool("run").returncode == 64
    assert worker.tool("-p", "nobody", "run", "--", "true").returncode == 1


def test_killed_while_starting_it_is_what_it_was_before(worker: Worker) -> None:
    """`starting` alone would keep a gateway down at every later boot that has no intent to ask."""
    worker.volume.write(worker.path / "gateway_state.json", {"gateway_state": "running"})
    run = worker.run("sleep", "1000", options=("--ready-after", "notify"))
    worker.wait_state("starting")
    run.kill()
    run.wait()
    assert worker.state["last_steady_state"] == "running"
    again = worker.gateway()
    worker.wait_state("running")
    assert "last_steady_state" not in worker.state
    again.terminate()
    worker.ended(again)
