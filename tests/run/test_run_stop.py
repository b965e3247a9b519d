"""What a stop meets in the field: markers that come early, late and for others, families, volumes that fail."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from places import GATEWAYCTL, TEST_GATEWAY
from poll import children, is_gone, wait_until
from worker import Worker


def test_the_order_of_a_stop(worker: Worker) -> None:
    run = worker.gateway("--drain-ms", "400")
    worker.wait_state("running")
    run.terminate()
    worker.wait_event("drain-begin")
    assert (worker.path / ".clean_shutdown").read_text().splitlines()[0] == "draining"
    assert worker.state["gateway_state"] == "draining"
    assert worker.ended(run) == (1, "running", True)
    worker.run("true").wait(120)
    assert not (worker.path / ".clean_shutdown").exists()


def test_a_second_sigterm_changes_nothing(worker: Worker) -> None:
    run = worker.gateway("--drain-ms", "400")
    worker.wait_state("running")
    worker.mark(run)
    run.terminate()
    worker.wait_event("drain-begin")
    run.terminate()
    run.terminate()
    assert worker.ended(run) == (0, "stopped", True)
    assert worker.events().count("signal SIGTERM") == 1
    assert "drain-end" in worker.events()


def test_a_marker_that_arrives_while_draining_counts(worker: Worker) -> None:
    run = worker.gateway("--drain-ms", "500")
    worker.wait_state("running")
    run.terminate()
    worker.wait_event("drain-begin")
    worker.mark(run)
    assert worker.ended(run) == (0, "stopped", True)


def test_a_marker_for_the_child_counts(worker: Worker) -> None:
    run = worker.gateway("--drain-ms", "100")
    worker.wait_state("running")
    child = children(run.pid)[0]
    assert worker.tool("marker", "write", "--pid", str(child)).returncode == 0
    run.terminate()
    assert worker.ended(run) == (0, "stopped", True)


def test_a_marker_for_another_live_process_is_left_alone(worker: Worker) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    assert worker.tool("marker", "write", "--pid", str(os.getpid())).returncode == 0
    run.terminate()
    assert worker.ended(run) == (1, "running", True)
    assert (worker.path / ".gateway-planned-stop.json").exists()


def test_a_drain_that_times_out_is_no_death(worker: Worker) -> None:
    """Its supervisor hears of an exit with 1, and asks the records who wanted it."""
    run = worker.gateway("--ignore-term", options=("--drain-timeout", "0.1"))
    worker.wait_state("running")
    run.terminate()
    code, _, clean = worker.ended(run)
    assert (code, clean) == (1, False)
    assert worker.tool("after-exit", str(code)).returncode == 0
    assert not (worker.path / "state/gateway.deaths.json").exists()


@pytest.mark.parametrize("planned", [False, True])
def test_a_signal_before_the_child_exists(worker: Worker, planned: bool) -> None:
    """Held at the run lock's door by a signal that is pending already: the child is never started."""
    program = (
        "import os, signal, subprocess, sys\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
        "if sys.argv[1] == 'True': subprocess.run([sys.argv[2], 'marker', 'write', '--pid', str(os.getpid())], check=True)\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "os.execv(sys.argv[2], sys.argv[2:])\n"
    )
    words = [sys.executable, "-c", program, str(planned), GATEWAYCTL, "run", "--", TEST_GATEWAY, "--event-log", str(worker.events_file)]
    run = subprocess.Popen(words, env=worker.environment(HERMES_SUPERVISED_CHILD="1"), stdin=subprocess.DEVNULL)
    worker.runs.append(run)
    assert worker.ended(run) == ((0, "stopped", True) if planned else (1, "running", True))
    assert worker.events() == []
    assert worker.lifecycle["child_signal"] is None


def test_a_family_that_ignores_everything_is_gone_before_the_end(worker: Worker) -> None:
    run = worker.gateway("--ignore-term", "--children", "2", "--orphans", "2", "--children-ignore-term",
                         options=("--drain-timeout", "1"))
    worker.wait_state("running")
    wait_until(lambda: worker.events().count("orphan") == 2 and worker.events().count("child") == 2, what="the family")
    family = {int(line.split()[1]) for line in worker.events_file.read_text().splitlines()}
    run.terminate()
    assert worker.ended(run) == (1, "running", False)
    assert all(is_gone(pid) for pid in family)
    assert "drain timed out" in worker.state["exit_reason"]
    assert (worker.path / ".clean_shutdown").read_text().splitlines()[0] == "timed out"


