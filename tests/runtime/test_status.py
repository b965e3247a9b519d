"""status, list, logs, detect, install: what is said, and by which exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest
from poll import is_gone, start_time, wait_until
from s6_tree import TEST_GATEWAY, USER, S6Tree, as_user

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can put processes of another user there")


def started(tree: S6Tree, name: str, flags: str = "") -> int:
    tree.profile(name, flags)
    tree.ctl("start", name, check=True)
    return tree.wait_up(name)


# -- status ---------------------------------------------------------------------------------------------


def test_the_json_of_a_running_gateway(tree: S6Tree) -> None:
    pid = started(tree, "a", f"--write-state {tree.directory('a')}/gateway_state.json")
    wait_until(lambda: "ready" in tree.events("a"))
    answer = tree.json("status", "a")
    record = answer["gateways"][0]
    intent = record.pop("intent")
    assert (answer["version"], answer["manager"]) == (1, "s6")
    assert (intent["desired_state"], intent["uid"], intent["program"]) == ("running", USER, "gatewayctl start")
    since = record.pop("since")
    assert abs(time.time() - time.mktime(time.strptime(since, "%Y-%m-%dT%H:%M:%SZ")) + time.timezone) < 60
    expected = {
        "profile": "a", "state": "running", "registered": True, "supervised": True, "want": "up", "up": True,
        "ready": None, "pid": pid, "start_time": start_time(pid), "last_exit": None, "gateway_state": "running",
        "drift": None, "marker": None, "error": None, "notes": [],
    }
    assert {key: record[key] for key in expected} == expected


def test_the_exit_status_tells_running_from_not_and_from_unknown(tree: S6Tree) -> None:
    started(tree, "a")
    tree.profile("b")
    assert tree.ctl("status", "a").returncode == 0
    tree.ctl("stop", "a", check=True)
    assert tree.ctl("status", "a").returncode == 3
    assert tree.ctl("status", "b").returncode == 4
    assert tree.ctl("status", "a", "b").returncode == 4
    assert tree.ctl("status", "No").returncode == 64
    assert tree.ctl("status", "a", env={"HERMES_HOME": "/no/such/home"}).returncode == 78
    assert tree.ctl("status", "a", env={"S6_PROFILE_GATEWAY_SCANDIR": "/no/such/scandir"}).returncode == 69


def test_a_person_sees_which_manager_it_is(tree: S6Tree) -> None:
    started(tree, "a")
    for words in (["status"], ["status", "a"]):
        assert tree.ctl(*words).stdout.startswith("Manager: s6 (container supervisor)\n")
    block = tree.ctl("status", "a").stdout
    assert "State:      running" in block and "by gatewayctl start" in block


def test_no_profile_means_every_registered_one(tree: S6Tree) -> None:
    for name in ("b", "a"):
        started(tree, name)
    names = [record["profile"] for record in tree.json("status")["gateways"]]
    assert [name for name in names if name != "default"] == ["a", "b"]
    assert names == sorted(names, key=lambda name: (name != "default", name))


def test_a_slot_without_supervisor_is_unsupervised(user_tree: S6Tree) -> None:
    tree = user_tree
    started(tree, "a")
    tree.ctl("stop", "a", check=True)
    tree.tool("s6-svscanctl", "-t", str(tree.scandir))
    wait_until(lambda: not tree.processes(), what="the end of the tree")
    status = tree.status("a")
    assert (status["state"], status["registered"], status["supervised"]) == ("unsupervised", True, False)
    assert status["want"] is None and status["pid"] is None
    assert tree.ctl("status", "a").returncode == 3


def test_a_first_profile_makes_nothing_drift(tree: S6Tree) -> None:
    """The slot of `default` was made when the volume had no directory of profiles."""
    tree.profile("first")
    assert tree.status("default")["drift"] is None


def test_drift_is_shown_and_repaired_by_reconcile(tree: S6Tree) -> None:
    started(tree, "a")
    assert tree.status("a")["drift"] is None
    run = tree.slot("a") / "run"
    run.write_text(run.read_text() + "# edited\n")
    (tree.slot("a") / "timeout-kill").write_text("1\n")
    assert tree.status("a")["drift"] == "run, timeout-kill"
    tree.ctl("reconcile", check=True)
    assert tree.status("a")["drift"] is None


@pytest.mark.parametrize("verb", ["restart", "start"])
def test_what_starts_next_starts_from_a_slot_that_is_up_to_date(tree: S6Tree, verb: str) -> None:
    started(tree, "a")
    if verb == "start":
        tree.ctl("stop", "a", check=True)
    slot = tree.slot("a")
    (slot / "run").write_text((slot / "run").read_text().replace("gateway-a", "gateway-a # edited") + "exit 127\n")
    (slot / "timeout-kill").write_text("1\n")
    (slot / "max-death-tally").unlink()
    tree.ctl(verb, "a", check=True)
    assert (tree.status("a")["state"], tree.status("a")["drift"]) == ("running", None)


@needs_root
def test_who_may_not_renew_a_slot_is_told_and_what_runs_goes_on(user_tree: S6Tree) -> None:
    tree = user_tree
    started(tree, "a")
    pid, intent = tree.pid("a"), tree.intent("a")
    (tree.slot("a") / "timeout-kill").write_text("1\n")
    os.chown(tree.slot("a"), 0, 0)
    done = tree.ctl("restart", "a")
    assert done.returncode == 77
    assert "its slot is out of date" in done.stderr, done.stderr
    assert done.stderr.strip().endswith("next: as root: gatewayctl reconcile"), done.stderr
    assert (tree.pid("a"), tree.intent("a")) == (pid, intent)
    os.chown(tree.slot("a"), USER, USER)


def test_a_disagreement_with_the_intent_is_shown(tree: S6Tree) -> None:
    started(tree, "a")
    tree.tool("s6-svc", "-wd", "-d", str(tree.slot("a")))
    assert "is down although the intent is running" in " ".join(tree.status("a")["notes"])
    tree.ctl("stop", "a", check=True)
    tree.tool("s6-svc", "-wu", "-u", str(tree.slot("a")))
    assert "is up although the intent is stopped" in " ".join(tree.status("a")["notes"])


def test_a_pending_marker_is_shown(tree: S6Tree) -> None:
    pid = started(tree, "a", "--drain-ms 1500")
    tree.part("a", before="exec sleep 1000")
    tree.ctl("restart", "a", check=True)
    pid = tree.pid("a")
    marker = {"target_pid": pid, "target_start_time": start_time(pid), "stopper_pid": 1,
              "written_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    tree.write(tree.marker("a"), json.dumps(marker))
    assert tree.status("a")["marker"]["target_pid"] == pid
    tree.write(tree.marker("a"), json.dumps({**marker, "written_at": "2020-01-01T00:00:00Z"}))
    assert tree.status("a")["marker"] is None


@needs_root
def test_a_marker_that_cannot_be_read_is_said_and_not_taken_for_absent(tree: S6Tree) -> None:
    """#105608"""
    started(tree, "a")
    tree.marker("a").write_text("{}")
    os.chown(tree.marker("a"), 0, 0)
    tree.marker("a").chmod(0o600)
    assert "cannot read the marker" in " ".join(tree.status("a")["notes"])


