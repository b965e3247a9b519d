"""The table of the night: what breaks, made for real. status shows it, explain or doctor name the cause and a cure,
and typing the cure mends it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from places import GATEWAYCTL, TEST_GATEWAY
from poll import is_gone, wait_until
from s6_tree import USER, Finish, S6Tree, Supervisor, as_user

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="gives files away, mounts")

Check = Callable[[S6Tree], bool]


def started(tree: S6Tree, name: str = "a", flags: str = "") -> int:
    tree.profile(name, flags)
    tree.ctl("start", name, check=True)
    return tree.wait_up(name)


def is_up(tree: S6Tree) -> bool:
    return tree.status("a")["state"] == "running"


def has_no_findings(tree: S6Tree) -> bool:
    return not [one for one in tree.status("a")["findings"] if one["severity"] != "note"]


# -- what breaks ----------------------------------------------------------------------------------------------------


def stopped_by_somebody(tree: S6Tree) -> None:
    started(tree)
    tree.ctl("stop", "a", "--reason", "maintenance", check=True)


def parked(tree: S6Tree) -> None:
    tree.config(death_budget=1)
    tree.profile("a")
    tree.part("a", before="exit 1")
    tree.ctl("start", "--no-wait", "a", check=True)
    wait_until(lambda: tree.is_parked("a") and tree.pid("a") == -1, what="the parking")
    tree.part("a")


def bad_configuration(tree: S6Tree) -> None:
    tree.profile("a")
    tree.part("a", before="exit 78")
    tree.ctl("start", "--no-wait", "a", check=True)
    wait_until(lambda: tree.is_parked("a") and tree.pid("a") == -1, what="the parking")
    tree.part("a")


def corrupt(tree: S6Tree) -> None:
    tree.profile("a", state=b'{"gateway_state": ')
    tree.ctl("reconcile")


def unreadable(tree: S6Tree) -> None:
    tree.profile("a", state={"gateway_state": "running"})
    os.chown(tree.state_file("a"), 0, 0)
    tree.state_file("a").chmod(0o600)
    tree.ctl("reconcile")


def soul_gone(tree: S6Tree) -> None:
    started(tree)
    (tree.directory("a") / "SOUL.md").unlink()


def invalid_name(tree: S6Tree) -> None:
    tree.write(tree.home / "profiles/Michel/SOUL.md", "# soul\n")


def foreign_slot(tree: S6Tree) -> None:
    tree.profile("a")
    tree.tool("mkdir", str(tree.slot("a")))


def edited_slot(tree: S6Tree) -> None:
    started(tree)
    run = tree.slot("a") / "run"
    run.write_text(run.read_text() + "# edited\n")


def owned_by_root(tree: S6Tree) -> None:
    started(tree)
    subprocess.run(["chown", "-R", "0:0", str(tree.directory("a"))], check=True)


def drain_cut_short(tree: S6Tree) -> None:
    """It needs five seconds, and has four."""
    tree.config(drain_timeout=4)
    tree.profile("a")
    (tree.parts / "a").write_text(f"exec {GATEWAYCTL} run -- {TEST_GATEWAY} --drain-ms 5000\n")
    tree.ctl("start", "a", check=True)
    tree.ctl("stop", "a")
    wait_until(lambda: tree.pid("a") == -1, what="the end")


def comes_to_its_end(tree: S6Tree) -> bool:
    tree.ctl("start", "a", check=True)
    tree.ctl("stop", "a", check=True)
    return has_no_findings(tree)


def roots_supervise(tree: S6Tree) -> None:
    started(tree)
    for part in ("supervise", "log/supervise"):
        subprocess.run(["chown", "-R", "0:0", str(tree.slot("a") / part)], check=True)
        (tree.slot("a") / part).chmod(0o700)


def wanted_and_down(tree: S6Tree) -> None:
    started(tree)
    tree.tool("s6-svc", "-wd", "-d", str(tree.slot("a")))


def multiplexed(tree: S6Tree) -> None:
    wanted_and_down(tree)
    tree.config(multiplex_profiles=True)


def port_twin(tree: S6Tree) -> None:
    for name in ("a", "b"):
        started(tree, name)
    port = tree.read(tree.service_file("a"))["port"]
    tree.write(tree.service_file("b"), {**tree.read(tree.service_file("b")), "port": port})


def mistyped_key(tree: S6Tree) -> None:
    config = tree.home / "gatewayctl.yaml"
    config.write_text(config.read_text().replace('"wrapper"', '"drain_timout": 5, "wrapper"'))
    started(tree)


def deleted(tree: S6Tree) -> None:
    started(tree)
    tree.ctl("stop", "a", check=True)

    def gone() -> bool:
        shutil.rmtree(tree.directory("a"), ignore_errors=True)  # what is recorded of its end may still come
        return not tree.directory("a").exists()

    wait_until(gone, what="its directory to be deleted")


def old_slot(tree: S6Tree) -> None:
    """Of an older version of this program."""
    started(tree)
    (tree.slot("a") / "max-death-tally").unlink()


@dataclass(frozen=True)
class Case:
    name: str
    make: Callable[[S6Tree], object]
    shown: str
    """What status says, on stdout or stderr, of everything."""
    code: str
    """Of the finding that has the cure."""
    why: str
    """What it names as the cause."""
    mended: Check
    who: str = "a"
    reader: str = "explain"


CASES = [
    Case("stopped by somebody", stopped_by_somebody, "stopped", "intent", "gatewayctl stop (uid 10000", is_up),
    Case("parked", parked, "parked", "parked", "died 1 times in a row, last of exit code 1", is_up),
    Case("exit 78", bad_configuration, "parked", "parked", "EX_CONFIG", is_up),
    Case("corrupt", corrupt, "its state file is corrupt", "corrupt-state", "kept aside", is_up),
    Case("unreadable", unreadable, "its state cannot be read", "unreadable-state", "Permission denied",
         lambda tree: tree.status("a")["decision"]["reason"] == "last-state"),
    Case("SOUL.md gone", soul_gone, "it has no SOUL.md", "no-soul", "profiles/a", is_up),
    Case("invalid name", invalid_name, "Michel   invalid", "invalid-profile", "'M'",
         lambda tree: "michel" in tree.ctl("list").stdout, who="Michel"),
    Case("foreign slot", foreign_slot, "foreign", "slot-not-ours", "not rendered by gatewayctl",
         lambda tree: tree.ctl("start", "a").returncode == 0),
    Case("edited slot", edited_slot, "drift: run", "drift", "run", lambda tree: tree.status("a")["drift"] is None),
    Case("stale slot", old_slot, "drift: max-death-tally", "drift", "max-death-tally", lambda tree: tree.status("a")["drift"] is None),
    Case("profile owned by root", owned_by_root, "its directory belongs to uid 0 root", "wrong-owner", "this is uid 10000",
         lambda tree: tree.ctl("stop", "a").returncode == 0),
    Case("drain cut short", drain_cut_short, "its last drain was cut off", "drain-cut-off", "a drain may take 4 s", comes_to_its_end),
    Case("supervise is root's", roots_supervise, "unknown", "unseen-service", "supervise", is_up),
    Case("multiplex", multiplexed, "does not run here", "runs-not-here", "one gateway serves all profiles", is_up),
    Case("port twin", port_twin, "has port ", "port-twin", "only one of two", lambda tree: "has port" not in tree.ctl("status").stdout,
         reader="doctor"),
    Case("mistyped key", mistyped_key, "unknown key 'drain_timout', did you mean 'drain_timeout'?", "ignored-configuration",
         "left at its default", lambda tree: "drain_timout" not in tree.ctl("status").stderr, reader="doctor"),
    Case("deleted profile", deleted, "its profile directory is gone", "profile-gone", "",
         lambda tree: not tree.slot("a").exists()),
]


def findings_of(tree: S6Tree, reader: str, who: str, **options: Any) -> list[dict[str, str]]:
    if reader == "explain":
        return tree.json("explain", who, **options)["statements"]
    return [one for section in tree.json("doctor", **options)["sections"] for one in section["findings"]]


def found_by(tree: S6Tree, reader: str, code: str, who: str = "a", **options: Any) -> dict[str, str]:
    findings = findings_of(tree, reader, who, **options)
    found = [one for one in findings if one["code"] == code]
    assert found, f"no {code} among {json.dumps(findings, indent=1)}"
    return found[0]


def type_cure(tree: S6Tree, cure: str) -> None:
    user = 0 if cure.startswith("as root: ") else USER
    line = cure.removeprefix("as root: ")
    done = subprocess.run([*as_user(user), *tree.environment(), "sh", "-c", line], capture_output=True, text=True, cwd="/", timeout=60)
    assert done.returncode == 0, (line, done.stdout, done.stderr)


def set_as_told(tree: S6Tree, key: str, value: str, file: str) -> None:
    """In an editor, what `set KEY: VALUE in FILE` asks for."""
    path = tree.home / file  # an absolute one stays as it is
    tree.write(path, {**json.loads(path.read_text()), key: json.loads(value)})


def follow(tree: S6Tree, cure: str, outside: Mapping[str, Callable[[], None]] = MappingProxyType({})) -> None:
    """Does what a cure says, step by step, and nothing else; by `outside` what cannot be typed where the reader is."""
    for step in cure.split(", then "):
        if asked := re.match(r"set (\w+): (\S+) in (\S+)", step):
            set_as_told(tree, *asked.groups())
        elif step in outside:
            outside[step]()
        else:
            type_cure(tree, step)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_breaks_is_shown_named_and_mended(tree: S6Tree, case: Case) -> None:
    case.make(tree)
    status = tree.ctl("status")
    assert case.shown in status.stdout + status.stderr, status.stdout + status.stderr
    finding = found_by(tree, case.reader, case.code, case.who)
    assert case.why in f"{finding['what']} {finding['why']}", finding
    assert finding["cure"], finding
    follow(tree, finding["cure"])
    wait_until(lambda: case.mended(tree), what=f"{finding['cure']} to help")


# -- what needs a place of its own ----------------------------------------------------------------------------------


def mounted(options: str, at: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(at)], check=True)


def unmounted(at: Path) -> None:
    """Away from every name at once, also where somebody is in it."""
    subprocess.run(["umount", "--lazy", str(at)], check=True)


@contextlib.contextmanager
def volume_of_its_own(supervisor: Supervisor, size: str) -> Iterator[S6Tree]:
    """A tree that is not started yet, whose home is a file system, as a container's volume is."""
    tree = S6Tree(supervisor, Finish.WHOLE)
    mounted(f"size={size},uid={USER},mode=755", tree.home)
    tree.config()
    try:
        yield tree
    finally:
        tree.stop()
        while os.path.ismount(tree.home):
            unmounted(tree.home)
        tree.__exit__()


