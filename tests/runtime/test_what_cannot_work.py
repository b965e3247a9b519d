"""What cannot work is said at once, with its cause."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

import pytest
from poll import wait_until
from s6_tree import S6Tree, Supervisor, as_user

PATIENCE = 8.0  # far below the ten seconds for which a slot is waited for, and the sixty of a start


@pytest.fixture
def noexec() -> Iterator[S6Tree]:
    tree = S6Tree(Supervisor.OF_USER)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec,mode=755,uid=10000,gid=10000", "scandir", tree.scandir], check=True)
    try:
        with tree:
            yield tree
            tree.stop()
            subprocess.run(["umount", tree.scandir], check=True)
    finally:
        subprocess.run(["umount", "-l", tree.scandir], check=False, stderr=subprocess.DEVNULL)


def test_a_scandir_that_forbids_execution(noexec: S6Tree) -> None:
    noexec.profile("a", state={"gateway_state": "running", "desired_state": "running"})
    done = noexec.ctl("reconcile")
    assert done.returncode == 1 and "mounted noexec" in done.stderr and "started" not in done.stdout
    assert "action=skipped" in next(line for line in noexec.boot_log() if "profile=a " in line)
    for verb in ("start", "restart"):
        begin = time.monotonic()
        done = noexec.ctl(verb, "a")
        assert done.returncode != 0 and "mounted noexec" in done.stderr, done
        assert time.monotonic() - begin < PATIENCE
    assert noexec.intent("a")["desired_state"] == "running"


@pytest.fixture
def small() -> Iterator[S6Tree]:
    """An s6-svscan that takes four services."""
    tree = S6Tree(Supervisor.OF_USER)
    words = [*as_user(10000), *tree.environment({"HERMES_HOME": "", "S6_PROFILE_GATEWAY_SCANDIR": ""}),
             "env", "--default-signal=INT,QUIT", "s6-svscan", "-c", "4", str(tree.scandir)]
    with (tree.root / "console.log").open("ab") as console:
        tree.svscan = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
    try:
        wait_until(tree.is_live, what="s6-svscan")
        yield tree
    finally:
        tree.__exit__()


def test_more_services_than_s6_svscan_takes(small: S6Tree) -> None:
    for name in "abcdef":
        small.profile(name, state={"gateway_state": "running", "desired_state": "running"})
    begin = time.monotonic()
    done = small.ctl("reconcile")
    assert time.monotonic() - begin < PATIENCE
    assert done.returncode == 1
    assert "at most 4 services" in done.stderr and "-c" in done.stderr
    assert done.stdout.count("started") == 3, done.stdout  # and the default profile, down
    begin = time.monotonic()
    done = small.ctl("start", "f")
    assert done.returncode != 0 and "at most 4 services" in done.stderr
    assert time.monotonic() - begin < PATIENCE
    # The way out that is named helps.
    for name in ("a", "d", "e"):
        small.ctl("unregister", name, check=True)
    small.ctl("start", "f", check=True)


def test_the_descriptors_of_all_do_not_grow_with_their_number(user_tree: S6Tree) -> None:
    """One loop watches all of them: forty gateways with as many descriptors as ten need."""
    for index in range(40):
        user_tree.profile(f"p{index}", state={"gateway_state": "running", "desired_state": "running"})
    user_tree.ctl("reconcile", check=True)
    before = {f"p{index}": user_tree.wait_up(f"p{index}") for index in range(40)}
    few = ("prlimit", "--nofile=24")
    done = user_tree.ctl("restart", *before, before=few, check=True)
    assert "40 restarted, 0 failed" in done.stdout
    assert all(user_tree.pid(name) not in (-1, pid) for name, pid in before.items())
    done = user_tree.ctl("stop", "--all", before=few, check=True)
    assert "41 stopped, 0 failed" in done.stdout