@needs_root
def test_a_process_of_another_profile_or_user_is_never_shown(tree: S6Tree) -> None:
    """#97360: the state file names a live process that is not this gateway"""
    directory = tree.profile("a", state={"gateway_state": "running", "pid": os.getpid()})
    tree.ctl("register", "a", check=True)
    for uid in (USER, USER + 1):
        with subprocess.Popen([*as_user(uid), str(TEST_GATEWAY)]) as other:
            try:
                tree.write(directory / "gateway_state.json", json.dumps(
                    {"gateway_state": "running", "pid": other.pid, "start_time": start_time(other.pid)}))
                tree.write(directory / "gateway.pid", str(other.pid))
                status = tree.status("a")
                assert (status["state"], status["pid"], status["up"]) == ("stopped", None, False)
                tree.ctl("stop", "a", check=True)
                assert not is_gone(other.pid)
            finally:
                other.kill()


@needs_root
@pytest.mark.parametrize("words", [["status"], ["list"], ["logs", "a"]])
def test_what_only_reports_changes_nothing_as_root_either(user_tree: S6Tree, words: list[str]) -> None:
    missing, untouched = user_tree.root / "missing", user_tree.root / "untouched"
    untouched.mkdir()
    for scandir in (missing, untouched):
        user_tree.ctl(*words, user=0, env={"S6_PROFILE_GATEWAY_SCANDIR": str(scandir)})
    assert not missing.exists()
    assert untouched.stat().st_uid == 0


