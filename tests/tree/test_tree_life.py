"""`gatewayctl tree`: from a container's first moment to its last, and what it says when it cannot be."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path

import pytest
from box import Box, Tree
from places import GATEWAYCTL, PATH, USER
from poll import process_state, wait_until
from tree_image import RUNNING, Image, image_of
from tree_processes import Watch, one, processes, tree_of
from s6_tree import Finish, S6Tree, Supervisor, as_user
from volume import Volume

EX_CONFIG, TEMPORARY = 78, 75


@pytest.mark.parametrize("uid", [0, USER])
def test_nothing_of_the_tree_is_privileged_from_boot_to_stop(image: Image, uid: int) -> None:
    for name in ("a", "b", "c"):
        image.profile(name, RUNNING)
    image.flags = ["--drain-ms", "300"]
    with image.box(uid=uid) as box, Watch(box) as watch:
        box.start()
        image.wait_ready("a", "b", "c")
        box.run(["gatewayctl", "restart", "a"], check=True)
        image.wait_ready("a", lives=2)
        programs = {Path(process.words[0]).name for process in tree_of(box) if process.words}
        assert {"s6-svscan", "s6-supervise", "s6-log", "gatewayctl", "test-gateway"} <= programs
        assert {process.uids for process in tree_of(box)} == {(USER,) * 4}
        box.stop()
    assert watch.looks > 20 and len(watch.seen) > 10
    assert watch.privileged == []


def test_no_new_privileges_when_configured(entry_point: Image) -> None:
    entry_point.config["no_new_privs"] = True
    entry_point.profile("a", RUNNING)
    with entry_point.box() as box:
        box.start()
        entry_point.wait_ready("a")
        pid = one(box, "test-gateway").pid
        assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.long
@pytest.mark.parametrize("drain_ms", [200, 4000, 30000])
def test_a_container_stop_is_one_sigterm_a_whole_drain_and_every_line(image: Image, drain_ms: int) -> None:
    names = ("a", "b", "c")
    for name in names:
        image.profile(name, RUNNING)
    image.flags = ["--drain-ms", str(drain_ms), "--log-lines-during-drain", "20"]
    image.config["drain_timeout"] = "40"
    with image.box(grace_ms=0) as box:
        box.start()
        image.wait_ready(*names)
        seconds = box.stop(60)
    assert seconds < drain_ms / 1000 + 5
    for name in names:
        events = image.events(name)
        assert [event for event in events if "SIG" in event] == ["signal SIGTERM"]
        assert events[-2:] == ["drain-end", "exit 0"]
        log = "".join(p.read_text() for p in sorted((image.home / "logs/gateways" / name).glob("*[ust]")))
        assert "drain line 20 of 20" in log and "drained\n" in log
        assert image.state(name)["desired_state"] == "running"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGPWR, signal.SIGRTMIN + 3])
def test_as_pid_1_it_stops_on_every_signal_that_stops_a_container(entry_point: Image, number: int) -> None:
    entry_point.profile("a", RUNNING)
    entry_point.flags = ["--drain-ms", "200"]
    with entry_point.box() as box:
        box.start()
        entry_point.wait_ready("a")
        box.STOP_SIGNAL = number  # type: ignore[misc]
        box.stop()
        assert box.exit_code == 0
    assert entry_point.events("a")[-2:] == ["drain-end", "exit 0"]


def test_below_a_bare_init_it_is_the_same(tmp_path: Path) -> None:
    image = image_of(tmp_path, Tree.BELOW_TINI)
    image.profile("a", RUNNING)
    image.flags = ["--drain-ms", "200"]
    with image.box() as box:
        box.start()
        image.wait_ready("a")
        os.kill(one(box, "s6-svscan", box.scandir).pid, signal.SIGKILL)
        image.wait_ready("a", lives=2)
        box.stop()
        assert box.exit_code == 0
    assert image.events("a")[-2:] == ["drain-end", "exit 0"]


def test_as_pid_1_it_reaps_what_others_leave(entry_point: Image) -> None:
    with entry_point.box() as box:
        box.start()
        box.run(["sh", "-c", "sleep 0.05 & sleep 0.06 & exit 0"], check=True)

        def zombies() -> list[int]:
            return [pid for pid in box.pids().values() if process_state(pid) == "Z"]

        wait_until(lambda: not [p for p in processes(box) if p.is_("sleep")], what="the sleeps to end")
        wait_until(lambda: not zombies(), what="nothing to be reaped")


def test_a_second_tree_on_one_scandir_is_refused_and_disturbs_nothing() -> None:
    with S6Tree(Supervisor.OWN) as tree:
        tree.profile("a")
        tree.ctl("start", "a", check=True)
        pid = tree.wait_up("a")
        done = tree.ctl("tree")
        assert done.returncode == 1
        assert "serves" in done.stderr and str(tree.svscan.pid) in done.stderr  # type: ignore[union-attr]
        assert tree.pid("a") == pid


def test_a_stop_of_the_tree_records_every_end_and_leaves_what_is_not_ours() -> None:
    with S6Tree(Supervisor.OWN, Finish.WHOLE) as tree:
        theirs = tree.slot("theirs")
        tree.tool("mkdir", str(theirs))
        for script, text in (("run", "exec sleep 1000"), ("finish", f"echo told >{tree.home}/theirs")):
            tree.write(theirs / script, f"#!/bin/sh\n{text}\n").chmod(0o755)
        tree.profile("a")
        tree.profile("killed", "--ignore-term")
        tree.ctl("start", "a", "killed", check=True)
        wait_until(lambda: tree.supervised(theirs) and tree.pid("theirs") > 0, what="the slot of another tool")
        before = time.time()
        assert tree.svscan
        tree.svscan.terminate()
        wait_until(lambda: not tree.supervised(tree.slot("a")), what="a to be gone")
        os.kill(tree.pid("killed"), signal.SIGKILL)
        assert tree.svscan.wait(120) == 0
        records = {name: tree.lifecycle(name) for name in ("a", "killed")}
        assert [(r["phase"], r["clean"], r["heard"]) for r in records.values()] == [("exited", True, True), ("exited", False, True)]
        assert records["killed"]["signal"] == signal.SIGKILL
        assert before <= datetime.fromisoformat(records["a"]["ended_at"]).timestamp() <= time.time()
        assert not (tree.slot("a") / "finish").exists() and (tree.home / "theirs").exists()

        tree.start()
        tree.wait_up("a")
        assert (tree.slot("a") / "finish").exists()
        assert tree.lifecycle("a")["ended_at"] == records["a"]["ended_at"]


def test_a_named_scandir_of_a_tree_needs_no_manager_to_be_named() -> None:
    """As in an image whose tree is a plain user's from the start; PID 1 is anything."""
    with S6Tree(Supervisor.OWN) as tree:
        tree.profile("a")
        for verb in (["start", "a"], ["health"], ["stop", "--all"]):
            tree.ctl(*verb, env={"GATEWAYCTL_MANAGER": ""}, check=True)