both_trees = pytest.mark.parametrize("supervisor", [Supervisor.OWN, Supervisor.OF_ROOT], ids=lambda supervisor: supervisor.value)


@both_trees
def test_a_full_volume(supervisor: Supervisor) -> None:
    with volume_of_its_own(supervisor, "256k") as tree:
        tree.start()
        started(tree)
        rotated = tree.write(tree.home / "logs/gateways/a/@400000006b0000010000000a.s", b"")
        with rotated.open("wb", buffering=0) as log, pytest.raises(OSError):
            while True:
                log.write(b"x" * 512)
        assert tree.ctl("stop", "a").returncode != 0
        assert "the volume is full" in tree.ctl("status").stderr
        full = found_by(tree, "doctor", "volume-full")
        assert "no intent can be recorded" in full["why"]
        follow(tree, full["cure"])
        assert tree.ctl("stop", "a").returncode == 0


def mount_again(tree: S6Tree, kept: Path) -> Callable[[], None]:
    """What somebody does who is told to mount the volume, outside of where he was told so."""
    return lambda: subprocess.run(["mount", "--bind", str(kept), str(tree.home)], check=True) and None


@both_trees
def test_a_volume_that_was_unmounted_beneath_its_gateways(supervisor: Supervisor) -> None:
    with volume_of_its_own(supervisor, "4m") as tree:
        tree.start()
        pid = started(tree)
        with kept_elsewhere(tree) as kept:
            unmounted(tree.home)
            assert "its profile cannot be seen" in tree.ctl("status").stdout
            away = found_by(tree, "explain", "profile-unseen")
            assert "is not there" in away["why"]
            assert found_by(tree, "doctor", "volume-away")["cure"] == away["cure"]
            assert tree.ctl("reconcile").returncode == 1 and tree.pid("a") == pid, "nothing is touched"
            follow(tree, away["cure"], {"mount the volume": mount_again(tree, kept)})
            assert is_up(tree) and tree.pid("a") == pid and has_no_findings(tree)


