"""Root and the unprivileged user: who may, whose the slots are, what root never opens."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from places import USER
from volume import RUNNING, STOPPED, Volume, snapshot


def test_as_root_nothing_of_root_is_left_on_the_volume(volume: Volume) -> None:
    """The hook runs as root; the scandir of a fresh container is root's."""
    os.chown(volume.scandir, 0, 0)
    interesting = {"a": RUNNING, "b": STOPPED}
    for name, state in interesting.items():
        volume.write(volume.profile(name, state) / "gateway.pid", "1")
    volume.profile("c", "bad/array.json")
    volume.reconcile(user=0, env={"HERMES_GATEWAY_BOOTSTRAP_STATE": "running"})
    owners = {name: entry.uid for root in (volume.home, volume.scandir) for name, entry in snapshot(root).items()}
    assert {name: uid for name, uid in owners.items() if uid != USER} == {}
    assert volume.slots() == {"a": "up", "b": "down", "c": "down", "default": "up"}


def test_root_opens_no_service_that_its_user_could_swap(volume: Volume) -> None:
    """#52781: neither by a directory of the user's on the way, nor by a symlink at its end."""
    os.chown(volume.scandir, 0, 0)
    outside = volume.root / "outside"
    outside.mkdir(mode=0o700)
    (outside / "control").write_text("precious")
    for name in ("of-user", "linked"):
        supervise = volume.scandir / name / "supervise"
        supervise.mkdir(parents=True, mode=0o700)
        (volume.scandir / name / "event").mkdir(mode=0o700)
    os.mkfifo(volume.scandir / "of-user/supervise/control", 0o600)
    volume.own(volume.scandir / "of-user/supervise")
    (volume.scandir / "linked/supervise/control").symlink_to(outside / "control")
    before = snapshot(outside), snapshot(volume.scandir / "of-user")
    done = volume.run("prepare", user=0)
    assert (snapshot(outside), snapshot(volume.scandir / "of-user")) == before
    assert done.returncode != 0 and "linked" in done.stderr


def test_root_gives_away_no_event_and_nothing_of_the_init(volume: Volume) -> None:
    """F5: through a link in event/ root's s6-supervise would write; the init's services hold the container up."""
    os.chown(volume.scandir, 0, 0)
    for name in ("of-image", "s6-linux-init-shutdownd", "s6rc-oneshot-runner", "s6rc-fdholder"):
        (volume.scandir / name / "supervise").mkdir(parents=True, mode=0o700)
        (volume.scandir / name / "event").mkdir(mode=0o700)
        os.mkfifo(volume.scandir / name / "supervise/control", 0o600)
    before = snapshot(volume.scandir)
    volume.run("prepare", user=0, check=True)
    after = snapshot(volume.scandir)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"of-image/supervise", "of-image/supervise/control"}
    assert (after["of-image/supervise/control"].gid, after["of-image/supervise/control"].mode) == (USER, 0o660)


def test_who_is_not_root_runs_his_gateways_as_himself(volume: Volume) -> None:
    """D3: on a volume root:GID 2775 the owner of the home is not who runs there."""
    volume.profile("a", RUNNING)
    os.chown(volume.home, 0, USER)
    volume.home.chmod(0o2775)
    volume.reconcile()
    run = (volume.scandir / "gateway-a/run").read_text()
    assert f"export HOME={volume.home}\n" in run and "/root" not in run
    assert f"-u {USER} -g {USER}" in run


def test_root_and_user_make_the_same_slots(volume: Volume) -> None:
    volume.profile("a", RUNNING)

    def made_by(user: int) -> dict[str, tuple[str, int, int, Any]]:
        volume.reconcile(user=user)
        entries = snapshot(volume.scandir)
        for slot in volume.scandir.glob("gateway-*"):
            subprocess.run(["rm", "-r", str(slot)], check=True)
        return {name: (e.kind, e.mode, e.uid, e.content) for name, e in entries.items()}

    assert made_by(USER) == made_by(0)


def test_a_slot_has_its_skeleton_for_the_unprivileged_user(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.reconcile(before=("sh", "-c", 'umask 077; exec "$@"', "sh"))
    entries = snapshot(volume.scandir / "gateway-a")
    for part in ("", "log/"):
        assert (entries[part + "event"].kind, entries[part + "event"].mode) == ("d", 0o3730)
        assert (entries[part + "supervise"].kind, entries[part + "supervise"].mode) == ("d", 0o755)
        assert (entries[part + "supervise/control"].kind, entries[part + "supervise/control"].mode) == ("p", 0o660)
        assert entries[part + "run"].mode == 0o755
    assert entries["."].mode == 0o755
    assert {entry.uid for entry in entries.values()} == {USER}


def test_a_scandir_of_another_user_is_an_error_that_says_so(volume: Volume) -> None:
    os.chown(volume.scandir, 0, 0)
    done = volume.run("reconcile")
    assert done.returncode == 77
    assert str(volume.scandir) in done.stderr and "Permission denied" in done.stderr
