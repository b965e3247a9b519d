"""stop: what it promises, and to whom."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest
from places import GATEWAYCTL
from poll import is_gone, start_time, wait_until
from s6_tree import USER, S6Tree

TIMED_OUT = 75
NOT_REGISTERED = 4
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be tested for what it leaves")


def started(tree: S6Tree, name: str, flags: str = "") -> int:
    tree.profile(name, flags)
    tree.ctl("start", name, check=True)
    return tree.wait_up(name)


# -- verified -------------------------------------------------------------------------------------------


def test_a_stop_is_verified(tree: S6Tree) -> None:
    pid = started(tree, "a", "--drain-ms 400")
    tree.ctl("stop", "a", check=True)
    assert is_gone(pid)
    assert tree.svstat("a") == {"pid": -1, "up": False, "wantedup": False, "normallyup": False, "ready": False}


def test_a_stop_that_did_not_happen_is_not_done_and_names_the_pid(tree: S6Tree) -> None:
    pid = started(tree, "a", "--ignore-term")
    done = tree.ctl("stop", "--timeout", "1", "a")
    assert done.returncode == TIMED_OUT
    assert str(pid) in done.stderr and "gatewayctl stop --force a" in done.stderr
    assert not is_gone(pid)


def test_force_escalates_to_sigkill(tree: S6Tree) -> None:
    pid = started(tree, "a", "--ignore-term")
    tree.ctl("stop", "--timeout", "1", "--force", "a", check=True)
    assert is_gone(pid)
    assert not tree.svstat("a")["wantedup"]


def test_force_does_not_kill_a_gateway_that_finishes_in_time(tree: S6Tree) -> None:
    started(tree, "a", "--drain-ms 300")
    tree.ctl("stop", "--force", "a", check=True)
    assert tree.events("a")[-1] == "exit 0"


def test_the_supervisor_kills_after_its_timeout_and_stop_sees_it(tree: S6Tree) -> None:
    # The real limit is 90 s; what counts is that stop waits for the supervisor's own SIGKILL.
    pid = started(tree, "a", "--ignore-term")
    (tree.slot("a") / "timeout-kill").write_text("300\n")
    tree.ctl("stop", "a", check=True)
    assert is_gone(pid)


def test_a_timeout_below_a_second_is_not_no_time_at_all(tree: S6Tree) -> None:
    pid = started(tree, "a", "--drain-ms 100")
    tree.ctl("stop", "--timeout", "0.9", "a", check=True)
    assert is_gone(pid)


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_who_does_not_wait_is_told_what_goes_on_and_not_what_nobody_saw(user_tree: S6Tree, verb: str) -> None:
    tree = user_tree
    words = {"start": "starting", "stop": "stopping", "restart": "restarting"}
    if verb == "start":
        tree.profile("a", "--never-ready")
    else:
        started(tree, "a", "--drain-ms 2000")
    assert tree.ctl(verb, "--no-wait", "a", check=True).stdout == f"{words[verb]} a\n"
    answer = tree.json(verb, "--no-wait", "a")
    assert (answer["verb"], answer["done"], answer["results"][0]["outcome"]) == (verb, 1, words[verb])
    tree.ctl("stop", "--force", "a", check=True)
    assert tree.json("stop", "a")["results"][0]["outcome"] == "stopped"


@pytest.mark.serial
def test_no_wait_returns_before_the_drain_has_ended(tree: S6Tree) -> None:
    pid = started(tree, "a", "--drain-ms 3000")
    begin = time.monotonic()
    tree.ctl("stop", "--no-wait", "a", check=True)
    assert time.monotonic() - begin < 2
    assert not is_gone(pid)
    assert tree.intent("a")["desired_state"] == "stopped"
    wait_until(lambda: is_gone(pid), what="the drain to end")
    assert tree.verdict("a") == "planned"


def test_stopping_what_is_stopped_is_done(tree: S6Tree) -> None:
    started(tree, "a")
    for _ in range(2):
        tree.ctl("stop", "a", check=True)
    assert tree.status("a")["state"] == "stopped"


def test_a_zombie_is_dead(user_tree: S6Tree) -> None:
    """A process that nobody has reaped yet still answers kill -0: it must not keep a stop waiting."""
    pid = started(user_tree, "a", "--drain-ms 200")
    supervise = user_tree.supervise_pid("a")
    stop = user_tree.begin("stop", "--timeout", "20", "a")
    wait_until(lambda: "drain-begin" in user_tree.events("a"), what="the drain")
    os.kill(supervise, signal.SIGSTOP)  # so that nobody reaps it
    try:
        wait_until(lambda: is_gone(pid) and Path(f"/proc/{pid}").exists(), what="a zombie")
        status = user_tree.status("a")
    finally:
        os.kill(supervise, signal.SIGCONT)
    assert status["pid"] is None
    assert stop.wait(timeout=120) == 0, stop.communicate()


# -- the marker -----------------------------------------------------------------------------------------


def test_the_gateway_knows_that_the_stop_was_planned(tree: S6Tree) -> None:
    started(tree, "a")
    tree.ctl("stop", "a", check=True)
    assert tree.verdict("a") == "planned"
    assert not tree.marker("a").exists()


def test_a_bare_signal_is_no_planned_stop(tree: S6Tree) -> None:
    pid = started(tree, "a")
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: is_gone(pid))
    assert tree.verdict("a") == "unplanned"
    assert tree.intent("a")["desired_state"] == "running"


def test_the_marker_names_target_writer_program_and_reason(tree: S6Tree) -> None:
    pid = started(tree, "a", "--ignore-term")
    tree.ctl("stop", "--timeout", "0", "a")
    marker = json.loads(tree.marker("a").read_text())
    assert (marker["target_pid"], marker["writer_uid"]) == (pid, USER)
    assert (marker["program"], marker["reason"]) == ("gatewayctl stop", "stop")
    assert marker["target_hermes_home"] == str(tree.directory("a"))
    assert marker["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert marker["stopper_pid"] > 0 and marker["target_start_time"] > 0
    assert marker["written_at"].endswith("+00:00")
    assert tree.status("a")["marker"]["target_pid"] == pid


@pytest.mark.parametrize(("caller", "target"), [("default", "a"), ("a", "default"), ("a", "b")])
def test_the_marker_path_comes_from_the_target_profile(tree: S6Tree, caller: str, target: str) -> None:
    """#103772: the caller's home is another profile's; both directions."""
    for name in (caller, target):
        started(tree, name)
    tree.ctl("stop", target, env={"HERMES_HOME": str(tree.directory(caller))}, check=True)
    assert (tree.verdict(target), tree.verdict(caller)) == ("planned", "none")
    assert not tree.marker(caller).exists()
    assert tree.intent(target)["desired_state"] == "stopped"
    assert tree.intent(caller)["desired_state"] == "running"


