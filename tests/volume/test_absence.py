"""Absence is not deletion: a slot goes only for a profile that was provably deleted, and that is said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from s6_tree import S6Tree
from volume import RUNNING, Volume, by_profile, snapshot


@contextmanager
def mounted_over(place: Path, owner: int) -> Iterator[None]:
    """Another, empty volume where that one was: what a mount point shows whose volume is away."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"uid={owner},gid={owner},mode=755", "bare", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextmanager
def moved_away(place: Path) -> Iterator[None]:
    place.rename(place.with_name("away"))
    yield
    place.with_name("away").rename(place)


def up_and_down(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.profile("b")
    volume.reconcile()


def test_a_home_whose_volume_is_away_is_left_alone_and_said(volume: Volume) -> None:
    up_and_down(volume)
    slots = snapshot(volume.scandir)
    with mounted_over(volume.home, volume.owner):
        for words in (("reconcile",), ("plan",)):
            done = volume.run(*words)
            assert done.returncode == 1 and "seems to be away" in done.stderr, done
            assert "mount the volume" in done.stderr
        assert list(volume.home.iterdir()) == []  # nothing is written on the bare mount point
    assert snapshot(volume.scandir).keys() == slots.keys()
    volume.reconcile()


def test_no_verb_records_anything_on_a_bare_mount_point() -> None:
    with S6Tree() as tree:
        tree.part("default")
        tree.ctl("reconcile", check=True)
        tree.ctl("start", "default", check=True)
        pid = tree.wait_up("default")
        (tree.root / "gatewayctl.yaml").write_text((tree.home / "gatewayctl.yaml").read_text())
        environment = {"GATEWAYCTL_CONFIG": str(tree.root / "gatewayctl.yaml")}
        with mounted_over(tree.home, tree.owner):
            for verb in ("stop", "restart", "start"):
                done = tree.ctl(verb, "default", env=environment)
                assert done.returncode == 1 and "seems to be away" in done.stderr, done
            assert list(tree.home.iterdir()) == []
            assert tree.pid("default") == pid
        tree.ctl("stop", "default", check=True)


def test_profiles_that_are_away_while_the_home_is_there_retire_nothing(volume: Volume) -> None:
    up_and_down(volume)
    with moved_away(volume.home / "profiles"):
        before = snapshot(volume.home)
        done = volume.run("reconcile")
        assert done.returncode == 1 and "has no profiles/" in done.stderr
        assert snapshot(volume.home) == before
    assert volume.slots() == {"a": "up", "b": "down", "default": "down"}


def away_as_a_volume_of_profiles(volume: Volume) -> Path:
    return volume.home / "profiles"


def away_as_a_volume_of_one_profile(volume: Volume) -> Path:
    return volume.home / "profiles/a"


@pytest.mark.parametrize("place", [away_as_a_volume_of_profiles, away_as_a_volume_of_one_profile])
def test_an_empty_mount_point_deletes_no_profile(volume: Volume, place: Callable[[Volume], Path]) -> None:
    up_and_down(volume)
    with mounted_over(place(volume), volume.owner):
        plan = volume.plan()
        assert "a" in [kept["profile"] for kept in plan["kept"]] and plan["retired"] == []
        done = volume.run("reconcile")
        assert done.returncode == 1
        assert "gateway-a has no profile and is kept" in done.stderr
        assert any("profile=a " in line and "action=skipped" in line and "reason=orphan-kept" in line
                   for line in volume.boot_log())
    assert volume.slots() == {"a": "up", "b": "down", "default": "down"}
    volume.reconcile()


def test_a_slot_of_an_earlier_version_proves_nothing_until_it_is_made_anew(volume: Volume) -> None:
    up_and_down(volume)
    for name in ("a", "b"):
        run = volume.scandir / f"gateway-{name}/run"
        run.write_text("".join(line for line in run.read_text().splitlines(True) if "made for:" not in line))
    shutil.rmtree(volume.directory("a"))
    done = volume.run("reconcile")
    assert done.returncode == 1 and "earlier version" in done.stderr
    assert volume.slots().keys() == {"a", "b", "default"}
    shutil.rmtree(volume.directory("b"))  # its slot was made anew by that pass
    assert [retired["profile"] for retired in by_pass(volume)["retired"]] == ["b"]


def by_pass(volume: Volume) -> dict[str, list[dict[str, str]]]:
    return json.loads(volume.run("--json", "reconcile").stdout)


def test_all_that_is_retired_is_printed_and_logged(volume: Volume) -> None:
    up_and_down(volume)
    shutil.rmtree(volume.directory("a"))
    (volume.directory("b") / "SOUL.md").unlink()
    done = volume.run("reconcile", check=True)
    for name in ("a", "b"):
        assert [line.split()[-1] for line in done.stdout.splitlines() if line.split()[0] == name] == ["retired"]
        assert any(f"profile={name} " in line and "action=retired" in line and "reason=profile-gone" in line
                   for line in volume.boot_log())
    assert volume.slots() == {"default": "down"}
    assert volume.reconcile()["retired"] == []


def test_a_volume_that_is_mounted_anew_is_served_as_before(volume: Volume) -> None:
    """Its device has another number then: the slots of what is there follow, and may be retired from then on."""
    up_and_down(volume)
    copy = volume.root / "copy"
    subprocess.run(["cp", "-a", str(volume.home), str(copy)], check=True)
    with mounted_over(volume.home, volume.owner):
        subprocess.run(["cp", "-a", f"{copy}/.", str(volume.home)], check=True)
        volume.reconcile()
        assert volume.plan()["changes"] is False
        shutil.rmtree(volume.directory("a"))
        assert [retired["profile"] for retired in volume.reconcile()["retired"]] == ["a"]


# -- what was refused is not deleted ----------------------------------------------------------------------------


def profiles_as_a_symlink(tree: S6Tree) -> None:
    (tree.home / "profiles").rename(tree.root / "disk")
    (tree.home / "profiles").symlink_to(tree.root / "disk")


def one_profile_as_a_symlink(tree: S6Tree) -> None:
    tree.directory("a").rename(tree.root / "disk")
    tree.directory("a").symlink_to(tree.root / "disk")


@pytest.mark.parametrize("refused", [profiles_as_a_symlink, one_profile_as_a_symlink])
def test_what_was_refused_is_not_deleted(refused: Callable[[S6Tree], None]) -> None:
    with S6Tree() as tree:
        tree.profile("a")
        tree.ctl("start", "a", check=True)
        pid = tree.wait_up("a")
        refused(tree)
        done = tree.ctl("reconcile")
        assert done.returncode == 1, done.stderr
        assert any("action=skipped" in line and ("symbolic-link" in line or "unlistable-profiles" in line)
                   for line in tree.boot_log()), tree.boot_log()
        assert tree.pid("a") == pid
        for words in (("status", "a"), ("stop", "a"), ("start", "a"), ("list",)):
            said = tree.ctl(*words)
            assert "unregister" not in said.stdout + said.stderr, said
        assert "symbolic link" in tree.ctl("status", "a").stdout
        assert tree.pid("a") == pid


# -- a directory is its device and inode -------------------------------------------------------------------------


@contextmanager
def as_a_symlink(tree: S6Tree) -> Iterator[str]:
    (tree.root / "link").symlink_to(tree.home)
    yield str(tree.root / "link")


@contextmanager
def with_a_slash(tree: S6Tree) -> Iterator[str]:
    yield f"{tree.home}//"


@contextmanager
def as_a_profile_through_a_symlink(tree: S6Tree) -> Iterator[str]:
    (tree.root / "link").symlink_to(tree.directory("a"))
    yield f"{tree.root}/link/"


@contextmanager
def as_another_mount(tree: S6Tree) -> Iterator[str]:
    place = tree.root / "mount"
    place.mkdir()
    subprocess.run(["mount", "--bind", str(tree.home), str(place)], check=True)
    try:
        yield str(place)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("spelling", [as_a_symlink, with_a_slash, as_a_profile_through_a_symlink, as_another_mount])
def test_a_home_under_another_spelling_is_the_same_home(spelling: Callable[..., object]) -> None:
    with S6Tree() as tree:
        tree.profile("a")
        tree.profile("b")
        tree.ctl("start", "a", check=True)
        first = tree.wait_up("a")
        with spelling(tree) as home:  # type: ignore[attr-defined]
            assert [one["state"] for one in tree.json("--home", home, "status", "a")["gateways"]] == ["running"]
            tree.ctl("--home", home, "restart", "a", check=True)
            second = tree.wait_up("a", other_than=first)
            tree.ctl("--home", home, "reconcile", check=True)
            assert tree.pid("a") == second
            tree.ctl("--home", home, "stop", "a", check=True)
            assert tree.pid("a") == -1 and tree.verdict("a") == "planned"
            tree.ctl("--home", home, "unregister", "a", check=True)
        assert tree.slots() == ["gateway-b", "gateway-default"]


def test_a_marker_reaches_the_gateway_through_another_mount(volume: Volume) -> None:
    volume.profile("a")
    other = volume.root / "other"
    other.mkdir()
    subprocess.run(["mount", "--bind", str(volume.home), str(other)], check=True)
    try:
        mine = str(os.getpid())
        volume.run("--home", str(other), "-p", "a", "marker", "write", "--pid", mine, check=True)
        volume.run("-p", "a", "marker", "consume", "--pid", mine, check=True)
    finally:
        subprocess.run(["umount", str(other)], check=True)