def test_names_and_states_from_the_volume_cannot_forge_lines(user_tree: S6Tree) -> None:
    user_tree.profile("a", state={"gateway_state": "x\nManager: forged\x1b[31m"})
    user_tree.ctl("register", "a", check=True)
    for words in (["status"], ["status", "a"]):
        said = user_tree.ctl(*words).stdout
        assert "\nManager: forged" not in said and "\x1b" not in said


def test_watch_shows_it_again(user_tree: S6Tree) -> None:
    started(user_tree, "a")
    watch = user_tree.begin("status", "--watch", "a")
    assert watch.stdout
    seen = 0
    for line in watch.stdout:
        seen += line.startswith("Manager:")
        if seen == 2:
            break
    watch.kill()
    watch.communicate()
    assert seen == 2


# -- list -----------------------------------------------------------------------------------------------


def test_invalid_names_are_listed_with_the_reason(tree: S6Tree) -> None:
    """#107402: a profile named Michel is invisible"""
    started(tree, "a")
    for name in ("Michel", "m m", "new\nline"):
        tree.write(tree.home / "profiles" / name / "SOUL.md", "# soul\n")
    records = {record["profile"]: record for record in tree.json("list")["profiles"]}
    assert records["a"]["registered"] and records["a"]["intent"] == "running" and records["a"]["problem"] is None
    for name in ("Michel", "m m", "new\\nline"):
        assert not records[name]["registered"] and records[name]["problem"]
    assert "Michel" in tree.ctl("list", check=True).stdout


def test_list_shows_ours_and_what_has_taken_a_name_of_ours(tree: S6Tree) -> None:
    started(tree, "a")
    tree.tool("mkdir", "-p", f"{tree.scandir}/foreign", f"{tree.scandir}/gateway-theirs", f"{tree.scandir}/.gateway-x.new")
    records = {record["profile"]: record for record in tree.json("list")["profiles"]}
    assert list(records) == ["theirs", "default", "a"]
    assert not records["theirs"]["registered"] and "not ours" in records["theirs"]["problem"]


def test_a_slot_whose_profile_is_gone_is_listed(tree: S6Tree) -> None:
    directory = tree.profile("a")
    tree.ctl("register", "a", check=True)
    tree.tool("rm", "-r", str(directory))
    records = {record["profile"]: record for record in tree.json("list")["profiles"]}
    assert records["a"] == {"profile": "a", "registered": True, "unregistered": False, "intent": None,
                            "problem": "its profile is gone"}


# -- logs -----------------------------------------------------------------------------------------------


def test_logs_show_what_the_gateway_said(tree: S6Tree) -> None:
    started(tree, "a")
    wait_until(lambda: "gateway ready" in tree.ctl("logs", "a").stdout, what="the line in the log")
    assert len(tree.ctl("logs", "-n", "1", "a").stdout.splitlines()) == 1


def test_logs_show_all_files_of_the_logger_in_order(user_tree: S6Tree) -> None:
    """What was rotated, and what the life before a kill has left unfinished."""
    logs = user_tree.home / "logs/gateways/a"
    user_tree.profile("a")
    user_tree.ctl("register", "a", check=True)
    for name, lines in {"@400000006b0000010000000a.s": "1\n2\n", "@400000006b0000020000000b.u": "3\n", "previous": "4\n",
                        "current": "5\n6\n", "state": "no line\n", "@400000006b0000030000000c.t": "no line\n"}.items():
        user_tree.write(logs / name, lines)
    shown = lambda *words: user_tree.ctl("logs", *words, "a", check=True).stdout.split()  # noqa: E731
    assert shown() == ["1", "2", "3", "4", "5", "6"]
    assert shown("-n", "3") == ["4", "5", "6"]
    assert shown("-n", "1") == ["6"]
    follow = user_tree.begin("logs", "-f", "-n", "3", "a")
    assert follow.stdout
    assert [follow.stdout.readline() for _ in range(3)] == ["4\n", "5\n", "6\n"]
    with (logs / "current").open("a") as log:
        log.write("7\n")
    assert follow.stdout.readline() == "7\n"
    follow.kill()
    follow.communicate()
    (logs / "current").unlink()
    assert shown() == ["1", "2", "3", "4"]


