"""A boot pass below a living s6-svscan, and an operator who asks for something else between its look and its deed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from poll import wait_until
from s6_tree import S6Tree

LOCK = ".gateway-operation.lock"


@contextlib.contextmanager
def operating(tree: S6Tree, profile: str) -> Iterator[Callable[[], None]]:
    """The lock of an operation, held until its end or until the function is called."""
    with open_lock(tree, profile) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lambda: fcntl.flock(lock, fcntl.LOCK_UN)


def open_lock(tree: S6Tree, profile: str) -> IO[str]:
    path = tree.directory(profile) / LOCK
    lock = path.open("a")
    tree.own(path)
    return lock


def waits_for(process: subprocess.Popen[str], lock: Path) -> bool:
    assert process.poll() is None, process.communicate()
    pids = [process.pid, *(int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())]
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if os.readlink(descriptor) == str(lock):
                    return True
    return False


def record(tree: S6Tree, name: str, wanted: str) -> None:
    """What an operation records."""
    intent, state = tree.intent(name), tree.state(name)
    generation = intent["generation"] + 1
    tree.write(tree.intent_file(name), {**intent, "desired_state": wanted, "generation": generation})
    tree.write(tree.state_file(name), {**state, "desired_state": wanted, "desired_generation": generation})


def be_wanted_and_down(tree: S6Tree, name: str) -> None:
    """What a start leaves that was killed between its record and its command."""
    tree.profile(name)
    tree.ctl("start", name, check=True)
    tree.ctl("stop", name, check=True)
    record(tree, name, "running")


@pytest.mark.parametrize("wanted", ["stopped", "running"])
def test_a_pass_looks_at_the_intent_again_before_it_brings_up(tree: S6Tree, wanted: str) -> None:
    be_wanted_and_down(tree, "a")
    with operating(tree, "a") as end:
        done = tree.begin("reconcile")
        wait_until(lambda: waits_for(done, tree.directory("a") / LOCK), what="the pass to wait for the operation")
        record(tree, "a", wanted)
        end()
        out, err = done.communicate(timeout=60)
    assert done.returncode == 0, out + err
    if wanted == "running":
        tree.wait_up("a")
        assert not (tree.slot("a") / "down").exists()
        return
    assert "a: something else was asked for while this pass was under way" in err
    assert "overtaken" in out
    assert (tree.slot("a") / "down").exists()
    assert not tree.svstat("a")["wantedup"]


def test_a_pass_leaves_a_slot_as_it_is_while_an_operation_does_not_end(tree: S6Tree) -> None:
    be_wanted_and_down(tree, "a")
    tree.profile("b")
    tree.ctl("start", "b", check=True)
    with operating(tree, "a"):
        done = tree.ctl("reconcile")
    assert done.returncode == 1
    assert "its slot is left as it is: another process holds the lock" in done.stderr
    assert (tree.slot("a") / "down").exists()
    assert tree.pid("a") == -1
    assert tree.pid("b") > 0
    tree.ctl("reconcile", check=True)
    tree.wait_up("a")


def test_down_goes_with_the_command(tree: S6Tree) -> None:
    """A pass that is killed in between leaves the next one something to do."""
    be_wanted_and_down(tree, "a")
    [planned] = [one for one in tree.json("plan")["profiles"] if one["profile"] == "a"]
    assert [step["step"] for step in planned["steps"]] == ["bring-up"]
    tree.ctl("reconcile", check=True)
    tree.wait_up("a")
    assert not (tree.slot("a") / "down").exists()
    assert tree.ctl("plan", "--detailed-exitcode").returncode == 0


@pytest.mark.parametrize("verb", ["register", "start"])
def test_a_slot_that_a_pass_has_made_meanwhile_is_registered(tree: S6Tree, verb: str) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    tree.ctl("unregister", "a", check=True)
    ports = tree.home / ".gateway-ports.lock"
    with ports.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        typed = tree.begin(verb, "a")
        wait_until(lambda: waits_for(typed, ports), what=f"the {verb} to wait for the ports")
        passed = tree.begin("reconcile")
        wait_until(lambda: waits_for(passed, ports), what="the pass to wait for the ports")
    for process in (typed, passed):
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err
    assert "unregistered" not in tree.read(tree.service_file("a"))
    assert tree.slots() == ["gateway-a", "gateway-default"]
    if verb == "start":
        tree.wait_up("a")
