"""Real container boots: s6-svscan as PID 1, the hooks as the image runs them, the user's volume."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from box import Box, Tree
from gateway_image import image
from home import Home
from places import USER, let_others_through
from poll import wait_until

# A container whose command says nothing about gateways. (When it ends, the container ends.)
IDLE = ["sleep", "infinity"]
SVSTAT = ["s6-svstat", "-o", "up,wantedup,pid"]


@pytest.fixture
def volume(tmp_path: Path) -> Home:
    let_others_through(tmp_path)
    return Home(tmp_path / "volume")


@pytest.fixture(params=[Tree.SHARED, Tree.OWN], ids=lambda tree: tree.value)
def tree(request: pytest.FixtureRequest) -> Tree:
    return request.param


@pytest.fixture(params=[0, USER], ids=["init is root", "init is the user, no new privileges"])
def uid(request: pytest.FixtureRequest) -> int:
    return request.param


def observed(box: Box, name: str) -> tuple[bool, bool, int]:
    up, wanted, pid = box.run([*SVSTAT, f"{box.scandir}/gateway-{name}"], check=True).stdout.split()
    return up == "true", wanted == "true", int(pid)


def wait_up(box: Box, name: str) -> int:
    return wait_until(lambda: (s := observed(box, name))[0] and s[2], what=f"{name} up")


def owner_of(box: Box, pid: int) -> int:
    return os.stat(box.root / f"proc/{pid}").st_uid


def assert_up_as_user(box: Box, name: str) -> None:
    pid = wait_up(box, name)
    wait_until(lambda: owner_of(box, pid) == USER, what=f"{name} runs as the user")


def assert_supervised_and_down(box: Box, name: str) -> None:
    assert observed(box, name)[:2] == (False, False)
    assert (box.slots / f"gateway-{name}/down").exists()


def test_three_boots_of_one_volume(volume: Home, tree: Tree, uid: int) -> None:
    with Box(volume.home, tree=tree, overlay=image(), uid=uid, command=IDLE) as box:
        box.start()
        assert_supervised_and_down(box, "default")  # a blank volume starts nothing by itself
        box.stop()

        running = {"gateway_state": "running", "pid": 7, "start_time": 9}
        volume.profile("alpha", running)
        volume.profile("draining", {"gateway_state": "draining"})
        volume.profile("halted", {"gateway_state": "stopped"})
        volume.profile("failed", {"gateway_state": "startup_failed"})
        volume.profile("wanted", {"gateway_state": "startup_failed", "desired_state": "running"})
        volume.profile("unwanted", {"gateway_state": "running", "desired_state": "stopped"})
        volume.profile("torn", b'{"gateway_state": "run')
        volume.profile("My.Prof")
        volume.write(volume.home / "profiles/alpha/gateway.pid", "7")
        box.start()
        for name in ("alpha", "draining", "wanted"):
            assert_up_as_user(box, name)
        for name in ("default", "halted", "failed", "unwanted", "torn"):
            assert_supervised_and_down(box, name)
        assert not (box.slots / "gateway-My.Prof").exists()
        assert not (volume.home / "profiles/alpha/gateway.pid").exists()
        assert "My.Prof" in box.console() and "torn" in box.console()

        # The user starts one of those that are down.
        box.run(["gatewayctl", "start", "halted"], check=True)
        assert_up_as_user(box, "halted")
        box.stop()

        box.start()
        for name in ("alpha", "draining", "wanted", "halted"):
            assert_up_as_user(box, name)
        before = {p: p.stat().st_mtime_ns for p in (box.slots).glob("gateway-*/*")}
        pid = wait_up(box, "alpha")
        box.run(["gatewayctl", "reconcile"], check=True)
        assert {p: p.stat().st_mtime_ns for p in (box.slots).glob("gateway-*/*")} == before
        assert wait_up(box, "alpha") == pid, "a second pass restarts nothing"


def test_boot_log_says_what_came_up_and_why(volume: Home, tree: Tree) -> None:
    volume.profile("alpha", {"gateway_state": "running"})
    volume.profile("evil", {"desired_state": "running\nprofile=fake action=started"})
    with Box(volume.home, tree=tree, overlay=image(), command=IDLE) as box:
        box.start()
    lines = volume.boot_log()
    assert [line.split()[1:] for line in lines] == [
        ["profile=default", "prior_state=None", "action=registered", "prior_exit=unknown", "reason=no-state"],
        ["profile=alpha", "prior_state=running", "action=started", "prior_exit=unknown", "reason=last-state"],
        ["profile=evil", "prior_state=running\\nprofile=fake\\x20action=started", "action=registered", "prior_exit=unknown", "reason=intent-unknown"],
    ]
    assert (volume.home / "logs/container-boot.log").stat().st_uid == USER


@pytest.mark.parametrize("shape", ["v3", "v2", "bare"])
def test_legacy_gateway_command_is_found_in_every_shape_of_argv(volume: Home, shape: str) -> None:
    with Box(volume.home, overlay=image(), command=["gateway", "run"], argv_shape=shape) as box:
        box.start()
        assert_up_as_user(box, "default")
        assert "reason=legacy-command" in volume.boot_log()[-1]
    state = volume.state("default")
    assert state["desired_state"] == "running"
    assert volume.intent("default")["reason"] == "legacy-command"


def test_explicit_stop_beats_the_legacy_command(volume: Home, tree: Tree) -> None:
    volume.profile("default", {"desired_state": "stopped", "gateway_state": "running"})
    with Box(volume.home, tree=tree, overlay=image(), command=["gateway", "run"]) as box:
        box.start()
        assert_supervised_and_down(box, "default")


@pytest.mark.parametrize("value, seeded", [("1", False), ("TRUE", False), ("yes", False), ("0", True), ("", True)])
def test_no_supervise_values(volume: Home, tree: Tree, value: str, seeded: bool) -> None:
    with Box(volume.home, tree=tree, overlay=image(), env={"HERMES_GATEWAY_NO_SUPERVISE": value}) as box:
        box.start()
        assert (box.slots / "gateway-default/down").exists() != seeded


def test_first_boot_seed_starts_a_blank_volume_only_once(volume: Home, tree: Tree) -> None:
    with Box(volume.home, tree=tree, overlay=image(), command=IDLE, env={"HERMES_GATEWAY_BOOTSTRAP_STATE": "running"}) as box:
        box.start()
        assert_up_as_user(box, "default")
        box.run(["gatewayctl", "stop"], check=True)
        box.stop()
        box.start()
        assert_supervised_and_down(box, "default")


def test_dashboard_container_touches_no_slot(volume: Home, tree: Tree) -> None:
    volume.profile("alpha", {"gateway_state": "running"})
    with Box(volume.home, tree=tree, overlay=image(), command=["dashboard"]) as box:
        box.start()
        assert not list((box.slots).glob("gateway-*"))
        assert all("action=skipped" in line for line in volume.boot_log())


def test_profile_named_dashboard_is_not_the_dashboard(volume: Home, tree: Tree) -> None:
    volume.profile("dashboard")
    with Box(volume.home, tree=tree, overlay=image(), command=["-p", "dashboard", "gateway", "run"]) as box:
        box.start()
        assert_up_as_user(box, "dashboard")
        assert_supervised_and_down(box, "default")


def test_multiplex_keeps_named_gateways_down_and_their_intent(volume: Home, tree: Tree) -> None:
    volume.profile("alpha", {"gateway_state": "running", "desired_state": "running"})
    (volume.home / "config.yaml").write_text("gateway:\n  multiplex_profiles: true\n")
    with Box(volume.home, tree=tree, overlay=image()) as box:
        box.start()
        assert_up_as_user(box, "default")
        assert_supervised_and_down(box, "alpha")
    assert volume.state("alpha")["desired_state"] == "running"


def test_gateway_gets_the_container_environment_and_its_own(volume: Home, tree: Tree) -> None:
    env = {"API_KEY": "from 'the' \"profile\" $HOME\nsecond line", "SHARED": "profile"}
    profile = volume.profile("alpha", {"gateway_state": "running"}, service={"port": 9333, "env": env})
    with Box(volume.home, tree=tree, overlay=image(), env={"API_KEY": "container", "ONLY_CONTAINER": "yes"}, command=IDLE) as box:
        box.start()
        wait_up(box, "alpha")
        seen = json.loads(wait_until(lambda: (profile / "seen.json").exists() and (profile / "seen.json").read_text()))
    variables = seen["environment"] if "environment" in seen else seen["env"]
    expected = {
        "API_KEY": "from 'the' \"profile\" $HOME\nsecond line",
        "SHARED": "profile",
        "ONLY_CONTAINER": "yes",
        "HERMES_HOME": "/opt/data",
        "HOME": "/opt/data",
        "GATEWAYCTL_PORT": "9333",
        "HERMES_SUPERVISED_CHILD": "1",
        "HERMES_S6_SUPERVISED_CHILD": "1",
    }
    assert {key: variables.get(key) for key in expected} == expected
    assert seen["uid"] == USER and seen["gid"] == USER
    assert seen["argv"][-5:] == ["-p", "alpha", "gateway", "run", "--replace"]


def test_default_never_gets_a_profile_flag(volume: Home, tree: Tree) -> None:
    with Box(volume.home, tree=tree, overlay=image()) as box:
        box.start()
        wait_up(box, "default")
        seen = json.loads(wait_until(lambda: (volume.home / "seen.json").exists() and (volume.home / "seen.json").read_text()))
    assert seen["argv"][-3:] == ["gateway", "run", "--replace"] and "-p" not in seen["argv"]


def test_logs_reach_the_volume_as_the_user(volume: Home, tree: Tree) -> None:
    volume.profile("alpha", {"gateway_state": "running"})
    with Box(volume.home, tree=tree, overlay=image(), command=IDLE) as box:
        box.start()
        log = volume.home / "logs/gateways/alpha/current"
        wait_until(lambda: log.exists() and "gateway ready" in log.read_text(), what="a line in the log")
        assert log.stat().st_uid == USER
        assert "gateway ready" in box.run(["gatewayctl", "logs", "alpha"], check=True).stdout


def test_foreign_entries_of_the_scandir_are_never_touched(volume: Home) -> None:
    def foreign(box: Box) -> dict[str, int]:
        return {p.name: p.lstat().st_ino for p in (box.root / "run/service").iterdir()
                if not p.name.startswith(("gateway-", ".gatewayctl"))}

    with Box(volume.home, overlay=image(), command=IDLE) as box:
        box.start()
        before = foreign(box)
        assert "s6-linux-init-shutdownd" in before and "s6rc-fdholder" in before
        volume.profile("alpha", {"gateway_state": "running"})
        box.run(["gatewayctl", "reconcile"], check=True)
        wait_up(box, "alpha")
        assert foreign(box) == before


def test_slot_of_a_deleted_profile_is_retired_after_its_supervisor(volume: Home, tree: Tree) -> None:
    profile = volume.profile("alpha", {"gateway_state": "running"})
    with Box(volume.home, tree=tree, overlay=image(), command=IDLE) as box:
        box.start()
        pid = wait_up(box, "alpha")
        (profile / "SOUL.md").unlink()
        box.run(["gatewayctl", "reconcile"], check=True)
        assert not (box.root / f"proc/{pid}").exists()
        assert not list((box.slots).glob("*gateway-alpha*"))


def test_static_services_become_queryable_and_controllable_by_the_user(volume: Home) -> None:
    with Box(volume.home, overlay=image(), command=IDLE) as box:
        box.start()
        static = {p.name for p in (box.root / "run/service").iterdir() if p.is_symlink()}
        of_the_init = {name for name in static if name.startswith("s6rc-")}
        assert of_the_init and static > of_the_init, "the stand-in has services of the image and of the init"
        for name in static - of_the_init:
            assert box.run(["s6-svstat", f"/run/service/{name}"]).returncode == 0
            box.run(["s6-svc", "-r", f"/run/service/{name}"], check=True)
        for name in of_the_init:
            assert box.run(["s6-svc", "-r", f"/run/service/{name}"]).returncode != 0, name


def test_thousand_profiles_boot_with_every_decision_right(volume: Home, tree: Tree) -> None:
    for i in range(1000):
        desired = "running" if i % 100 == 0 else "stopped"
        volume.profile(f"p{i:04}", {"gateway_state": "running", "desired_state": desired})
    with Box(volume.home, tree=tree, overlay=image(), command=IDLE) as box:
        box.start(seconds=60)
        scandir = box.slots
        slots = list(scandir.glob("gateway-p*"))
        assert len(slots) == 1000
        assert {s.name for s in slots if not (s / "down").exists()} == {f"gateway-p{i:04}" for i in range(0, 1000, 100)}
        wait_until(lambda: len(list(volume.home.glob("profiles/*/seen.json"))) == 10, 60, "ten gateways up")
        assert observed(box, "p0001")[:2] == (False, False)


@pytest.fixture(autouse=True)
def _nothing_is_left_running(volume: Home) -> Iterator[None]:
    yield
    left = [p for p in Path("/proc").glob("[0-9]*/root") if os.access(p, os.R_OK) and _inside(p, volume.home)]
    assert not left


def _inside(root: Path, volume: Path) -> bool:
    try:
        return str(volume) in (root.parent / "mountinfo").read_text()
    except OSError:
        return False
