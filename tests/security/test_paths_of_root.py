"""Root opens a path that somebody named: it follows nothing that another could have put there, and changes nothing that
another could put something else behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from places import USER
from volume import Volume, snapshot

ROOT = 0
OTHER = 4242


@pytest.fixture
def victim(volume: Volume) -> Path:
    """A directory of root's that the user wants to have."""
    directory = volume.root / "victim"
    directory.mkdir(mode=0o755)
    (directory / "gatewayctl.yaml").write_text("command: [sh, -c, id]\n")
    return directory


@pytest.fixture
def mine(volume: Volume) -> Path:
    """A directory of the user's, in which he can put anything."""
    directory = volume.root / "mine"
    directory.mkdir(mode=0o755)
    return volume.own(directory)


def link_in(volume: Volume, directory: Path, target: Path) -> Path:
    link = directory / "link"
    link.symlink_to(target)
    return volume.own(link)


VERBS = [["reconcile"], ["prepare"], ["drain"], ["start", "worker"], ["register", "worker"]]


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_a_scandir_behind_the_users_link_is_not_given_to_him(volume: Volume, victim: Path, mine: Path,
                                                             words: list[str]) -> None:
    volume.profile("worker")
    before = snapshot(victim)
    for scandir in (link_in(volume, mine, victim), mine / "link/below", mine / "link/../victim"):
        env = {"S6_PROFILE_GATEWAY_SCANDIR": str(scandir), "GATEWAYCTL_MANAGER": "s6"}
        volume.run(*words, user=ROOT, env=env)
        assert snapshot(victim) == before


def test_a_scandir_behind_a_users_link_in_tmp_is_not_given_to_him(volume: Volume, victim: Path) -> None:
    """A sticky directory: everybody can make entries, and change his own."""
    shared = volume.root / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    before = snapshot(victim)
    volume.run("reconcile", user=ROOT, env={"S6_PROFILE_GATEWAY_SCANDIR": str(link_in(volume, shared, victim))})
    assert snapshot(victim) == before


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_scandir_that_others_can_swap_is_left_to_the_user(volume: Volume, mode: int) -> None:
    """Root does not make it in such a directory, and does not give it away: the user makes his own, where he can."""
    shared = volume.root / "shared"
    shared.mkdir()
    os.chown(shared, 0, USER if mode == 0o775 else 0)
    shared.chmod(mode)
    scandir = shared / "service"
    volume.profile("worker", {"gateway_state": "running"})
    volume.run("reconcile", user=ROOT, env={"S6_PROFILE_GATEWAY_SCANDIR": str(scandir)}, check=True)
    assert scandir.stat().st_uid == USER
    assert (scandir / "gateway-worker/run").exists()


def test_a_home_behind_the_users_link_is_not_followed(volume: Volume, mine: Path) -> None:
    """Else he chooses whose gateways run, and by whose configuration."""
    other = Volume()
    with other:
        other.owner = OTHER
        other.profile("worker", {"gateway_state": "running"})
        other.own_all()
        link = link_in(volume, mine, other.home)
        before = other.snapshot()
        for words in (["reconcile"], ["-p", "worker", "run", "--", "true"], ["start", "worker"], ["status"], ["plan"]):
            done = volume.run(*words, user=ROOT, env={"HERMES_HOME": str(link), "GATEWAYCTL_MANAGER": "s6"})
            assert done.returncode == 77, (words, done.stderr)
            assert "link" in done.stderr
        assert other.snapshot() == before


def test_links_that_only_root_can_have_made_are_followed(volume: Volume) -> None:
    """/var/run, and a home that an image names by a link of its own."""
    volume.profile("worker", {"gateway_state": "running"})
    image = volume.root / "image"
    image.mkdir()
    (image / "home").symlink_to("../home")
    (image / "run").symlink_to(volume.root / "made")
    (volume.root / "made").mkdir()
    volume.run("reconcile", user=ROOT, env={"HERMES_HOME": str(image / "home"),
                                            "S6_PROFILE_GATEWAY_SCANDIR": str(image / "run/service")}, check=True)
    assert (volume.root / "made/service").stat().st_uid == USER
    assert (volume.root / "made/service/gateway-worker/run").exists()


@pytest.mark.parametrize("where", ["target", "service", "log"])
def test_a_static_service_that_others_can_swap_is_left_alone(volume: Volume, victim: Path, where: str) -> None:
    """A service, its logger, and what a link of root's leads to: root opens `supervise/` only below directories of its own."""
    scandir = volume.root / "static"
    scandir.mkdir(mode=0o755)
    service = volume.root / "services/web"
    for part in (service / "supervise", service / "log/supervise"):
        part.mkdir(parents=True, mode=0o700)
        os.mkfifo(part / "control", 0o600)
    (scandir / "web").symlink_to(service)
    swapped = {"target": service.parent, "service": service, "log": service / "log"}[where]
    volume.own(swapped)
    closed = [part for part in (service / "supervise", service / "log/supervise") if swapped in part.parents]
    assert closed
    volume.run("prepare", user=ROOT, env={"S6_PROFILE_GATEWAY_SCANDIR": str(scandir)}, check=True)
    for part in closed:
        assert part.stat().st_mode & 0o777 == 0o700
        assert (part / "control").stat().st_gid == 0


def test_a_working_directory_that_is_gone_is_no_reason_to_fail(volume: Volume) -> None:
    volume.profile("worker", {"gateway_state": "running"})
    gone = volume.home / "gone"
    gone.mkdir()
    volume.own(gone)
    left = ["sh", "-c", f"cd {gone} && rmdir {gone} && exec \"$@\"", "sh"]
    assert volume.run("reconcile", before=left, check=True).returncode == 0
    gone.mkdir()
    volume.own(gone)
    done = volume.run("--home", "here", "plan", before=left)
    assert done.returncode == 78
    assert "here" in done.stderr and "unexpected" not in done.stderr
