"""One owner per volume: two containers on one volume, in either tree, and nothing of it runs twice."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
from pathlib import Path
from typing import Any

import pytest
from box import Box, Tree
from members import Volume, freeze, gateways, is_gateway, killed, send, thaw, wait_running
from places import let_others_through
from poll import is_gone, wait_until
from tree_processes import one, processes

NAMES = ("mail", "chat")
OWN_TREES = [Tree.OWN, Tree.ENTRY_POINT]


@pytest.fixture(params=[Tree.SHARED, *OWN_TREES], ids=lambda tree: tree.value)
def volume(request: pytest.FixtureRequest, tmp_path: Path) -> Volume:
    return volume_of(tmp_path, request.param)


@pytest.fixture
def own_volume(tmp_path: Path) -> Volume:
    return volume_of(tmp_path, Tree.OWN)


def volume_of(tmp_path: Path, tree: Tree) -> Volume:
    let_others_through(tmp_path)
    made = Volume(tmp_path / "volume", tree)
    for name in NAMES:
        made.profile(name, {"gateway_state": "running", "desired_state": "running"})
    return made


def content(volume: Volume) -> dict[str, Any]:
    """Everything on the volume but what the gateways write by themselves, with the time of its last change."""
    return {str(path.relative_to(volume.home)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in volume.home.rglob("*") if path.is_file() and not path.name.startswith(("lives-", "events-"))
            and "gateways" not in path.parts}


def is_held(volume: Volume) -> bool:
    """Whether somebody has the volume. Asks, and takes nothing."""
    form = "hh4xqqi4x"  # struct flock: type, whence, start, length, pid
    with (volume.home / ".gateway-owner.lock").open("rb") as file:
        answer = fcntl.fcntl(file, fcntl.F_OFD_GETLK, struct.pack(form, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
    return struct.unpack(form, answer)[0] != fcntl.F_UNLCK


def wait_recorded(volume: Volume) -> None:
    """All gateways run, and all that is recorded of that is on the volume."""
    wait_until(lambda: all((state := volume.state(name)).get("pid") and state["gateway_state"] == "running" for name in NAMES),
               what="the records of running gateways")


def ctl(box: Box, *words: str) -> Any:
    return box.run(["gatewayctl", *words], timeout=120)


def records_of_deaths(volume: Volume) -> list[Path]:
    return [path for path in volume.home.rglob("gateway.*.json") if path.name in ("gateway.deaths.json", "gateway.parked.json")]


# -- who owns -----------------------------------------------------------------------------------------------------


def test_the_owner_writes_down_who_it_is(volume: Volume) -> None:
    with volume.member("one") as one_box:
        one_box.start()
        wait_running(one_box, *NAMES)
        owner = volume.owner_record()
        assert owner["member"] == "one" and owner["host"] and owner["since"]
        assert owner["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        assert owner["pid_namespace"] == os.readlink(f"/proc/{one_box.host_pid}/ns/pid")
        told = json.loads(ctl(one_box, "--json", "list").stdout)
        assert told["owner"]["member"] == "one" and told["owner"]["here"] is True and told["role"] == "owner"
        assert "Owner" not in ctl(one_box, "list").stdout, "a plain container has a line that says nothing"


def test_a_second_container_has_everything_down_and_says_who_owns(volume: Volume) -> None:
    with volume.member("one") as one_box, volume.member("two") as two:
        one_box.start()
        wait_recorded(volume)
        before = content(volume)
        two.start()
        told = two.console()
        passes = 2 if volume.tree is Tree.OWN else 1  # the boot hook makes one before the tree does
        assert told.count("the gateways of this volume belong to one") == passes, told
        assert volume.owner_record()["since"] in told, told
        assert all((two.slots / f"gateway-{name}/down").exists() for name in NAMES)
        assert not any(gateways(two, name) for name in NAMES)
        assert content(volume) == before, "it has written to a volume that is another one's"
        status = json.loads(ctl(two, "--json", "status").stdout)
        assert status["owner"] == {**status["owner"], "member": "one", "here": False} and status["role"] == "owner"
        assert {one["prior_exit"] for one in status["gateways"]} == {"unknown"}, "live ones are called killed"
        assert "Owner: one" in ctl(two, "status").stdout and "Owner: one" in ctl(two, "list").stdout
        assert all(len(gateways(one_box, name)) == 1 for name in NAMES)


@pytest.mark.parametrize("words", [["start", "mail"], ["stop", "mail"], ["restart", "mail"], ["stop", "--all"],
                                   ["register", "new", "--start"], ["wait", "mail", "--for", "down"]], ids=" ".join)
def test_operations_are_refused_where_another_container_owns(own_volume: Volume, words: list[str]) -> None:
    volume = own_volume
    volume.profile("new")
    with volume.member("one") as one_box, volume.member("two") as two:
        one_box.start()
        wait_recorded(volume)
        two.start()
        before, pids = content(volume), [gateways(one_box, name) for name in NAMES]
        done = ctl(two, *words)
        assert done.returncode == 1 and "belong to one" in done.stderr, done.stderr
        verb = "start" if words[0] == "register" else words[0]
        assert f"in one: gatewayctl {verb} {'new' if 'new' in words else 'mail'}" in done.stderr, done.stderr
        assert content(volume) == before
        assert [gateways(one_box, name) for name in NAMES] == pids


@pytest.mark.parametrize("told", ["0", "9999", "-1", "x", ""])
def test_what_is_told_of_an_inherited_share_is_looked_at(own_volume: Volume, told: str) -> None:
    """GATEWAYCTL_SHARE names a descriptor that is closed, or something else than the lock file."""
    with own_volume.member("one") as one_box, own_volume.member("two") as two:
        one_box.start()
        wait_recorded(own_volume)
        two.start()
        done = two.run(["env", f"GATEWAYCTL_SHARE={told}", "gatewayctl", "stop", "mail"])
        assert done.returncode == 1 and "belong to one" in done.stderr, done.stderr
        assert len(gateways(one_box, "mail")) == 1


def test_a_container_without_gateways_does_not_operate_on_another_ones(own_volume: Volume) -> None:
    with own_volume.member("one") as one_box, own_volume.member("two", role="none") as two:
        one_box.start()
        wait_running(one_box, *NAMES)
        two.start()
        done = ctl(two, "stop", "mail")
        assert done.returncode == 1 and "belong to one" in done.stderr, done.stderr
        assert len(gateways(one_box, "mail")) == 1


def test_a_container_without_gateways_never_takes_the_volume(volume: Volume) -> None:
    with volume.member("two", role="none") as two, volume.member("one") as one_box:
        two.start()
        assert not any(gateways(two, name) for name in NAMES) and not volume.owner_record()
        one_box.start()
        wait_running(one_box, *NAMES)
        assert volume.owner_record()["member"] == "one"


def test_a_run_that_is_refused_counts_no_death_and_writes_nothing(volume: Volume) -> None:
    with volume.member("one") as one_box, volume.member("two") as two:
        one_box.start()
        wait_recorded(volume)
        two.start()
        stopped = ctl(one_box, "stop", "mail")
        assert stopped.returncode == 0, stopped.stderr
        wait_until(lambda: volume.lifecycle("mail").get("heard"), what="all that the owner records of the end")
        before = content(volume)
        slot = f"{two.scandir}/gateway-mail"
        # Behind the tool's back. The first end is final: s6 does not try again.
        two.run(["s6-svc", "-u", slot], check=True)
        wait_until(lambda: "belong to one" in (two.run(["gatewayctl", "logs", "mail"]).stdout + two.console()
                                               + log_of(volume)), what="the refusal")
        wait_until(lambda: two.run(["s6-svstat", "-o", "up,wantedup", slot]).stdout.split() == ["false", "false"],
                   what="the end of the slot")
        assert content(volume) == before
        assert not records_of_deaths(volume)


def log_of(volume: Volume) -> str:
    return "".join(path.read_text(errors="replace") for path in (volume.home / "logs").rglob("current"))


# -- how it changes hands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["stopped", "killed"])
def test_a_standby_takes_over_without_a_restart(volume: Volume, end: str) -> None:
    with volume.member("one") as one_box, volume.member("two", role="standby") as two:
        one_box.start()
        wait_running(one_box, *NAMES)
        two.start()
        first = two.host_pid
        assert not any(gateways(two, name) for name in NAMES)
        one_box.stop() if end == "stopped" else one_box.kill()
        wait_running(two, *NAMES)
        assert volume.owner_record()["member"] == "two" and two.host_pid == first
        assert is_held(volume)
        assert ctl(two, "stop", "mail").returncode == 0 and ctl(two, "start", "mail").returncode == 0
        assert not any(volume.doubles(name) for name in NAMES)


def test_the_earlier_owner_stands_by_when_it_comes_back(volume: Volume) -> None:
    with volume.member("one", role="standby") as one_box, volume.member("two", role="standby") as two:
        one_box.start()
        wait_running(one_box, *NAMES)
        two.start()
        one_box.kill()
        wait_running(two, *NAMES)
        one_box.start()
        assert not any(gateways(one_box, name) for name in NAMES)
        two.stop()
        wait_running(one_box, *NAMES)
        assert volume.owner_record()["member"] == "one"
        assert not any(volume.doubles(name) for name in NAMES)


def test_an_owner_by_role_takes_a_free_volume_when_it_is_asked(volume: Volume) -> None:
    with volume.member("one") as one_box, volume.member("two") as two:
        one_box.start()
        wait_running(one_box, *NAMES)
        two.start()
        one_box.kill()
        done = ctl(two, "reconcile")
        assert done.returncode == 0, done.stderr
        wait_running(two, *NAMES)
        assert volume.owner_record()["member"] == "two" and is_held(volume)


def test_a_frozen_owner_keeps_the_volume(volume: Volume) -> None:
    with volume.member("one") as one_box, volume.member("two", role="standby") as two:
        one_box.start()
        wait_running(one_box, *NAMES)
        two.start()
        freeze(one_box)
        try:
            assert is_held(volume)
            assert ctl(two, "start", "mail").returncode == 1
            assert not any(gateways(two, name) for name in NAMES)
        finally:
            thaw(one_box)
        assert ctl(one_box, "restart", "mail").returncode == 0
        assert not any(volume.doubles(name) for name in NAMES)


# -- how long it is held ------------------------------------------------------------------------------------------


def test_in_an_own_tree_the_kernel_gives_the_volume_back_with_the_last_process(own_volume: Volume) -> None:
    volume = own_volume
    with volume.member("one") as box:
        box.start()
        wait_running(box, *NAMES)
        send(box, signal.SIGSTOP, [one(box, "s6-supervise", "gateways").pid])  # no successor
        fronts = [process.pid for process in processes(box) if process.is_("gatewayctl", "run")]
        lives = [pid for name in NAMES for pid in gateways(box, name)]
        send(box, signal.SIGSTOP, fronts + lives)
        svscan = one(box, "s6-svscan", box.scandir).pid
        supervisors = [process.pid for process in processes(box) if process.parent == svscan]
        killed(svscan)
        assert is_held(volume)
        for pid in supervisors:
            killed(pid)
        assert is_held(volume)
        for pid in fronts:
            send(box, signal.SIGKILL, [pid])
        # The fronts' death kills the gateways: the last of them has the volume until it is gone.
        wait_until(lambda: all(is_gone(pid) for pid in fronts + lives), what="the end of the gateways")
        wait_until(lambda: not is_held(volume), what="the volume to be free")


def test_a_gateway_has_the_volume_by_itself(volume: Volume) -> None:
    """Also when everything above it was killed at once and it takes longer to die."""
    with volume.member("one") as box:
        box.start()
        wait_running(box, *NAMES)
        lock = (volume.home / ".gateway-owner.lock").stat()

        def has_it(pid: int) -> bool:
            return any((info := os.stat(f"/proc/{pid}/fd/{fd}")).st_ino == lock.st_ino and info.st_dev == lock.st_dev
                       for fd in os.listdir(f"/proc/{pid}/fd"))

        assert all(has_it(pid) for name in NAMES for pid in gateways(box, name))
        assert all(has_it(process.pid) for process in processes(box) if process.is_("gatewayctl", "run"))
        if volume.tree is Tree.SHARED:
            assert has_it(one(box, "gatewayctl", "keep-volume").pid)
        else:
            assert has_it(one(box, "s6-svscan", box.scandir).pid)
            slots = {f"gateway-{name}" for name in NAMES}
            assert all(has_it(process.pid) for process in processes(box) if slots & set(process.words))
            assert not [process for process in processes(box) if process.is_("gatewayctl", "keep-volume")]


def test_a_container_without_a_running_gateway_owns_the_volume_still(volume: Volume) -> None:
    with volume.member("one") as one_box, volume.member("two", role="standby") as two:
        one_box.start()
        wait_running(one_box, *NAMES)
        assert ctl(one_box, "stop", "--all").returncode == 0
        assert is_held(volume)
        two.start()
        assert "belong to one" in two.console()
        assert ctl(one_box, "start", "mail").returncode == 0
        assert len(gateways(one_box, "mail")) == 1 and not any(gateways(two, name) for name in NAMES)


@pytest.mark.parametrize("tree", OWN_TREES, ids=lambda tree: tree.value)
def test_a_successor_of_a_killed_tree_keeps_the_volume(tmp_path: Path, tree: Tree) -> None:
    volume = volume_of(tmp_path, tree)
    with volume.member("one") as one_box, volume.member("two", role="standby") as two:
        one_box.start()
        wait_running(one_box, *NAMES)
        two.start()
        svscan = one(one_box, "s6-svscan", one_box.scandir).pid
        killed(svscan)
        wait_until(lambda: any(process.is_("s6-svscan", one_box.scandir) and process.pid != svscan
                               for process in processes(one_box)), 60, "the successor")
        wait_running(one_box, *NAMES, seconds=60)
        assert volume.owner_record()["member"] == "one"
        assert not any(gateways(two, name) for name in NAMES)
        assert not any(volume.doubles(name) for name in NAMES)


@pytest.mark.parametrize("tree", OWN_TREES, ids=lambda tree: tree.value)
def test_a_tree_that_waited_for_the_volume_keeps_it_through_a_kill(tmp_path: Path, tree: Tree) -> None:
    """Its s6-svscan was there before the volume came: what has the share then ends with the tree."""
    volume = volume_of(tmp_path, tree)
    with volume.member("one", "standby") as one_box, volume.member("two", "standby") as two:
        two.start()
        wait_running(two, *NAMES)
        one_box.start()
        two.kill()
        wait_running(one_box, *NAMES)
        two.start()
        svscan = one(one_box, "s6-svscan", one_box.scandir).pid
        killed(svscan)
        wait_until(lambda: any(process.is_("s6-svscan", one_box.scandir) and process.pid != svscan
                               for process in processes(one_box)), 60, "the successor")
        wait_running(one_box, *NAMES, seconds=60)
        assert volume.owner_record()["member"] == "one"
        assert not any(volume.doubles(name) for name in NAMES)


def test_a_keeper_that_is_killed_comes_back(tmp_path: Path) -> None:
    volume = volume_of(tmp_path, Tree.SHARED)
    with volume.member("one") as box:
        box.start()
        wait_running(box, *NAMES)
        keeper = one(box, "gatewayctl", "keep-volume").pid
        killed(keeper)
        assert is_held(volume), "the gateways have it as well"
        wait_until(lambda: [p for p in processes(box) if p.is_("gatewayctl", "keep-volume") and p.pid != keeper],
                   what="the next keeper")
        since = volume.owner_record()["since"]
        assert ctl(box, "restart", "mail").returncode == 0
        assert volume.owner_record()["since"] == since


def test_a_gateway_without_run_has_the_volume_and_starts_nowhere_else(volume: Volume) -> None:
    command = ["test-gateway", "--lives", "/opt/data/lives-{profile}"]
    bare = {"/etc/gatewayctl.yaml": json.dumps({"command": command, "default_command": command})}
    with volume.member("one", overlay=bare) as one_box, volume.member("two", overlay=bare) as two:
        one_box.start()
        wait_running(one_box, *NAMES)
        two.start()
        lock = (volume.home / ".gateway-owner.lock").stat()
        for pid in gateways(one_box, "mail"):
            assert lock.st_ino in [os.stat(f"/proc/{pid}/fd/{fd}").st_ino for fd in os.listdir(f"/proc/{pid}/fd")]
        slot = f"{two.scandir}/gateway-mail"
        two.run(["s6-svc", "-u", slot], check=True)
        wait_until(lambda: two.run(["s6-svstat", "-o", "up,wantedup", slot]).stdout.split() == ["false", "false"],
                   what="the end of the slot")
        assert not gateways(two, "mail") and len(volume.lives("mail")) == 1


# -- a container that has its volume for itself -------------------------------------------------------------------


def test_a_plain_container_notices_nothing(volume: Volume) -> None:
    with volume.member("one") as box:
        box.start()
        wait_running(box, *NAMES)
        assert len(volume.boot_log()) == len(NAMES) + 1  # the default profile has a line too
        assert "belong" not in box.console() and "volume" not in box.console(), box.console()
        ours = [process for process in processes(box) if process.is_("gatewayctl") and "run" not in process.words
                and "log-relay" not in process.words and "tree" not in process.words]
        assert len(ours) == (1 if volume.tree is Tree.SHARED else 0), ours
        box.stop()
        assert not is_held(volume)
        box.start()
        wait_running(box, *NAMES)
        assert not any(is_gateway(process, "default") for process in processes(box))
