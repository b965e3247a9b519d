"""Symlinks in the place of profiles: one's own, inside the volume, are followed; every other is told of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from places import USER
from s6_tree import S6Tree


def link(at: Path, target: Path | str, owner: int = USER) -> None:
    at.symlink_to(target)
    os.chown(at, owner, owner, follow_symlinks=False)


def move(tree: S6Tree, source: Path, name: str) -> Path:
    """Somewhere else in the home."""
    store = tree.home / "store"
    tree.tool("mkdir", "-p", str(store))
    source.rename(store / name)
    return store / name


def one_profile(tree: S6Tree) -> None:
    link(tree.directory("a"), move(tree, tree.directory("a"), "of-a"))


def one_profile_relatively(tree: S6Tree) -> None:
    move(tree, tree.directory("a"), "of-a")
    link(tree.directory("a"), "../store/of-a")


def all_profiles(tree: S6Tree) -> None:
    link(tree.home / "profiles", move(tree, tree.home / "profiles", "all"))


@pytest.mark.parametrize("moved", [one_profile, one_profile_relatively, all_profiles])
def test_what_lies_elsewhere_in_the_volume_is_a_profile_like_others(tree: S6Tree, moved: object) -> None:
    tree.profile("a")
    moved(tree)  # type: ignore[operator]
    assert tree.ctl("reconcile").returncode == 0
    tree.ctl("start", "a", check=True)
    assert tree.wait_up("a") > 0
    assert tree.intent("a")["desired_state"] == "running"
    tree.ctl("reconcile", check=True)
    assert tree.json("plan")["changes"] is False, "and it is no copy of itself"
    status = tree.status("a")
    assert (status["state"], status["findings"]) == ("running", [])
    tree.ctl("stop", "a", check=True)
    assert tree.intent("a")["desired_state"] == "stopped"
    assert [one["profile"] for one in tree.json("list")["profiles"]] == ["default", "a"]


def out_of_the_volume(tree: S6Tree) -> None:
    tree.directory("a").rename(tree.root / "elsewhere")
    link(tree.directory("a"), tree.root / "elsewhere")


def of_somebody_else(tree: S6Tree) -> None:
    link(tree.directory("a"), move(tree, tree.directory("a"), "of-a"), owner=0)


def to_another_profile(tree: S6Tree) -> None:
    move(tree, tree.directory("a"), "of-a")
    link(tree.directory("a"), "b")


def to_nothing(tree: S6Tree) -> None:
    move(tree, tree.directory("a"), "of-a")
    link(tree.directory("a"), "../nowhere")


@pytest.mark.parametrize("led", [out_of_the_volume, of_somebody_else, to_another_profile, to_nothing])
def test_every_other_link_is_told_of_and_not_followed(user_tree: S6Tree, led: object) -> None:
    user_tree.profile("a", state={"gateway_state": "running"})
    user_tree.profile("b", state={"gateway_state": "running"})
    led(user_tree)  # type: ignore[operator]
    done = user_tree.ctl("reconcile")
    assert done.returncode == 1 and "symbolic link" in done.stdout + done.stderr, done
    assert any("profile=a " in line and "symbolic-link" in line for line in user_tree.boot_log()), user_tree.boot_log()
    assert "symbolic link" in user_tree.ctl("status").stdout
    started = user_tree.ctl("start", "a")
    assert started.returncode != 0 and not user_tree.slot("a").exists(), started
    assert user_tree.wait_up("b") > 0, "the others go on"


def test_names_are_as_long_as_the_supervisor_takes_them(tree: S6Tree) -> None:
    name = "n" * 240
    tree.profile(name)
    tree.ctl("reconcile", check=True)
    tree.ctl("start", name, check=True)
    assert tree.wait_up(name) > 0
    tree.ctl("restart", name, check=True)
    tree.ctl("stop", name, check=True)
    tree.ctl("unregister", name, check=True)
    assert not tree.slot(name).exists()
