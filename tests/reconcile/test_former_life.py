"""What the life before this boot has left: its end, its pid files."""

from __future__ import annotations

import json
import os

from poll import start_time
from volume import RUNNING, Volume, by_profile


def test_prior_exit_comes_from_the_lifecycle_record(volume: Volume) -> None:
    records = {"a": {"phase": "running"}, "b": {"phase": "exited"}, "c": {"phase": "exited", "clean": False}, "d": {}}
    for name, record in records.items():
        volume.profile(name, RUNNING, lifecycle=record)
    report = by_profile(volume.reconcile())
    assert {name: report[name]["prior_exit"] for name in records} == {
        "a": "unclean", "b": "clean", "c": "unclean", "d": "unknown"}


def test_files_of_the_old_pid_namespace_go(volume: Volume) -> None:
    for name in ("default", "a"):
        for file in ("gateway.pid", "processes.json"):
            volume.write(volume.profile(name, RUNNING) / file, "42")
    volume.reconcile()
    for directory in (volume.home, volume.home / "profiles/a"):
        assert not (directory / "gateway.pid").exists()
        assert not (directory / "processes.json").exists()


def test_a_record_whose_pid_is_another_process_by_now_goes(volume: Volume) -> None:
    """#109680; the record of one that runs on stays."""
    started = start_time(os.getpid())
    assert started
    for name, ticks in (("recycled", started - 1), ("runs-on", started)):
        volume.write(volume.profile(name, RUNNING) / "gateway.pid", {"pid": os.getpid(), "start_time": ticks})
    volume.reconcile()
    assert not (volume.home / "profiles/recycled/gateway.pid").exists()
    assert (volume.home / "profiles/runs-on/gateway.pid").exists()


def test_a_planned_end_that_nobody_heard_of_says_nothing_of_the_next_life(volume: Volume) -> None:
    note = volume.profile("a", RUNNING) / ".gateway-planned-end.json"
    volume.write(note, json.dumps({"pid": 42, "start_time": 1, "boot_id": "x"}))
    volume.reconcile()
    assert not note.exists()
