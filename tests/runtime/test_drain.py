"""`gatewayctl drain`: what the container's stop hook does and says. The whole stop is in tests/boot."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading

import pytest
from places import GATEWAYCTL
from poll import children, is_gone, wait_until
from s6_tree import S6Tree


def front(tree: S6Tree, **settings: object) -> None:
    """Every gateway stands behind `gatewayctl run`."""
    run = [str(GATEWAYCTL), "run", "--ready-after", "1", "--"]
    tree.config(command=[*run, str(tree.root / "play"), "{profile}"], **settings)


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


def test_a_gateway_whose_slot_cannot_be_read_is_not_called_down(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    (tree.slot("a") / "run").chmod(0)
    done = tree.ctl("drain")
    assert done.returncode == 1
    assert "its run file cannot be read" in done.stdout + done.stderr, done
    (tree.slot("a") / "run").chmod(0o755)
    assert tree.pid("a") > 0


def test_a_drain_that_can_tell_nobody_says_so(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    broken = ("strace", "-f", "-qqq", "-o", "/dev/null", "-e", "inject=getdents64:error=EIO")
    done = tree.ctl("drain", before=broken)
    assert done.returncode == 1
    assert f"cannot drain the gateways: cannot list {tree.scandir}: Input/output error" in done.stderr
    assert tree.pid("a") > 0


def test_a_gateway_whose_child_had_to_be_killed_is_not_called_drained(user_tree: S6Tree) -> None:
    """The one ends in order, as its supervisor sees it: what it noted of its stop tells."""
    tree = user_tree
    front(tree, drain_timeout="1")
    tree.profile("hangs", "--drain-ms 60000")
    tree.profile("well", "--drain-ms 50")
    tree.ctl("start", "hangs", "well", check=True)
    done = tree.ctl("drain")
    assert done.returncode == 1
    assert re.search(r"^hangs: killed after .* \(its stop came as far as 'timed out'\)$", done.stdout, re.MULTILINE), done
    assert re.search(r"^well: drained after \S+ s$", done.stdout, re.MULTILINE), done


def test_a_gateway_that_crashed_in_its_drain_is_not_called_drained(user_tree: S6Tree) -> None:
    tree = user_tree
    front(tree)
    tree.profile("a", "--drain-ms 60000")
    tree.ctl("start", "a", check=True)
    hook = subprocess.Popen(tree.argv("drain"), stdout=subprocess.PIPE, text=True)
    wait_until(lambda: "drain-begin" in tree.events("a"), what="the drain")
    os.kill(children(tree.pid("a"))[0], signal.SIGSEGV)
    said, _ = hook.communicate(timeout=60)
    assert re.match(r"a: killed after .* \(its stop came as far as 'draining'\)$", said), said


def test_a_gateway_that_its_supervisor_killed_is_not_called_drained(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a", "--ignore-term")
    tree.ctl("start", "a", check=True)
    (tree.slot("a") / "timeout-kill").write_text("300")
    done = tree.ctl("drain")
    assert re.match(r"a: killed after .* \(it ended by SIGKILL\)$", done.stdout), done
    assert done.returncode == 1


def test_what_an_earlier_stop_noted_says_nothing_of_this_one(user_tree: S6Tree) -> None:
    tree = user_tree
    directory = tree.profile("a", "--drain-ms 10")
    tree.write(directory / ".clean_shutdown", "timed out\n")
    tree.ctl("start", "a", check=True)
    assert tree.ctl("drain", check=True).stdout.startswith("a: drained after")


@pytest.mark.parametrize("fronted", [True, False], ids=["behind run", "alone"])
def test_one_without_a_supervisor_is_drained_too_and_only_what_it_noted_is_said(user_tree: S6Tree, fronted: bool) -> None:
    tree = user_tree
    if fronted:
        front(tree)
    tree.profile("a", "--drain-ms 50")
    tree.ctl("start", "a", check=True)
    gateway = tree.pid("a")
    os.kill(tree.svscan.pid, signal.SIGSTOP)  # it would start another supervisor
    os.kill(tree.supervise_pid("a"), signal.SIGKILL)
    wait_until(lambda: not tree.supervised(tree.slot("a")), what="the end of the supervisor")
    done = tree.ctl("drain")
    if fronted:
        assert is_gone(gateway)
        assert done.stdout.startswith("a: drained after"), done
    os.kill(tree.svscan.pid, signal.SIGCONT)


@pytest.mark.serial
def test_two_hundred_gateways_are_told_at_once_by_a_few_processes(user_tree: S6Tree) -> None:
    """They drain side by side, and the hook's own need does not grow with them."""
    tree = user_tree
    names = [f"g{index:03}" for index in range(200)]
    for name in names:
        tree.profile(name, "--drain-ms 3000")
    tree.ctl("reconcile", check=True)
    tree.ctl("start", "--no-wait", *names, check=True, timeout=300)
    wait_until(lambda: all("ready" in tree.events(name) for name in names), 120, what="all to be up")
    limited = ("prlimit", "--nofile=64", "--")
    hook = subprocess.Popen(tree.argv("drain", before=limited), stdout=subprocess.PIPE, text=True)
    most = side_by_side = 0

    def look() -> None:
        nonlocal most, side_by_side
        while hook.poll() is None:
            most = max(most, len(children(hook.pid)))
            side_by_side = max(side_by_side, sum("drain-begin" in (all := tree.events(name)) and "drain-end" not in all
                                                     for name in names))

    looker = threading.Thread(target=look)
    looker.start()
    said, _ = hook.communicate(timeout=60)
    looker.join()
    assert sum(": drained after" in line for line in said.splitlines()) == len(names), said
    assert most <= 8
    assert side_by_side > len(names) / 2


def test_a_stop_says_so_when_it_cut_off_the_work(user_tree: S6Tree) -> None:
    """It is stopped; what was lost is said beside it."""
    tree = user_tree
    front(tree, drain_timeout="1")
    tree.profile("hangs", "--drain-ms 60000")
    tree.profile("well", "--drain-ms 10")
    tree.ctl("start", "hangs", "well", check=True)
    done = tree.ctl("stop", "hangs", "well", check=True)
    assert done.stdout.startswith("stopped hangs\nstopped well\n")
    assert "hangs: its drain was cut off: its stop came as far as 'timed out'" in done.stderr, done.stderr
    assert "well:" not in done.stderr
    tree.part("hangs", "--ignore-term")
    tree.ctl("start", "hangs", check=True)
    forced = tree.ctl("stop", "--force", "--timeout", "0", "hangs", check=True)
    assert "its drain was cut off: it ended by SIGKILL" in forced.stderr, forced.stderr


def test_a_pass_brings_up_what_was_drained_until_then(user_tree: S6Tree) -> None:
    tree = user_tree
    for name in ("a", "b", "c"):
        tree.profile(name, "--drain-ms 50")
        tree.ctl("start", name, check=True)
    tree.ctl("drain", "b", check=True)
    tree.ctl("drain", "--until-pass", "a", "b", check=True)
    tree.ctl("drain", "c", check=True)
    tree.ctl("reconcile", check=True)
    for name in ("a", "b"):
        tree.wait_up(name)
    assert tree.pid("c") == -1, "only the next supervisor brings it up"
