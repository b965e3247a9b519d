"""The boot log: one line per profile and boot, and its size."""

from __future__ import annotations

import re

import pytest
from volume import RUNNING, STOPPED, Volume

LINE = re.compile(
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} profile=\S+ prior_state=\S+ action=(started|registered|skipped) "
    r"prior_exit=(clean|unclean|unknown) reason=\S+( gateway_state=\S+)?$"
)


def test_the_boot_log_has_one_line_per_profile_and_boot(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.profile("b", STOPPED)
    volume.profile("c", "state/draining.json")
    volume.reconcile()
    first = volume.boot_log()
    assert all(LINE.match(line) for line in first)
    fields = [dict(word.split("=") for word in line.split()[1:]) for line in first]
    assert [(f["profile"], f["prior_state"], f["action"], f["reason"]) for f in fields] == [
        ("default", "None", "registered", "no-state"),
        ("a", "running", "started", "last-state"),
        ("b", "stopped", "registered", "intent"),
        ("c", "running", "started", "last-state"),
    ]
    assert [f.get("gateway_state") for f in fields] == [None, None, "running", "draining"]
    volume.reconcile()
    assert volume.boot_log()[:4] == first
    assert len(volume.boot_log()) == 8


def test_the_boot_log_carries_the_local_time_and_its_offset(volume: Volume) -> None:
    volume.reconcile(env={"TZ": "XXX-10"})
    assert "+1000 profile=default" in volume.boot_log()[0]


@pytest.mark.parametrize(("size", "rotates"), [(256 * 1024, False), (256 * 1024 + 1, True)])
def test_the_boot_log_rotates_above_its_limit_and_keeps_one_generation(
    volume: Volume, size: int, rotates: bool
) -> None:
    log = volume.write(volume.home / "logs/container-boot.log", b"o" * (size - 1) + b"\n")
    volume.write(volume.home / "logs/container-boot.log.1", "older")
    volume.reconcile()
    rotated = (volume.home / "logs/container-boot.log.1").read_text()
    assert rotated == ("o" * (size - 1) + "\n" if rotates else "older")
    assert (len(log.read_bytes()) < size) is rotates
    assert len(list(log.parent.glob("container-boot.log*"))) == 2


def test_an_unwritable_log_directory_costs_the_log_and_nothing_else(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.write(volume.home / "logs/x", "")
    (volume.home / "logs").chmod(0o555)
    done = volume.run("reconcile")
    assert done.returncode == 1
    assert "cannot write the boot log" in done.stderr
    assert volume.slots() == {"a": "up", "default": "down"}
