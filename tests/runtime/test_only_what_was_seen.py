"""Nothing is said that was not seen: live is not dead, what may not be looked at is not absent, untouched is not started."""

from __future__ import annotations

import subprocess

import pytest

from poll import is_gone, wait_until
from s6_tree import S6Tree

SOMEBODY = 4242


def test_a_pass_in_a_live_container_says_what_it_did(whole_tree: S6Tree) -> None:
    tree = whole_tree
    tree.config(command=["gatewayctl", "run", "--", str(tree.root / "play"), "{profile}"])
    for name, wanted in (("a", "running"), ("b", "stopped")):
        tree.profile(name, state={"gateway_state": "running", "desired_state": wanted})
    tree.ctl("reconcile", check=True)
    wait_until(lambda: tree.lifecycle("a").get("phase") == "running", what="a to run")
    pid = tree.pid("a")
    report = {record["profile"]: record for record in tree.json("reconcile", check=True)["profiles"]}
    assert (report["a"]["action"], report["b"]["action"]) == ("unchanged", "unchanged")
    assert report["a"]["prior_exit"] == "unknown"
    assert tree.pid("a") == pid
    line = next(line for line in reversed(tree.boot_log()) if "profile=a " in line)
    assert "action=skipped prior_exit=unknown" in line and "killed" not in line
    # A slot whose files are renewed under a gateway that goes on.
    (tree.slot("a") / "timeout-kill").write_text("1\n")
    tree.own(tree.slot("a") / "timeout-kill")
    report = {record["profile"]: record for record in tree.json("reconcile", check=True)["profiles"]}
    assert report["a"]["action"] == "updated"
    assert tree.pid("a") == pid


def test_who_may_not_look_is_told_so(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    (tree.slot("a") / "supervise/control").chmod(0o600)
    done = tree.ctl("status", "a", user=SOMEBODY)
    assert "unsupervised" not in done.stdout and "drift" not in done.stdout
    assert "unknown" in done.stdout
    record = tree.json("status", "a", user=SOMEBODY)["gateways"][0]
    assert record["state"] == "unknown" and record["supervised"] is None
    for verb in ("stop", "start", "restart", "unregister", "register"):
        done = tree.ctl(verb, "a", user=SOMEBODY)
        assert done.returncode == 77, (verb, done)
        assert "df -h" not in done.stderr
    assert tree.status("a")["state"] == "running"


@pytest.mark.parametrize("verb", ["stop", "drain", "restart"])
def test_a_process_that_cannot_be_looked_at_is_not_called_dead(user_tree: S6Tree, verb: str) -> None:
    """No descriptor is free when /proc is asked for it: it is waited for all the same, and told what comes."""
    tree = user_tree
    tree.profile("a", "--drain-ms 600")
    tree.ctl("start", "a", check=True)
    wait_until(lambda: "ready" in tree.events("a"), what="a to run")
    pid = tree.pid("a")
    unseen = ("strace", "-f", "-qqq", "-o", "/dev/null", "-P", f"/proc/{pid}/stat", "-e", "inject=open,openat:error=EMFILE")
    done = tree.ctl(verb, *(("a",) if verb != "drain" else ()), before=unseen)
    assert done.returncode == 0, done
    assert "down already" not in done.stdout.partition("1 of 2")[0], done
    assert is_gone(pid) and "drain-end" in tree.events("a")
    assert (tree.pid("a") > 0) == (verb == "restart")


def test_output_that_cannot_be_written_is_said(user_tree: S6Tree) -> None:
    for words in (("list",), ("--json", "status"), ("--help",)):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(user_tree.argv(*words), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 1
        assert "cannot write to the standard output: No space left" in done.stderr


def test_only_what_is_refused_by_its_rights_is_answered_with_rights(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    run = tree.slot("a") / "run"
    aside = tree.root / "run"
    run.rename(aside)
    run.mkdir()
    done = tree.ctl("stop", "a")
    assert done.returncode == 1 and "its run file cannot be read: it is not a regular file" in done.stderr
    assert "chown" not in done.stderr and "run it as" not in done.stderr and f"ls -l {tree.slot('a')}" in done.stderr
    run.rmdir()
    aside.rename(run)
    run.chmod(0)
    done = tree.ctl("stop", "a")
    assert done.returncode == 77 and "chown" in done.stderr
    run.chmod(0o755)