@both_trees
def test_a_volume_that_was_never_mounted(supervisor: Supervisor) -> None:
    with volume_of_its_own(supervisor, "4m") as tree:
        tree.profile("a", intent={"desired_state": "running", "generation": 1})
        with kept_elsewhere(tree) as kept:
            unmounted(tree.home)
            tree.own(tree.home)
            tree.start()
            assert f"there is no {tree.home}/profiles" in tree.ctl("status").stderr
            away = found_by(tree, "doctor", "volume-away")
            assert "the volume is not mounted" in away["why"] and away["severity"] == "warning"
            follow(tree, away["cure"], {"mount the volume": mount_again(tree, kept)})
            wait_until(lambda: is_up(tree), what="the gateway of the volume")
            assert "volume-away" not in tree.ctl("--json", "doctor").stdout


@contextlib.contextmanager
def kept_elsewhere(tree: S6Tree) -> Iterator[Path]:
    """Another name for the volume, so that it outlives its own."""
    kept = tree.root / "kept"
    kept.mkdir()
    subprocess.run(["mount", "--bind", str(tree.home), str(kept)], check=True)
    try:
        yield kept
    finally:
        unmounted(kept)


@both_trees
def test_a_scandir_in_which_nothing_can_be_executed(supervisor: Supervisor) -> None:
    """A runtime that mounts /run so."""
    tree = S6Tree(supervisor, Finish.WHOLE)
    mounted(f"noexec,mode=755,uid={0 if supervisor is Supervisor.OF_ROOT else USER}", tree.scandir)
    try:
        tree.profile("a", intent={"desired_state": "running", "generation": 1})
        console = tree.root / "console.log"
        with contextlib.suppress(AssertionError):
            tree.start()  # it says so, and may refuse
        shown = tree.ctl("status")
        assert "noexec" in shown.stdout + shown.stderr + console.read_text()
        found = found_by(tree, "doctor", "scandir-unusable")
        assert "noexec" in found["what"]
        follow(tree, found["cure"].split(", or ")[0])
        tree.stop()
        tree.start()
        wait_until(lambda: is_up(tree), what="the gateway to run")
        assert "scandir-unusable" not in tree.ctl("--json", "doctor").stdout
    finally:
        tree.stop()
        unmounted(tree.scandir)
        tree.__exit__()