def test_each_line_in_the_containers_log_says_whose_it_is(tree: S6Tree) -> None:
    started(tree, "a")
    console = tree.root / "console.log"
    wait_until(lambda: "a: gateway ready\n" in console.read_text(), what="the line, with the name")
    wait_until(lambda: "gateway ready" in tree.ctl("logs", "a").stdout, what="the line in its own log")
    assert "a: " not in tree.ctl("logs", "a").stdout


def test_logs_follow(tree: S6Tree) -> None:
    pid = started(tree, "a")
    follow = tree.begin("logs", "-f", "a")
    assert follow.stdout
    os.kill(pid, signal.SIGTERM)
    assert any("drained" in line for line in follow.stdout)
    follow.kill()
    follow.communicate()


def test_the_logger_keeps_every_line_to_the_end_of_the_drain(tree: S6Tree) -> None:
    started(tree, "a", "--drain-ms 300 --log-lines-during-drain 50")
    loggers = [pid for pid, words in tree.processes().items() if words[0] == "s6-log"]
    for pid in loggers:
        os.kill(pid, signal.SIGTERM)  # what a container's init sends to everything
    tree.ctl("stop", "a", check=True)
    assert loggers and not any(is_gone(pid) for pid in loggers), "the init would not start another one"
    log = tree.home / "logs/gateways/a/current"
    wait_until(lambda: "drained" in log.read_text(), what="the last line")
    assert log.read_text().count("drain line") == 50


@needs_root
def test_a_lock_that_another_user_left_does_not_stop_the_logger(whole_tree: S6Tree) -> None:
    """#46289"""
    lock = whole_tree.write(whole_tree.home / "logs/gateways/a/lock", "")
    os.chown(lock, 0, 0)
    lock.chmod(0o600)
    started(whole_tree, "a")
    wait_until(lambda: "gateway ready" in whole_tree.ctl("logs", "a").stdout, what="the line in the log")
    assert lock.stat().st_uid == USER


def test_a_lock_that_can_be_opened_stays_where_it_is(whole_tree: S6Tree) -> None:
    """Another logger may hold it."""
    lock = whole_tree.write(whole_tree.home / "logs/gateways/a/lock", "")
    before = lock.stat().st_ino
    started(whole_tree, "a")
    wait_until(lambda: "gateway ready" in whole_tree.ctl("logs", "a").stdout, what="the line in the log")
    assert lock.stat().st_ino == before


def test_logs_of_a_profile_without_a_log_fail(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    done = user_tree.ctl("logs", "a")
    assert done.returncode == 1
    assert "'a' has no log" in done.stderr and "next: gatewayctl status a" in done.stderr


def test_a_name_without_a_slot_is_told_from_one_without_a_profile(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    assert user_tree.status("a")["notes"] == ["is not registered (gatewayctl start a)"]
    assert user_tree.status("b")["notes"] == ["there is no such profile (gatewayctl list)"]


# -- detect, install --------------------------------------------------------------------------------------


def test_a_forced_manager_beats_detection(user_tree: S6Tree) -> None:
    assert user_tree.ctl("detect").stdout == "s6\n"
    assert user_tree.json("detect") == {"version": 1, "manager": "s6"}
    assert user_tree.ctl("--manager", "s6", "detect", env={"GATEWAYCTL_MANAGER": "nonsense"}).returncode == 0
    assert user_tree.ctl("detect", env={"GATEWAYCTL_MANAGER": "nonsense"}).returncode == 64


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_install_under_s6_says_what_to_do_instead(user_tree: S6Tree, verb: str) -> None:
    user_tree.profile("a")
    done = user_tree.ctl(verb, "a")
    assert done.returncode not in (0, 64)
    assert "register a" in done.stderr


def test_a_stop_whose_caller_died_before_its_command_is_said(tree: S6Tree) -> None:
    """Its marker lies there for a minute, and nobody follows it: that hides nothing, and the advice mends it."""
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    killed = ("strace", "-qqq", "-o", "/dev/null", "-e", "trace=clone", "-e",
              "inject=clone:signal=KILL:when=1")  # its first tool is the one that tells
    assert tree.ctl("stop", "a", before=killed).returncode != 0
    assert tree.marker("a").exists() and tree.svstat("a")["wantedup"]
    status = tree.status("a")
    assert "gatewayctl stop a" in " ".join(status["notes"]), status
    tree.ctl("stop", "a", check=True)
    assert tree.status("a")["notes"] == []
