"""A home is its directory, however it is spelled: one canonical form, made once, and comparison by device and inode."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator

import pytest
from poll import is_gone, wait_until
from s6_tree import S6Tree

# From the root of the tree: `home` is the home, `link` leads to it, `mount` is a bind mount of it, `inside` and
# `chat` lead to its profile. `far` leads to a directory elsewhere, so that `far/..` is the home.
HOMES = ["home", "home/", "home//", ".//home/./", "home/profiles/..", "far/../../home", "link", "link/", "mount", "mount/profiles/a/../..",
         "link/profiles/a/../../"]
PROFILES = ["home/profiles/a", "home/profiles/a/", "home//profiles/./a//", "link/profiles/a", "mount/profiles/a/", "inside", "inside/",
            "link/profiles/b/../a", "chat"]


@pytest.fixture(scope="module")
def spelled() -> Iterator[S6Tree]:
    with S6Tree() as tree:
        for name in ("a", "b"):
            tree.profile(name)
        (tree.root / "link").symlink_to("home")
        (tree.root / "inside").symlink_to("home/profiles/a")
        (tree.root / "chat").symlink_to(tree.root / "link/profiles/a")
        (tree.home / "deep").mkdir()
        (tree.root / "far").symlink_to("home/deep")
        mount = tree.root / "mount"
        mount.mkdir()
        subprocess.run(["mount", "--bind", tree.home, mount], check=True)
        try:
            tree.ctl("reconcile", check=True)
            yield tree
        finally:
            subprocess.run(["umount", "-l", mount], check=True)


def at(tree: S6Tree, spelling: str) -> dict[str, str]:
    return {"HERMES_HOME": f"{tree.root}/{spelling}"}


@pytest.mark.parametrize("spelling", [*HOMES, *PROFILES])
def test_every_spelling_of_a_home_is_that_home(spelled: S6Tree, spelling: str) -> None:
    tree, env = spelled, at(spelled, spelling)
    # A slot names the path that it was made under, and a bind mount is one as good as the other.
    tree.ctl("reconcile", env=env if spelling.startswith("mount") else None, check=True)
    assert not tree.json("plan", env=env)["changes"]
    assert tree.json("status", "a", env=env)["gateways"][0]["registered"]
    tree.ctl("start", "a", env=env, check=True)
    assert tree.status("a")["state"] == "running"
    tree.ctl("stop", "a", env=env, check=True)
    assert tree.verdict("a") == "planned"
    assert tree.intent("a")["desired_state"] == "stopped"


def test_a_relative_home_and_one_beside_the_variable(spelled: S6Tree) -> None:
    tree = spelled
    tree.ctl("reconcile", check=True)
    relative = subprocess.run(tree.argv("--json", "plan", env={"HERMES_HOME": "home"}), cwd=tree.root, capture_output=True,
                              text=True, check=True)
    assert '"changes":false' in relative.stdout.replace(" ", "")
    with_flag = tree.ctl("--home", f"{tree.root}/link/", "plan", "--detailed-exitcode", env={"HERMES_HOME": "/nowhere"})
    assert with_flag.returncode == 0, with_flag.stderr


@pytest.mark.parametrize("spelling", PROFILES)
def test_every_spelling_of_a_profile_is_that_profile(spelled: S6Tree, spelling: str) -> None:
    """For the verbs that act on the caller's own."""
    tree = spelled
    with subprocess.Popen(["sleep", "60"]) as target:
        tree.ctl("marker", "write", "--pid", str(target.pid), env=at(tree, spelling), check=True)
        assert tree.marker("a").exists()
        shown = tree.ctl("marker", "consume", "--pid", str(target.pid), env=at(tree, "home/profiles/a"))
        assert shown.returncode == 0, shown.stderr
        target.kill()
    assert not tree.marker("a").exists()


@pytest.mark.parametrize("key", ["target_hermes_home", "target_home"])
@pytest.mark.parametrize("spelling", [word for word in PROFILES if word != "chat"])
def test_a_marker_may_spell_its_home_in_any_way(spelled: S6Tree, spelling: str, key: str) -> None:
    tree = spelled
    with subprocess.Popen(["sleep", "60"]) as target:
        tree.ctl("-p", "a", "marker", "write", "--pid", str(target.pid), check=True)
        marker = tree.read(tree.marker("a"))
        tree.write(tree.marker("a"), {**{name: value for name, value in marker.items() if "home" not in name},
                                      key: f"{tree.root}/{spelling}"})
        assert tree.ctl("-p", "a", "marker", "consume", "--pid", str(target.pid)).returncode == 0
        target.kill()


@pytest.mark.parametrize("spelling", PROFILES)
def test_run_holds_the_profile_under_every_spelling(spelled: S6Tree, spelling: str) -> None:
    tree = spelled
    words = ("run", "--ready-after", "1", "--", "sleep", "60")
    first = tree.begin(*words, env=at(tree, spelling))
    try:
        wait_until(lambda: tree.read(tree.directory("a") / ".gateway-run.json").get("pid") == first.pid, what="its record")
        second = tree.ctl(*words, env=at(tree, "home/profiles/a"))
        assert second.returncode != 0 and f"pid {first.pid}" in second.stderr
    finally:
        first.send_signal(signal.SIGTERM)
        first.communicate()
    wait_until(lambda: is_gone(first.pid), what="its end")
