"""Ports and what else is kept for a service."""

from __future__ import annotations

import re
import shutil
import subprocess

from volume import RUNNING, Volume


def exported(volume: Volume, *names: str) -> list[int]:
    """What the slots export."""
    runs = [(volume.scandir / f"gateway-{name}/run").read_text() for name in names]
    return [int(port) for run in runs for port in re.findall(r"^export GATEWAYCTL_PORT=(\d+)$", run, re.MULTILINE)]


def ports(volume: Volume, *names: str) -> list[int]:
    """The same; each has one."""
    found = exported(volume, *names)
    assert len(found) == len(names)
    return found


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


def test_more_profiles_than_the_first_range_has_ports_go_on_in_the_second(volume: Volume) -> None:
    names = [f"p{i}" for i in range(700)]
    for name in names:
        volume.profile(name, RUNNING)
    volume.reconcile()
    given = ports(volume, "default", *names)
    assert len(set(given)) == 701
    beyond = [port for port in given if not 9200 <= port < 9800]
    assert len(beyond) == 101 and all(20000 <= port < 30000 for port in beyond)
    volume.profile("a0", RUNNING)
    volume.reconcile()
    assert ports(volume, "default", *names) == given
    assert not set(ports(volume, "a0")) & set(given)


def test_the_ranges_of_ports_are_configured_and_what_is_kept_stays(volume: Volume) -> None:
    volume.profile("first", RUNNING)
    volume.reconcile()
    kept = ports(volume, "first")
    volume.config("ports: [7000-7001, 8000]\n")
    for name in ("a", "b", "c"):
        volume.profile(name, RUNNING)
    volume.reconcile(env={"GATEWAYCTL_PORTS": ""})
    assert ports(volume, "first") == kept
    assert set(ports(volume, "a", "b", "c")) == {7000, 7001, 8000}
    volume.profile("d", RUNNING)
    report = volume.reconcile()
    assert any("all of 7000-7001, 8000 are taken" in warning for warning in report["warnings"])
    assert not exported(volume, "d")
    volume.reconcile(env={"GATEWAYCTL_PORTS": "6000-6000"})
    assert ports(volume, "d") == [6000]


def copy(volume: Volume, name: str, to: str) -> None:
    subprocess.run(["cp", "-a", str(volume.directory(name)), str(volume.directory(to))], check=True)


def test_a_copied_profile_gets_a_port_of_its_own(volume: Volume) -> None:
    """A backup, a template, a clone: what belongs to one profile names it."""
    volume.profile("mail", RUNNING, service={"profile": {"name": "mail"}, "port": 8080, "env": {"A": "b"}})
    volume.profile("news", RUNNING)
    volume.reconcile()
    before = ports(volume, "mail", "news")
    for name in ("mail", "news"):
        for place in (f"a-{name}", f"{name}-old"):  # in front of it, and behind it
            copy(volume, name, place)
    volume.reconcile()
    assert ports(volume, "mail", "news") == before
    names = ["mail", "news", "a-mail", "mail-old", "a-news", "news-old"]
    assert len(set(ports(volume, *names))) == len(names)
    after = ports(volume, *names)
    assert volume.plan()["changes"] is False
    volume.directory("mail-old").rename(volume.directory("archive"))  # the same directory under another name
    copy(volume, "a-mail", "backup")
    shutil.rmtree(volume.directory("a-mail"))
    volume.directory("backup").rename(volume.directory("a-mail"))  # restored: the same name, another directory
    volume.reconcile()
    assert ports(volume, "archive", "a-mail") == [after[names.index("mail-old")], after[names.index("a-mail")]]


def test_of_two_with_one_port_one_gets_another(volume: Volume) -> None:
    """Files of an earlier version, which do not name their profile."""
    for name in ("a", "b", "c"):
        volume.profile(name, RUNNING, service={"port": 8080, "env": {}})
    volume.reconcile()
    found = ports(volume, "a", "b", "c")
    assert found[0] == 8080 and len(set(found)) == 3
    assert volume.plan()["changes"] is False


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