def test_stop_all_gives_each_its_own_marker(tree: S6Tree) -> None:
    names = ["default", "a", "b", "c"]
    for name in names:
        started(tree, name)
    done = tree.ctl("stop", "--all", env={"HERMES_HOME": str(tree.directory("b"))}, check=True)
    assert {name: tree.verdict(name) for name in names} == dict.fromkeys(names, "planned")
    assert "4 stopped, 0 failed" in done.stdout


def test_a_marker_that_cannot_be_written_never_prevents_the_stop(tree: S6Tree) -> None:
    pid = started(tree, "a")
    tree.marker("a").mkdir()
    done = tree.ctl("stop", "a")
    assert done.returncode == 0, done.stderr
    assert is_gone(pid)
    assert "cannot write the marker" in done.stderr


def test_a_marker_that_nobody_read_does_not_outlive_the_stop(tree: S6Tree) -> None:
    started(tree, "a")
    tree.part("a", before="exec sleep 1000")
    tree.ctl("restart", "a", check=True)
    tree.ctl("stop", "a", check=True)
    assert not tree.marker("a").exists()


@needs_root
def test_root_writes_files_that_the_user_can_read_and_leaves_none_of_its_own(tree: S6Tree) -> None:
    """#105608 #16480"""
    pid = started(tree, "a", "--ignore-term")
    assert tree.ctl("stop", "--timeout", "0", "a", user=0).returncode == TIMED_OUT
    assert tree.marker("a").stat().st_uid == USER
    os.kill(pid, signal.SIGKILL)
    for words in (["start", "a"], ["restart", "--force", "--timeout", "1", "a"], ["status"], ["list"], ["stop", "--force", "--timeout", "1", "a"],
                  ["unregister", "a"], ["register", "a"]):
        tree.ctl(*words, user=0)
    roots = [path for path in tree.home.rglob("*") if path.lstat().st_uid == 0]
    assert not roots
    for name in ("run", "finish", "event", "supervise/control", "log/run", "log/event", "log/supervise/control"):
        assert (tree.slot("a") / name).stat().st_uid == USER


# -- remembered -----------------------------------------------------------------------------------------


