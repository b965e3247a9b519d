"""What is said of a line that cannot be meant, and while something takes long."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios

import pytest
from s6_tree import S6Tree

SLIPS = [
    (["statsu"], "there is no verb 'statsu', did you mean 'status'?", "gatewayctl --help"),
    (["marker", "wirte"], "there is no verb 'marker wirte', did you mean 'write'?", "gatewayctl marker --help"),
    (["stop", "--forc"], "there is no option '--forc', did you mean '--force'?", "gatewayctl stop --help"),
    (["status", "--jsno"], "there is no option '--jsno', did you mean '--json'?", "gatewayctl status --help"),
    (["stop", "--timeout", "soon"], "--timeout: 'soon' is no number", "gatewayctl stop --help"),
    (["stop", "--timeout"], "--timeout needs a value", "gatewayctl stop --help"),
    (["logs", "-n", "1.5"], "--lines: '1.5' is no", "gatewayctl logs --help"),
    (["wait", "a", "--for", "redy"], "--for: 'redy' is none of up, ready, down, did you mean 'ready'?", "gatewayctl wait --help"),
    (["explain", "a", "b"], "'b' is one word too many", "gatewayctl explain --help"),
    (["stop", "a", "--all"], "cannot be given together", "gatewayctl stop --help"),
    (["marker"], "'marker': a verb is missing: write, ", "gatewayctl marker --help"),
    (["register"], "NAME is missing", "gatewayctl register --help"),
    ([], "a verb is missing", "gatewayctl --help"),
]


@pytest.mark.parametrize(("words", "message", "next_command"), SLIPS, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_slip_is_told_in_plain_words_with_what_was_meant(user_tree: S6Tree, words: list[str], message: str, next_command: str) -> None:
    done = user_tree.ctl(*words)
    assert done.returncode == 64 and done.stdout == ""
    assert message in done.stderr and f"next: {next_command}" in done.stderr, done.stderr
    assert not re.search(r"subcommand|argument|excludes|Could not convert|ValidationError|required", done.stderr)


@pytest.mark.parametrize("words", [["statsu"], ["stop", "--forc"], ["status", "No Name"], ["logs", "--since", "x"]], ids=" ".join)
def test_a_usage_error_is_json_where_json_is_asked_for(user_tree: S6Tree, words: list[str]) -> None:
    for line in (["--json", *words], [*words, "--json"]):
        done = user_tree.ctl(*line)
        assert done.returncode == 64
        answer = json.loads(done.stdout)
        assert (answer["version"], answer["exit_status"]) == (1, 64)
        assert answer["error"] in done.stderr


def test_a_mistyped_profile_is_told_which_was_meant(user_tree: S6Tree) -> None:
    user_tree.profile("coder")
    assert "did you mean 'coder'?" in user_tree.ctl("start", "codre").stderr
    assert "did you mean 'coder'?" in user_tree.ctl("explain", "codre").stderr
    assert "did you mean 'coder'?" in user_tree.ctl("logs", "--previous", "codre").stderr + user_tree.ctl("history", "codre").stderr


# -- long work ------------------------------------------------------------------------------------------------------


def stop_on_terminal(tree: S6Tree, *words: str) -> tuple[str, str]:
    """stdout, and what the terminal behind stderr has got."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(tree.argv(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=its, text=True, cwd="/") as stop:
        os.close(its)
        read = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                break
            if not more:
                break
            read += more
        assert stop.stdout
        said = stop.stdout.read()
    os.close(ours)
    return said, read.decode()


def test_long_work_shows_each_with_seconds_and_limit_and_leaves_only_the_result(user_tree: S6Tree) -> None:
    for name, drain in (("quick", 0), ("slow", 2500)):
        user_tree.profile(name, f"--drain-ms {drain}")
        user_tree.ctl("start", name, check=True)
    said, terminal = stop_on_terminal(user_tree, "stop", "quick", "slow")
    assert said == "stopped quick\nstopped slow\n2 stopped, 0 failed\n"
    painted = terminal.replace("\x1b[K", "")
    assert "stop: 1 of 2 done\r\n  slow   1 of 100 s\r\n  quick  done\r\n" in painted
    assert "\x1b[3A\r\x1b[K" in terminal, "it is painted over, and not empty for a moment"
    assert terminal.endswith("\x1b[3A\r\x1b[J"), "it is taken away at the end"


def test_all_is_in_the_order_in_which_people_look_for_names(user_tree: S6Tree) -> None:
    for name in ("w10", "w2", "a"):
        user_tree.profile(name)
        user_tree.ctl("start", name, check=True)
    said = user_tree.ctl("stop", "--all", check=True).stdout.splitlines()
    assert [line for line in said if not line.endswith("default")] == ["stopped a", "stopped w2", "stopped w10", said[-1]]


def test_a_file_that_cannot_be_written_is_told_with_what_helps(user_tree: S6Tree) -> None:
    missing = user_tree.home / "no/such"
    refused = user_tree.ctl("metrics", "--file", str(missing / "gateways.prom"))
    assert refused.returncode == 1 and f"next: mkdir -p {missing}" in refused.stderr
    closed = user_tree.ctl("metrics", "--file", "/proc/gateways.prom")
    assert closed.returncode == 1 and "next: name a file in a directory that this user may write to" in closed.stderr


def test_a_log_of_nobody_is_told_as_that(user_tree: S6Tree) -> None:
    user_tree.profile("worker")
    refused = user_tree.ctl("logs", "wroker")
    assert refused.returncode == 1 and "did you mean 'worker'?" in refused.stderr and "next: gatewayctl list" in refused.stderr


def test_nothing_of_it_where_nobody_looks(user_tree: S6Tree) -> None:
    user_tree.profile("slow", "--drain-ms 1500")
    user_tree.ctl("start", "slow", check=True)
    assert user_tree.ctl("stop", "slow", check=True).stderr == ""
