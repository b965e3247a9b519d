"""doctor: what is wrong with machine, volume, profiles and times, and what mends it."""

from __future__ import annotations

import os
import subprocess
import time
from typing import Any

import pytest
from control_group import ControlGroup
from poll import wait_until
from s6_tree import USER, S6Tree

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount and give files away")


def started(tree: S6Tree, name: str, flags: str = "") -> int:
    tree.profile(name, flags)
    tree.ctl("start", name, check=True)
    return tree.wait_up(name)


def examined(tree: S6Tree, *words: str, **options: Any) -> dict[str, dict[str, Any]]:
    """The sections, by their names."""
    return {one["name"]: one for one in tree.json("doctor", *words, **options)["sections"]}


def found(tree: S6Tree, section: str, code: str, **options: Any) -> dict[str, Any]:
    findings = [one for one in examined(tree, **options)[section]["findings"] if one["code"] == code]
    assert findings, f"no {code} among {examined(tree, **options)[section]['findings']}"
    return findings[0]


def test_a_good_tree_has_four_sections_and_nothing_wrong(tree: S6Tree) -> None:
    tree.config(drain_timeout=5)
    started(tree, "a")
    sections = examined(tree)
    assert list(sections) == ["machine", "volume", "profiles", "times"]
    assert sections["machine"]["facts"]["s6-svscan"] == "live"
    assert sections["volume"]["facts"]["home"] == str(tree.home)
    assert sections["profiles"]["facts"]["running"] == "1"
    assert [one for section in sections.values() for one in section["findings"] if one["severity"] == "error"] == []


def test_the_exit_status_tells_errors_from_warnings(tree: S6Tree) -> None:
    tree.config(drain_timeout=5)
    started(tree, "a")
    (tree.slot("a") / "timeout-kill").write_text("1\n")
    warned = tree.ctl("doctor")
    assert warned.returncode == 2, warned.stdout
    assert "  warning: a: drift\n      timeout-kill\n      $ gatewayctl reconcile\n" in warned.stdout
    tree.tool("s6-svc", "-wd", "-d", str(tree.slot("a")))
    assert tree.ctl("doctor").returncode == 1


def test_fix_does_what_is_safe_and_shows_it_first(tree: S6Tree) -> None:
    tree.config(drain_timeout=5)
    pid = started(tree, "a")
    (tree.slot("a") / "timeout-kill").write_text("1\n")
    tree.write(tree.directory("a") / ".gateway_state.json.tmp-0123456789abcdef", "{")
    tree.write(tree.marker("a"), '{"target_pid": 1, "target_start_time": 1, "written_at": "2020-01-01T00:00:00Z"}')
    done = tree.ctl("doctor", "--fix")
    assert done.stdout.index("warning: a: drift") < done.stdout.index("mended: a: drift")
    assert "mended: a: a marker lies there" in done.stdout
    assert tree.status("a")["drift"] is None and not tree.marker("a").exists()
    assert tree.pid("a") == pid, "nothing was restarted"
    assert done.returncode == 0, done.stdout


def test_fix_leaves_alone_what_an_operator_has_to_decide(user_tree: S6Tree) -> None:
    user_tree.config(drain_timeout=5)
    started(user_tree, "a")
    user_tree.tool("s6-svc", "-wd", "-d", str(user_tree.slot("a")))
    done = user_tree.ctl("doctor", "--fix")
    assert done.returncode == 1 and "nothing that can be mended safely" in done.stdout
    assert user_tree.pid("a") == -1


@needs_root
def test_without_fix_nothing_is_changed_as_root_either(user_tree: S6Tree) -> None:
    untouched = user_tree.root / "untouched"
    untouched.mkdir()
    before = sorted(path.name for path in user_tree.home.rglob("*"))
    user_tree.ctl("doctor", user=0, env={"S6_PROFILE_GATEWAY_SCANDIR": str(untouched)})
    assert untouched.stat().st_uid == 0
    assert sorted(path.name for path in user_tree.home.rglob("*")) == before


def test_what_cannot_be_opened_is_a_finding_and_the_rest_goes_on(user_tree: S6Tree) -> None:
    missing = examined(user_tree, env={"HERMES_HOME": "/no/such/home"})
    assert missing["volume"]["findings"][0]["severity"] == "error" and "facts" in missing["machine"]
    no_tree = found(user_tree, "machine", "no-supervisor", env={"S6_PROFILE_GATEWAY_SCANDIR": "/no/such/scandir"})
    assert "/no/such/scandir" in no_tree["what"]


