"""The harness itself: what the other tests believe about a box is proven here, with a trivial service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from box import BASE_PATH, HERE, SCANDIR, WRAPPER, ArgvShape, Box
from places import USER
from poll import is_gone, wait_until


SLOT = f"{SCANDIR}/gateway-demo"

# A dynamic service as a boot hook would make it: supervise/ belongs to the unprivileged user.
MAKE_SLOT = f"""#!/bin/sh -e
cp -r /etc/demo {SLOT}
mkdir {SLOT}/supervise
mkfifo -m 660 {SLOT}/supervise/control
[ "$(id -u)" != 0 ] || chown -R hermes:hermes {SLOT}/supervise
"""
SERVICE = """#!/bin/bash
[ "$(id -u)" != 0 ] || exec s6-setuidgid hermes "$0" "$@"
trap 'echo TERM >>/opt/data/events' TERM
echo "up $(id -u)" >>/opt/data/events
while :; do sleep 60 & wait; done
"""
FINISH = f"""#!/bin/sh
echo "cont-finish $(s6-svstat -o up {SLOT})" >>/opt/data/events
"""
IMAGE = {"/etc/demo/run": SERVICE, "/etc/cont-init.d/50-demo": MAKE_SLOT, "/etc/cont-finish.d/50-demo": FINISH}


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """An empty volume of the unprivileged user."""
    path = tmp_path / "volume"
    path.mkdir()
    os.chown(path, USER, USER)
    return path


def events(volume: Path) -> list[str]:
    path = volume / "events"
    return path.read_text().splitlines() if path.exists() else []


def cmdline(box: Box, pid: int) -> list[str]:
    return (box.root / f"proc/{pid}/cmdline").read_text().split("\0")[:-1]


@pytest.mark.serial
def test_boot_is_quick_and_looks_like_s6_overlay(volume: Path) -> None:
    with Box(volume, env={"ODD": 'two\nlines "quoted"'}) as box:
        box.start(seconds=2)
        assert (box.root / "proc/1/comm").read_text() == "s6-svscan\n"
        assert (box.root / "run/s6/basedir").is_dir()
        assert (box.root / "run/s6/container_environment/ODD").read_text() == 'two\nlines "quoted"\n'
        assert os.readlink(box.root / "run/service/s6rc-fdholder").endswith("/s6-rc/servicedirs/s6rc-fdholder")
        for name in ("s6-linux-init-shutdownd", "s6rc-fdholder", "s6rc-oneshot-runner", "dashboard"):
            up = box.run(["s6-svstat", "-o", "wantedup", f"{SCANDIR}/{name}"], user=0, check=True)
            assert up.stdout == "true\n"


def test_commands_run_as_the_unprivileged_user_by_default(volume: Path) -> None:
    with Box(volume) as box:
        box.start()
        assert box.run(["id", "-un"], check=True).stdout == "hermes\n"
        assert box.run(["id", "-un"], user=0, check=True).stdout == "root\n"
        assert box.run(["sh", "-c", "echo $HOME $A"], env={"A": "b"}, check=True).stdout == "/opt/data b\n"
        assert box.run(["touch", "/run/service/x"]).returncode != 0
        with pytest.raises(AssertionError, match="exited 3"):
            box.run(["sh", "-c", "exit 3"], check=True)


def test_signals_reach_a_command_inside(volume: Path) -> None:
    with Box(volume) as box:
        box.start()
        script = "trap 'exit 9' TERM; echo $$; while :; do sleep 60 & wait; done"
        with box.popen(["bash", "-c", script], stdout=subprocess.PIPE, text=True) as command:
            assert command.stdout
            inside = int(command.stdout.readline())
            assert inside in box.pids()
            command.terminate()
            assert command.wait(120) == 9
        with pytest.raises(subprocess.TimeoutExpired):
            box.run(["sleep", "300"], timeout=0.2)
        assert box.run(["pgrep", "-x", "bash"]).returncode == 1


def test_a_command_dies_with_its_caller(volume: Path) -> None:
    with Box(volume) as box:
        box.start()
        with box.popen(["sh", "-c", "echo $$; exec sleep 300"], stdout=subprocess.PIPE, text=True) as command:
            assert command.stdout
            inside = int(command.stdout.readline())
            pid = box.pids()[inside]
            os.kill(command.pid, signal.SIGKILL)  # the nsenter, as if the test process had died
        wait_until(lambda: is_gone(pid), what="the end of the command in the box")


def test_with_contenv_replaces_the_environment(volume: Path) -> None:
    """As in s6-overlay: a script that marks "already done" in a variable and calls itself so loops for ever."""
    with Box(volume, env={"ODD": "two\nlines", "EMPTY": ""}) as box:
        box.start()
        caller = {"PATH": f"/command:{BASE_PATH}", "MINE": "1", "ODD": "changed"}
        shown = box.run(["with-contenv", "env", "-0"], env=caller, check=True).stdout
        variables = dict(line.split("=", 1) for line in shown.split("\0")[:-1])
        assert variables["ODD"] == "two\nlines"
        assert variables["EMPTY"] == ""
        assert variables["PATH"].startswith("/command:")
        assert "MINE" not in variables


@pytest.mark.parametrize("uid", [0, USER])
def test_the_user_controls_a_dynamic_service(volume: Path, uid: int) -> None:
    with Box(volume, overlay=IMAGE, uid=uid, grace_ms=100) as box:
        box.start()
        privileges = "0" if uid == 0 else "1"
        assert f"NoNewPrivs:\t{privileges}\n" in (box.root / "proc/1/status").read_text()
        assert (box.root / "proc/1").stat().st_uid == uid
        wait_until(lambda: events(volume) == [f"up {USER}"], what="the service")

        def up() -> str:
            return box.run(["s6-svstat", "-o", "up", SLOT], check=True).stdout

        box.run(["s6-svc", "-d", "-k", SLOT], check=True)  # -k: the service only notes a SIGTERM
        wait_until(lambda: up() == "false\n", what="down")
        box.run(["/command/execlineb", "-c", f"s6-svc -u {SLOT}"], check=True)
        wait_until(lambda: up() == "true\n", what="up again")
        box.stop()


@pytest.mark.serial
@pytest.mark.parametrize("uid", [0, USER])
def test_stop_order(volume: Path, uid: int) -> None:
    """cont-finish.d sees the dynamic slot still up, then come several SIGTERM and a blind sleep.

    With s6 2.11 there are up to four: for the "d", for the rescan (s6-svscan tells s6-supervise to leave),
    and the final one, both directly and through s6-supervise.
    """
    with Box(volume, overlay=IMAGE, uid=uid, grace_ms=700) as box:
        # Signals that are not taken before the next one comes are one: on a busy machine it may need another stop to see.
        several = False
        for _ in range(5):
            box.start()
            wait_until(lambda: events(volume) == [f"up {USER}"], what="the service")
            seconds = box.stop()
            up, finish, *terms = events(volume)
            assert (up, finish) == (f"up {USER}", "cont-finish true")
            assert set(terms) == {"TERM"}
            assert 0.7 <= seconds < 5
            assert box.exit_code == 0
            if several := len(terms) >= 2:
                break
            (volume / "events").unlink()
        assert several


@pytest.mark.serial
def test_cont_finish_is_killed_after_its_limit(volume: Path) -> None:
    hook = "#!/bin/sh\necho begin >/opt/data/events\nsleep 30\necho end >>/opt/data/events\n"
    with Box(volume, overlay={"/etc/cont-finish.d/9": hook}, env={"S6_KILL_FINISH_MAXTIME": "300"}, grace_ms=0) as box:
        box.start()
        assert 0.3 <= box.stop() < 5
        assert events(volume) == ["begin"]


def test_hooks_run_sorted_and_a_failure_does_not_stop_the_boot(volume: Path) -> None:
    codes = {"10-b": 0, "02-a": 1, "20-c": 0}
    hooks = {f"/etc/cont-init.d/{name}": f"#!/bin/sh\necho hook {name}\nexit {codes[name]}\n" for name in codes}
    with Box(volume, overlay=hooks) as box:
        box.start()
        said = [line for line in box.console().splitlines() if line.startswith("hook")]
        assert said == ["hook 02-a", "hook 10-b", "hook 20-c"]
        assert "02-a exited 1" in box.console()


def test_a_failing_hook_stops_the_boot_when_the_container_wants_that(volume: Path) -> None:
    hook = {"/etc/cont-init.d/1": "#!/bin/sh\nexit 1\n"}
    with Box(volume, overlay=hook, env={"S6_BEHAVIOUR_IF_STAGE2_FAILS": "2"}, grace_ms=0) as box:
        with pytest.raises(AssertionError, match="the box died"):
            box.start()


@pytest.mark.parametrize(
    ("shape", "pid_1", "expected"),
    [
        ("v3", False, ["/bin/sh", "-e", "/run/s6/basedir/scripts/rc.init", "top", WRAPPER, "gateway", "run"]),
        ("v2", True, ["/init", WRAPPER, "gateway", "run"]),
        ("bare", True, ["/init", "gateway", "run"]),
    ],
)
def test_the_command_is_visible_during_the_hooks(
    volume: Path, shape: ArgvShape, pid_1: bool, expected: list[str]
) -> None:
    show = 'for p in /proc/[0-9]*; do echo "${p#/proc/} $(tr "\\0" "|" <$p/cmdline)"; done'
    probe = f"#!/bin/sh\n{show} >/opt/data/events\n"
    with Box(volume, overlay={"/etc/cont-init.d/1": probe}, argv_shape=shape) as box:
        box.start()
        seen = [line.split(" ", 1) for line in events(volume)]
        during = [pid for pid, argv in seen if argv == "|".join(expected) + "|"]
        assert len(during) == 1
        assert (during == ["1"]) is pid_1
        assert cmdline(box, int(during[0])) == expected
        assert (box.root / "proc/1/comm").read_text() == "s6-svscan\n"


def test_the_end_of_the_command_ends_the_container(volume: Path) -> None:
    with Box(volume, command=["sh", "-c", "exit 7"], grace_ms=0) as box:
        box.start(wait=False)
        box.wait_gone()
        assert box.exit_code == 7


def test_kill_ends_everything_at_once_and_the_volume_stays(volume: Path) -> None:
    with Box(volume, overlay=IMAGE) as box:
        box.start()
        wait_until(lambda: events(volume), what="the service")
        pids = box.pids().values()
        assert len(pids) > 5
        box.kill()
        assert all(is_gone(pid) for pid in pids)
        assert events(volume) == [f"up {USER}"]


def test_a_restart_keeps_the_volume_and_nothing_else(volume: Path) -> None:
    with Box(volume, grace_ms=0) as box:
        box.start()
        box.run(["touch", "/opt/data/kept", "/tmp/lost"], check=True)
        box.run(["touch", "/run/lost", "/etc/lost"], user=0, check=True)
        box.stop()
        box.start()
        assert box.run(["ls", "/opt/data/kept"]).returncode == 0
        assert box.run(["ls", "/tmp/lost", "/run/lost", "/etc/lost"]).stdout == ""


def test_two_boxes_share_a_volume_and_nothing_else(volume: Path) -> None:
    with Box(volume, grace_ms=0) as one, Box(volume, grace_ms=0) as two:
        one.start()
        two.start()
        one.run(["touch", "/run/one"], user=0, check=True)
        one.run(["touch", "/opt/data/shared"], check=True)
        assert two.run(["ls", "/run/one"]).returncode != 0
        assert two.run(["ls", "/opt/data/shared"]).returncode == 0
        assert one.run(["hostname"]).stdout != two.run(["hostname"]).stdout
        assert not set(one.pids().values()) & set(two.pids().values())
        one.stop()
        assert two.run(["true"]).returncode == 0


def leftovers(scratch: Path, pids: list[int]) -> list[str]:
    found = [f"process {pid}" for pid in pids if not is_gone(pid)]
    found += [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(scratch) in line]
    return found + [str(path) for path in [scratch] if path.exists()]


@pytest.mark.parametrize("directory", ["/dev/shm", "/var/tmp"])
def test_nothing_is_left_after_a_failing_test(volume: Path, monkeypatch: pytest.MonkeyPatch, directory: str) -> None:
    """/dev/shm is a tmpfs, /var/tmp a disk."""
    monkeypatch.setattr(tempfile, "tempdir", directory)
    with pytest.raises(RuntimeError, match="the test fails"):
        with Box(volume, overlay=IMAGE) as box:
            box.start()
            scratch = box._scratch
            pids = list(box.pids().values())
            assert scratch.parent == Path(directory)
            raise RuntimeError("the test fails")
    assert leftovers(scratch, pids) == []


@pytest.mark.parametrize("uid", [0, USER])
def test_nothing_is_left_when_the_test_process_is_killed(volume: Path, uid: int) -> None:
    program = (
        "import pathlib, sys; from box import Box\n"
        f"box = Box(pathlib.Path(sys.argv[1]), uid={uid}); box.start()\n"
        "print(box._scratch, *box.pids().values(), flush=True)\n"
        "sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(volume)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert process.stdout
    scratch, *pids = process.stdout.readline().split()
    assert pids
    process.kill()
    process.communicate()
    wait_until(lambda: not leftovers(Path(scratch), [int(pid) for pid in pids]), what="the box to vanish")
