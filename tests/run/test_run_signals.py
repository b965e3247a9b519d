"""Nothing but SIGKILL ends `gatewayctl run` without its records."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from places import GATEWAYCTL, TEST_GATEWAY
from poll import children, process_state, wait_until
from worker import Worker

# What stops a process and ends nothing, besides the one signal that nobody can catch.
LEFT_TO_THE_KERNEL = {signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
STOPS = [signal.SIGPWR, signal.SIGRTMIN + 3, signal.SIGRTMIN + 4, signal.SIGRTMIN + 5]


@pytest.mark.long
@pytest.mark.parametrize("share", range(4))
def test_every_other_signal_leaves_the_records_of_an_end(worker: Worker, share: int) -> None:
    """To a command that knows none of them: what is passed on may end it, and that is recorded, too."""
    for number in sorted({*range(1, 65)} - LEFT_TO_THE_KERNEL)[share::4]:
        # A job in the background of a shell ignores some of them.
        run = worker.run("sleep", "1000", before=("env", "--default-signal"))
        wait_until(lambda run=run: (seen := worker.lifecycle).get("front_pid") == run.pid and seen["phase"] == "running", what="its life")
        os.kill(run.pid, number)
        run.terminate()
        code, _, _ = worker.ended(run)
        assert code >= 0, f"signal {number} has ended run itself"


@pytest.mark.parametrize("number", STOPS)
def test_what_is_sent_to_an_init_is_a_stop(worker: Worker, number: int) -> None:
    run = worker.gateway("--drain-ms", "50")
    worker.wait_state("running")
    os.kill(run.pid, number)
    assert worker.ended(run) == (1, "running", True)
    assert worker.events()[-3:] == ["drain-begin", "drain-end", "exit 0"]


@pytest.mark.parametrize("number", [*STOPS, signal.SIGTERM, signal.SIGINT])
def test_as_the_init_of_a_container_it_stops(worker: Worker, number: int) -> None:
    words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", str(GATEWAYCTL), "run", "--ready-after", "50", "--",
             str(TEST_GATEWAY), "--event-log", str(worker.events_file)]
    with subprocess.Popen(words, env=worker.environment(), stdin=subprocess.DEVNULL) as outside:
        worker.wait_state("running")
        worker.wait_event("ready")
        os.kill(children(outside.pid)[0], number)
        assert outside.wait(120) == 1
    assert worker.lifecycle["cause"] == "unmarked-signal"


@pytest.mark.parametrize("drain", ["5", "0.2"])
def test_a_broken_pipe_ends_nothing(worker: Worker, drain: str) -> None:
    """Its reader has gone before it (tee on Ctrl-C, a log shipper); what it says of a drain that times out is lost."""
    reader, writer = os.pipe()
    flags = ["--drain-ms", "100"] if drain == "5" else ["--ignore-term"]
    words = [str(GATEWAYCTL), "run", "--ready-after", "50", "--drain-timeout", drain, "--", str(TEST_GATEWAY), "--event-log",
             str(worker.events_file), *flags]
    run = subprocess.Popen(words, env=worker.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writer)
    worker.runs.append(run)
    os.close(writer)
    worker.wait_state("running")
    worker.wait_event("ready")
    os.close(reader)
    run.terminate()
    assert worker.ended(run) == (1, "running", drain == "5")


@pytest.mark.parametrize("when", ["before", "while it drains"])
def test_a_stopped_command_is_continued_when_it_must_end(worker: Worker, when: str) -> None:
    run = worker.gateway("--drain-ms", "300", options=("--drain-timeout", "60"))
    worker.wait_state("running")
    worker.wait_event("ready")
    child = children(run.pid)[0]
    if when != "before":
        run.terminate()
        worker.wait_event("drain-begin")
    os.kill(child, signal.SIGSTOP)
    wait_until(lambda: process_state(child) != "T" if when != "before" else process_state(child) == "T", what="the stop")
    run.terminate()
    assert worker.ended(run) == (1, "running", True)
    assert "drain-end" in worker.events()