def test_a_scandir_that_nobody_watches_is_told(user_tree: S6Tree) -> None:
    idle = user_tree.root / "idle"
    idle.mkdir()
    user_tree.own(idle)
    dead = found(user_tree, "machine", "supervisor-not-live", env={"S6_PROFILE_GATEWAY_SCANDIR": str(idle)})
    assert dead["cure"] == f"s6-svscan {idle}"


def test_a_home_with_a_life_of_its_own_is_no_volume_that_is_away(user_tree: S6Tree) -> None:
    assert found(user_tree, "volume", "volume-away")["severity"] == "warning"
    assert "is not mounted" in user_tree.ctl("status").stderr
    started(user_tree, "default")
    assert found(user_tree, "volume", "volume-away")["severity"] == "note"
    assert user_tree.ctl("status").stderr == ""


@needs_root
def test_files_of_somebody_else_are_named_with_the_command_that_gives_them_back(user_tree: S6Tree) -> None:
    started(user_tree, "a")
    os.chown(user_tree.intent_file("a"), 0, 0)
    owned = found(user_tree, "profiles", "wrong-owner")
    assert owned["subject"] == "a" and "belongs to uid 0" in owned["what"]
    subprocess.run(owned["cure"].removeprefix("as root: "), shell=True, check=True)
    assert user_tree.intent_file("a").stat().st_uid == USER


def test_two_profiles_with_one_port_are_twins_until_reconcile(tree: S6Tree) -> None:
    for name in ("a", "b"):
        started(tree, name)
    kept = tree.read(tree.service_file("a"))
    other = tree.read(tree.service_file("b"))
    tree.write(tree.service_file("b"), {**other, "port": kept["port"]})
    twin = found(tree, "profiles", "port-twin")
    assert twin["subject"] in ("a", "b") and twin["cure"] == "gatewayctl reconcile"
    tree.ctl("reconcile", check=True)
    assert not [one for one in examined(tree)["profiles"]["findings"] if one["code"] == "port-twin"]


def test_the_descriptors_are_those_of_the_gateways_and_not_of_who_asks(tree: S6Tree) -> None:
    started(tree, "a")
    few = ["prlimit", "--nofile=200:"]
    assert "descriptors" not in str(examined(tree, before=few)["machine"]["findings"])
    tree.part("a", before="ulimit -n 256")
    tree.ctl("restart", "a", check=True)
    tree.wait_up("a")
    assert found(tree, "machine", "low-limit", before=few)["what"] == "the gateway 'a' may have 256 descriptors open"


@needs_root
def test_the_limit_of_processes_is_that_of_the_supervisors_control_group(user_tree: S6Tree) -> None:
    """The shell of who asks is in a group of its own where he comes by ssh."""
    with ControlGroup("pids", 77) as group:
        assert user_tree.svscan is not None
        group.join(user_tree.svscan.pid)
        told = examined(user_tree)["machine"]["facts"]["processes"]
        user_tree.stop()
    assert told == "1 of 77"


def test_a_clock_behind_the_records_is_told(user_tree: S6Tree) -> None:
    ahead = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 100_000))
    user_tree.profile("a", state={"gateway_state": "stopped", "updated_at": ahead})
    assert "behind what gateways have written" in found(user_tree, "times", "clock-wrong")["what"]


def test_the_version_of_s6_and_whose_the_volume_is_are_told(user_tree: S6Tree) -> None:
    package = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "s6"], capture_output=True, text=True, check=True)
    told = examined(user_tree)
    assert told["machine"]["facts"]["s6"] == package.stdout
    assert (told["volume"]["facts"]["role"], told["volume"]["facts"]["member"]) == ("owner", "nobody")
    assert examined(user_tree, env={"GATEWAYCTL_ROLE": "none"})["volume"]["facts"]["role"] == "none"


def test_a_tool_that_hangs_does_not_keep_doctor(user_tree: S6Tree) -> None:
    """Which version it is, is one fact among many."""
    tools = user_tree.root / "tools"
    tools.mkdir()
    (tools / "dpkg-query").write_text("#!/bin/sh\nexec sleep 1000\n")
    (tools / "dpkg-query").chmod(0o755)
    told = examined(user_tree, env={"PATH": f"{tools}:{user_tree.path}"})
    assert told["machine"]["facts"]["s6"] == "a version that cannot be told"
    wait_until(lambda: ["sleep", "1000"] not in user_tree.processes().values(), what="the end of the tool")


def test_a_mistyped_key_is_told_with_file_and_line(user_tree: S6Tree) -> None:
    user_tree.write(user_tree.home / "gatewayctl.yaml", "command: [a]\ndrain_timout: 5\n")
    told = [one for one in examined(user_tree)["profiles"]["findings"] if one["code"] == "ignored-configuration"]
    assert told and "gatewayctl.yaml:2" in told[0]["what"] + told[0]["why"]
