"""Ports and what else is kept for a service."""

from __future__ import annotations

import re

from volume import RUNNING, Volume


def ports(volume: Volume, *names: str) -> list[int]:
    """What each slot exports."""
    runs = [(volume.scandir / f"gateway-{name}/run").read_text() for name in names]
    return [int(re.findall(r"^export GATEWAYCTL_PORT=(\d+)$", run, re.MULTILINE)[0]) for run in runs]


def test_every_profile_gets_a_port_of_its_own_and_keeps_it(volume: Volume) -> None:
    names = [f"p{i}" for i in range(60)]  # enough that some names share a hash in a range of 600
    for name in names:
        volume.profile(name, RUNNING)
    settings = {"port": 8080, "env": {"A": "b"}}
    volume.profile("taken", RUNNING, service=settings)
    volume.reconcile()
    first = ports(volume, "default", *names)
    assert len(set(first)) == 61 and all(9200 <= port < 9800 for port in first)
    assert ports(volume, "taken") == [8080]
    assert volume.read(volume.service_file("taken")) == settings
    volume.profile("a0", RUNNING)  # in front of all others
    volume.reconcile()
    assert ports(volume, "default", *names) == first
    assert not set(ports(volume, "a0")) & set(first)


def test_settings_that_cannot_be_used_are_not_replaced_by_a_port(volume: Volume) -> None:
    broken = '{"env": {"TOKEN": "kept", '
    volume.profile("a", RUNNING, service=broken)
    at_boot = volume.service_file("a")
    report = volume.reconcile()
    assert volume.slots()["a"] == "up"
    assert any(at_boot.name in warning for warning in report["warnings"])
    assert at_boot.read_text() == broken
    volume.profile("b", service=broken)
    at_run_time = volume.service_file("b")
    done = volume.run("--manager", "s6", "register", "b", "--env", "A=b")
    assert done.returncode == 1
    assert f"{at_run_time} is not changed" in done.stderr and f"next: mend or remove {at_run_time}" in done.stderr
    assert at_run_time.read_text() == broken
