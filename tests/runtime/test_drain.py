"""`gatewayctl drain`: what the container's stop hook does and says. The whole stop is in tests/boot."""

from __future__ import annotations

import os
import re
import signal
import subprocess

from poll import is_gone, wait_until
from s6_tree import S6Tree


def test_a_drain_changes_no_intent_and_leaves_no_marker(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a", "--drain-ms 50")
    tree.ctl("start", "a", check=True)
    pid, intent = tree.pid("a"), tree.intent("a")
    done = tree.ctl("drain", check=True)
    assert "a: drained after" in done.stdout
    assert is_gone(pid)
    assert tree.intent("a") == intent
    assert not tree.marker("a").exists()
    assert tree.verdict("a") == "unplanned"
    assert not (tree.slot("a") / "down").exists(), "the next supervisor brings it up"


def test_a_drain_that_outlasts_its_time_names_the_pid(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a", "--drain-ms 5000")
    tree.ctl("start", "a", check=True)
    done = tree.ctl("drain", "--timeout", "0")
    assert done.returncode == 1
    # How long it took until it had asked once is up to the machine.
    assert re.search(rf"^a: still-draining after \d\.\d s \(pid {tree.pid('a')}\)$", done.stdout, re.MULTILINE), done.stdout


def test_a_gateway_that_was_killed_in_its_drain_is_not_called_drained(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a", "--drain-ms 60000")
    tree.ctl("start", "a", check=True)
    pid = tree.pid("a")
    hook = subprocess.Popen(tree.argv("drain"), stdout=subprocess.PIPE, text=True)
    wait_until(lambda: tree.verdict("a") == "unplanned")
    os.kill(pid, signal.SIGKILL)
    said, _ = hook.communicate(timeout=60)
    assert said.startswith("a: killed after "), said
    assert hook.returncode == 1


def test_a_drain_that_can_tell_nobody_says_so(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    broken = ("strace", "-f", "-qqq", "-o", "/dev/null", "-e", "inject=getdents64:error=EIO")
    done = tree.ctl("drain", before=broken)
    assert done.returncode == 1
    assert f"cannot drain the gateways: cannot list {tree.scandir}: Input/output error" in done.stderr
    assert tree.pid("a") > 0
