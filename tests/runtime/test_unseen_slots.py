"""A slot that was made, and of which s6-svscan was never told: its maker was killed in between."""

from __future__ import annotations

import pytest
from poll import wait_until
from s6_tree import S6Tree

# The first child of a pass is the tool that tells s6-svscan.
KILLED_AFTER_PUBLISHING = ("strace", "-f", "-qqq", "-o", "/dev/null", "-e", "inject=clone,clone3,fork,vfork:signal=KILL")


@pytest.fixture
def unseen(tree: S6Tree) -> S6Tree:
    tree.profile("a", state={"gateway_state": "running", "desired_state": "running"})
    assert tree.ctl("reconcile", before=KILLED_AFTER_PUBLISHING).returncode != 0
    wait_until(lambda: (tree.slot("a") / "run").exists(), what="the slot")
    assert not tree.supervised(tree.slot("a"))
    return tree


def test_a_pass_has_it_taken_up_and_says_started_when_it_is(unseen: S6Tree) -> None:
    steps = [step["step"] for step in unseen.json("plan")["profiles"][1]["steps"]]
    assert "take-up" in steps
    assert unseen.ctl("plan", "--detailed-exitcode").returncode == 2
    done = unseen.ctl("reconcile", check=True)
    assert "started" in done.stdout
    assert unseen.supervised(unseen.slot("a")) and unseen.supervised(unseen.slot("a") / "log")
    unseen.wait_up("a")
    assert unseen.ctl("plan", "--detailed-exitcode").returncode == 0


@pytest.mark.parametrize("verb", ["register", "start"])
def test_register_and_start_have_it_taken_up(unseen: S6Tree, verb: str) -> None:
    unseen.ctl(verb, "a", check=True)
    unseen.wait_up("a")


def test_started_is_not_said_of_what_the_supervisor_does_not_take_up(tree: S6Tree) -> None:
    """Here because it is told nothing: s6-svscanctl answers, and does nothing."""
    tools = tree.root / "tools"
    tools.mkdir()
    (tools / "s6-svscanctl").write_text("#!/bin/sh\nexit 0\n")
    (tools / "s6-svscanctl").chmod(0o755)
    tree.profile("a", state={"gateway_state": "running", "desired_state": "running"})
    done = tree.ctl("reconcile", env={"PATH": f"{tools}:/usr/bin:/bin"})
    assert done.returncode == 1
    assert "did not take up" in done.stderr and "started" not in done.stdout
    assert "action=skipped" in tree.boot_log()[-1]
