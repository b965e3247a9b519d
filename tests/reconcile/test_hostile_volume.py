"""A volume whose user wants to harm: symlinks, fifos, control characters, sizes, modes."""

from __future__ import annotations

import json
import re

import pytest
from places import USER
from things import THINGS, put
from volume import RUNNING, Volume, by_profile, entry_of, snapshot

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")

PLACES = ["gateway_state.json", ".gateway-intent.json", ".gateway-intent.lock", ".gateway-service.json", "gateway.pid",
          "processes.json", "state", "state/gateway.lifecycle.json"]


@pytest.mark.parametrize("user", [0, USER])
@pytest.mark.parametrize("thing", THINGS)
def test_nothing_is_followed_or_waited_for_in_place_of_any_file(volume: Volume, thing: str, user: int) -> None:
    """In every place of a profile, of each of nine profiles, as user and as root: good ones around get their slots."""
    outside = volume.write(volume.root / "outside/precious", {"desired_state": "running", "pid": 1})
    for index, place in enumerate(PLACES):
        directory = volume.profile(f"m-{index}", {"desired_state": "stopped", "desired_generation": 1})
        if place.startswith("state/"):
            volume.write(directory / "state/x", "")
        put(thing, directory / place, outside)
    for good in ("a", "z"):
        volume.profile(good, RUNNING)
    state = volume.home / f"profiles/m-{PLACES.index('gateway_state.json')}/gateway_state.json"
    before = snapshot(volume.root / "outside"), entry_of(state)
    done = volume.run("reconcile", user=user)
    assert done.returncode in (0, 1), done.stderr
    assert (snapshot(volume.root / "outside"), entry_of(state)) == before
    slots = volume.slots()
    assert (slots["a"], slots["z"]) == ("up", "up")
    assert {slots[f"m-{index}"] for index in range(len(PLACES))} == {"down"}


@pytest.mark.parametrize("user", [0, USER])
@pytest.mark.parametrize("place", ["profiles", "logs", "profiles/a", "logs/container-boot.log"])
def test_no_symlink_below_the_home_leads_out_of_it(volume: Volume, place: str, user: int) -> None:
    outside = volume.root / "outside"
    volume.write(outside / "SOUL.md", "")
    volume.write(outside / "a/SOUL.md", "")
    volume.write(outside / "a/gateway_state.json", RUNNING)
    path = volume.home / place
    volume.write(path.parent / "x", "")
    target = outside / "log" if place.endswith(".log") else outside
    path.symlink_to(target)
    before = snapshot(outside)
    volume.run("reconcile", user=user)
    assert snapshot(outside) == before
    assert volume.slots() == {"default": "down"}


def test_control_characters_reach_neither_log_nor_terminal(volume: Volume) -> None:
    evil = "\x1b]0;owned\x07\n2026-01-01T00:00:00+0000 profile=evil action=started\r\u009b31m\x7f"
    volume.profile("a", {"gateway_state": evil})
    volume.profile("b", {"gateway_state": "stopped", "desired_state": evil})
    volume.profile("c", RUNNING, lifecycle={"phase": "running", "detail": evil})
    volume.write(volume.home / "profiles" / "x\n\x1b[2J" / "SOUL.md", "")
    for words in (("reconcile",), ("--json", "reconcile"), ("plan",), ("--json", "plan")):
        done = volume.run(*words)
        for text in (done.stdout, done.stderr):
            assert not CONTROL.search(text), words
    log = (volume.home / "logs/container-boot.log").read_text()
    assert not CONTROL.search(log)
    assert not [line for line in log.splitlines() if re.search(r"^\S+ profile=evil", line)]


def test_a_word_with_blanks_cannot_forge_a_field_of_the_log(volume: Volume) -> None:
    volume.profile("a", {"gateway_state": "stopped action=started profile=evil"})
    volume.write(volume.home / "profiles" / "M action=started" / "SOUL.md", "")
    volume.reconcile()
    for line in volume.boot_log():
        fields = [word.partition("=")[0] for word in line.split(" ")[1:]]
        assert len(fields) == len(set(fields)), line
        assert "action=started" not in line.split(" "), line


