"""A second pass, one after an interrupted one, and several at once."""

from __future__ import annotations

import signal
import subprocess

from volume import BAD, RUNNING, STATES, STOPPED, Volume, snapshot


def test_a_second_pass_changes_nothing(volume: Volume) -> None:
    for path in [*STATES, *BAD]:
        volume.profile(f"p-{path.stem}".lower(), f"{path.parent.name}/{path.name}")
    volume.reconcile()
    before = snapshot(volume.scandir)
    profiles = snapshot(volume.home / "profiles")
    report = volume.reconcile()
    assert snapshot(volume.scandir) == before
    assert snapshot(volume.home / "profiles") == profiles
    assert report["changes"] is False
    assert all(record["steps"] == [] for record in report["profiles"])


def test_a_changed_intent_makes_down_come_and_go_and_leaves_the_rest(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.profile("b", RUNNING)
    volume.reconcile()
    before = snapshot(volume.scandir)
    volume.profile("a", STOPPED)
    volume.reconcile()
    now = snapshot(volume.scandir)
    assert now.keys() - before.keys() == {"gateway-a/down", "gateway-a/log/down"}
    volume.profile("a", {**RUNNING, "desired_state": "running"})
    volume.reconcile()
    now = snapshot(volume.scandir)
    assert now.keys() == before.keys()
    kept = [name for name in before if before[name].kind == "-"]
    assert all(now[name] == before[name] for name in kept)


def test_a_slot_that_was_changed_by_hand_is_made_right_again(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.reconcile()
    good = {name: (e.kind, e.mode, e.content) for name, e in snapshot(volume.scandir).items()}
    slot = volume.scandir / "gateway-a"
    (slot / "finish").write_text("#!/bin/sh\n")
    (slot / "log/run").unlink()
    (slot / "supervise/control").unlink()
    volume.write(slot / "notification-fd", "7\n")
    volume.reconcile()
    assert {name: (e.kind, e.mode, e.content) for name, e in snapshot(volume.scandir).items()} == good


def test_what_an_interrupted_pass_left_is_cleaned(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    for leftover in (".gateway-a.new", ".gateway-x.gone"):
        volume.write(volume.scandir / leftover / "log/run", "half")
    volume.reconcile()
    assert volume.slots() == {"a": "up", "default": "down"}
    assert sorted(path.name for path in volume.scandir.glob(".gateway-*")) == []


def test_a_pass_that_is_killed_leaves_dot_names_only(volume: Volume) -> None:
    """#54834: killed with its first slot whole and not yet renamed; a rescan at that moment must find nothing."""
    volume.profile("a", RUNNING)
    killed = volume.run("reconcile", before=("strace", "-f", "-qqq", "-o", "/dev/null", "-e", "inject=renameat2:signal=KILL"))
    assert killed.returncode == -signal.SIGKILL
    left = [path.name for path in volume.scandir.iterdir()]
    assert any("gateway-default" in name for name in left)
    assert [name for name in left if not name.startswith(".")] == []
    volume.reconcile()
    assert volume.slots() == {"a": "up", "default": "down"}
    assert not list(volume.scandir.glob(".gateway-*"))


def test_a_slot_whose_profile_is_gone_is_retired(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    directory = volume.profile("b", RUNNING)
    volume.reconcile()
    for path in directory.iterdir():
        path.unlink()
    directory.rmdir()
    report = volume.reconcile()
    assert [record["profile"] for record in report["retired"]] == ["b"]
    assert volume.slots() == {"a": "up", "default": "down"}


def test_two_passes_at_once_end_like_one(volume: Volume) -> None:
    for index in range(30):
        volume.profile(f"p{index}", RUNNING)
    passes = [subprocess.Popen(volume.argv("reconcile"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               **volume.options()) for _ in range(4)]
    for one in passes:
        _, err = one.communicate(timeout=60)
        assert one.returncode == 0, err
    assert set(volume.slots()) == {"default", *(f"p{index}" for index in range(30))}
    assert volume.run("plan", "--detailed-exitcode").returncode == 0
