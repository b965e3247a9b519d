"""`gatewayctl state`: a gateway that handles its own signals records what `run` would."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from places import USER
from poll import start_time
from volume import Volume


@pytest.fixture
def gateway(volume: Volume) -> Iterator[int]:
    """The pid of a process of the user's, which plays the gateway of the profile `a`."""
    volume.profile("a", {"kind": "mine", "desired_state": "running", "zz": {"kept": 1}})
    with subprocess.Popen(["sleep", "1000"], user=USER, group=USER, extra_groups=[]) as process:
        yield process.pid
        process.kill()


def state(volume: Volume, pid: int, *words: str, code: int = 0) -> str:
    done = volume.run("-p", "a", "state", *words, "--pid", str(pid))
    assert done.returncode == code, done
    return done.stdout + done.stderr


def prior_exit(volume: Volume) -> str:
    return next(one for one in volume.plan()["profiles"] if one["profile"] == "a")["prior_exit"]


def test_a_life_is_recorded_from_its_beginning(volume: Volume, gateway: int) -> None:
    note = volume.directory("a") / ".clean_shutdown"
    volume.write(note, "drained\n")
    assert state(volume, gateway, "set", "starting") == ""
    assert not note.exists()
    life, seen = volume.lifecycle("a"), volume.state("a")
    assert (life["phase"], life["pid"], life["start_time"]) == ("running", gateway, start_time(gateway))
    assert life["boot_id"] and life["prior_exit"] == "unknown", "a note that names no life proves nothing"
    assert (seen["gateway_state"], seen["pid"], seen["start_time"]) == ("starting", gateway, start_time(gateway))
    assert (seen["kind"], seen["zz"], seen["argv"]) == ("mine", {"kept": 1}, ["sleep", "1000"])
    for word in ("running", "degraded", "draining"):
        state(volume, gateway, "set", word)
        assert volume.state("a")["gateway_state"] == word
        assert note.exists() == (word == "draining")
    assert volume.lifecycle("a") == life
    assert volume.state("a")["desired_state"] == "running"
    shown = json.loads(volume.run("--json", "-p", "a", "state", "show", check=True).stdout)
    assert (shown["gateway_state"], shown["pid"]) == ("draining", gateway)


@pytest.mark.parametrize(("words", "code", "word", "cause", "clean"), [
    (["planned-stop"], 0, "stopped", "planned-stop", True),
    (["takeover"], 0, "stopped", "takeover", True),
    (["restart"], 75, "stopped", "restart", True),
    (["unmarked-signal"], 1, "running", "unmarked-signal", True),
    (["unmarked-signal", "--drain-timed-out"], 1, "running", "unmarked-signal", False),
    (["finished"], 0, "stopped", "finished", True),
    (["finished", "--exit-code", "75"], 75, "stopped", "restart", True),
    (["finished", "--exit-code", "78"], 78, "startup_failed", "bad-config", False),
    (["finished", "--exit-code", "3"], 3, "running", "crashed", False),
])
def test_an_end_is_judged_by_the_rule_of_run(volume: Volume, gateway: int, words: list[str], code: int, word: str,
                                             cause: str, clean: bool) -> None:
    for before in ("starting", "running"):
        state(volume, gateway, "set", before)
    assert state(volume, gateway, "end", *words, "--reason", "as it says") == f"{code}\n"
    life = volume.lifecycle("a")
    assert (life["phase"], life["cause"], life["exit_code"], life["clean"]) == ("exited", cause, code, clean)
    assert "as it says" in life["detail"] and life["pid"] == gateway
    assert volume.state("a")["gateway_state"] == word
    assert not (volume.directory("a") / "gateway.pid").exists()
    assert prior_exit(volume) == ("clean" if clean else "unclean")


def test_an_end_before_it_was_ready_is_a_failed_start(volume: Volume, gateway: int) -> None:
    state(volume, gateway, "set", "starting")
    assert state(volume, gateway, "end", "finished", "--exit-code", "3") == "3\n"
    assert volume.state("a")["gateway_state"] == "startup_failed"


def test_a_marker_that_comes_during_the_drain_counts(volume: Volume, gateway: int) -> None:
    for word in ("starting", "running", "draining"):
        state(volume, gateway, "set", word)
    volume.run("-p", "a", "marker", "write", "--pid", str(gateway), "--reason", "stop", check=True)
    assert state(volume, gateway, "end", "unmarked-signal") == "0\n"
    assert volume.lifecycle("a")["cause"] == "planned-stop"
    assert "gatewayctl marker write" in volume.lifecycle("a")["detail"]


def test_an_end_never_closes_the_record_of_an_earlier_life(volume: Volume, gateway: int) -> None:
    other: dict[str, Any] = {"phase": "running", "pid": 1, "start_time": 1, "boot_id": "old", "started_at": "2026-01-01T00:00:00Z"}
    volume.profile("a", lifecycle=other)
    state(volume, gateway, "end", "planned-stop")
    life = volume.lifecycle("a")
    assert (life["pid"], life["phase"], life["prior_exit"]) == (gateway, "exited", "unclean")


def test_a_life_without_an_end_was_killed(volume: Volume, gateway: int) -> None:
    state(volume, gateway, "set", "running")
    assert volume.lifecycle("a")["phase"] == "running"
    subprocess.run(["kill", "-9", str(gateway)], check=True)
    assert prior_exit(volume) == "unclean" or volume.lifecycle("a")["pid"] == gateway


def test_what_cannot_be_recorded_is_an_error(volume: Volume, gateway: int) -> None:
    assert "no live process 4194304" in state(volume, 4194304, "set", "running", code=1)
    state(volume, gateway, "set", "stopped", code=64)
    volume.write(volume.directory("a") / "state", "in the way")
    assert "cannot record the beginning" in state(volume, gateway, "set", "starting", code=1)


def test_behind_run_it_is_run_that_records(volume: Volume) -> None:
    volume.profile("a")
    words = volume.argv("-p", "a", "run", "--", "sh", "-c", f"{volume.argv()[0]} -p a state set degraded; echo $?; exec sleep 1000")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **volume.options()) as process:
        assert process.stdout
        answer = process.stdout.readline()
        process.terminate()
        _, said = process.communicate(timeout=120)
    assert (answer, "which records for it" in said) == ("1\n", True), said
