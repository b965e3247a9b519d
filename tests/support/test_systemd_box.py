"""The harness itself: what the other tests believe about the systemd boxes is proven here, with trivial services."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from namespaces import HERE, USER
from poll import is_gone, wait_until
from systemd_box import SystemdBox, UserSystemd


both = pytest.mark.parametrize("kind", [SystemdBox, UserSystemd])

DEMO = """#!/bin/bash
echo "up $$" >>/opt/data/events
trap 'echo TERM >>/opt/data/events; exit 0' TERM
if [ "${1-}" = notify ]; then
  until [ -e /opt/data/ready ]; do sleep 0.01; done
  systemd-notify --ready
fi
echo "hello from $1"
while :; do sleep 60 & wait; done
"""
SIMPLE = """[Service]
Type=simple
ExecStart=/usr/local/bin/demo simple
ExecStop=/bin/sh -c 'echo "stop $MAINPID" >>/opt/data/events'
Restart=always
RestartSec=10ms
[Install]
WantedBy=multi-user.target default.target
"""
NOTIFY = """[Service]
Type=notify
NotifyAccess=all
ExecStart=/usr/local/bin/demo notify
"""


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """A volume of the unprivileged user."""
    path = tmp_path / "volume"
    path.mkdir()
    os.chown(path, USER, USER)
    return path


def make_box(kind: type[SystemdBox], volume: Path) -> SystemdBox:
    """A box that is down, with the two services installed and neither of them enabled."""
    box = kind(binds={"/opt/data": volume}, overlay={"/usr/local/bin/demo": DEMO})
    for name, text in (("simple", SIMPLE), ("other", SIMPLE), ("notify", NOTIFY)):
        (box.units / f"{name}.service").write_text(text)
    return box


@pytest.fixture
def box(kind: type[SystemdBox], volume: Path) -> Iterator[SystemdBox]:
    with make_box(kind, volume) as box:
        box.start()
        yield box


def events(volume: Path) -> list[str]:
    path = volume / "events"
    return path.read_text().splitlines() if path.exists() else []


def wait_up(box: SystemdBox, volume: Path, lives: int = 1) -> int:
    """Waits until the service has come up for the `lives`-th time; its pid inside."""
    wait_until(lambda: sum(event.startswith("up") for event in events(volume)) >= lives, what="the service")
    return int(box.show("simple", "MainPID")["MainPID"])


# -- the machine ------------------------------------------------------------------------------------


@pytest.mark.serial
def test_pid_1_is_systemd_and_a_whole_boot_is_quick() -> None:
    with SystemdBox() as box:
        box.start(seconds=5)
        assert (box.root / "proc/1/comm").read_text() == "systemd\n"
        assert box.systemctl("is-system-running").stdout == "running\n"
        assert box.systemctl("is-active", "multi-user.target", "systemd-journald", "dbus").returncode == 0
        assert box.systemctl("status").returncode == 0


@pytest.mark.serial
def test_a_user_instance_has_no_system_manager_beside_it() -> None:
    with UserSystemd() as box:
        box.start(seconds=5)
        assert box.run(["id", "-un"], check=True).stdout == "hermes\n"
        assert box.systemctl("is-system-running").stdout == "running\n"
        assert (box.root / "run/systemd/system").is_dir()
        assert (box.root / "proc/1/comm").read_text() != "systemd\n"
        for user in (0, USER):
            assert "Failed to connect to bus" in box.run(["systemctl", "is-system-running"], user=user).stderr


@both
def test_the_machine_is_not_touched(box: SystemdBox) -> None:
    own = box.run(["cat", "/proc/sys/kernel/random/boot_id"], check=True).stdout
    assert own != Path("/proc/sys/kernel/random/boot_id").read_text()
    assert box.run(["cat", "/proc/sys/kernel/random/boot_id"], check=True).stdout == own
    assert "Read-only" in box.run(["sh", "-c", "echo x >/proc/sys/kernel/domainname"], user=0).stderr
    assert box.run(["cat", "/proc/self/cgroup"], check=True).stdout.endswith("0::/exec\n")
    box.reboot()
    assert box.run(["cat", "/proc/sys/kernel/random/boot_id"], check=True).stdout != own


@pytest.mark.serial
def test_no_boot_changes_a_sysctl_of_the_machine() -> None:
    names = ("fs/nr_open", "fs/file-max", "kernel/core_pattern", "kernel/pid_max", "kernel/hostname",
             "net/unix/max_dgram_qlen")
    before = [Path("/proc/sys", name).read_text() for name in names]
    with SystemdBox() as box:
        box.start()
        box.stop()
    assert [Path("/proc/sys", name).read_text() for name in names] == before


@both
def test_units_and_services_of_the_machine_stay_out(box: SystemdBox) -> None:
    kinds = ("--type=service,timer,socket", "--state=active", "--plain", "--no-legend")
    listed = box.systemctl("list-units", *kinds).stdout.splitlines()
    found = {line.split()[0].partition(".")[0].removeprefix("systemd-") for line in listed}
    system = {"dbus", "journald", "journald-dev-log", "journal-flush"}
    assert found <= (system if type(box) is SystemdBox else set())


@both
def test_commands_run_with_a_clean_environment(box: SystemdBox) -> None:
    for user, name, home in ((0, "root", "/root"), (USER, "hermes", "/home/hermes")):
        line = box.run(["sh", "-c", "echo $(id -un) $HOME $A; pwd"], user=user, env={"A": "b"}, check=True)
        assert line.stdout == f"{name} {home} b\n/\n"
    with pytest.raises(AssertionError, match="exited 3"):
        box.run(["sh", "-c", "exit 3"], check=True)


@pytest.mark.serial
@both
def test_a_command_is_a_child_of_the_test_and_a_process_of_the_box(box: SystemdBox) -> None:
    sleeper = box.popen(["sh", "-c", "echo $$; exec sleep 1000"], stdout=subprocess.PIPE, text=True)
    assert sleeper.stdout
    assert box.pids()[int(sleeper.stdout.readline())] == sleeper.pid
    sleeper.terminate()
    sleeper.communicate()
    assert sleeper.returncode == -signal.SIGTERM
    with pytest.raises(subprocess.TimeoutExpired):
        box.run(["sleep", "1000"], timeout=0.1)
    begin = time.monotonic()
    box.kill()
    assert time.monotonic() - begin < 1, "no zombie of a command holds the box up"


def test_an_overlay_file_under_a_bind_is_refused(volume: Path) -> None:
    with pytest.raises(AssertionError, match="hidden"):
        SystemdBox(binds={"/opt/data": volume}, overlay={"/opt/data/x": "y"})


def test_the_users_home_can_be_the_volume(volume: Path) -> None:
    with UserSystemd(binds={"/opt/data": volume}, home="/opt/data") as box:
        box.start()
        assert box.units == volume / ".config/systemd/user"
        owner = box.run(["sh", "-c", "touch ~/here; stat -c %u ~/.config/systemd/user"], check=True)
        assert owner.stdout == f"{USER}\n"
        assert (volume / "here").exists()


@both
def test_a_box_that_cannot_boot_says_why(kind: type[SystemdBox]) -> None:
    with kind(overlay={"/usr/lib/systemd/systemd": "#!/bin/sh\necho no systemd today >&2\nexit 1\n"}) as box:
        with pytest.raises(AssertionError, match="no systemd today"):
            box.start()


# -- services ---------------------------------------------------------------------------------------


@both
def test_a_failed_unit_does_not_hold_up_the_boot(kind: type[SystemdBox], volume: Path) -> None:
    with make_box(kind, volume) as box:
        (box.units / "failing.service").write_text("[Service]\nType=oneshot\nExecStart=false\n")
        (box.units / "default.target.wants").mkdir()
        (box.units / "default.target.wants/failing.service").symlink_to("../failing.service")
        box.start()
        assert box.systemctl("is-system-running", check=False).stdout == "degraded\n"
        assert box.systemctl("is-failed", "failing").stdout == "failed\n"


@both
def test_a_boot_that_is_not_waited_for_can_be_watched(kind: type[SystemdBox], volume: Path) -> None:
    with make_box(kind, volume) as box:
        (box.units / "default.target.wants").mkdir()
        (box.units / "default.target.wants/notify.service").symlink_to("../notify.service")
        box.start(wait=False)
        assert box.run(["cat", "/etc/machine-id"]).stdout != Path("/etc/machine-id").read_text()
        wait_until(lambda: events(volume), what="the service")
        assert box.systemctl("is-system-running", check=False).stdout == "starting\n"
        (volume / "ready").touch()
        box.wait_booted()
        assert box.systemctl("is-active", "notify").stdout == "active\n"


@both
def test_simple_service_starts_and_stops_with_main_pid_known(box: SystemdBox, volume: Path) -> None:
    box.systemctl("start", "simple")
    pid = wait_up(box, volume)
    assert not is_gone(box.pids()[pid])
    box.systemctl("stop", "simple")
    assert events(volume) == [f"up {pid}", f"stop {pid}", "TERM"]
    assert box.show("simple", "ActiveState", "MainPID", "Result") == {
        "ActiveState": "inactive", "MainPID": "0", "Result": "success",
    }
    assert pid not in box.pids()


@both
def test_notify_service_is_up_only_when_it_says_so(box: SystemdBox, volume: Path) -> None:
    box.systemctl("start", "--no-block", "notify")
    wait_until(lambda: events(volume), what="the service")
    assert box.show("notify", "ActiveState")["ActiveState"] == "activating"
    (volume / "ready").touch()
    wait_until(lambda: box.show("notify", "ActiveState")["ActiveState"] == "active", what="readiness")
    box.systemctl("restart", "notify")   # it blocks until ready
    assert box.show("notify", "ActiveState", "SubState") == {"ActiveState": "active", "SubState": "running"}


@both
def test_a_killed_service_is_restarted(box: SystemdBox, volume: Path) -> None:
    box.systemctl("start", "simple")
    first = wait_up(box, volume)
    os.kill(box.pids()[first], signal.SIGKILL)
    second = wait_up(box, volume, lives=2)
    assert second not in (0, first)
    assert box.show("simple", "NRestarts", "ActiveState") == {"NRestarts": "1", "ActiveState": "active"}


@both
def test_a_reboot_keeps_what_is_enabled_and_only_that(box: SystemdBox, volume: Path) -> None:
    box.systemctl("enable", "simple")
    box.systemctl("start", "simple", "other")
    wait_until(lambda: len(events(volume)) == 2, what="both services")
    box.reboot()
    assert sorted(event.split()[0] for event in events(volume)[:6]) == ["TERM", "TERM", "stop", "stop", "up", "up"]
    wait_up(box, volume, lives=3)
    assert box.systemctl("is-active", "simple", "other", check=False).stdout.split() == ["active", "inactive"]
    box.systemctl("disable", "simple")
    box.reboot()
    assert box.systemctl("is-active", "simple", check=False).stdout == "inactive\n"


@both
def test_what_is_enabled_survives_a_power_cut(box: SystemdBox, volume: Path) -> None:
    box.systemctl("enable", "--now", "simple")
    wait_up(box, volume)
    box.kill()
    assert [event.split()[0] for event in events(volume)] == ["up"], "no stop was seen"
    box.start()
    assert wait_up(box, volume, lives=2)


@both
def test_journal_of_a_unit(box: SystemdBox, volume: Path) -> None:
    scope = box.SYSTEMCTL[1:]
    box.systemctl("start", "simple")
    wait_up(box, volume)
    wait_until(lambda: "hello from simple\n" in box.run(["journalctl", *scope, "-u", "simple", "-o", "cat"]).stdout,
               what="the line in the journal")
    assert "hello" not in box.run(["journalctl", *scope, "-u", "notify", "-o", "cat"]).stdout


def test_the_unprivileged_user_may_look_at_the_system_but_not_touch_it(volume: Path) -> None:
    with make_box(SystemdBox, volume) as box:
        box.start()
        box.systemctl("start", "simple")
        pid = wait_up(box, volume)
        assert box.run(["systemctl", "show", "-p", "MainPID", "simple"], user=USER).stdout == f"MainPID={pid}\n"
        denied = box.run(["systemctl", "stop", "simple"], user=USER)
        assert denied.returncode == 4 and "Access denied" in denied.stderr


@both
def test_units_can_be_verified(box: SystemdBox) -> None:
    scope = box.SYSTEMCTL[1:]
    name = "/opt/data/fine.service"
    write = ["sh", "-c", 'printf "%s" "$1" >"$2"', "-"]
    box.run([*write, SIMPLE, name], check=True)
    good = box.run(["systemd-analyze", *scope, "verify", name])
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    box.run([*write, SIMPLE.replace("RestartSec=10ms", "RestartSecs=1"), name], check=True)
    assert "RestartSecs" in box.run(["systemd-analyze", *scope, "verify", name]).stderr


# -- the end ----------------------------------------------------------------------------------------


def is_left(scratch: Path, cgroup: Path) -> list[str]:
    """What of a box is still there, processes aside."""
    mounted = scratch.name in Path("/proc/self/mounts").read_text()
    return [str(path) for path in (scratch, cgroup) if path.exists()] + ["a mount"] * mounted


@both
def test_nothing_is_left_of_a_box(kind: type[SystemdBox], volume: Path) -> None:
    descriptors = os.listdir("/proc/self/fd")
    with make_box(kind, volume) as box:
        box.start()
        box.systemctl("start", "simple")
        box.run(["sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 &"], check=True)
        sleeper = box.popen(["sleep", "1000"])
        wait_until(lambda: len(box.pids()) >= 6, what="all the processes")
        processes = [*box.pids().values(), sleeper.pid]
        left = (box._scratch, box._cgroup)
        assert is_left(*left)
    sleeper.wait()
    assert [pid for pid in processes if not is_gone(pid)] == []
    assert is_left(*left) == []
    assert os.listdir("/proc/self/fd") == descriptors


@both
def test_a_stop_leaves_only_what_persists(kind: type[SystemdBox], volume: Path) -> None:
    with make_box(kind, volume) as box:
        for _ in range(3):
            box.start()
            processes = box.pids().values()
            box.stop(timeout=120)
            assert not box._cgroup.exists()
            assert [pid for pid in processes if not is_gone(pid)] == []


@both
def test_a_killed_test_leaves_nothing(kind: type[SystemdBox]) -> None:
    code = f"""if True:
        import sys; sys.path.insert(0, {str(HERE)!r})
        from systemd_box import {kind.__name__} as Kind
        box = Kind()
        box.start()
        print(box._scratch, box._cgroup, *box.pids().values(), flush=True)
        input()
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], text=True, **pipes) as test:
        assert test.stdout
        scratch, cgroup, *pids = test.stdout.readline().split()
        test.kill()
    wait_until(lambda: not is_left(Path(scratch), Path(cgroup)), what="the keeper to tidy up")
    assert [pid for pid in pids if not is_gone(int(pid))] == []
