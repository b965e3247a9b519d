"""Every tool of s6 failing, missing, hanging and answering nonsense: always an error with a way out."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from poll import is_gone, wait_until
from s6_tree import S6Tree

TIMED_OUT = 75
CODES = [100, 102, 111, 99]  # of both generations of s6

# Which tool each verb cannot do without; %s is the profile.
NEEDS = [
    ("stop", "s6-svstat"),
    ("stop", "s6-svc"),
    ("start", "s6-svc"),
    ("restart", "s6-svstat"),
    ("restart", "s6-svc"),
    ("unregister", "s6-svc"),
    ("unregister", "s6-svscanctl"),
]


def stand_in(tree: S6Tree, tool: str, script: str) -> dict[str, str]:
    """An environment in which `tool` is this script; it exists for failures only."""
    directory = tree.root / "stand-in"
    directory.mkdir(exist_ok=True)
    path = directory / tool
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{directory}:/usr/bin:/bin"}


def of_another_version(tree: S6Tree, profile: str) -> None:
    """What s6-supervise keeps is of a form that is not known, until it writes it anew: s6-svstat has to be asked."""
    with (tree.slot(profile) / "supervise/status").open("ab") as status:
        status.write(bytes(8))


@pytest.fixture
def running(user_tree: S6Tree) -> S6Tree:
    user_tree.profile("a")
    user_tree.ctl("start", "a", check=True)
    return user_tree


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("verb", "tool"), NEEDS, ids=lambda value: value)
def test_a_failing_tool_is_an_error_with_its_own_words(running: S6Tree, verb: str, tool: str, code: int) -> None:
    pid, before = running.pid("a"), running.intent("a")["desired_state"]
    of_another_version(running, "a")
    done = running.ctl(verb, "a", env=stand_in(running, tool, f"echo {tool}: it is broken >&2; exit {code}"))
    assert done.returncode not in (0, 3, 4, 64), done
    assert f"{tool}: it is broken" in done.stderr
    assert f"code {code}" in done.stderr
    assert running.intent("a")["desired_state"] == before
    if tool in ("s6-svc", "s6-svstat"):
        assert running.pid("a") == pid
        assert not running.marker("a").exists()


def test_an_intent_that_could_not_be_read_is_not_said_to_be_given_back(running: S6Tree) -> None:
    """What was wanted before is not known; what is recorded then is above all that there may have been."""
    running.ctl("stop", "a", check=True)
    intent, state = running.directory("a") / ".gateway-intent.json", running.directory("a") / "gateway_state.json"
    for file in (intent, state):
        os.chown(file, 0, 0)
        file.chmod(0)
    done = running.ctl("start", "a", env=stand_in(running, "s6-svc", "exit 99"))
    assert done.returncode == 1
    assert "the intent is recorded, and could not be given back: what it was before could not be read" in done.stderr
    assert running.intent("a")["desired_state"] == "running"
    assert running.intent("a")["generation"] > 10**9


@pytest.mark.parametrize("code", [100, 102])
def test_an_unsupervised_slot_is_told_by_the_codes_of_both_generations(running: S6Tree, code: int) -> None:
    done = running.ctl("stop", "a", env=stand_in(running, "s6-svc", f"exit {code}"))
    assert "next: gatewayctl reconcile" in done.stderr
    assert "it said nothing" in done.stderr


def test_a_permission_error_of_a_tool_is_one_of_ours(running: S6Tree) -> None:
    script = "echo 's6-svc: fatal: unable to write: Permission denied' >&2; exit 111"
    done = running.ctl("stop", "a", env=stand_in(running, "s6-svc", script))
    assert done.returncode == 77
    assert "next: run gatewayctl as the owner of the home" in done.stderr


@pytest.mark.parametrize(("verb", "tool"), [("stop", "s6-svstat"), ("stop", "s6-svc"), ("start", "s6-svc")])
def test_a_hanging_tool_is_given_up(running: S6Tree, verb: str, tool: str) -> None:
    before = running.intent("a")["desired_state"]
    of_another_version(running, "a")
    begin = time.monotonic()
    done = running.ctl(verb, "a", env=stand_in(running, tool, "trap '' TERM; sleep 1000"))
    assert time.monotonic() - begin < 30
    assert done.returncode == TIMED_OUT
    assert tool in done.stderr
    assert running.intent("a")["desired_state"] == before
    wait_until(lambda: ["sleep", "1000"] not in running.processes().values(), what="the end of its child")


def test_a_tool_that_leaves_a_child_behind_is_not_waited_for(running: S6Tree) -> None:
    begin = time.monotonic()
    running.ctl("stop", "a", env=stand_in(running, "s6-svc", 'sleep 1000 & exec /usr/bin/s6-svc "$@"'), check=True)
    assert time.monotonic() - begin < 8


@pytest.mark.parametrize("answer", [
    "", "hello", "1 true", "-1 yes no false -1 -1 0 @400000006b017cc428047192",
    "99999999999999999999 true true false -1 -1 0 @400000006b017cc428047192", "'\\033[31m' \\n\\n",
])
@pytest.mark.parametrize("verb", ["stop", "restart", "unregister"])
def test_nonsense_from_svstat_is_an_error(running: S6Tree, verb: str, answer: str) -> None:
    pid = running.pid("a")
    of_another_version(running, "a")
    done = running.ctl(verb, "a", env=stand_in(running, "s6-svstat", f"printf '%b\\n' \"{answer}\""))
    assert done.returncode == 1
    assert "nonsense" in done.stderr
    assert "\x1b" not in done.stderr
    assert running.pid("a") == pid
    assert running.intent("a")["desired_state"] == "running"


def test_a_tool_that_never_stops_talking_is_given_up(running: S6Tree) -> None:
    of_another_version(running, "a")
    done = running.ctl("stop", "a", env=stand_in(running, "s6-svstat", "exec yes"))
    assert done.returncode == TIMED_OUT


@pytest.mark.parametrize("tool", ["s6-svstat", "s6-svc", "s6-svscanctl"])
def test_a_tool_that_cannot_be_run_is_an_error(running: S6Tree, tool: str) -> None:
    """A file of that name that is no program; a missing one is looked for in the image's places too."""
    of_another_version(running, "a")
    env = stand_in(running, tool, "")
    (running.root / "stand-in" / tool).write_text("#!/no/such/interpreter\n")
    verb = "unregister" if tool == "s6-svscanctl" else "stop"
    done = running.ctl(verb, "a", env=env)
    assert done.returncode == 1
    assert tool in done.stderr and "cannot run" in done.stderr
    assert running.intent("a")["desired_state"] == "running"


