"""Readiness: whom it is told to, and when."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from worker import Worker


def test_readiness_goes_through_to_s6(worker: Worker) -> None:
    reader, writer = os.pipe()
    run = worker.gateway("--ready-fd", "5", "--ready-after-ms", "200",
                         options=("--notification-fd", "5", "--ready-after", "notify"),
                         preexec_fn=lambda: os.dup2(writer, 5), pass_fds=(5,))
    os.close(writer)
    assert os.read(reader, 10) == b"\n"
    assert os.read(reader, 10) == b""  # closed after it
    os.close(reader)
    worker.wait_event("ready")
    worker.wait_state("running")
    run.terminate()
    worker.ended(run)


def test_readiness_goes_through_to_systemd(worker: Worker, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        run = worker.gateway("--ready-notify-socket", "--ready-after-ms", "100", options=("--ready-after", "notify"),
                             env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert systemd.recv(4096).decode() == f"READY=1\nMAINPID={run.pid}\n"
        worker.wait_state("running")
        run.terminate()
        assert systemd.recv(4096).decode() == "STOPPING=1\n"
        worker.ended(run)


def test_a_silent_gateway_that_must_speak_is_never_ready(worker: Worker) -> None:
    run = worker.gateway("--never-ready", "--exit-after-ms", "400", "--exit-code", "3", options=("--ready-after", "notify"))
    assert worker.ended(run) == (3, "startup_failed", False)
