"""start and restart: up means up, and the exit status says whether it happened."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time

import pytest
from poll import is_gone, wait_until
from s6_tree import GATEWAYCTL, S6Tree

READINESS_FD = 3


# -- start ----------------------------------------------------------------------------------------------


def test_start_registers_a_real_profile_that_has_no_slot(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    assert tree.svstat("a")["up"]
    assert tree.intent("a")["desired_state"] == "running"
    assert not (tree.slot("a") / "down").exists()


def test_start_makes_nothing_for_a_directory_that_is_no_profile(tree: S6Tree) -> None:
    directory = tree.profile("a")
    (directory / "SOUL.md").unlink()
    slots = tree.slots()
    done = tree.ctl("start", "a")
    assert done.returncode == 1
    assert "SOUL.md" in done.stderr
    assert tree.slots() == slots
    assert not (directory / ".gateway-intent.json").exists()


def test_start_of_a_new_slot_never_meets_a_supervisor_that_does_not_listen_yet(user_tree: S6Tree) -> None:
    """s6-svscan starts the supervisors of a gateway and of its logger one after the other."""
    for i in range(25):
        user_tree.profile(f"p{i}")
        done = user_tree.ctl("start", "--no-wait", f"p{i}")
        assert done.returncode == 0, done.stderr


def test_a_pass_waits_for_the_supervisor_of_a_logger(tree: S6Tree) -> None:
    """It may be between two lives: s6-svscan starts a killed one again a second later."""
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    tree.write(tree.directory("a") / "gateway_state.json", {"gateway_state": "running", "desired_state": "running"})
    os.kill(next(pid for pid, words in tree.processes().items() if words == ["s6-supervise", "gateway-a/log"]),
            signal.SIGKILL)
    tree.ctl("reconcile", check=True)
    assert tree.wait_up("a")


def test_starting_what_runs_is_done_and_disturbs_nothing(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    pid = tree.wait_up("a")
    tree.ctl("start", "a", check=True)
    assert tree.pid("a") == pid


def test_start_waits_until_the_gateway_says_that_it_is_ready(tree: S6Tree) -> None:
    tree.config(notification_fd=READINESS_FD)
    tree.profile("a", f"--ready-fd {READINESS_FD} --ready-after-ms 700")
    begin = time.monotonic()
    tree.ctl("start", "a", check=True)
    assert time.monotonic() - begin > 0.7
    assert tree.status("a")["ready"] is True


def test_start_of_what_is_up_and_not_ready_waits_too(tree: S6Tree) -> None:
    tree.config(notification_fd=READINESS_FD)
    tree.profile("a", f"--ready-fd {READINESS_FD} --ready-after-ms 1500")
    tree.ctl("start", "--no-wait", "a", check=True)
    tree.wait_up("a")
    assert tree.status("a")["state"] == "starting"
    tree.ctl("start", "a", check=True)
    assert tree.status("a")["ready"] is True


def test_start_of_what_never_gets_ready_times_out(tree: S6Tree) -> None:
    tree.config(notification_fd=READINESS_FD)
    tree.profile("a", f"--ready-fd {READINESS_FD} --never-ready")
    done = tree.ctl("start", "--timeout", "1", "a")
    assert done.returncode == 75
    assert "gatewayctl logs a" in done.stderr


@pytest.mark.parametrize(("part", "said"), [
    ("--exit-after-ms 0 --exit-code 5", "with code 5"),
    ("--exit-after-ms 0 --exit-code 78", "with code 78; it is not started again"),
    ("--exit-after-ms 0", "with code 0; it is not started again"),
    ("--crash-after-ms 0 --crash-signal 6", "by SIGABRT"),
])
def test_start_is_not_done_when_the_gateway_ends_at_once(tree: S6Tree, part: str, said: str) -> None:
    """#102915: exit 0 and nothing started"""
    tree.profile("a", part)
    done = tree.ctl("start", "a")
    assert done.returncode == 1
    assert said in done.stderr and "gatewayctl logs a" in done.stderr


def test_start_is_not_done_when_the_program_does_not_exist(tree: S6Tree) -> None:
    tree.config(command=["/no/such/program"])
    tree.profile("a")
    done = tree.ctl("start", "a")
    assert done.returncode == 1
    assert "with code 127" in done.stderr


def test_start_after_an_end_of_a_moment_ago_is_a_start(tree: S6Tree) -> None:
    """While finish runs, its answer "do not start again" would swallow the command."""
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    for _ in range(5):
        tree.ctl("stop", "--no-wait", "a", check=True)
        tree.ctl("start", "a", check=True)
        assert tree.svstat("a")["up"]


