"""A profile is its name in its home: a copy of it carries nothing along, and a home that was moved keeps everything."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from volume import RUNNING, Volume, by_profile

RUN = {"desired_state": "running", "generation": 3}
PORT = 12345


def now(seconds: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def live(volume: Volume, word: str = "running") -> Path:
    """The profile `mail`, with everything in it that this tool writes."""
    directory = volume.profile("mail", {"gateway_state": "running", "pid": 12, "start_time": 34, "updated_at": now(-60)},
                               service={"port": PORT, "env": {"A": "b"}, "belongs_to": volume_place(volume, "mail")})
    record(volume, "mail", word)
    return directory


def volume_place(volume: Volume, name: str) -> dict[str, Any]:
    volume.profile(name)
    return volume.place(name)


def record(volume: Volume, name: str, word: str) -> None:
    """An intent and its mirror, as the tool writes them."""
    volume.profile(name, {**volume.state(name), "desired_state": word, "desired_generation": 3, "belongs_to": volume.place(name)},
                   intent={"belongs_to": volume.place(name), "desired_state": word, "generation": 3})


def copy(volume: Volume, old: Path, new: Path) -> None:
    subprocess.run(["cp", "-a", old, new], check=True)
    volume.own_all()


def without_dates(volume: Volume, old: Path, new: Path) -> None:
    subprocess.run(["cp", "-r", old, new], check=True)
    volume.own_all()


def visible_files(volume: Volume, old: Path, new: Path) -> None:
    """`cp -r mail/* post`: the intent file is none of them."""
    new.mkdir()
    for path in old.iterdir():
        if not path.name.startswith("."):
            (shutil.copytree if path.is_dir() else shutil.copy)(path, new / path.name)
    volume.own_all()


def export(volume: Volume, old: Path, new: Path) -> None:
    new.mkdir()
    with subprocess.Popen(["tar", "-C", old, "-cf", "-", "."], stdout=subprocess.PIPE) as tar:
        subprocess.run(["tar", "-C", new, "-xf", "-"], stdin=tar.stdout, check=True)
    volume.own_all()


def state_alone(volume: Volume, old: Path, new: Path) -> None:
    volume.profile(new.name)
    shutil.copy2(old / "gateway_state.json", new)
    volume.own_all()


def aside(volume: Volume, old: Path, new: Path) -> None:
    """The original makes place for a copy of itself, which takes its name."""
    old.rename(new)
    copy(volume, new, old)


@pytest.mark.parametrize("way", [copy, without_dates, visible_files, export, state_alone, aside])
def test_a_copy_of_a_profile_carries_nothing_along(volume: Volume, way: Callable[[Volume, Path, Path], None]) -> None:
    mail = live(volume)
    write_records(volume, "mail")
    way(volume, mail, volume.directory("post"))
    report = volume.reconcile()
    records = by_profile(report)
    assert records["mail"]["goal"] == "down" and records["mail"]["reason"] == "parked"
    assert (records["post"]["goal"], records["post"]["reason"]) == ("down", "no-state")
    assert records["post"]["prior_state"] is None and records["post"]["prior_exit"] == "unknown"
    assert "post: its state and intent are those of 'mail', of which it is a copy" in " ".join(report["warnings"])
    assert str(PORT) not in (volume.scandir / "gateway-post/run").read_text()
    again = by_profile(volume.reconcile())
    assert (again["post"]["goal"], again["post"]["prior_state"]) == ("down", None), "whatever has become of the original"
    assert not volume.intent("post") and not (volume.directory("post") / "state/gateway.parked.json").exists()
    assert not volume.plan()["changes"]


def write_records(volume: Volume, name: str) -> None:
    place = volume.place(name)
    records = {"parked": {"reason": "ten deaths", "since": now(), "count": 10}, "deaths": {"count": 9, "last": now()},
               "lifecycle": {"phase": "exited", "clean": False, "exit_code": 9, "ended_at": now()}}
    for kind, content in records.items():
        volume.write(volume.directory(name) / f"state/gateway.{kind}.json", {"belongs_to": place, **content})
    volume.own_all()


def move(volume: Volume) -> None:
    new = volume.root / "elsewhere"
    volume.home.rename(new)
    volume.home = new


def restore(volume: Volume) -> None:
    """Another disk, all inodes are others; under the same path."""
    copy(volume, volume.home, volume.root / "backup")
    shutil.rmtree(volume.home)
    copy(volume, volume.root / "backup", volume.home)


def other_disk(volume: Volume) -> None:
    copy(volume, volume.home, volume.root / "disk")
    shutil.rmtree(volume.home)
    volume.home = volume.root / "disk"


def restore_one(volume: Volume) -> None:
    mail = volume.directory("mail")
    copy(volume, mail, volume.root / "mail")
    shutil.rmtree(mail)
    copy(volume, volume.root / "mail", mail)


def link(volume: Volume) -> None:
    link = volume.root / "link"
    link.symlink_to(volume.home)
    volume.home = link


def nothing(_volume: Volume) -> None:
    pass


@pytest.mark.parametrize("way", [nothing, move, restore, other_disk, restore_one, link])
@pytest.mark.parametrize("word", ["running", "stopped"])
def test_a_home_that_was_moved_or_restored_keeps_every_intent(volume: Volume, way: Callable[[Volume], None], word: str) -> None:
    live(volume, word)
    record(volume, "default", word)
    way(volume)
    records = by_profile(volume.reconcile())
    goal = "up" if word == "running" else "down"
    for name in ("default", "mail"):
        assert (records[name]["goal"], records[name]["reason"]) == (goal, "intent")
        place = {**volume.place(name), "path": str(volume.directory(name).resolve())}
        assert volume.intent(name)["belongs_to"] == volume.state(name)["belongs_to"] == place
    assert str(PORT) in (volume.scandir / "gateway-mail/run").read_text()
    assert not volume.plan()["changes"]


def test_a_renamed_profile_keeps_its_intent_and_its_name_is_free(volume: Volume) -> None:
    live(volume).rename(volume.directory("post"))
    volume.profile("mail", RUNNING)
    record(volume, "mail", "stopped")
    records = by_profile(volume.reconcile())
    assert (records["post"]["goal"], records["post"]["reason"]) == ("up", "intent")
    assert (records["mail"]["goal"], records["mail"]["reason"]) == ("down", "intent")
    assert volume.intent("post")["belongs_to"] == volume.place("post")


@pytest.mark.parametrize("lock", [".gateway-run.lock", "gateway.lock", None])
def test_a_copy_in_another_home_is_one_while_its_original_runs(volume: Volume, lock: str | None) -> None:
    """Else it was moved, and what is left behind is a backup."""
    mail = live(volume)
    with Volume() as other, (mail / (lock or "SOUL.md")).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        other.profile("news", RUNNING)
        copy(other, mail, other.directory("mail"))
        assert by_profile(other.reconcile())["mail"]["reason"] == ("no-state" if lock else "intent")


def test_what_another_tool_starts_in_a_copy_is_the_copys_own(volume: Volume) -> None:
    """It keeps in the state file what it does not know, the name of the original among it."""
    copy(volume, live(volume, "stopped"), volume.directory("post"))
    state = {**volume.state("post"), "desired_state": "running", "updated_at": now(1)}
    volume.profile("post", state)
    records = by_profile(volume.reconcile())
    assert (records["post"]["goal"], records["post"]["reason"]) == ("up", "intent")
    assert records["mail"]["goal"] == "down"


def test_files_that_name_nobody_count_as_they_did(volume: Volume) -> None:
    volume.profile("mail", RUNNING, intent=RUN)
    copy(volume, volume.directory("mail"), volume.directory("post"))
    assert by_profile(volume.reconcile())["post"]["reason"] == "intent"


def test_a_life_in_a_copy_begins_anew(volume: Volume) -> None:
    """What its state file has of the original's life goes with the first record of its own; what is unknown stays."""
    mail = live(volume)
    volume.profile("mail", {**volume.state("mail"), "platforms": {"x": 1}, "custom": [1.50]})
    copy(volume, mail, volume.directory("post"))
    volume.run("-p", "post", "state", "set", "starting", "--pid", str(os.getpid()), user=os.geteuid(), check=True)
    state = volume.state("post")
    assert state["belongs_to"] == volume.place("post") and state["custom"] == [1.5]
    assert "desired_state" not in state and "last_steady_state" not in state and "platforms" not in state