def test_a_stop_survives_the_death_of_its_supervisor(tree: S6Tree) -> None:
    started(tree, "a")
    tree.ctl("stop", "a", check=True)
    before = tree.supervise_pid("a")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: [p for p in tree.processes().items() if p[1] == ["s6-supervise", "gateway-a"]
                        and p[0] != before], what="a new s6-supervise")
    wait_until(lambda: tree.supervised(tree.slot("a")))
    assert tree.status("a")["want"] == "down"
    assert not tree.svstat("a")["up"]


def test_a_stop_while_the_supervisor_is_away_is_a_stop(tree: S6Tree) -> None:
    """s6-svscan starts a killed s6-supervise again a second later: it must find the stop."""
    started(tree, "a")
    tree.ctl("stop", "a", check=True)
    tree.ctl("start", "a", check=True)
    pid = tree.wait_up("a")
    os.kill(tree.supervise_pid("a"), signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not (tree.slot("a") / "down").exists() and is_gone(pid))
    done = tree.ctl("stop", "a")
    assert done.returncode == 0, done.stderr
    wait_until(lambda: tree.supervised(tree.slot("a")), what="the new s6-supervise")
    wait_until(lambda: tree.status("a")["state"] == "stopped")
    assert not tree.svstat("a")["wantedup"]


def test_a_stop_during_backoff_is_remembered(tree: S6Tree) -> None:
    started(tree, "a")
    tree.part("a", "--crash-after-ms 0")
    os.kill(tree.pid("a"), signal.SIGKILL)
    wait_until(lambda: tree.pid("a") == -1 and "crash" in tree.events("a"), what="the backoff")
    tree.ctl("stop", "a", check=True)
    assert not tree.svstat("a")["wantedup"]
    assert tree.intent("a")["desired_state"] == "stopped"
    assert (tree.slot("a") / "down").exists()


def test_stopped_stays_stopped_through_reconcile(tree: S6Tree) -> None:
    started(tree, "a")
    tree.ctl("stop", "a", check=True)
    tree.ctl("reconcile", check=True)
    assert not tree.svstat("a")["wantedup"]


def test_killing_the_stop_command_does_not_undo_the_stop(tree: S6Tree) -> None:
    pid = started(tree, "a", "--drain-ms 1000")
    stop = tree.begin("stop", "a")
    wait_until(lambda: "drain-begin" in tree.events("a"), what="the drain")
    stop.kill()
    stop.communicate()
    wait_until(lambda: is_gone(pid))
    assert tree.verdict("a") == "planned"
    assert tree.intent("a")["desired_state"] == "stopped"
    assert (tree.slot("a") / "down").exists()


# -- several --------------------------------------------------------------------------------------------


@pytest.mark.serial
def test_stop_all_drains_in_parallel(tree: S6Tree) -> None:
    names = ["a", "b", "c", "d"]
    for name in names:
        started(tree, name, "--drain-ms 1500")
    begin = time.monotonic()
    tree.ctl("stop", *names, check=True)
    assert time.monotonic() - begin < 3


def test_one_failure_does_not_hide_the_others_and_the_counts_are_exact(tree: S6Tree) -> None:
    for name in ("a", "c"):
        started(tree, name)
    done = tree.ctl("stop", "a", "b", "c")
    assert done.returncode == 1
    assert "2 stopped, 1 failed" in done.stdout
    assert "'b' is not registered" in done.stderr
    assert tree.pid("a") == tree.pid("c") == -1


def test_stop_as_json(tree: S6Tree) -> None:
    started(tree, "a")
    done = tree.ctl("--json", "stop", "a", "b")
    assert json.loads(done.stdout) == {
        "version": 1,
        "verb": "stop",
        "dry_run": False,
        "done": 1,
        "failed": 1,
        "results": [
            {"profile": "a", "ok": True, "outcome": "stopped", "detail": None, "error": None, "next": None},
            {"profile": "b", "ok": False, "outcome": None, "detail": None,
             "error": "cannot stop 'b': 'b' is not registered with s6 (container supervisor)",
             "next": "gatewayctl list"},
        ],
        "not_acted_on": [],
    }


# -- refused --------------------------------------------------------------------------------------------


def test_stop_never_registers(tree: S6Tree) -> None:
    tree.profile("a")
    slots = tree.slots()
    done = tree.ctl("stop", "a")
    assert done.returncode == NOT_REGISTERED
    assert "gatewayctl start a" in done.stderr
    assert tree.slots() == slots
    assert not (tree.directory("a") / ".gateway-intent.json").exists()