def test_start_of_a_slot_that_lost_its_supervisor_brings_it_back(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    tree.ctl("stop", "a", check=True)
    os.kill(tree.supervise_pid("a"), signal.SIGKILL)
    tree.ctl("start", "a", check=True)
    assert tree.svstat("a")["up"]


def test_the_intent_is_given_back_when_the_command_fails(tree: S6Tree) -> None:
    tree.profile("a", state={"gateway_state": "stopped"})
    tree.ctl("register", "a", check=True)
    fake = tree.write(tree.root / "fake/s6-svc", "#!/bin/sh\nexit 111\n")
    fake.chmod(0o755)
    for verb in ("start", "stop", "restart"):
        assert tree.ctl(verb, "a", env={"PATH": f"{fake.parent}:/usr/bin:/bin"}).returncode == 1
        assert not (tree.directory("a") / ".gateway-intent.json").exists()
        assert tree.state("a") == {"gateway_state": "stopped", "belongs_to": tree.place("a")}
    tree.ctl("start", "a", check=True)
    assert tree.ctl("stop", "a", env={"PATH": f"{fake.parent}:/usr/bin:/bin"}).returncode == 1
    assert tree.intent("a")["desired_state"] == tree.state("a")["desired_state"] == "running"


def test_the_intent_is_written_before_the_command(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    copy = tree.root / "fake/copy.json"
    fake = tree.write(tree.root / "fake/s6-svc",
                      f"#!/bin/sh\ncp {tree.directory('a')}/.gateway-intent.json {copy}; exec /usr/bin/s6-svc \"$@\"\n")
    fake.chmod(0o755)
    for verb, intent in (("start", "running"), ("stop", "stopped")):
        tree.ctl(verb, "a", env={"PATH": f"{fake.parent}:/usr/bin:/bin"}, check=True)
        assert json.loads(copy.read_text())["desired_state"] == intent


# -- restart --------------------------------------------------------------------------------------------


def test_restart_waits_for_a_new_process(tree: S6Tree) -> None:
    tree.profile("a", "--drain-ms 200")
    tree.ctl("start", "a", check=True)
    old = tree.wait_up("a")
    tree.ctl("restart", "a", check=True)
    new = tree.wait_up("a")
    assert new != old and is_gone(old)


def test_the_intent_of_a_restart_stays_running_and_is_said(tree: S6Tree) -> None:
    """#66087: restart announced as a shutdown"""
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    tree.ctl("restart", "a", check=True)
    assert tree.verdict("a") == "planned"
    intent = tree.intent("a")
    assert (intent["desired_state"], intent["program"]) == ("running", "gatewayctl restart")
    assert tree.state("a")["desired_state"] == "running"


def test_the_marker_of_a_restart_says_so(tree: S6Tree) -> None:
    tree.profile("a", "--ignore-term")
    tree.ctl("start", "a", check=True)
    tree.wait_up("a")
    assert tree.ctl("restart", "--timeout", "0", "a").returncode == 75
    assert json.loads(tree.marker("a").read_text())["reason"] == "restart"


def test_restart_converges_to_up_with_a_stale_down_file(tree: S6Tree) -> None:
    """#39381"""
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    for part in ("down", "log/down"):
        (tree.slot("a") / part).touch()
    tree.ctl("restart", "a", check=True)
    assert tree.svstat("a")["up"] and tree.svstat("a")["wantedup"]
    assert not (tree.slot("a") / "down").exists()


def test_restart_of_what_is_down_starts_it(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    tree.ctl("restart", "a", check=True)
    assert tree.svstat("a")["up"]


@pytest.mark.parametrize("code", [0, 1, 75, 78])
def test_restart_converges_whatever_the_old_process_ends_with(tree: S6Tree, code: int) -> None:
    tree.profile("a")
    tree.part("a", before=f"trap 'exit {code}' TERM; touch {tree.directory('a')}/trapped; while :; do sleep 0.05; done")
    tree.ctl("start", "a", check=True)
    wait_until((tree.directory("a") / "trapped").exists)
    old = tree.pid("a")
    for _ in range(3):
        tree.ctl("restart", "a", check=True)
    assert tree.svstat("a")["up"] and tree.pid("a") != old


def test_restart_with_force_replaces_what_ignores_sigterm(tree: S6Tree) -> None:
    tree.profile("a", "--ignore-term")
    tree.ctl("start", "a", check=True)
    old = tree.wait_up("a")
    tree.ctl("restart", "--timeout", "1", "--force", "a", check=True)
    assert is_gone(old)
    assert tree.wait_up("a") != old


def test_a_restart_whose_new_process_dies_is_not_done(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    tree.part("a", "--exit-after-ms 0 --exit-code 9")
    done = tree.ctl("restart", "a")
    assert done.returncode == 1
    assert "with code 9" in done.stderr
    assert tree.intent("a")["desired_state"] == "running"


DRAINS = "--drain-ms 400"


def test_a_restart_completes_without_its_caller(whole_tree: S6Tree) -> None:
    """D1: killed, interrupted or not waiting at all, from its acceptance on the caller is not needed."""
    for how in (["restart", "--no-wait", "a"], ["restart", "--timeout", "0", "a"]):
        whole_tree.profile("a", DRAINS)
        whole_tree.ctl("start", "a", check=True)
        old = whole_tree.wait_up("a")
        whole_tree.ctl(*how)
        wait_until(lambda old=old: is_gone(old), what="the old process to drain")
        assert whole_tree.wait_up("a", other_than=old) != old
        assert whole_tree.intent("a")["desired_state"] == "running"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_restart_that_is_interrupted_while_it_waits_completes(whole_tree: S6Tree, number: int) -> None:
    whole_tree.profile("a", DRAINS)
    whole_tree.ctl("start", "a", check=True)
    old = whole_tree.wait_up("a")
    waiting = whole_tree.begin("restart", "a")
    wait_until(lambda: whole_tree.verdict("a") != "none", what="the old process to be told")
    waiting.send_signal(number)
    waiting.communicate()
    assert whole_tree.wait_up("a", other_than=old) != old
    assert whole_tree.svstat("a")["wantedup"] and whole_tree.intent("a")["desired_state"] == "running"


def test_a_restart_whose_process_was_replaced_before_the_command_came(whole_tree: S6Tree) -> None:
    """The command ends the life after the one that was looked at: that end is not one of the new life."""
    whole_tree.profile("a", "--drain-ms 600")
    whole_tree.ctl("start", "a", check=True)
    first = whole_tree.pid("a")
    late = ("strace", "-qqq", "-o", "/dev/null", "-e", "inject=fsync,fdatasync:delay_enter=4000000:when=1")
    restart = subprocess.Popen(whole_tree.argv("restart", "a", before=late), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_until(lambda: [*whole_tree.directory("a").glob("*.tmp-*")], what="the intent of the command that will be late")
    os.kill(first, signal.SIGKILL)
    second = whole_tree.wait_up("a", other_than=first)
    said, _ = restart.communicate()
    assert restart.returncode == 0, said
    assert whole_tree.pid("a") not in (-1, first, second)


def test_a_restart_from_inside_of_the_gateway_completes(whole_tree: S6Tree) -> None:
    """E4: an agent in a gateway restarts the very gateway that it lives in."""
    whole_tree.profile("a")
    words = shlex.join([*whole_tree.environment(), str(GATEWAYCTL), "restart", "a"])
    inside = whole_tree.directory("a") / "inside"
    whole_tree.part("a", before=f"[ -e {inside} ] || {{ : >{inside}; ({words} >/dev/null 2>&1 &) ; }}")
    whole_tree.ctl("start", "--no-wait", "a", check=True)
    wait_until(lambda: inside.exists() and whole_tree.intent("a")["program"] == "gatewayctl restart", what="the inner restart")
    wait_until(lambda: whole_tree.events("a").count("start") >= 1 and whole_tree.pid("a") > 0, what="a life after it")
    wait_until(lambda: whole_tree.svstat("a")["wantedup"], what="the supervisor to want the new life")
    assert whole_tree.intent("a")["desired_state"] == "running"


def test_a_start_during_a_foreign_stop_completes_without_its_caller(whole_tree: S6Tree) -> None:
    """Somebody has used s6-svc -d; what follows that end is what the operator has asked for last."""
    whole_tree.profile("a")
    whole_tree.part("a", before=f"trap 'sleep 0.4; exit 0' TERM; touch {whole_tree.directory('a')}/trapped; while :; do sleep 0.05; done")
    whole_tree.ctl("start", "a", check=True)
    wait_until((whole_tree.directory("a") / "trapped").exists)
    old = whole_tree.pid("a")
    whole_tree.part("a")
    whole_tree.tool("s6-svc", "-d", str(whole_tree.slot("a")))
    wait_until(lambda: not whole_tree.svstat("a")["wantedup"], what="s6-supervise to take the command in")
    whole_tree.ctl("start", "--no-wait", "a", check=True)
    assert whole_tree.wait_up("a", other_than=old) != old


@pytest.mark.parametrize("last", ["stop", "start", "restart"])
def test_the_latest_accepted_command_wins_over_one_that_still_waits(whole_tree: S6Tree, last: str) -> None:
    """D1: a wait only watches, so it undoes nothing."""
    whole_tree.profile("a", DRAINS)
    whole_tree.ctl("start", "a", check=True)
    waiting = whole_tree.begin("restart", "a")
    wait_until(lambda: whole_tree.intent("a")["program"] == "gatewayctl restart", what="the restart to be accepted")
    whole_tree.ctl(last, "a")
    waiting.communicate()
    if last == "stop":
        assert not whole_tree.svstat("a")["wantedup"] and not whole_tree.svstat("a")["up"]
        assert whole_tree.intent("a")["desired_state"] == "stopped"
    else:
        assert whole_tree.wait_up("a") > 0
        assert whole_tree.intent("a")["desired_state"] == "running"


def test_restart_never_registers(tree: S6Tree) -> None:
    tree.profile("a")
    assert tree.ctl("restart", "a").returncode == 4
    assert "gateway-a" not in tree.slots()


def test_stopped_stays_stopped_through_restart_all(tree: S6Tree) -> None:
    for name in ("a", "b"):
        tree.profile(name)
        tree.ctl("start", name, check=True)
    tree.ctl("stop", "b", check=True)
    old = tree.pid("a")
    done = tree.ctl("restart", "--all", check=True)
    assert "restarted a" in done.stdout and "restarted b" not in done.stdout
    assert tree.pid("a") not in (-1, old)
    assert not tree.svstat("b")["wantedup"]
    assert tree.intent("b")["desired_state"] == "stopped"


def test_a_restart_does_not_wait_for_the_drain_of_another_gateway(tree: S6Tree) -> None:
    tree.profile("a", "--drain-ms 3000")
    tree.profile("b")
    tree.ctl("start", "a", "b", check=True)
    old = {name: tree.wait_up(name) for name in ("a", "b")}
    restart = tree.begin("restart", "a", "b")
    tree.wait_up("b", other_than=old["b"])
    assert not is_gone(old["a"])
    assert restart.wait(timeout=120) == 0, restart.communicate()
    assert tree.wait_up("a") != old["a"]


# -- what the gateway gets --------------------------------------------------------------------------------


def echoed(tree: S6Tree, name: str) -> dict:
    path = tree.directory(name) / "echo.json"
    wait_until(path.exists)
    return json.loads(path.read_text())


def test_the_profiles_own_environment_beats_the_containers(tree: S6Tree) -> None:
    """#80310; and blanks, quotes and newlines of it survive the shell"""
    odd = "two  blanks 'quotes' \"double\" $HOME `id` \\ \n new line"
    directory = tree.profile("a")
    tree.part("a", f"--echo-env {directory}/echo.json")
    # S6_TREE is what s6-svscan, and so the container, has.
    mark = tree.mark.partition("=")[2]
    tree.ctl("register", "a", "--env", f"ODD={odd}", "--env", "PATH=/profile:/usr/bin:/bin", "--env", f"S6_TREE={mark}",
             "--env", "EMPTY=", check=True)
    tree.ctl("start", "a", check=True)
    env = echoed(tree, "a")["env"]
    assert env["ODD"] == odd
    assert env["PATH"] == "/profile:/usr/bin:/bin"
    assert env["EMPTY"] == ""
    assert env["HERMES_S6_SUPERVISED_CHILD"] == env["HERMES_SUPERVISED_CHILD"] == "1"
    assert env["GATEWAYCTL_PROFILE"] == "a"
    assert env["GATEWAYCTL_PORT"] == str(tree.status("a")["port"])
    assert env["HERMES_HOME"] == str(tree.home)


def test_the_gateway_runs_as_the_user_in_its_own_directory(tree: S6Tree) -> None:
    directory = tree.profile("a")
    tree.part("a", f"--echo-env {directory}/echo.json")
    tree.ctl("start", "a", check=True)
    seen = echoed(tree, "a")
    uid = os.stat(tree.home).st_uid
    assert (seen["uid"], seen["gid"], seen["cwd"]) == (uid, uid, str(directory))
    assert seen["env"]["HOME"]


def test_an_ignored_sigchld_of_the_caller_changes_nothing(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    user_tree.ctl("start", "a", before=["env", "--ignore-signal=CHLD"], check=True)
    user_tree.ctl("stop", "a", before=["env", "--ignore-signal=CHLD"], check=True)


def test_exit_75_is_a_restart_and_78_ends_supervision(user_tree: S6Tree) -> None:
    """#51228 #76435 #104251: the real process's exit code under the real supervisor"""
    user_tree.profile("again", "--exit-after-ms 600 --exit-code 75")
    user_tree.profile("config", "--exit-after-ms 600 --exit-code 78")
    user_tree.profile("clean", "--exit-after-ms 600")
    # Without the wait, which could see the first end already.
    user_tree.ctl("start", "--no-wait", "again", "config", "clean", check=True)
    wait_until(lambda: user_tree.events("again").count("exit 75") >= 2, what="a restart")
    for name in ("config", "clean"):
        wait_until(lambda name=name: not user_tree.svstat(name)["wantedup"], what=f"{name} to be left down")
        assert len([event for event in user_tree.events(name) if event.startswith("exit")]) == 1
    assert user_tree.status("config")["last_exit"] == {"code": 78, "signal": None}