def test_somebody_elses_svscan_is_never_ended() -> None:
    """An init may start the tree on a scandir that is served by root's s6-svscan: that one is not ours."""
    with S6Tree(Supervisor.OF_ROOT) as tree:
        done = tree.ctl("tree", "--ready-fd", "2")
        assert done.returncode != 0 and "serves" in done.stderr
        assert tree.is_live()


# -- what cannot be is said, and nobody waits for it -------------------------------------------------------


def tree_alone(volume: Volume, path: str = PATH, before: tuple[str, ...] = (), **variables: str
               ) -> tuple[subprocess.CompletedProcess[str], bytes]:
    """What it said, and what it told the init; as the user, on the volume's scandir."""
    ready, told = os.pipe()
    env = {"PATH": path, "HERMES_HOME": str(volume.home), "S6_PROFILE_GATEWAY_SCANDIR": str(volume.scandir), **variables}
    words = [*as_user(USER), "env", "-i", *(f"{k}={v}" for k, v in env.items() if v), *before, str(GATEWAYCTL), "tree",
             "--ready-fd", str(told)]
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, pass_fds=[told], timeout=120)
    os.close(told)
    with os.fdopen(ready, "rb") as news:
        return done, news.read()


def without_svscan(volume: Volume) -> str:
    """A search path where s6-svscan tells its usage, and ends at once."""
    tool = volume.write(volume.home / "tools/s6-svscan", '#!/bin/sh\necho "usage: s6-svscan [ -c max ] [ dir ]" >&2\n')
    tool.chmod(0o755)
    return f"{tool.parent}:{PATH}"