@needs_root
def test_another_user_is_not_permitted_and_changes_nothing(tree: S6Tree) -> None:
    pid = started(tree, "a")
    done = tree.ctl("stop", "a", user=USER + 1)
    assert done.returncode == 77, done.stderr
    assert not is_gone(pid)
    assert tree.intent("a")["desired_state"] == "running"


def test_a_slot_of_another_home_is_left_alone(tree: S6Tree) -> None:
    pid = started(tree, "a")
    other = tree.root / "other"
    tree.write(other / "profiles/a/SOUL.md", "# soul\n")
    for words in (["stop", "a"], ["restart", "a"], ["start", "a"], ["unregister", "a"], ["register", "a"]):
        done = tree.ctl(*words, env={"HERMES_HOME": str(other)})
        assert done.returncode == 1, (words, done)
        assert str(tree.home) in done.stderr
    assert tree.pid("a") == pid
    assert not tree.marker("a").exists()


def test_no_gateway_of_another_profile_is_touched(tree: S6Tree) -> None:
    started(tree, "a")
    pid = started(tree, "ab")
    for verb in ("stop", "unregister"):
        tree.ctl(verb, "a", check=True)
    assert tree.pid("ab") == pid
    assert tree.verdict("ab") == "none"


@pytest.mark.parametrize("words", [["stop", "--all", "a"], ["stop", "A"], ["stop", "a b"], ["stop", "--timeout", "-1"],
                                   ["stop", "--timeout", "x"], ["stop", "../a"], ["stop", "a\n"], ["stop", ""]])
def test_wrong_words_are_a_usage_error(user_tree: S6Tree, words: list[str]) -> None:
    assert user_tree.ctl(*words).returncode == 64


def test_without_a_terminal_there_is_no_progress(user_tree: S6Tree) -> None:
    started(user_tree, "a", "--drain-ms 1500")
    assert user_tree.ctl("stop", "a", check=True).stderr == ""


# -- outside of the supervisor ------------------------------------------------------------------------------


def behind_run(tree: S6Tree, *options: str) -> None:
    run = [str(GATEWAYCTL), "run", "--ready-after", "1", *options, "--"]
    tree.config(command=[*run, str(tree.root / "play"), "{profile}"])


def orphan(tree: S6Tree, flags: str = "") -> int:
    """The gateway of a, whose s6-supervise has been killed: another one has begun, which cannot reach it. It drains,
    because `run` ends with its supervisor."""
    tree.profile("a", flags)
    tree.ctl("start", "a", check=True)
    wait_until(lambda: "ready" in tree.events("a"), what="ready")
    pid, supervise = tree.pid("a"), tree.supervise_pid("a")
    os.kill(supervise, signal.SIGKILL)
    wait_until(lambda: [other for other, words in tree.processes().items()
                        if words == ["s6-supervise", "gateway-a"] and other != supervise], what="another supervisor")
    wait_until(lambda: tree.pid("a") != pid, what="its own service")
    assert not is_gone(pid)
    return pid


@pytest.fixture(params=["run", "bare"])
def any_front(request: pytest.FixtureRequest, whole_tree: S6Tree) -> S6Tree:
    """A gateway behind `gatewayctl run`, which hears of its supervisor's death, and one that nothing tells of it."""
    if request.param == "run":
        behind_run(whole_tree, "--drain-timeout", "1000")
    return whole_tree


def test_a_stop_ends_what_another_supervisor_has_left(any_front: S6Tree) -> None:
    """Verified means that the process which holds the profile is gone, whoever supervises it."""
    tree = any_front
    pid = orphan(tree, "--drain-ms 3000")
    tree.ctl("stop", "a", check=True)
    assert is_gone(pid)
    assert tree.events("a")[-2] == "drain-end"
    assert tree.intent("a")["desired_state"] == "stopped"
    assert not tree.marker("a").exists()


def test_the_end_of_what_another_supervisor_has_left_is_announced_to_it(tree: S6Tree) -> None:
    behind_run(tree)
    orphan(tree, "--drain-ms 3000")
    tree.ctl("stop", "a", check=True)
    assert tree.state("a")["gateway_state"] == "stopped"


def test_status_shows_what_runs_outside_of_the_supervisor_and_its_advice_mends_it(any_front: S6Tree) -> None:
    tree = any_front
    pid = orphan(tree, "--drain-ms 5000")
    status = tree.status("a")
    assert status["outside_pid"] == pid
    assert f"runs outside of its supervisor, pid {pid}" in " ".join(status["notes"])
    words = tree.ctl("status", "a").stdout
    assert f"pid {pid}" in words and "gatewayctl restart a" in words
    tree.ctl("restart", "a", check=True)
    assert is_gone(pid)
    status = tree.status("a")
    assert (status["state"], status["outside_pid"], status["notes"]) == ("running", None, [])


