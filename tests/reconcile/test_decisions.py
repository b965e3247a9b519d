"""Which slot comes up: the states and intents that a volume can hold, good and broken."""

from __future__ import annotations

import json
import os

from places import FIXTURES
from volume import BAD, RUNNING, STATES, Volume, by_profile, snapshot


def test_every_recorded_state_gets_its_decision(volume: Volume) -> None:
    up = {"running", "draining", "degraded", "extra-keys", "with-bom", "intent-running-by-cli",
          "intent-running-runtime-failed", "migrated-legacy"}
    for path in STATES:
        volume.profile(path.stem, f"state/{path.name}")
    volume.reconcile()
    expected = {path.stem: "up" if path.stem in up else "down" for path in STATES}
    assert volume.slots() == {"default": "down", **expected}


def test_what_comes_up_without_an_intent_is_adopted(volume: Volume) -> None:
    """So that a first life which fails, or is killed in its first second, is not the last one."""
    volume.profile("a", RUNNING)
    volume.profile("b", {"gateway_state": "stopped"})
    steps = {name: [step["step"] for step in record["steps"]] for name, record in by_profile(volume.plan()).items()}
    assert "write-intent" in steps["a"] and "write-intent" not in steps["b"]
    assert not volume.intent("a")
    volume.reconcile()
    intent = volume.intent("a")
    assert (intent["desired_state"], intent["reason"], intent["program"]) == ("running", "adopted", "gatewayctl reconcile")
    assert volume.state("a") == {**RUNNING, "desired_state": "running", "desired_generation": 1,
                                 "belongs_to": volume.place("a")}
    assert not volume.intent("b")
    assert not volume.plan()["changes"]
    for ending in ("starting", "startup_failed", "stopped"):
        volume.profile("a", {**volume.state("a"), "gateway_state": ending})
        volume.reconcile()
        assert volume.slots()["a"] == "up", ending


def test_an_adopted_gateway_that_is_stopped_stays_down(volume: Volume) -> None:
    """By another tool, which knows the state file alone and keeps what it does not know."""
    volume.profile("a", RUNNING)
    volume.reconcile()
    volume.profile("a", {**volume.state("a"), "desired_state": "stopped"})
    volume.reconcile()
    assert volume.slots()["a"] == "down"


def test_all_broken_states_at_once_leave_every_good_profile_its_slot(volume: Volume) -> None:
    """Each of these alone aborts the boot pass of an existing implementation."""
    for path in BAD:
        volume.profile(f"m-{path.stem}", f"bad/{path.name}")
    for good in ("a-first", "z-last"):
        volume.profile(good, RUNNING)
    for invalid in ("My.Prof", "m m", "M" * 250, "nl\n"):
        volume.write(volume.home / "profiles" / invalid / "SOUL.md", "")
    (volume.profile("m-pid-directory", RUNNING) / "gateway.pid").mkdir()

    done = volume.run("--json", "reconcile")
    assert done.returncode == 0, done.stderr
    report = by_profile(json.loads(done.stdout))
    assert report["a-first"]["goal"] == report["z-last"]["goal"] == "up"
    assert volume.slots()["a-first"] == volume.slots()["z-last"] == "up"
    reasons = {name: record["reason"] for name, record in report.items()}
    intent_unknown = {"m-desired-list", "m-desired-newline", "m-desired-unknown"}
    for path in BAD:
        name = f"m-{path.stem}"
        expected = "intent-unknown" if name in intent_unknown else "last-state" if "number" in name else "corrupt"
        assert reasons[name] == expected, name
        assert volume.slots()[name] == "down"
    assert volume.slots()["m-pid-directory"] == "up"
    assert len(json.loads(done.stdout)["invalid"]) == 4
    assert done.stderr.count("not a profile") == 4


def test_a_corrupt_state_file_is_kept_aside_and_leaves_one_that_says_stopped(volume: Volume) -> None:
    directory = volume.profile("a", "bad/truncated.json")
    volume.reconcile()
    aside = list(directory.glob("gateway_state.json.corrupt-*"))
    assert [path.read_bytes() for path in aside] == [(FIXTURES / "bad/truncated.json").read_bytes()]
    assert volume.state("a")["gateway_state"] == "stopped" and "desired_state" not in volume.state("a")
    second = by_profile(volume.reconcile())["a"]
    assert (second["goal"], second["reason"], second["prior_state"]) == ("down", "corrupt", "stopped")
    assert len(list(directory.glob("gateway_state.json.corrupt-*"))) == 1


def test_two_corrupt_files_of_one_second_are_both_kept(volume: Volume) -> None:
    directory = volume.profile("a", b"one")
    os.utime(directory / "gateway_state.json", (1e9, 1e9))
    volume.reconcile()
    volume.profile("a", b"two")
    os.utime(directory / "gateway_state.json", (1e9, 1e9))
    volume.reconcile()
    assert sorted(path.read_bytes() for path in directory.glob("*.corrupt-*")) == [b"one", b"two"]


def test_an_intent_answers_for_a_torn_state_file(volume: Volume) -> None:
    for name, word in (("a", "running"), ("b", "stopped")):
        volume.profile(name, "bad/truncated.json", intent={"desired_state": word, "generation": 4})
    volume.reconcile()
    assert volume.slots() == {"a": "up", "b": "down", "default": "down"}


def test_an_unreadable_state_file_is_down_and_untouched(volume: Volume) -> None:
    directory = volume.profile("a", RUNNING, service={"port": 9300, "env": {}})
    (directory / "gateway_state.json").chmod(0)
    before = snapshot(directory)
    report = by_profile(volume.reconcile())["a"]
    assert (report["goal"], report["reason"]) == ("down", "unreadable")
    assert snapshot(directory) == before


def test_an_old_desired_state_that_was_written_back_is_repaired(volume: Volume) -> None:
    state = {"gateway_state": "running", "x": [1], "desired_state": "running", "desired_generation": 1, "y": None}
    volume.profile("a", state, intent={"desired_state": "stopped", "generation": 2})
    volume.reconcile()
    assert volume.slots()["a"] == "down"
    assert volume.state("a") == {**state, "desired_state": "stopped", "desired_generation": 2, "belongs_to": volume.place("a")}


def test_a_repair_keeps_owner_and_mode_of_the_state_file(volume: Volume) -> None:
    directory = volume.profile("a", {"desired_state": "running", "desired_generation": 1},
                               intent={"desired_state": "stopped", "generation": 2})
    (directory / "gateway_state.json").chmod(0o640)
    volume.reconcile()
    after = snapshot(directory)["gateway_state.json"]
    assert (after.mode, after.uid, after.gid) == (0o640, volume.owner, volume.owner)