def test_tools_are_found_with_an_empty_path(running: S6Tree) -> None:
    """A hook may run with an empty environment."""
    assert Path("/usr/bin/s6-svc").exists()
    running.ctl("stop", "a", env={"PATH": ""}, check=True)


def test_a_stop_whose_verification_fails_is_not_done(running: S6Tree) -> None:
    """What s6-supervise keeps cannot be read after the stop, and svstat does not answer."""
    pid = running.pid("a")
    status = running.slot("a") / "supervise/status"
    env = stand_in(running, "s6-svc", f'/usr/bin/s6-svc -wD "$@" && printf 12345678 >>{status}')
    stand_in(running, "s6-svstat", "echo gone >&2; exit 111")
    done = running.ctl("stop", "a", env=env)
    assert done.returncode == 1
    assert "gone" in done.stderr
    # The stop itself was carried out and is remembered.
    assert is_gone(pid)
    assert running.intent("a")["desired_state"] == "stopped"


@pytest.mark.parametrize("error", ["ENOSYS", "EPERM"])
@pytest.mark.parametrize("verb", ["stop", "restart", "status"])
def test_a_container_that_refuses_pidfd_open_changes_nothing(running: S6Tree, verb: str, error: str) -> None:
    """Kernels before 5.3, and seccomp filters."""
    refused = ("strace", "-f", "-qqq", "-o", "/dev/null", "-e", f"inject=pidfd_open,pidfd_send_signal:error={error}")
    pid = running.pid("a")
    running.ctl(verb, "a", before=refused, check=True)
    assert (running.pid("a") == pid) == (verb == "status")
    assert running.intent("a")["desired_state"] == ("stopped" if verb == "stop" else "running")


def test_a_command_that_was_taken_counts_whatever_its_tool_says(running: S6Tree) -> None:
    """The supervisor is asked what it does; an intent that it follows is not given back."""
    env = stand_in(running, "s6-svc", 'PATH=/usr/bin:/bin s6-svc "$@"; echo lost >&2; exit 111')
    done = running.ctl("stop", "a", env=env, check=True)
    assert "the supervisor has taken it" in done.stderr
    assert running.intent("a")["desired_state"] == "stopped"
    assert running.pid("a") == -1
