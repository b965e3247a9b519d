"""How a life ends and what is recorded of it: every row of the verdict table."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from places import GATEWAYCTL, TEST_GATEWAY
from worker import Worker


def test_an_unmarked_sigterm_stays_running_and_is_no_success(worker: Worker) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    run.terminate()
    assert worker.ended(run) == (1, "running", True)
    assert worker.lifecycle["cause"] == "unmarked-signal"
    assert (worker.path / ".clean_shutdown").read_text().splitlines()[0] == "drained"


def test_a_marker_makes_it_a_planned_stop(worker: Worker) -> None:
    run = worker.gateway("--exit-code", "7")
    worker.wait_state("running")
    worker.mark(run)
    run.terminate()
    assert worker.ended(run) == (0, "stopped", True)
    assert "gatewayctl marker write" in worker.state["exit_reason"]
    assert not (worker.path / ".gateway-planned-stop.json").exists()


def test_a_takeover_marker_ends_it_with_success(worker: Worker) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    worker.mark(run, "--kind", "takeover")
    run.terminate()
    assert worker.ended(run) == (0, "stopped", True)


def test_a_marker_with_the_reason_restart_is_a_restart(worker: Worker) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    worker.mark(run, "--reason", "restart")
    run.terminate()
    assert worker.ended(run) == (75, "stopped", True)
    assert worker.state["restart_requested"] is True


def test_sigusr1_asks_for_a_restart(worker: Worker) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    assert worker.ended(run) == (75, "stopped", True)
    assert "signal SIGUSR1" in worker.events()


def test_a_restart_request_drains_a_program_that_does_not_know_sigusr1(worker: Worker) -> None:
    script = f'trap "echo drained >>{worker.events_file}; exit 0" TERM; while :; do sleep 0.05; done'
    run = worker.run("bash", "-c", script)
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    assert worker.ended(run) == (75, "stopped", True)
    assert worker.events_file.read_text().splitlines()[0] == "drained"


def test_a_sigterm_while_a_restart_is_asked_for_keeps_the_restart(worker: Worker) -> None:
    run = worker.gateway("--drain-ms", "300")
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    worker.wait_event("drain-begin")
    run.terminate()
    assert worker.ended(run) == (75, "stopped", True)


def test_the_gateway_asks_for_a_restart_in_its_state_file(worker: Worker) -> None:
    ask = 'import json,sys; p=sys.argv[1]; s=json.load(open(p)); s["restart_requested"]=True; json.dump(s,open(p,"w"))'
    file = worker.path / "gateway_state.json"
    wait = f'until grep -q \'"running"\' {file}; do sleep 0.01; done; '
    run = worker.run("sh", "-c", wait + f"{sys.executable} -c '{ask}' {file}; exit 3")
    assert worker.ended(run) == (75, "stopped", True)


def test_a_restart_request_of_an_earlier_life_does_not_count(worker: Worker) -> None:
    (worker.path / "gateway_state.json").write_text('{"gateway_state":"stopped","restart_requested":true,"zz":1}')
    run = worker.gateway("--exit-after-ms", "0")
    assert worker.ended(run) == (0, "stopped", True)
    assert worker.state["restart_requested"] is False
    assert worker.state["zz"] == 1


@pytest.mark.parametrize(
    ("flags", "ready", "expected"),
    [
        (("--exit-after-ms", "0"), False, (0, "stopped", True)),
        (("--ask-restart-after-ms", "0"), False, (75, "stopped", True)),
        (("--exit-after-ms", "0", "--exit-code", "78"), False, (78, "startup_failed", False)),
        (("--exit-after-ms", "0", "--exit-code", "3"), False, (3, "startup_failed", False)),
        (("--crash-after-ms", "0"), False, (128 + 9, "startup_failed", False)),
        (("--exit-after-ms", "400", "--exit-code", "3"), True, (3, "running", False)),
        (("--crash-after-ms", "400", "--crash-signal", "11"), True, (128 + 11, "running", False)),
    ],
)
def test_the_childs_own_end(worker: Worker, flags: tuple[str, ...], ready: bool, expected: tuple[int, str, bool]) -> None:
    run = worker.gateway(*flags, options=() if ready else ("--ready-after", "notify"))
    assert worker.ended(run) == expected


@pytest.mark.parametrize(("command", "code"), [("/nonexistent/gateway", 127), ("/etc/passwd", 126)])
def test_a_command_that_cannot_be_executed(worker: Worker, command: str, code: int) -> None:
    assert worker.ended(worker.run(command)) == (code, "startup_failed", False)


def test_ctrl_c_on_a_terminal_is_planned_and_reaches_the_command_once(worker: Worker) -> None:
    pid, terminal = os.forkpty()
    if pid == 0:
        os.execve(GATEWAYCTL, [GATEWAYCTL, "run", "--ready-after", "50", "--", TEST_GATEWAY, "--event-log", str(worker.events_file)],
                  worker.environment(HERMES_SUPERVISED_CHILD="1"))
    worker.wait_state("running")
    os.write(terminal, b"\x03")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert worker.state["gateway_state"] == "stopped"
    assert worker.lifecycle["cause"] == "terminal-interrupt"
    assert worker.events().count("signal SIGINT") == 1


def test_a_sigint_that_a_process_sends_is_not_planned(worker: Worker) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    run.send_signal(signal.SIGINT)
    assert worker.ended(run) == (1, "running", True)
