"""Root settles who runs the gateways of a home from what it knows by itself, and gateways of root's only when asked to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import USER
from poll import wait_until
from volume import Volume

ROOT = 0
RUNS_AS = "import json, os; print(json.dumps([os.getresuid(), os.getresgid(), os.getgroups()]))"


def runs_as(volume: Volume, **options: object) -> list[list[int]]:
    done = volume.run("-p", "worker", "run", "--", sys.executable, "-c", RUNS_AS, user=ROOT, check=True, **options)
    return json.loads(done.stdout)


def uid_of_slot(volume: Volume, profile: str) -> str:
    run = (volume.scandir / f"gateway-{profile}/run").read_text()
    return run.split('" = 0 ] && [ ', 1)[1].split(" ", 1)[0]


@pytest.fixture
def worker(volume: Volume) -> Path:
    return volume.profile("worker", {"gateway_state": "running"})


@pytest.mark.parametrize(("owner", "group", "mode"), [
    (0, USER, 0o2775),  # a volume as Kubernetes makes it, with fsGroup
    (0, 0, 0o777),
    (0, 0, 0o1777),
    (0, 0, 0o755),  # a fresh mount
    (0, 0, 0o700),
])
def test_a_home_of_roots_runs_nothing_without_being_asked(volume: Volume, worker: Path, owner: int, group: int,
                                                          mode: int) -> None:
    os.chown(volume.home, owner, group)
    volume.home.chmod(mode)
    before = volume.snapshot()
    done = volume.run("reconcile", user=ROOT)
    assert done.returncode == 78, done.stderr
    assert "GATEWAYCTL_USER" in done.stderr and "chown" in done.stderr
    assert volume.run("-p", "worker", "run", "--replace", "--", "true", user=ROOT).returncode == 78
    assert volume.snapshot() == before
    # The cure that is printed helps.
    asked = {"GATEWAYCTL_USER": f"{USER}:{USER}"}
    if mode & 0o020 and group == USER or mode & 0o002:
        volume.run("reconcile", user=ROOT, env=asked)
        assert uid_of_slot(volume, "worker") == str(USER)
    os.chown(volume.home, USER, USER)
    volume.run("reconcile", user=ROOT, check=True)
    assert volume.slots()["worker"] == "up"


def test_root_runs_gateways_when_asked_and_every_boot_says_so(volume: Volume, worker: Path) -> None:
    volume.owner = ROOT
    volume.own_all()
    os.chown(volume.scandir, ROOT, ROOT)
    for _ in range(2):
        done = volume.run("reconcile", user=ROOT, env={"GATEWAYCTL_USER": "root"}, check=True)
        assert "run as root" in done.stderr
    assert uid_of_slot(volume, "worker") == "0"
    assert runs_as(volume, env={"GATEWAYCTL_USER": "root"})[0] == [0, 0, 0]


@pytest.mark.parametrize(("owner", "mode"), [(0, 0o775), (0, 0o777), (0, 0o1777), (USER, 0o755)])
def test_root_runs_no_gateway_of_a_home_that_others_can_write(volume: Volume, worker: Path, owner: int, mode: int) -> None:
    os.chown(volume.home, owner, 0)
    volume.home.chmod(mode)
    for asked in ("root", "0", "0:0"):
        done = volume.run("reconcile", user=ROOT, env={"GATEWAYCTL_USER": asked})
        assert done.returncode == 78, done.stderr
        assert "others than root can write" in done.stderr
    assert volume.slots() == {}


def test_a_name_that_the_image_does_not_have_is_refused(volume: Volume, worker: Path) -> None:
    done = volume.run("reconcile", user=ROOT, env={"GATEWAYCTL_USER": "no-such-user"})
    assert done.returncode == 78
    assert "no-such-user" in done.stderr
    assert volume.slots() == {}


def test_the_owners_own_groups_count_not_those_of_the_directory(volume: Volume, worker: Path) -> None:
    """Root's group, and a group of the directory's, are nothing that an owner has by owning it."""
    os.chown(volume.home, USER, 0)
    assert runs_as(volume) == [[USER] * 3, [USER] * 3, []]
    # An account of the image has its own group, whatever group its volume has.
    games = 5
    os.chown(volume.home, games, 4242)
    for path in volume.home.rglob("*"):
        os.chown(path, games, 4242)
    assert runs_as(volume)[:2] == [[games] * 3, [60] * 3]


def test_who_is_not_root_runs_them_himself(volume: Volume, worker: Path) -> None:
    volume.reconcile(env={"GATEWAYCTL_USER": "root"})
    assert uid_of_slot(volume, "worker") == str(USER)


@pytest.fixture
def namespace() -> Iterator[int]:
    """A user namespace as a rootless engine makes it: it maps 65536 users of the machine, and 10000 is none of them."""
    with subprocess.Popen(["unshare", "--user", "sleep", "infinity"]) as sleeper:
        try:
            inside = Path(f"/proc/{sleeper.pid}/ns/user")
            wait_until(lambda: os.readlink(inside) != os.readlink("/proc/self/ns/user"), what="the user namespace")
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{sleeper.pid}/{name}").write_text("0 200000 65536")
            yield sleeper.pid
        finally:
            sleeper.kill()


def test_an_owner_whom_the_namespace_does_not_know_is_not_taken_for_nobody(volume: Volume, worker: Path,
                                                                          namespace: int) -> None:
    inside = ["nsenter", f"--target={namespace}", "--user", "--setuid=0", "--setgid=0"]
    os.chown(volume.scandir, 200000, 200000)
    for words in (["plan"], ["reconcile"], ["-p", "worker", "run", "--", "true"]):
        done = subprocess.run([*inside, *volume.argv(*words)], capture_output=True, text=True, timeout=60,
                              **volume.options(user=ROOT))
        assert done.returncode == 78, done.stderr
        assert "does not know" in done.stderr
    assert volume.slots() == {}
