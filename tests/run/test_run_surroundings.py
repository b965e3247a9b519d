"""What the command sees of the world, and what it leaves in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from control_group import ControlGroup
from places import GATEWAYCTL
from poll import children, handles, wait_until
from worker import Worker


def test_the_commands_surroundings_are_untouched(worker: Worker, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    probe = ("import json, os, signal, sys\n"
             "status = dict(l.split(':', 1) for l in open('/proc/self/status'))\n"
             "json.dump({'env': dict(os.environ), 'cwd': os.getcwd(), 'umask': status['Umask'].strip(),"
             " 'blocked': status['SigBlk'].strip(), 'ignored': int(status['SigIgn'], 16) & (1 << 0 | 1 << 16),"
             " 'argv': sys.argv[1:], 'fds': sorted(int(f) for f in os.listdir('/proc/self/fd')), 'group': os.getpgrp()},"
             f" open({str(shown)!r}, 'w'))\n")
    words = ["[a,b]", "-p", "--", "--json", "", "two words"]

    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
        os.umask(0o027)

    env = worker.environment(ODD="a\nb", EMPTY="")
    run = subprocess.Popen([GATEWAYCTL, "run", "--", sys.executable, "-c", probe, *words], env=env, cwd="/usr",
                           preexec_fn=ignore, stdin=subprocess.DEVNULL, start_new_session=True)
    assert run.wait(120) == 0
    seen = json.loads(shown.read_text())
    assert seen["argv"] == words
    assert seen["cwd"] == "/usr"
    assert seen["umask"] == "0027"
    assert seen["blocked"] == f"{1 << (signal.SIGUSR2 - 1):016x}"
    assert seen["ignored"] == (1 << 0 | 1 << 16)
    assert {k: v for k, v in seen["env"].items() if k != "LC_CTYPE"} == env
    assert seen["fds"][:3] == [0, 1, 2]
    *_, share = seen["fds"]
    assert share >= 10  # in the volume; no script or program counts on such a number
    assert len(seen["fds"]) == 5  # the listing itself
    assert seen["group"] == run.pid


def test_orphans_are_reaped(worker: Worker) -> None:
    run = worker.run("sh", "-c", "for i in 1 2 3; do (true &); done; exec sleep 300")
    worker.wait_state("running")
    wait_until(lambda: len(children(run.pid)) == 1, what="the end of the orphans")
    run.terminate()
    assert worker.ended(run) == (1, "running", True)


def test_hangup_and_usr2_are_the_commands_own(worker: Worker) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    run.send_signal(signal.SIGHUP)
    run.send_signal(signal.SIGUSR2)
    worker.wait_event("signal SIGHUP")
    worker.wait_event("signal SIGUSR2")
    assert worker.state["gateway_state"] == "running"
    run.terminate()
    assert worker.ended(run) == (1, "running", True)


def test_desired_state_is_never_touched(worker: Worker) -> None:
    (worker.path / "gateway_state.json").write_text('{"desired_state":"stopped","desired_generation":4}')
    run = worker.gateway()
    worker.wait_state("running")
    run.terminate()
    worker.ended(run)
    assert (worker.state["desired_state"], worker.state["desired_generation"]) == ("stopped", 4)


@pytest.mark.serial
def test_an_oom_kill_leaves_a_trace(worker: Worker) -> None:
    hungry = "import signal; signal.signal(signal.SIGUSR2, lambda *_: b'x' * (256 << 20))\nwhile True: signal.pause()"
    with ControlGroup("memory", 64 << 20) as group:
        run = worker.run(sys.executable, "-c", hungry, preexec_fn=group.join)
        worker.wait_state("running")
        wait_until(lambda: handles(children(run.pid)[0], signal.SIGUSR2), what="the handler")
        run.send_signal(signal.SIGUSR2)
        assert worker.ended(run) == (137, "running", False)
    assert worker.state["exit_reason"] == "crashed: SIGKILL, the kernel killed 1 time(s) for lack of memory"
    assert worker.lifecycle["oom_kills"] == 1
