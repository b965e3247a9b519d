"""Readiness: whom it is told to, and when."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from poll import wait_until
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


@pytest.mark.parametrize("supervised", [True, False], ids=["supervised", "by hand"])
@pytest.mark.parametrize("way", [("--ready-fd", "3"), ("--ready-notify-socket",)], ids=["newline", "NOTIFY_SOCKET"])
def test_a_command_that_is_waited_for_can_always_say_that_it_is_ready(worker: Worker, way: tuple[str, ...], supervised: bool) -> None:
    """Also below systemd, in a slot whose command is a script that becomes `run`, and by hand."""
    run = worker.gateway(*way, "--ready-after-ms", "100", options=("--ready-after", "notify"), supervised=supervised)
    worker.wait_event("ready")
    worker.wait_state("running")
    run.terminate()
    worker.ended(run)


def test_a_descriptor_that_is_handed_through_stays_what_it_is(worker: Worker, tmp_path: Path) -> None:
    """Such as a socket of systemd's socket activation."""
    with (tmp_path / "given").open("w") as given:
        run = worker.run("sh", "-c", "echo through >&3; exec sleep infinity", options=("--ready-after", "notify"),
                         preexec_fn=lambda: os.dup2(given.fileno(), 3), pass_fds=(3,))
    wait_until(lambda: (tmp_path / "given").read_text() == "through\n", 20, what="what was given is written to")
    run.terminate()
    worker.ended(run)
    assert "descriptor 3 is something else already" in (worker.home / "stderr").read_text()


def test_a_command_by_hand_finds_its_descriptors_and_variables_as_they_are(worker: Worker) -> None:
    run = worker.run("sh", "-c", "test ! -e /proc/self/fd/3 && test -z \"${NOTIFY_SOCKET+set}\"", supervised=False)
    assert run.wait(60) == 0