def test_each_version_of_s6_svscan_gets_its_own_option(volume: Volume) -> None:
    tools = volume.home / "tools"
    tools.mkdir()
    for usage, expected in (("[ -c maxservices ] [ -t timeout ]", "-c 1002"), ("[ -C services_max ] [ -L l ]", "-C 2004"),
                            ("[ -t timeout ]", "-d")):
        fake = tools / "s6-svscan"
        fake.write_text(f'#!/bin/sh\ncase "$*" in *--usage*) echo "usage: s6-svscan {usage} [ dir ]" >&2; exit 100 ;; esac\n'
                        f'echo "words: $*"\n')
        fake.chmod(0o755)
        done, _ = tree_alone(volume, f"{tools}:{PATH}")
        assert f"words: {expected} " in done.stdout, (usage, done)


def test_the_first_slots_of_a_tree_are_without_tricks_also_in_a_scandir_that_is_named(volume: Volume) -> None:
    """Nothing is root there: neither skeleton nor change of user, which cost a process at each start and end."""
    volume.profile("a", RUNNING)
    volume.own_all()
    tree_alone(volume, without_svscan(volume))
    slot = volume.scandir / "gateway-a"
    assert not (slot / "supervise").exists()
    for script in ("run", "finish", "log/run"):
        assert "applyuidgid" not in (slot / script).read_text()


def test_a_drain_that_the_init_would_cut_off_is_said(volume: Volume) -> None:
    (volume.home / "gatewayctl.yaml").write_text('drain_timeout: "300"\n')
    for given, short in (("100000", True), ("340000", False), ("0", False)):
        (volume.home / "timeout-kill").write_text(given + "\n")
        done, _ = tree_alone(volume, without_svscan(volume), before=("sh", "-c", 'cd "$HERMES_HOME" && exec "$@"', "sh"))
        assert ("write 340000 into its timeout-kill" in done.stderr) == short, done


def test_a_volume_that_is_away_ends_the_tree_before_it_is_ready(volume: Volume) -> None:
    volume.home.rename(volume.home.with_name("elsewhere"))
    done, told = tree_alone(volume)
    volume.home.with_name("elsewhere").rename(volume.home)
    assert done.returncode not in (0, TEMPORARY) and told == b""
    assert str(volume.home) in done.stderr


def test_a_scandir_that_the_user_cannot_make_is_said_with_the_way_out(volume: Volume) -> None:
    """What `docker run --user 10000` finds in an image whose /run is root's."""
    volume.scandir.rmdir()
    done, told = tree_alone(volume)
    assert f"cannot create directory {volume.scandir}" in done.stderr
    assert "next: start the container with --tmpfs /run:exec,mode=1777" in done.stderr
    assert done.returncode not in (0, TEMPORARY) and told == b""


def test_a_full_tmpfs_ends_the_tree_before_it_is_ready(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.own_all()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"nr_inodes=3,uid={USER}", "small", volume.scandir], check=True)
    try:
        done, told = tree_alone(volume)
        assert "No space left" in done.stderr
        assert done.returncode not in (0, TEMPORARY) and told == b""
    finally:
        subprocess.run(["umount", "-l", volume.scandir], check=True)


def test_the_other_tree_by_choice_is_no_reason_to_wait(below_init: Image) -> None:
    """Both are in the image; the operator chooses at a container's start, and may choose again at the next."""
    below_init.profile("a", RUNNING)
    for tree, choice in ((Tree.OWN, ""), (Tree.SHARED, "shared"), (Tree.OWN, "own"), (Tree.SHARED, "shared")):
        lives = below_init.events("a").count("ready")
        with below_init.box(env={"GATEWAYCTL_TREE": choice}) as box:
            box.start()
            below_init.wait_ready("a", lives=lives + 1)
            own = list((box.root / "run").glob("gatewayctl/service/gateway-a"))
            shared = list((box.root / "run").glob("service/gateway-a"))
            assert (bool(own), bool(shared)) == (tree is Tree.OWN, tree is Tree.SHARED)
            status = box.run(["gatewayctl", "--json", "status", "a"], env={"GATEWAYCTL_TREE": choice}, check=True).stdout
            assert '"running"' in status
            box.stop()
    assert below_init.intent("a").get("desired_state", "running") == "running"