def test_a_gateway_below_a_wrapper_is_not_outside(tree: S6Tree) -> None:
    """The supervisor sees the wrapper, the records of the profile name what that has started."""
    run = [str(GATEWAYCTL), "run", "--ready-after", "1", "--"]
    tree.config(command=["sh", "-c", f"{shlex.join(run)} {tree.root}/play a; exit $?"])
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    wait_until(lambda: tree.state("a").get("gateway_state") == "running", what="its record")
    status = tree.status("a")
    assert (status["state"], status["outside_pid"], status["notes"]) == ("running", None, [])


def test_a_gateway_ends_with_a_killed_supervisor_and_comes_back_once(any_front: S6Tree) -> None:
    tree = any_front
    pid = orphan(tree, "--drain-ms 3000")
    wait_until(lambda: is_gone(pid), what="the end of the orphan")
    wait_until(lambda: tree.events("a").count("ready") == 2, what="the next life")
    assert tree.events("a").index("drain-end") < len(tree.events("a")) - 1 - tree.events("a")[::-1].index("start")
    assert tree.intent("a")["desired_state"] == "running"


def test_a_stop_is_not_done_while_an_orphan_lives_and_force_reaches_it(any_front: S6Tree) -> None:
    tree = any_front
    pid = orphan(tree, "--ignore-term")
    done = tree.ctl("stop", "--timeout", "1", "a")
    assert done.returncode == TIMED_OUT
    assert f"still lives: pid {pid}" in done.stderr
    assert not is_gone(pid)
    tree.ctl("stop", "--timeout", "1", "--force", "a", check=True)
    assert is_gone(pid)


def test_a_restart_ends_the_orphan_and_begins_anew(any_front: S6Tree) -> None:
    tree = any_front
    pid = orphan(tree, "--drain-ms 3000")
    tree.ctl("restart", "a", check=True)
    assert is_gone(pid)
    wait_until(lambda: tree.events("a").count("ready") == 2, what="the next life")
    assert tree.pid("a") > 0


def test_a_gateway_that_was_started_by_hand_is_stopped_with_its_profile(tree: S6Tree) -> None:
    behind_run(tree)
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    by_hand = tree.begin("-p", "a", "run", "--ready-after", "1", "--", "sleep", "1000")
    wait_until(lambda: tree.state("a").get("gateway_state") == "running", what="its record")
    tree.ctl("stop", "a", check=True)
    assert by_hand.wait(120) == 0
    by_hand.communicate()


def test_a_record_that_names_another_directory_or_user_ends_nobody(tree: S6Tree) -> None:
    """A copy of a profile carries its twin's record along; who can write the record can name any process."""
    behind_run(tree)
    tree.profile("a")
    tree.profile("copy")
    tree.ctl("start", "a", check=True)
    wait_until(lambda: "ready" in tree.events("a"), what="ready")
    record = tree.directory("a") / "gateway.pid"
    tree.ctl("register", "copy", check=True)
    tree.write(tree.directory("copy") / "gateway.pid", record.read_text())
    tree.ctl("stop", "copy", check=True)
    assert not is_gone(tree.pid("a"))
    if os.geteuid() == 0:
        forged = {**json.loads(record.read_text()), "home": str(tree.directory("copy")), "pid": os.getpid(),
                  "start_time": start_time(os.getpid())}
        tree.write(tree.directory("copy") / "gateway.pid", forged)
        tree.ctl("stop", "copy", user=0, check=True)


def test_a_stop_is_not_done_while_another_container_holds_the_profile(tree: S6Tree) -> None:
    """Its pid means nothing here, but the kernel knows of its lock: on a volume that cannot be one container's."""
    behind_run(tree)
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    lock = tree.home / ".gateway-owner.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    elsewhere = subprocess.Popen(
        ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--",
         *tree.argv("-p", "a", "run", "--ready-after", "1", "--", "sleep", "1000")] if os.geteuid() == 0 else
        pytest.skip("only root makes another container"), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: tree.state("a").get("gateway_state") == "running", what="its record")
        done = tree.ctl("stop", "a")
        assert done.returncode == 1
        assert "in another container perhaps" in done.stderr
    finally:
        elsewhere.kill()
        elsewhere.wait()
