"""A gateway never hangs in a write to its log, whatever becomes of the log's volume."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import GATEWAYCTL
from poll import children, is_gone, wait_until

LINE = b"x" * 99 + b"\n"
FAR_BEYOND_EVERY_BUFFER = 50_000
LOST = re.compile(r"gatewayctl: (\d+) line\(s\) are lost here: the log could not be written")
# What the relay keeps, apart from what a pipe does.
BACKLOG = 1_000_000


class Relay:
    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.out = scratch / "out"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *logger: str, home: Path | None = None) -> subprocess.Popen[bytes]:
        return self._start("--", *logger, home=home)

    def start_slots(self, directory: Path) -> subprocess.Popen[bytes]:
        """With the loggers that a slot has."""
        return self._start("--directory", str(directory))

    def _start(self, *words: str, home: Path | None = None) -> subprocess.Popen[bytes]:
        environment = {"PATH": "/usr/bin:/bin"} | ({"HERMES_HOME": str(home)} if home else {})
        self.process = subprocess.Popen([GATEWAYCTL, "log-relay", *words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        env=environment, bufsize=0)
        return self.process

    def write(self, text: bytes) -> None:
        """As a gateway does, which hangs where nobody reads."""
        assert self.process and self.process.stdin
        while text:
            text = text[self.process.stdin.write(text):]

    def end(self) -> int:
        assert self.process and self.process.stdin
        self.process.stdin.close()
        return self.process.wait(120)

    def lines(self) -> list[str]:
        return self.out.read_text().splitlines()


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    made = Relay(tmp_path)
    yield made
    if made.process:
        made.process.kill()
        made.process.wait()


def test_every_line_reaches_the_logger(relay: Relay) -> None:
    relay.start("sh", "-c", f"exec cat >{shlex.quote(str(relay.out))}")
    relay.write(b"".join(b"line %d\n" % i for i in range(5000)) + b"without an end")
    assert relay.end() == 0
    assert relay.lines() == [*(f"line {i}" for i in range(5000)), "without an end"]


def test_a_logger_that_does_not_read_holds_up_neither_the_gateway_nor_its_end(relay: Relay) -> None:
    relay.start("sleep", "1000")
    logger = wait_until(lambda: children(relay.process.pid), what="the logger")[0]  # type: ignore[union-attr]
    relay.write(LINE * FAR_BEYOND_EVERY_BUFFER)
    assert relay.end() == 0
    wait_until(lambda: is_gone(logger), what="the end of the logger")


def test_lines_without_room_are_lost_and_counted(relay: Relay) -> None:
    go = relay.scratch / "go"
    os.mkfifo(go)
    relay.start("sh", "-c", f"read word <{shlex.quote(str(go))}; exec cat >{shlex.quote(str(relay.out))}")
    relay.write(LINE * FAR_BEYOND_EVERY_BUFFER)
    go.write_text("go\n")
    wait_until(lambda: relay.out.exists() and relay.out.stat().st_size >= BACKLOG, what="all that waited")
    relay.write(b"after\n")
    assert relay.end() == 0
    lines = relay.lines()
    assert lines[-1] == "after"
    # Lines that the relay had not read yet when there was room again follow the notice.
    notices = [notice for line in lines if (notice := LOST.fullmatch(line))]
    assert notices
    rest = [line for line in lines[:-1] if not LOST.fullmatch(line)]
    whole = [line for line in rest if line == "x" * 99]
    assert len(whole) + sum(int(notice[1]) for notice in notices) == FAR_BEYOND_EVERY_BUFFER
    assert len(rest) - len(whole) <= len(notices), "one line before each may have been cut"


def test_no_signal_ends_it_before_its_input_does(relay: Relay) -> None:
    run = relay.start("sh", "-c", f"trap '' TERM HUP; exec cat >{shlex.quote(str(relay.out))}")
    wait_until(lambda: children(run.pid), what="the logger")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
        run.send_signal(number)
    relay.write(b"the last line\n")
    assert relay.end() == 0
    assert relay.lines() == ["the last line"]


def test_a_logger_that_dies_is_started_again(relay: Relay) -> None:
    run = relay.start("sh", "-c", f"exec cat >>{shlex.quote(str(relay.out))}")
    first = wait_until(lambda: children(run.pid), what="the logger")[0]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: (now := children(run.pid)) and now[0] != first, what="another one")
    relay.write(b"to the second\n")
    assert relay.end() == 0
    assert relay.lines() == ["to the second"]


def test_what_a_logger_has_not_read_when_it_ends_goes_to_the_next_one(relay: Relay) -> None:
    """As an s6-log that cannot lock or set modes: it ends before it reads."""
    second = relay.scratch / "second"
    relay.start("sh", "-c", f"[ -e {second} ] && exec cat >>{relay.out}; : >{second}; exec sleep 0.2")
    relay.write(b"one\ntwo\n")
    wait_until(lambda: relay.out.exists() and relay.lines() == ["one", "two"], what="both lines")
    assert relay.end() == 0


def test_in_a_fleet_a_logger_without_work_leaves_its_directory_to_others(relay: Relay) -> None:
    (relay.scratch / "gatewayctl.yaml").write_text(json.dumps({"fleet": {"endpoints": ["http://127.0.0.1:1"]}}))
    run = relay.start("sh", "-c", f"exec cat >>{shlex.quote(str(relay.out))}", home=relay.scratch)
    for count in (1, 2):
        relay.write(b"line %d\n" % count)
        wait_until(lambda count=count: relay.out.exists() and relay.lines()[-1:] == [f"line {count}"], what="the line")
        wait_until(lambda: not children(run.pid), what="the logger to rest")
    relay.write(b"the last line\n")
    assert relay.end() == 0
    assert relay.lines() == ["line 1", "line 2", "the last line"]


def test_a_log_that_somebody_else_held_is_kept_as_soon_as_it_is_free(relay: Relay) -> None:
    """That of a member which was lost with its locks, on a network volume. Meanwhile its lines go to the container's log."""
    log = relay.scratch / "log"
    log.mkdir()
    with (log / "lock").open("w") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        fcntl.flock(held, fcntl.LOCK_EX)
        run = relay.start_slots(log)
        relay.write(b"while it is held\n")

        def logger() -> bytes:
            return b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children(run.pid))

        wait_until(lambda: b"s6-log" in (words := logger()) and str(log).encode() not in words, 40, what="the copy alone")
    relay.write(b"between\n")
    wait_until(lambda: str(log).encode() in logger(), 60, what="the logger to be tried again")
    relay.write(b"afterwards\n")
    wait_until(lambda: "afterwards" in (log / "current").read_text(), what="the line")
    assert relay.end() == 0
