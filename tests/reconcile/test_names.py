"""Which directories are profiles, and which home it is."""

from __future__ import annotations

from volume import RUNNING, Volume


def test_names_are_sorted_default_first(volume: Volume) -> None:
    for name in ("zeta", "alpha", "0"):
        volume.profile(name)
    assert [record["profile"] for record in volume.reconcile()["profiles"]] == ["default", "0", "alpha", "zeta"]


def test_a_directory_without_a_soul_is_no_profile(volume: Volume) -> None:
    volume.write(volume.home / "profiles/empty/gateway_state.json", RUNNING)
    report = volume.reconcile()
    assert volume.slots() == {"default": "down"}
    assert report["invalid"] == []


def test_profiles_default_is_reserved(volume: Volume) -> None:
    volume.profile("x", RUNNING)
    volume.write(volume.home / "profiles/default/SOUL.md", "")
    volume.write(volume.home / "profiles/default/gateway_state.json", RUNNING)
    done = volume.run("reconcile", check=True)
    assert "profiles/default is reserved" in done.stderr
    assert volume.slots() == {"default": "down", "x": "up"}


def test_an_invalid_name_is_listed_with_its_reason(volume: Volume) -> None:
    volume.write(volume.home / "profiles/Michel/SOUL.md", "")
    done = volume.run("reconcile", check=True)
    assert "Michel" in done.stderr and "'M' is not allowed" in done.stderr
    assert any("profile=Michel" in line and "action=skipped" in line for line in volume.boot_log())


def test_an_empty_home_has_one_slot_down(volume: Volume) -> None:
    volume.reconcile()
    assert volume.slots() == {"default": "down"}


def test_a_home_that_is_a_profile_stands_for_its_root(volume: Volume) -> None:
    inner = volume.profile("a", RUNNING)
    volume.reconcile(env={"HERMES_HOME": str(inner)})
    assert volume.slots() == {"a": "up", "default": "down"}


def test_a_missing_home_is_an_error_with_a_way_out(volume: Volume) -> None:
    done = volume.run("--home", str(volume.root / "nowhere"), "reconcile")
    assert done.returncode == 78
    assert "HERMES_HOME" in done.stderr
