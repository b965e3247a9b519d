"""What is not ours in the scandir is never touched."""

from __future__ import annotations

import pytest
from things import put
from volume import RUNNING, Volume, snapshot


def test_foreign_entries_of_the_scandir_are_never_touched(volume: Volume) -> None:
    foreign = volume.scandir
    for name in ("s6rc-fdholder", "s6-linux-init-shutdownd", "gateway", "gateway-", "gateway-Big", ".hidden"):
        volume.write(foreign / name / "run", "#!/bin/sh\n")
    (foreign / "dashboard").symlink_to("/run/s6-rc/servicedirs/dashboard")
    volume.write(foreign / "gateway-handmade/run", "#!/bin/sh\nexec mine\n")
    (foreign / "gateway-link").symlink_to("gateway-handmade")
    before = snapshot(foreign)
    volume.profile("a", RUNNING)
    volume.reconcile()
    after = snapshot(foreign)
    for name in before.keys() - {"."}:
        assert after[name] == before[name]


def test_a_slot_of_another_home_is_left_alone(volume: Volume) -> None:
    other = volume.root / "other"
    volume.write(other / "profiles/a/SOUL.md", "")
    volume.write(other / "profiles/b/SOUL.md", "")
    volume.run("--home", str(other), "reconcile", check=True)
    before = {name: entry for name, entry in snapshot(volume.scandir).items() if name.startswith("gateway-")}
    volume.profile("a", RUNNING)
    volume.profile("c", RUNNING)
    done = volume.run("reconcile")
    assert done.returncode == 1
    assert f"it belongs to the home {other}" in done.stderr
    after = snapshot(volume.scandir)
    assert {name: after[name] for name in before} == before
    assert volume.slots()["c"] == "up"


@pytest.mark.parametrize("thing", ["symlink", "dangling", "file", "fifo", "directory"])
def test_a_foreign_thing_in_place_of_a_slot_concerns_that_profile_alone(volume: Volume, thing: str) -> None:
    for name in ("a", "b", "c"):
        volume.profile(name, RUNNING)
    outside = volume.root / "outside"
    volume.write(outside / "run", "precious")
    put(thing, volume.scandir / "gateway-b", outside)
    before = snapshot(volume.scandir).get("gateway-b"), snapshot(outside)
    done = volume.run("reconcile")
    assert done.returncode == 1
    assert "gateway-b is left alone" in done.stderr
    assert (snapshot(volume.scandir).get("gateway-b"), snapshot(outside)) == before
    assert {"a", "c"} <= volume.slots().keys()