@pytest.mark.parametrize("uid", [USER, 0], ids=["svscan of user", "svscan of root"])
def test_more_services_than_the_supervisor_takes(user_tree: S6Tree, uid: int) -> None:
    """s6-svscan with the smallest limit that it knows, and one profile more."""
    names = [f"w{number}" for number in range(5)]

    def svscan_with(limit: str) -> None:
        user_tree.stop()
        user_tree.spawn("s6-svscan", "-c", limit, str(user_tree.scandir), user=uid)
        wait_until(user_tree.is_live, what="s6-svscan")
        if uid == 0:
            user_tree.ctl("reconcile", user=0)

    def all_run() -> bool:
        return [one["state"] for one in user_tree.json("status", *names)["gateways"]] == ["running"] * len(names)

    for name in names:
        user_tree.profile(name)
        user_tree.ctl("start", name, check=True)
    svscan_with("4")
    found = found_by(user_tree, "doctor", "too-many-services")
    assert re.search(r"takes 4 services, and there are [5-9]", found["what"])
    assert user_tree.ctl("health").returncode != 0
    asked = re.match(r"start s6-svscan with -c (\d+)", found["cure"])
    assert asked, found
    svscan_with(asked[1])
    wait_until(all_run, what="all of them to run")
    assert "too-many-services" not in user_tree.ctl("--json", "doctor").stdout


def test_an_orphan_of_a_killed_supervisor(tree: S6Tree) -> None:
    tree.profile("a")
    (tree.parts / "a").write_text(f"exec {GATEWAYCTL} run -- {TEST_GATEWAY}\n")
    tree.ctl("start", "a", check=True)
    pid = tree.pid("a")
    os.kill(pid, 19)
    os.kill(tree.supervise_pid("a"), 9)
    wait_until(lambda: "runs outside of its supervisor" in tree.ctl("status").stdout, what="the orphan to be seen")
    found = found_by(tree, "explain", "held-outside")
    assert found["cure"] == "gatewayctl restart a"
    follow(tree, found["cure"])
    wait_until(lambda: is_up(tree) and is_gone(pid), what="one supervised gateway")


def test_a_foreign_uid_is_told_what_it_cannot_see(tree: S6Tree) -> None:
    started(tree)
    stranger = USER + 1
    asked = tree.ctl("status", "a", user=stranger)
    assert asked.returncode != 0 and "unknown" in asked.stdout
    unseen = found_by(tree, "explain", "unseen-service", user=stranger)
    assert found_by(tree, "doctor", "unseen-service", user=stranger)["cure"] == unseen["cure"]
    told = re.fullmatch(r"run it as the user of the gateways \(uid (\d+)\), or as root", unseen["cure"])
    assert told and int(told[1]) == USER, unseen
    for user in (int(told[1]), 0):
        assert tree.json("status", "a", user=user)["gateways"][0]["state"] == "running"


def test_a_container_that_runs_none(tree: S6Tree) -> None:
    wanted_and_down(tree)
    env = {"GATEWAYCTL_ROLE": "none"}
    assert "the role of this container is to run none" in tree.ctl("status", env=env).stdout
    told = found_by(tree, "explain", "runs-not-here", env=env)
    assert told["severity"] == "note" and "without GATEWAYCTL_ROLE=none" in told["cure"]
    assert found_by(tree, "doctor", "runs-not-here", env=env)["cure"] == "start the container without GATEWAYCTL_ROLE=none"
    assert tree.ctl("health", env=env).returncode == 0, "it is no trouble that they do not run here"
    assert "start a container without" in tree.ctl("start", "a", env=env).stderr
    assert tree.pid("a") == -1