def test_children_that_a_crash_leaves_behind_are_ended(worker: Worker) -> None:
    run = worker.gateway("--children", "1", "--orphans", "1", "--crash-after-ms", "300")
    assert worker.ended(run) == (128 + 9, "running", False)
    family = {int(line.split()[1]) for line in worker.events_file.read_text().splitlines()}
    assert len(family) == 3
    assert all(is_gone(pid) for pid in family)


@pytest.mark.parametrize("timeout", ["inf", "nonsense", "-1"])
def test_an_invalid_drain_timeout_is_the_default_with_a_warning(worker: Worker, timeout: str) -> None:
    run = worker.gateway("--drain-ms", "100", env={"GATEWAYCTL_DRAIN_TIMEOUT": timeout})
    worker.wait_state("running")
    run.terminate()
    assert worker.ended(run) == (1, "running", True)
    assert f"'{timeout}' is not a number of seconds" in worker.said()


MOUNTED = """
set -eu
mount -t tmpfs -o size=256k,nr_inodes=64,mode=755 volume "$2"
mkdir -p "$2/profiles/worker/state"; : >"$2/profiles/worker/SOUL.md"
[ "$1" = full ] || mount -o remount,ro "$2"
shift 2
exec "$@"
"""

FILL = """
dd if=/dev/zero of="$1/fill" bs=1k 2>/dev/null
i=0; while touch "$1/f$i" 2>/dev/null; do i=$((i+1)); done
"""


@pytest.mark.parametrize("trouble", ["full", "read-only"])
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a volume of its own")
def test_a_volume_that_fails_never_holds_up_a_shutdown(worker: Worker, tmp_path: Path, trouble: str) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    events = tmp_path / "events"
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNTED, "sh", trouble, str(volume), GATEWAYCTL,
               "run", "--ready-after", "50", "--", TEST_GATEWAY, "--event-log", str(events)]
    env = {**worker.environment(HERMES_SUPERVISED_CHILD="1"), "HERMES_HOME": str(volume)}
    with (tmp_path / "said").open("wb") as said:
        run = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stderr=said)
    worker.runs.append(run)
    wait_until(lambda: "ready" in worker.events(), what="ready")
    if trouble == "full":
        state = Path(f"/proc/{run.pid}/root{volume}/profiles/worker/gateway_state.json")
        wait_until(lambda: state.exists() and '"running"' in state.read_text(), what="running")
        subprocess.run(["nsenter", "-t", str(run.pid), "-m", "--", "sh", "-c", FILL, "sh", str(volume)], check=True)
    run.terminate()
    assert run.wait(120) == 1
    told = (tmp_path / "said").read_text()
    assert "cannot write .clean_shutdown" in told
    assert "cannot record the gateway's state" in told
    assert ("without the run lock" in told) == (trouble == "read-only")
    assert "drain-end" in worker.events()


def test_a_child_that_ends_while_it_is_looked_for_is_not_called_never_started(tmp_path: Path) -> None:
    """It ends by itself at about the moment at which its time is over: between the list of what is left and the reaping."""
    with contextlib.ExitStack() as all_of_them:
        runs = []
        for late in range(-40, 80, 8):
            home = tmp_path / f"{late}"
            home.mkdir()
            worker = all_of_them.enter_context(Worker(home))
            # The look at every process of the machine is slow, so that an end falls into it.
            slow = ("strace", "-qqq", "-o", "/dev/null", "-e", "inject=getdents64:delay_exit=30000")
            runs.append((worker, worker.gateway("--drain-ms", str(1000 + late), options=(
                "--drain-timeout", "1"), before=slow)))
        for worker, _ in runs:
            worker.wait_state("running")
        for worker, _ in runs:
            os.kill(worker.lifecycle["pid"], signal.SIGTERM)
        for worker, process in runs:
            process.wait(120)
            detail = worker.lifecycle["detail"]
            assert "never started" not in detail and "does not die" not in detail, detail
