"""--dry-run of start, stop and restart: what they would do, while nothing is touched."""

from __future__ import annotations

import json

import pytest
from s6_tree import S6Tree
from volume import snapshot

NOT_REGISTERED = 4


def profiles(tree: S6Tree) -> dict[str, int]:
    """One of each kind; the pids of those that are up."""
    tree.profile("down")
    tree.profile("up")
    tree.ctl("register", "down", check=True)
    tree.ctl("start", "up", check=True)
    tree.profile("new")
    return {"up": tree.wait_up("up")}


def test_each_verb_says_what_it_would_do_and_touches_nothing(tree: S6Tree) -> None:
    pid = profiles(tree)["up"]
    before = snapshot(tree.home), snapshot(tree.scandir)
    said = {verb: tree.ctl(verb, "--dry-run", "down", "up", check=True).stdout.splitlines() for verb in ("start", "stop", "restart")}
    assert said == {
        "start": ["would start down: it comes up; its intent becomes running (now: none)",
                  f"would start up: it is up already, pid {pid}", "2 would be started, 0 failed"],
        "stop": ["would stop down: it is down already; its intent becomes stopped (now: none)",
                 f"would stop up: pid {pid} gets SIGTERM and up to 60 s to drain; its intent becomes stopped (now: running)",
                 "2 would be stopped, 0 failed"],
        "restart": ["would restart down: it is down, and comes up; its intent becomes running (now: none)",
                    f"would restart up: pid {pid} gets SIGTERM and up to 60 s to drain, and then its next life begins",
                    "2 would be restarted, 0 failed"],
    }
    assert (snapshot(tree.home), snapshot(tree.scandir)) == before
    assert tree.pid("up") == pid


def test_what_would_be_registered_is_said_and_what_would_be_refused_is_refused(tree: S6Tree) -> None:
    profiles(tree)
    done = tree.ctl("start", "-n", "new", check=True)
    assert done.stdout == "would start new: it is registered, and comes up; its intent becomes running (now: none)\n"
    for verb in ("stop", "restart"):
        done = tree.ctl(verb, "--dry-run", "new")
        assert done.returncode == NOT_REGISTERED
        assert f"cannot {verb} 'new': 'new' is not registered" in done.stderr
    assert tree.ctl("start", "--dry-run", "nobody").returncode == 1
    assert not tree.slot("new").exists()


@pytest.mark.parametrize(("verb", "named"), [
    ("start", ["default", "down", "up"]), ("stop", ["default", "down", "up"]), ("restart", ["up"])])
def test_all_means_the_same_ones_as_without(tree: S6Tree, verb: str, named: list[str]) -> None:
    profiles(tree)
    said = json.loads(tree.ctl("--json", verb, "--all", "--dry-run", check=True).stdout)
    assert (said["dry_run"], said["failed"], [one["profile"] for one in said["results"]]) == (True, 0, named)
    assert {one["outcome"] for one in said["results"]} == {f"would {verb}"}
