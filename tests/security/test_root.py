"""What root does on a volume that belongs to an unprivileged user: as that user wherever it can, and never by a path
that this user can put something else behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from places import USER
from volume import Volume

ROOT = 0


def owners(directory: Path) -> dict[str, int]:
    return {str(path.relative_to(directory)): path.lstat().st_uid for path in directory.rglob("*")}


def start_under_systemd(volume: Volume) -> None:
    """There is no unit to start, so that the intent and its mirror are written twice."""
    tools = volume.root / "tools"
    tools.mkdir()
    (tools / "systemctl").write_text("#!/bin/sh\n")
    (tools / "systemctl").chmod(0o755)
    done = volume.run("--manager", "systemd", "--scope", "system", "start", "worker", user=ROOT,
                      env={"PATH": f"{tools}:/usr/bin:/bin"})
    assert done.returncode != 0


def test_run_started_by_root_is_the_home_owners(volume: Volume) -> None:
    worker = volume.profile("worker")
    probe = "import json, os; print(json.dumps([os.getresuid(), os.getresgid(), os.getgroups(), os.environ['HOME']]))"
    done = volume.run("-p", "worker", "run", "--", sys.executable, "-c", probe, user=ROOT, env={"HOME": "/root"},
                      check=True)
    # An uid without an entry in /etc/passwd has its volume for a home.
    assert json.loads(done.stdout) == [[USER] * 3, [USER] * 3, [], str(volume.home)]
    left = owners(worker)
    assert "state/gateway.lifecycle.json" in left
    assert set(left.values()) == {USER}, left


def test_a_marker_that_root_writes_is_the_home_owners(volume: Volume) -> None:
    worker = volume.profile("worker")
    volume.run("-p", "worker", "marker", "write", "--pid", str(os.getpid()), user=ROOT, check=True)
    assert owners(worker)[".gateway-planned-stop.json"] == USER


def test_what_root_writes_where_it_stays_root_is_the_home_owners(volume: Volume) -> None:
    worker = volume.profile("worker", {"gateway_state": "running", "desired_state": "stopped"})
    start_under_systemd(volume)
    assert json.loads((worker / ".gateway-intent.json").read_text())["generation"] > 1
    assert set(owners(worker).values()) == {USER}, owners(worker)


def test_a_hard_link_in_place_of_a_lock_is_not_given_away(volume: Volume) -> None:
    """The volume's user can make one to any file of its file system; root must not change whose that is."""
    worker = volume.profile("worker")
    precious = volume.root / "precious"
    precious.write_text("root's\n")
    (worker / ".gateway-operation.lock").hardlink_to(precious)
    # systemd's verbs stay root's, who alone may command the system's units.
    done = volume.run("--manager", "systemd", "--scope", "system", "start", "worker", user=ROOT)
    assert done.returncode != 0
    assert "cannot start 'worker'" in done.stderr
    assert precious.stat().st_uid == ROOT


def test_a_file_that_root_replaces_keeps_its_owner(volume: Volume) -> None:
    """Where root was asked to run the gateways; a state file may be an account's of its own."""
    worker = volume.profile("worker", {"gateway_state": "running", "desired_state": "stopped"})
    volume.owner = ROOT
    volume.own_all()
    os.chown(worker / "gateway_state.json", USER, USER)
    start_under_systemd(volume)
    assert json.loads((worker / "gateway_state.json").read_text())["desired_generation"] > 0
    assert owners(worker)["gateway_state.json"] == USER


DEEP = """
import os, sys
here = os.open(sys.argv[1], os.O_RDONLY)
for level in range(19_000):
    os.mkdir("d", dir_fd=here)
    if level % 1000 == 0:
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        os.mkdir(".lifted-1", dir_fd=here)
    below = os.open("d", os.O_RDONLY, dir_fd=here)
    os.close(here)
    here = below
"""


def test_a_leftover_of_any_depth_is_removed(volume: Volume) -> None:
    """The scandir is the user's: a tree of 19,000 levels takes neither the stack nor the descriptors of a pass."""
    leftover = volume.scandir / ".gateway-x.gone"
    leftover.mkdir()
    volume.own(leftover)
    subprocess.run([sys.executable, "-c", DEEP, leftover], check=True, user=USER, group=USER, extra_groups=[])
    try:
        volume.run("reconcile", user=ROOT, check=True, before=("prlimit", "--nofile=64", "--stack=1000000"))
        assert not leftover.exists()
    finally:
        subprocess.run(["rm", "-rf", leftover], check=True)