def test_a_word_of_any_length_is_a_short_line(volume: Volume) -> None:
    volume.profile("a", {"gateway_state": "x" * 900_000})
    volume.profile("b", {"desired_state": "y" * 900_000})
    done = volume.run("reconcile", check=True)
    assert max(map(len, volume.boot_log())) < 500
    assert max(map(len, (done.stdout + done.stderr).splitlines())) < 500


def test_a_state_file_over_its_limit_is_corrupt(volume: Volume) -> None:
    volume.profile("a", b'{"a":"' + b"x" * (1 << 20) + b'"}')
    assert by_profile(volume.reconcile())["a"]["reason"] == "corrupt"


def test_profiles_that_cannot_be_listed_retire_nothing(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.reconcile()
    (volume.home / "profiles").chmod(0)
    done = volume.run("reconcile")
    assert "profiles" in done.stderr
    assert volume.slots() == {"a": "up", "default": "down"}


@pytest.mark.parametrize("mode", [0, 0o444])
def test_a_profile_that_cannot_be_looked_into_is_down_and_never_retired(volume: Volume, mode: int) -> None:
    directory = volume.profile("a", RUNNING)
    volume.profile("b", RUNNING)
    volume.reconcile()
    directory.chmod(mode)
    report = by_profile(volume.reconcile())
    assert (report["a"]["goal"], report["a"]["reason"]) == ("down", "unreadable")
    assert volume.slots() == {"a": "down", "b": "up", "default": "down"}


# A clock would measure the other tests; the processor's time is the program's own.
A_MINUTE_OF_CPU = ("prlimit", "--cpu=60")


def test_many_keys_cost_no_more_than_their_bytes(volume: Volume) -> None:
    """Comparing each key with those before it took 20 s for 116,000 of them, once for each link to the file."""
    state = {"gateway_state": "running", **{f"{i:x}": 0 for i in range(100_000)}}
    first = volume.profile("p0", json.dumps(state, separators=(",", ":")).encode())
    for index in range(1, 20):
        (volume.profile(f"p{index}") / "gateway_state.json").hardlink_to(first / "gateway_state.json")
    done = volume.run("--json", "reconcile", before=A_MINUTE_OF_CPU)
    assert done.returncode == 0, done.stderr
    assert {record["goal"] for record in json.loads(done.stdout)["profiles"]} == {"up", "down"}
    assert set(volume.slots().values()) == {"up", "down"}


def test_what_a_pass_reads_is_bounded_and_said(volume: Volume) -> None:
    """A file that is as large as it may be, under many names: time and memory are those of the bytes that one pass reads."""
    filling = json.dumps({"gateway_state": "running", "x": "x" * 1_000_000}).encode()
    first = volume.profile("p00", filling)
    for index in range(1, 90):
        (volume.profile(f"p{index:02}") / "gateway_state.json").hardlink_to(first / "gateway_state.json")
    volume.profile("z-intent", filling, intent={"desired_state": "running", "generation": 1})
    volume.profile("z-small", RUNNING)
    done = volume.run("--json", "reconcile", before=(*A_MINUTE_OF_CPU, "prlimit", "--as=300000000"))
    report = json.loads(done.stdout)
    assert "larger than one pass reads" in " ".join(report["warnings"])
    goals = {name: record["goal"] for name, record in by_profile(report).items()}
    reasons = {name: record["reason"] for name, record in by_profile(report).items()}
    assert (goals["p00"], goals["p89"], reasons["p89"]) == ("up", "down", "unreadable")
    assert goals["z-intent"] == goals["z-small"] == "up"


def test_a_configuration_of_aliases_is_ignored_at_once(volume: Volume) -> None:
    """F6: each line doubles the one before it; it was read as root and took ten gigabytes."""
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 3000)]
    volume.config("wrapper: no-such-wrapper\n" + "\n".join(lines) + "\ncommand: *a2999\n")
    volume.profile("a", RUNNING)
    done = volume.run("reconcile", before=("prlimit", "--as=1000000000"))
    assert done.returncode == 0, done.stderr
    assert "is ignored: it has aliases" in done.stderr
    assert volume.slots()["a"] == "up"
