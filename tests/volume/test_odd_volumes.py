"""Volumes that refuse single operations: what only strengthens a guarantee is no condition of the work."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from odd_tree import OddTree
from odd_volume import ODDITIES, OddVolume
from places import PROBE_VOLUME
from poll import wait_until
from s6_tree import S6Tree

MakeTree = Callable[..., OddTree]


def leftovers(home: Path) -> list[str]:
    return [str(path.relative_to(home)) for path in home.rglob(".*.tmp-*")]


@pytest.mark.parametrize("oddity", ODDITIES)
def test_every_verb_works_on_a_volume_that_refuses_an_optional_guarantee(odd_tree: MakeTree, oddity: str) -> None:
    odd = odd_tree(**ODDITIES[oddity])
    tree = odd.tree
    for name in ("stays", "ends"):
        odd.profile(name)
        odd.ctl("register", name)
    odd.ctl("start", "stays", "ends")
    first = odd.wait_running("stays")
    odd.wait_running("ends")

    odd.ctl("restart", "stays")
    second = odd.wait_running("stays", other_than=first)
    assert tree.intent("stays")["desired_state"] == tree.state("stays")["desired_state"] == "running"
    refused = tree.ctl("-p", "stays", "run", "--", "true")
    assert refused.returncode != 0 and f"runs already: pid {second}" in refused.stderr

    odd.ctl("-p", "stays", "marker", "write", "--pid", str(second))
    assert str(second) in odd.ctl("-p", "stays", "marker", "show")
    odd.ctl("-p", "stays", "marker", "clear")

    odd.ctl("stop", "ends")
    assert tree.intent("ends")["desired_state"] == tree.state("ends")["desired_state"] == "stopped"
    assert (tree.lifecycle("ends")["phase"], tree.lifecycle("ends")["clean"]) == ("exited", True)

    # Where nothing can be locked, the volume cannot be one container's, and every boot says so.
    unlocked = "a second container on this volume would not be noticed" if "lock" in ODDITIES[oddity] else ""
    odd.ctl("reconcile", complains=unlocked)
    assert json.loads(odd.ctl("--json", "plan", complains=unlocked))["changes"] is False
    odd.reboot()
    odd.ctl("reconcile", complains=unlocked)
    odd.wait_running("stays")
    assert (tree.pid("ends"), (tree.slot("ends") / "down").exists()) == (-1, True)
    if oddity != "no flush of a file":  # without it s6-log does not get past a log that was not finished
        # It cannot do without modes and locks either; then the container's log has it all.
        keeps_log = not ODDITIES[oddity].keys() & {"chmod", "lock"}
        logs = (lambda: tree.ctl("logs", "stays").stdout) if keeps_log else (tree.root / "console.log").read_text
        wait_until(lambda: "here is stays" in logs(), what="a line of the gateway in its log")

    odd.ctl("unregister", "ends")
    odd.ctl("stop", "stays")
    assert tree.slots() == ["gateway-default", "gateway-stays"]
    # Where nothing can be locked, a temporary file may be one that is being written now: it stays. Elsewhere `finish`
    # may still be writing what it has heard.
    if "lock" not in ODDITIES[oddity]:
        wait_until(lambda: not leftovers(tree.home), what="no leftovers")


@pytest.mark.parametrize("refused", ["no flock", "no modes", "no rename without replacing",
                                     "no flush of a directory (EINVAL)"])
def test_a_scandir_may_lie_on_such_a_volume(refused: str) -> None:
    tree = S6Tree()
    tree.profile("a")
    with OddVolume(tree.scandir, **ODDITIES[refused]):
        try:
            tree.start()
            assert tree.ctl("reconcile", check=True).stderr == ""
            tree.ctl("start", "a", check=True)
            tree.wait_up("a")
            taken = tree.ctl("register", "a")
            assert "already registered" in taken.stderr
            tree.ctl("stop", "a", check=True)
            tree.ctl("unregister", "a", check=True)
            assert tree.slots() == ["gateway-default"]
        finally:
            tree.stop()
    shutil.rmtree(tree.root)


@pytest.mark.parametrize("operation", ["fsync", "write", "chmod"])
@pytest.mark.parametrize("verb", ["stop", "start", "restart"])
def test_a_verb_that_the_volume_fails_leaves_the_intent_as_it_was(odd_tree: MakeTree, verb: str, operation: str) -> None:
    odd = odd_tree()
    tree = odd.tree
    odd.profile("a")
    odd.ctl("start", "a")
    odd.wait_running("a")
    if verb == "start":
        odd.ctl("stop", "a")
    before, wanted = tree.intent("a"), tree.svstat("a")["wantedup"]
    odd.volume.refuse(**{operation: errno.EIO})
    done = tree.ctl(verb, "a")
    odd.volume.refuse()
    assert done.returncode != 0 and "Input/output error" in done.stderr
    assert tree.intent("a") == before
    assert tree.svstat("a")["wantedup"] == wanted
    odd.reboot()
    odd.ctl("reconcile")
    assert (tree.slot("a") / "down").exists() == (verb == "start")


def test_an_intent_that_cannot_be_flushed_is_recorded_and_the_verb_says_both(odd_tree: MakeTree) -> None:
    odd = odd_tree()
    tree = odd.tree
    odd.profile("a")
    odd.ctl("start", "a")
    odd.wait_running("a")
    odd.volume.refuse(fsyncdir=errno.EIO)
    done = tree.ctl("stop", "a")
    odd.volume.refuse()
    assert done.returncode == 0 and tree.pid("a") == -1
    assert "is there, but a power cut may undo it" in done.stderr and "Input/output error" in done.stderr
    odd.reboot()
    odd.ctl("reconcile")
    assert (tree.slot("a") / "down").exists()


def test_the_probe_tells_what_a_volume_cannot_do(tmp_path: Path) -> None:
    def probe(**refusals: int) -> list[str]:
        (tmp_path / "volume").mkdir()
        with OddVolume(tmp_path / "volume", **refusals):
            done = subprocess.run([PROBE_VOLUME, tmp_path / "volume"], capture_output=True, text=True, check=True)
            assert list((tmp_path / "volume").iterdir()) == []
        (tmp_path / "volume").rmdir()
        return [line.split(":")[0] for line in done.stdout.splitlines()]

    assert probe() == []
    assert probe(flock=errno.ENOLCK) == ["lock a file with flock"]
    assert probe(**ODDITIES["none of all that"]) == [
        "flush a file", "flush a directory", "set the mode of a file", "give a file to its owner",
        "lock a file with flock", "lock a file with fcntl", "rename without replacing", "make a FIFO"]
