"""reconcile and plan on files alone, without a supervisor: what the boot pass makes of a volume."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from poll import start_time
from volume import FIXTURES, USER, Entry, Volume, by_profile, entry_of, snapshot

STATES = sorted((FIXTURES / "state").glob("*.json"))
BAD = sorted((FIXTURES / "bad").glob("*.json"))
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")
RUNNING = {"gateway_state": "running"}
STOPPED = {"gateway_state": "running", "desired_state": "stopped"}


def names_of(entries: dict[str, Entry]) -> set[str]:
    return set(entries)


# -- decisions --------------------------------------------------------------------------------------------


def test_every_recorded_state_gets_its_decision(volume: Volume) -> None:
    up = {"running", "draining", "degraded", "extra-keys", "with-bom", "intent-running-by-cli",
          "intent-running-runtime-failed", "migrated-legacy"}
    for path in STATES:
        volume.profile(path.stem, f"state/{path.name}")
    volume.reconcile()
    expected = {path.stem: "up" if path.stem in up else "down" for path in STATES}
    assert volume.slots() == {"default": "down", **expected}


def test_all_broken_states_at_once_leave_every_good_profile_its_slot(volume: Volume) -> None:
    """Each of these alone aborts the boot pass of an existing implementation."""
    for path in BAD:
        volume.profile(f"m-{path.stem}", f"bad/{path.name}")
    for good in ("a-first", "z-last"):
        volume.profile(good, RUNNING)
    for invalid in ("My.Prof", "m m", "M" * 250, "nl\n"):
        volume.write(volume.home / "profiles" / invalid / "SOUL.md", "")
    (volume.profile("m-pid-directory", RUNNING) / "gateway.pid").mkdir()

    done = volume.run("--json", "reconcile")
    assert done.returncode == 0, done.stderr
    report = by_profile(json.loads(done.stdout))
    assert report["a-first"]["goal"] == report["z-last"]["goal"] == "up"
    assert volume.slots()["a-first"] == volume.slots()["z-last"] == "up"
    reasons = {name: record["reason"] for name, record in report.items()}
    intent_unknown = {"m-desired-list", "m-desired-newline", "m-desired-unknown"}
    for path in BAD:
        name = f"m-{path.stem}"
        expected = "intent-unknown" if name in intent_unknown else "last-state" if "number" in name else "corrupt"
        assert reasons[name] == expected, name
        assert volume.slots()[name] == "down"
    assert volume.slots()["m-pid-directory"] == "up"
    assert len(json.loads(done.stdout)["invalid"]) == 4
    assert done.stderr.count("not a profile") == 4


def test_a_corrupt_state_file_is_kept_aside_and_stays_corrupt(volume: Volume) -> None:
    directory = volume.profile("a", "bad/truncated.json")
    volume.reconcile()
    aside = list(directory.glob("gateway_state.json.corrupt-*"))
    assert [path.read_bytes() for path in aside] == [(FIXTURES / "bad/truncated.json").read_bytes()]
    assert not (directory / "gateway_state.json").exists()
    report = volume.reconcile()
    assert by_profile(report)["a"]["reason"] == "corrupt"
    assert len(list(directory.glob("gateway_state.json.corrupt-*"))) == 1


def test_two_corrupt_files_of_one_second_are_both_kept(volume: Volume) -> None:
    directory = volume.profile("a", b"one")
    os.utime(directory / "gateway_state.json", (1e9, 1e9))
    volume.reconcile()
    volume.profile("a", b"two")
    os.utime(directory / "gateway_state.json", (1e9, 1e9))
    volume.reconcile()
    assert sorted(path.read_bytes() for path in directory.glob("*.corrupt-*")) == [b"one", b"two"]


def test_an_intent_answers_for_a_torn_state_file(volume: Volume) -> None:
    for name, word in (("a", "running"), ("b", "stopped")):
        directory = volume.profile(name, "bad/truncated.json")
        volume.write(directory / ".gateway-intent.json", json.dumps({"desired_state": word, "generation": 4}))
    volume.reconcile()
    assert volume.slots() == {"a": "up", "b": "down", "default": "down"}


def test_an_unreadable_state_file_is_down_and_untouched(volume: Volume) -> None:
    directory = volume.profile("a", RUNNING)
    (directory / "gateway_state.json").chmod(0)
    volume.keep_port(directory)
    before = snapshot(directory)
    report = by_profile(volume.reconcile())["a"]
    assert (report["goal"], report["reason"]) == ("down", "unreadable")
    assert snapshot(directory) == before


def test_an_old_desired_state_that_was_written_back_is_repaired(volume: Volume) -> None:
    directory = volume.profile("a", {"gateway_state": "running", "x": [1], "desired_state": "running",
                                     "desired_generation": 1, "y": None})
    volume.write(directory / ".gateway-intent.json", json.dumps({"desired_state": "stopped", "generation": 2}))
    volume.reconcile()
    assert volume.slots()["a"] == "down"
    assert json.loads((directory / "gateway_state.json").read_text()) == {
        "gateway_state": "running", "x": [1], "desired_state": "stopped", "desired_generation": 2, "y": None}


def test_a_repair_keeps_owner_and_mode_of_the_state_file(volume: Volume) -> None:
    directory = volume.profile("a", {"desired_state": "running", "desired_generation": 1})
    (directory / "gateway_state.json").chmod(0o640)
    volume.write(directory / ".gateway-intent.json", json.dumps({"desired_state": "stopped", "generation": 2}))
    volume.reconcile()
    after = snapshot(directory)["gateway_state.json"]
    assert (after.mode, after.uid, after.gid) == (0o640, volume.uid, volume.uid)


@pytest.mark.parametrize("seed", ["command", "variable"])
def test_a_blank_volume_starts_by_its_seed_and_remembers_why(volume: Volume, seed: str) -> None:
    env = {"HERMES_GATEWAY_BOOTSTRAP_STATE": "running"} if seed == "variable" else {}
    with legacy_command(volume) if seed == "command" else NoCommand():
        volume.reconcile(env=env)
    assert volume.slots() == {"default": "up"}
    intent = json.loads((volume.home / ".gateway-intent.json").read_text())
    assert intent["desired_state"] == "running"
    assert intent["reason"] == ("first-boot-seed" if seed == "variable" else "legacy-command")
    assert json.loads((volume.home / "gateway_state.json").read_text())["desired_state"] == "running"


class NoCommand:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class legacy_command:
    """A process that looks like the container's command: `gateway run` behind a wrapper of this test's own."""

    def __init__(self, volume: Volume, *words: str) -> None:
        self.wrapper = f"wrapper-{volume.root.name}.sh"
        self.words = words or ("gateway", "run")
        volume.config(f"wrapper: {self.wrapper}\n")

    def __enter__(self) -> None:
        code = "import sys; print(flush=True); sys.stdin.read()"
        self.process = subprocess.Popen([sys.executable, "-c", code, f"/opt/{self.wrapper}", *self.words],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout
        self.process.stdout.readline()

    def __exit__(self, *_: object) -> None:
        self.process.communicate()


@pytest.mark.parametrize(("words", "env", "slots"), [
    (("gateway", "run"), {"HERMES_GATEWAY_NO_SUPERVISE": "1"}, {"default": "down"}),
    (("gateway", "run", "--no-supervise"), {}, {"default": "down"}),
    (("gateway", "run"), {"HERMES_GATEWAY_NO_SUPERVISE": "0"}, {"default": "up"}),
    (("hermes", "dashboard"), {}, {}),
    (("-p", "dashboard", "gateway", "run"), {}, {"default": "up"}),
])
def test_the_container_command_decides_its_role(
    volume: Volume, words: tuple[str, ...], env: dict[str, str], slots: dict[str, str]
) -> None:
    with legacy_command(volume, *words):
        volume.reconcile(env=env)
    assert volume.slots() == slots


def test_a_stop_wins_over_every_seed(volume: Volume) -> None:
    volume.profile("default", STOPPED)
    with legacy_command(volume):
        volume.reconcile(env={"HERMES_GATEWAY_BOOTSTRAP_STATE": "running"})
    assert volume.slots() == {"default": "down"}


def test_role_none_touches_no_slot(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.reconcile()
    before = snapshot(volume.scandir)
    volume.profile("a", STOPPED)
    volume.profile("b", RUNNING)
    report = by_profile(volume.reconcile(env={"GATEWAYCTL_ROLE": "none"}))
    assert {record["goal"] for record in report.values()} == {"untouched"}
    assert snapshot(volume.scandir) == before


@pytest.mark.parametrize(("files", "env", "multiplexed"), [
    ({}, {}, False),
    ({}, {"GATEWAY_MULTIPLEX_PROFILES": "true"}, True),
    ({"config.yaml": "multiplex_profiles: true\n"}, {}, True),
    ({"config.yaml": "gateway:\n  multiplex_profiles: true\n"}, {}, True),
    ({"config.yaml": "multiplex_profiles: true\n"}, {"GATEWAY_MULTIPLEX_PROFILES": "false"}, False),
    ({"config.yaml": "multiplex_profiles: true\n"}, {"GATEWAY_MULTIPLEX_PROFILES": " "}, True),
    ({"config.yaml": "multiplex_profiles: [\n"}, {}, False),
    ({"config.yaml": "- multiplex_profiles\n"}, {}, False),
    ({"config.yaml": b"\xff\x00"}, {}, False),
    ({"config.yaml": "multiplex_profiles: {}\ngateway: 3\n"}, {}, False),
])
def test_multiplex_from_variable_and_configuration(
    volume: Volume, files: dict[str, Any], env: dict[str, str], multiplexed: bool
) -> None:
    directory = volume.profile("a", {"desired_state": "running"})
    volume.profile("default", {"desired_state": "running"})
    for name, content in files.items():
        volume.write(volume.home / name, content)
    volume.keep_port(directory)
    before = snapshot(directory)
    volume.reconcile(env=env)
    assert volume.slots() == {"a": "down" if multiplexed else "up", "default": "up"}
    assert snapshot(directory) == before


def ports(volume: Volume, *names: str) -> list[int]:
    """What each slot exports."""
    runs = [(volume.scandir / f"gateway-{name}/run").read_text() for name in names]
    return [int(re.findall(r"^export GATEWAYCTL_PORT=(\d+)$", run, re.MULTILINE)[0]) for run in runs]


def test_every_profile_gets_a_port_of_its_own_and_keeps_it(volume: Volume) -> None:
    names = [f"p{i}" for i in range(60)]  # enough that some names share a hash in a range of 600
    for name in names:
        volume.profile(name, RUNNING)
    taken = volume.profile("taken", RUNNING)
    volume.write(taken / ".gateway-service.json", '{"port": 8080, "env": {"A": "b"}}')
    volume.reconcile()
    first = ports(volume, "default", *names)
    assert len(set(first)) == 61 and all(9200 <= port < 9800 for port in first)
    assert ports(volume, "taken") == [8080]
    assert json.loads((taken / ".gateway-service.json").read_text()) == {"port": 8080, "env": {"A": "b"}}
    volume.profile("a0", RUNNING)  # in front of all others
    volume.reconcile()
    assert ports(volume, "default", *names) == first
    assert not set(ports(volume, "a0")) & set(first)


def test_settings_that_cannot_be_used_are_not_replaced_by_a_port(volume: Volume) -> None:
    broken = '{"env": {"TOKEN": "kept", '
    at_boot = volume.profile("a", RUNNING) / ".gateway-service.json"
    volume.write(at_boot, broken)
    report = volume.reconcile()
    assert volume.slots()["a"] == "up"
    assert any(at_boot.name in warning for warning in report["warnings"])
    assert at_boot.read_text() == broken
    at_run_time = volume.profile("b") / ".gateway-service.json"
    volume.write(at_run_time, broken)
    done = volume.run("--manager", "s6", "register", "b", "--env", "A=b")
    assert done.returncode == 1
    assert f"{at_run_time} is not changed" in done.stderr and f"next: mend or remove {at_run_time}" in done.stderr
    assert at_run_time.read_text() == broken


def test_prior_exit_comes_from_the_lifecycle_record(volume: Volume) -> None:
    records = {"a": {"phase": "running"}, "b": {"phase": "exited"}, "c": {"phase": "exited", "clean": False}, "d": {}}
    for name, record in records.items():
        volume.write(volume.profile(name, RUNNING) / "state/gateway.lifecycle.json", json.dumps(record))
    report = by_profile(volume.reconcile())
    assert {name: report[name]["prior_exit"] for name in records} == {
        "a": "unclean", "b": "clean", "c": "unclean", "d": "unknown"}


def test_files_of_the_old_pid_namespace_go(volume: Volume) -> None:
    for name in ("default", "a"):
        for file in ("gateway.pid", "processes.json"):
            volume.write(volume.profile(name, RUNNING) / file, "42")
    volume.reconcile()
    for directory in (volume.home, volume.home / "profiles/a"):
        assert not (directory / "gateway.pid").exists()
        assert not (directory / "processes.json").exists()


def test_a_record_whose_pid_is_another_process_by_now_goes(volume: Volume) -> None:
    """#109680; the record of one that runs on stays."""
    started = start_time(os.getpid())
    assert started
    for name, ticks in (("recycled", started - 1), ("runs-on", started)):
        volume.write(volume.profile(name, RUNNING) / "gateway.pid", json.dumps({"pid": os.getpid(), "start_time": ticks}))
    volume.reconcile()
    assert not (volume.home / "profiles/recycled/gateway.pid").exists()
    assert (volume.home / "profiles/runs-on/gateway.pid").exists()


# -- names ------------------------------------------------------------------------------------------------


def test_names_are_sorted_default_first(volume: Volume) -> None:
    for name in ("zeta", "alpha", "0"):
        volume.profile(name)
    assert [record["profile"] for record in volume.reconcile()["profiles"]] == ["default", "0", "alpha", "zeta"]


def test_a_directory_without_a_soul_is_no_profile(volume: Volume) -> None:
    volume.write(volume.home / "profiles/empty/gateway_state.json", json.dumps(RUNNING))
    report = volume.reconcile()
    assert volume.slots() == {"default": "down"}
    assert report["invalid"] == []


def test_profiles_default_is_reserved(volume: Volume) -> None:
    volume.profile("x", RUNNING)
    volume.write(volume.home / "profiles/default/SOUL.md", "")
    volume.write(volume.home / "profiles/default/gateway_state.json", json.dumps(RUNNING))
    done = volume.run("reconcile", check=True)
    assert "profiles/default is reserved" in done.stderr
    assert volume.slots() == {"default": "down", "x": "up"}


def test_an_invalid_name_is_listed_with_its_reason(volume: Volume) -> None:
    volume.write(volume.home / "profiles/Michel/SOUL.md", "")
    done = volume.run("reconcile", check=True)
    assert "Michel" in done.stderr and "'M' is not allowed" in done.stderr
    assert any("profile=Michel" in line and "action=skipped" in line for line in volume.boot_log())


def test_an_empty_home_has_one_slot_down(volume: Volume) -> None:
    volume.reconcile()
    assert volume.slots() == {"default": "down"}


def test_a_home_that_is_a_profile_stands_for_its_root(volume: Volume) -> None:
    inner = volume.profile("a", RUNNING)
    volume.reconcile(env={"HERMES_HOME": str(inner)})
    assert volume.slots() == {"a": "up", "default": "down"}


def test_a_missing_home_is_an_error_with_a_way_out(volume: Volume) -> None:
    done = volume.run("--home", str(volume.root / "nowhere"), "reconcile")
    assert done.returncode == 78
    assert "HERMES_HOME" in done.stderr


# -- a second pass ----------------------------------------------------------------------------------------


def test_a_second_pass_changes_nothing(volume: Volume) -> None:
    for path in [*STATES, *BAD]:
        volume.profile(f"p-{path.stem}".lower(), f"{path.parent.name}/{path.name}")
    volume.reconcile()
    before = snapshot(volume.scandir)
    profiles = snapshot(volume.home / "profiles")
    report = volume.reconcile()
    assert snapshot(volume.scandir) == before
    assert snapshot(volume.home / "profiles") == profiles
    assert report["changes"] is False
    assert all(record["steps"] == [] for record in report["profiles"])


def test_a_changed_intent_makes_down_come_and_go_and_leaves_the_rest(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.profile("b", RUNNING)
    volume.reconcile()
    before = snapshot(volume.scandir)
    volume.profile("a", STOPPED)
    volume.reconcile()
    now = snapshot(volume.scandir)
    assert names_of(now) - names_of(before) == {"gateway-a/down", "gateway-a/log/down"}
    volume.profile("a", RUNNING)
    volume.reconcile()
    now = snapshot(volume.scandir)
    assert names_of(now) == names_of(before)
    kept = [name for name in before if before[name].kind == "-"]
    assert all(now[name] == before[name] for name in kept)


def test_a_slot_that_was_changed_by_hand_is_made_right_again(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.reconcile()
    good = {name: (e.kind, e.mode, e.content) for name, e in snapshot(volume.scandir).items()}
    slot = volume.scandir / "gateway-a"
    (slot / "finish").write_text("#!/bin/sh\n")
    (slot / "log/run").unlink()
    (slot / "supervise/control").unlink()
    volume.write(slot / "notification-fd", "7\n")
    volume.reconcile()
    assert {name: (e.kind, e.mode, e.content) for name, e in snapshot(volume.scandir).items()} == good


def test_what_an_interrupted_pass_left_is_cleaned(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    for leftover in (".gateway-a.new", ".gateway-x.gone"):
        volume.write(volume.scandir / leftover / "log/run", "half")
    volume.reconcile()
    assert volume.slots() == {"a": "up", "default": "down"}
    assert sorted(path.name for path in volume.scandir.glob(".gateway-*")) == []


def test_a_pass_that_is_killed_leaves_dot_names_only(volume: Volume) -> None:
    """#54834: killed with its first slot whole and not yet renamed; a rescan at that moment must find nothing."""
    volume.profile("a", RUNNING)
    killed = volume.run("reconcile", before=("strace", "-f", "-qqq", "-o", "/dev/null", "-e", "inject=renameat2:signal=KILL"))
    assert killed.returncode == -signal.SIGKILL
    left = [path.name for path in volume.scandir.iterdir()]
    assert any("gateway-default" in name for name in left)
    assert [name for name in left if not name.startswith(".")] == []
    volume.reconcile()
    assert volume.slots() == {"a": "up", "default": "down"}
    assert not list(volume.scandir.glob(".gateway-*"))


def test_a_slot_whose_profile_is_gone_is_retired(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    directory = volume.profile("b", RUNNING)
    volume.reconcile()
    for path in directory.iterdir():
        path.unlink()
    directory.rmdir()
    report = volume.reconcile()
    assert [record["profile"] for record in report["retired"]] == ["b"]
    assert volume.slots() == {"a": "up", "default": "down"}


# -- what is not ours -------------------------------------------------------------------------------------


def test_foreign_entries_of_the_scandir_are_never_touched(volume: Volume) -> None:
    foreign = volume.scandir
    for name in ("s6rc-fdholder", "s6-linux-init-shutdownd", "gateway", "gateway-", "gateway-Big", ".hidden"):
        volume.write(foreign / name / "run", "#!/bin/sh\n")
    (foreign / "dashboard").symlink_to("/run/s6-rc/servicedirs/dashboard")
    volume.write(foreign / "gateway-handmade/run", "#!/bin/sh\nexec mine\n")
    (foreign / "gateway-link").symlink_to("gateway-handmade")
    before = snapshot(foreign)
    volume.profile("a", RUNNING)
    volume.reconcile()
    after = snapshot(foreign)
    for name in before.keys() - {"."}:
        assert after[name] == before[name]


def test_a_slot_of_another_home_is_left_alone(volume: Volume) -> None:
    other = volume.root / "other"
    volume.write(other / "profiles/a/SOUL.md", "")
    volume.write(other / "profiles/b/SOUL.md", "")
    volume.run("--home", str(other), "reconcile", check=True)
    before = {name: entry for name, entry in snapshot(volume.scandir).items() if name.startswith("gateway-")}
    volume.profile("a", RUNNING)
    volume.profile("c", RUNNING)
    done = volume.run("reconcile")
    assert done.returncode == 1
    assert f"it belongs to the home {other}" in done.stderr
    after = snapshot(volume.scandir)
    assert {name: after[name] for name in before} == before
    assert volume.slots()["c"] == "up"


@pytest.mark.parametrize("thing", ["symlink", "dangling", "file", "fifo", "directory"])
def test_a_foreign_thing_in_place_of_a_slot_concerns_that_profile_alone(volume: Volume, thing: str) -> None:
    for name in ("a", "b", "c"):
        volume.profile(name, RUNNING)
    outside = volume.root / "outside"
    volume.write(outside / "run", "precious")
    put(thing, volume.scandir / "gateway-b", outside)
    before = snapshot(volume.scandir).get("gateway-b"), snapshot(outside)
    done = volume.run("reconcile")
    assert done.returncode == 1
    assert "gateway-b is left alone" in done.stderr
    assert (snapshot(volume.scandir).get("gateway-b"), snapshot(outside)) == before
    assert {"a", "c"} <= volume.slots().keys()


# -- a hostile volume -------------------------------------------------------------------------------------

THINGS = ["symlink", "dangling", "directory", "fifo", "socket"]


def put(thing: str, path: Path, target: Path) -> None:
    """Something other than a regular file at `path`."""
    if path.is_file() and not path.is_symlink():
        path.unlink()
    match thing:
        case "symlink":
            path.symlink_to(target)
        case "dangling":
            path.symlink_to(target.parent / "nowhere")
        case "directory":
            path.mkdir()
            (path / "inside").write_text("x")
        case "fifo":
            os.mkfifo(path)
        case "socket":
            import socket

            with socket.socket(socket.AF_UNIX) as made:
                made.bind(str(path))
        case "file":
            path.write_text("x")
    os.chown(path, USER if os.geteuid() == 0 else -1, -1, follow_symlinks=False)


PLACES = ["gateway_state.json", ".gateway-intent.json", ".gateway-intent.lock", ".gateway-service.json", "gateway.pid",
          "processes.json", "state", "state/gateway.lifecycle.json"]


@pytest.mark.parametrize("user", [0, USER])
@pytest.mark.parametrize("thing", THINGS)
def test_nothing_is_followed_or_waited_for_in_place_of_any_file(volume: Volume, thing: str, user: int) -> None:
    """In every place of a profile, of each of nine profiles, as user and as root: good ones around get their slots."""
    outside = volume.write(volume.root / "outside/precious", json.dumps({"desired_state": "running", "pid": 1}))
    for index, place in enumerate(PLACES):
        directory = volume.profile(f"m-{index}", {"desired_state": "stopped", "desired_generation": 1})
        if place.startswith("state/"):
            volume.write(directory / "state/x", "")
        put(thing, directory / place, outside)
    for good in ("a", "z"):
        volume.profile(good, RUNNING)
    state = volume.home / f"profiles/m-{PLACES.index('gateway_state.json')}/gateway_state.json"
    before = snapshot(volume.root / "outside"), entry_of(state)
    done = volume.run("reconcile", user=user)
    assert done.returncode in (0, 1), done.stderr
    assert (snapshot(volume.root / "outside"), entry_of(state)) == before
    slots = volume.slots()
    assert (slots["a"], slots["z"]) == ("up", "up")
    assert {slots[f"m-{index}"] for index in range(len(PLACES))} == {"down"}


@pytest.mark.parametrize("user", [0, USER])
@pytest.mark.parametrize("place", ["profiles", "logs", "profiles/a", "logs/container-boot.log"])
def test_no_symlink_below_the_home_leads_out_of_it(volume: Volume, place: str, user: int) -> None:
    outside = volume.root / "outside"
    volume.write(outside / "SOUL.md", "")
    volume.write(outside / "a/SOUL.md", "")
    volume.write(outside / "a/gateway_state.json", json.dumps(RUNNING))
    path = volume.home / place
    volume.write(path.parent / "x", "")
    target = outside / "log" if place.endswith(".log") else outside
    path.symlink_to(target)
    before = snapshot(outside)
    volume.run("reconcile", user=user)
    assert snapshot(outside) == before
    assert volume.slots() == {"default": "down"}


def test_control_characters_reach_neither_log_nor_terminal(volume: Volume) -> None:
    evil = "\x1b]0;owned\x07\n2026-01-01T00:00:00+0000 profile=evil action=started\r\u009b31m\x7f"
    volume.profile("a", {"gateway_state": evil})
    volume.profile("b", {"gateway_state": "stopped", "desired_state": evil})
    volume.write(volume.profile("c", RUNNING) / "state/gateway.lifecycle.json",
                 json.dumps({"phase": "running", "detail": evil}))
    volume.write(volume.home / "profiles" / "x\n\x1b[2J" / "SOUL.md", "")
    for words in (("reconcile",), ("--json", "reconcile"), ("plan",), ("--json", "plan")):
        done = volume.run(*words)
        for text in (done.stdout, done.stderr):
            assert not CONTROL.search(text), words
    log = (volume.home / "logs/container-boot.log").read_text()
    assert not CONTROL.search(log)
    assert not [line for line in log.splitlines() if re.search(r"^\S+ profile=evil", line)]


def test_a_word_with_blanks_cannot_forge_a_field_of_the_log(volume: Volume) -> None:
    volume.profile("a", {"gateway_state": "stopped action=started profile=evil"})
    volume.write(volume.home / "profiles" / "M action=started" / "SOUL.md", "")
    volume.reconcile()
    for line in volume.boot_log():
        fields = [word.partition("=")[0] for word in line.split(" ")[1:]]
        assert len(fields) == len(set(fields)), line
        assert "action=started" not in line.split(" "), line


def test_a_word_of_any_length_is_a_short_line(volume: Volume) -> None:
    volume.profile("a", {"gateway_state": "x" * 900_000})
    volume.profile("b", {"desired_state": "y" * 900_000})
    done = volume.run("reconcile", check=True)
    assert max(map(len, volume.boot_log())) < 500
    assert max(map(len, (done.stdout + done.stderr).splitlines())) < 500


def test_a_state_file_over_its_limit_is_corrupt(volume: Volume) -> None:
    volume.profile("a", b'{"a":"' + b"x" * (1 << 20) + b'"}')
    assert by_profile(volume.reconcile())["a"]["reason"] == "corrupt"


def test_profiles_that_cannot_be_listed_retire_nothing(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.reconcile()
    (volume.home / "profiles").chmod(0)
    done = volume.run("reconcile")
    assert "profiles" in done.stderr
    assert volume.slots() == {"a": "up", "default": "down"}


@pytest.mark.parametrize("mode", [0, 0o444])
def test_a_profile_that_cannot_be_looked_into_is_down_and_never_retired(volume: Volume, mode: int) -> None:
    directory = volume.profile("a", RUNNING)
    volume.profile("b", RUNNING)
    volume.reconcile()
    directory.chmod(mode)
    report = by_profile(volume.reconcile())
    assert (report["a"]["goal"], report["a"]["reason"]) == ("down", "unreadable")
    assert volume.slots() == {"a": "down", "b": "up", "default": "down"}


# -- the boot log -----------------------------------------------------------------------------------------

LINE = re.compile(
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} profile=\S+ prior_state=\S+ action=(started|registered|skipped) "
    r"prior_exit=(clean|unclean|unknown) reason=\S+$"
)


def test_the_boot_log_has_one_line_per_profile_and_boot(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.profile("b", STOPPED)
    volume.reconcile()
    first = volume.boot_log()
    assert all(LINE.match(line) for line in first)
    fields = [dict(word.split("=") for word in line.split()[1:]) for line in first]
    assert [(f["profile"], f["prior_state"], f["action"], f["reason"]) for f in fields] == [
        ("default", "None", "registered", "no-state"),
        ("a", "running", "started", "last-state"),
        ("b", "running", "registered", "intent"),
    ]
    volume.reconcile()
    assert volume.boot_log()[:3] == first
    assert len(volume.boot_log()) == 6


def test_the_boot_log_carries_the_local_time_and_its_offset(volume: Volume) -> None:
    volume.reconcile(env={"TZ": "XXX-10"})
    assert "+1000 profile=default" in volume.boot_log()[0]


@pytest.mark.parametrize(("size", "rotates"), [(256 * 1024, False), (256 * 1024 + 1, True)])
def test_the_boot_log_rotates_above_its_limit_and_keeps_one_generation(
    volume: Volume, size: int, rotates: bool
) -> None:
    log = volume.write(volume.home / "logs/container-boot.log", b"o" * (size - 1) + b"\n")
    volume.write(volume.home / "logs/container-boot.log.1", "older")
    volume.reconcile()
    rotated = (volume.home / "logs/container-boot.log.1").read_text()
    assert rotated == ("o" * (size - 1) + "\n" if rotates else "older")
    assert (len(log.read_bytes()) < size) is rotates
    assert len(list(log.parent.iterdir())) == 2


def test_an_unwritable_log_directory_costs_the_log_and_nothing_else(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.write(volume.home / "logs/x", "")
    (volume.home / "logs").chmod(0o555)
    done = volume.run("reconcile")
    assert done.returncode == 1
    assert "cannot write the boot log" in done.stderr
    assert volume.slots() == {"a": "up", "default": "down"}


# -- plan -------------------------------------------------------------------------------------------------


def interesting_volume(volume: Volume) -> None:
    """One with something of every kind to do."""
    volume.profile("default", RUNNING)
    directory = volume.profile("gone", RUNNING)
    volume.profile("changed", RUNNING)
    volume.reconcile()
    (directory / "SOUL.md").unlink()
    volume.profile("changed", STOPPED)
    volume.profile("corrupt", "bad/truncated.json")
    volume.write(volume.profile("old-pid", RUNNING) / "gateway.pid", "1")
    repaired = volume.profile("repaired", {"desired_state": "running", "desired_generation": 1})
    volume.write(repaired / ".gateway-intent.json", json.dumps({"desired_state": "stopped", "generation": 2}))
    volume.write(volume.scandir / ".gateway-x.new/run", "")
    (volume.home / "profiles/Bad").mkdir()
    volume.write(volume.home / "profiles/Bad/SOUL.md", "")


@pytest.mark.parametrize("words", [("plan",), ("reconcile", "--dry-run"), ("--json", "plan")])
def test_a_dry_run_touches_nothing_not_even_a_log(volume: Volume, words: tuple[str, ...]) -> None:
    interesting_volume(volume)
    before = volume.snapshot()
    volume.run(*words, check=True)
    assert volume.snapshot() == before


MUTATING = re.compile(
    r"^(rename|unlink|mkdir|rmdir|mknod|link|symlink|[fl]?chmod|[fl]?chown|f?truncate|f?utime|creat|[fl]?setxattr"
    r"|[fl]?removexattr|sync|f(data)?sync|fallocate|mount|umount|t?g?kill|set[ug]id|umask|flock|execve|fork|vfork|clone"
    r"|pwrite|sendfile|copy_file_range|splice)"
)


def test_a_dry_run_makes_no_system_call_that_could_change_anything(volume: Volume) -> None:
    interesting_volume(volume)
    trace = volume.root / "trace"
    trace.mkdir()
    volume.own(trace)
    volume.run("plan", before=("strace", "-f", "-o", str(trace / "out")), check=True)
    calls = [line.split(None, 1)[1] for line in (trace / "out").read_text().splitlines()][1:]
    assert len(calls) > 50
    for call in calls:
        name = call.split("(", 1)[0]
        assert not MUTATING.match(name), call
        assert not (name.startswith("open") and re.search(r"O_CREAT|O_TRUNC|O_APPEND|O_RDWR", call)), call
        if name.startswith("write"):
            assert re.match(r"writev?\([12],", call), call


def test_the_plan_is_what_the_pass_then_does(volume: Volume) -> None:
    interesting_volume(volume)
    plan = volume.plan()
    report = volume.reconcile()
    assert plan["changes"] is True
    for key in ("invalid", "retired", "leftovers", "warnings"):
        assert plan[key] == report[key]
    planned, done = by_profile(plan), by_profile(report)
    assert planned.keys() == done.keys()
    for name, record in planned.items():
        assert record.items() <= done[name].items()
    kinds = {step["step"] for record in plan["profiles"] for step in record["steps"]}
    assert kinds == {"create-slot", "update-slot", "remove-stale-file", "keep-corrupt", "keep-port", "repair-intent"}
    assert volume.plan()["changes"] is False


def test_the_diff_has_a_reason_in_every_line(volume: Volume) -> None:
    interesting_volume(volume)
    lines = volume.run("plan", check=True).stdout.splitlines()
    assert all(re.match(r"^[-+~=] [a-z0-9-]+: .+ \(.+\)$", line) for line in lines), lines
    assert "+ corrupt: create slot, down (corrupt)" in lines
    assert "- gone: retire slot (its profile is gone)" in lines
    assert "= default: up (last-state)" in lines


def test_detailed_exitcode_tells_whether_changes_are_pending(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    assert volume.run("plan", "--detailed-exitcode").returncode == 2
    assert volume.run("plan").returncode == 0
    volume.reconcile()
    assert volume.run("plan", "--detailed-exitcode").returncode == 0


def test_the_json_of_plan_and_report_has_its_schema(volume: Volume) -> None:
    interesting_volume(volume)

    def check(document: dict[str, Any], extra: set[str], extra_of_profile: set[str]) -> None:
        assert document.keys() == {"version", "supervisor_live", "changes", "profiles", "invalid", "retired",
                                   "leftovers", "warnings"} | extra
        assert document["version"] == 1
        for record in document["profiles"]:
            assert record.keys() == {"profile", "goal", "reason", "detail", "prior_state", "prior_exit", "steps",
                                     "obstacle"} | extra_of_profile
            assert record["goal"] in ("up", "down", "untouched")
            for step in record["steps"]:
                assert step.keys() == {"step", "what", "why"}
        for record in document["invalid"]:
            assert record.keys() == {"name", "why"}

    check(volume.plan(), set(), set())
    check(volume.reconcile(), {"errors", "failed"}, {"action", "errors"})


# -- who does it ------------------------------------------------------------------------------------------


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


def test_two_passes_at_once_end_like_one(volume: Volume) -> None:
    for index in range(30):
        volume.profile(f"p{index}", RUNNING)
    passes = [subprocess.Popen(volume.argv("reconcile"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               **volume.options()) for _ in range(4)]
    for one in passes:
        _, err = one.communicate(timeout=60)
        assert one.returncode == 0, err
    assert set(volume.slots()) == {"default", *(f"p{index}" for index in range(30))}
    assert volume.run("plan", "--detailed-exitcode").returncode == 0


# -- storage that fails -----------------------------------------------------------------------------------


def in_mount_namespace(volume: Volume, script: str) -> subprocess.CompletedProcess[str]:
    """A shell script as root in a mount namespace of its own; "$@" is reconcile as the user."""
    as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    places = {"home": str(volume.home), "scandir": str(volume.scandir), "root": str(volume.root)}
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-euc", script, "sh", *as_user,
         *volume.argv("reconcile")],
        capture_output=True, text=True, timeout=60, **volume.options(user=0, env=places))


def test_a_read_only_volume_still_gets_its_slots(volume: Volume) -> None:
    volume.write(volume.profile("a", RUNNING) / "gateway.pid", "1")
    volume.profile("b", STOPPED)
    volume.profile("c", "bad/array.json")
    before = snapshot(volume.home)
    done = in_mount_namespace(
        volume, 'mount --bind "$home" "$home"; mount -o remount,ro,bind "$home"; exec "$@"')
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr
    assert volume.slots() == {"a": "up", "b": "down", "c": "down", "default": "down"}
    assert snapshot(volume.home) == before
    assert re.search(r"^a +up +.* started$", done.stdout, re.M), done.stdout


FILL = 'dd if=/dev/zero of="$target/filler" bs=4k 2>/dev/null || true; dd if=/dev/zero of="$target/filler2" bs=1 count=1 2>/dev/null || true'


def test_a_full_volume_loses_no_state_and_still_gets_its_slots(volume: Volume) -> None:
    states = {
        "a": {"desired_state": "stopped", "gateway_state": "running"},
        "b": {"desired_state": "running", "desired_generation": 1},
    }
    for name, state in states.items():
        directory = volume.profile(name, state)
    intent = {"desired_state": "stopped", "generation": 2}
    volume.write(directory / ".gateway-intent.json", json.dumps(intent))
    done = in_mount_namespace(volume, f'''
        mkdir "$root/copy"; cp -a "$home/." "$root/copy/"; target=$home
        mount -t tmpfs -o size=256k,uid={USER},gid={USER},mode=755 full "$home"; cp -a "$root/copy/." "$home/"
        {FILL}
        code=0; "$@" || code=$?
        rm "$home"/filler*; cp -a "$home" "$root/after"; exit $code''')
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert volume.slots() == {"a": "down", "b": "down", "default": "down"}
    after = volume.root / "after/profiles"
    assert {name: json.loads((after / name / "gateway_state.json").read_text()) for name in states} == states
    assert json.loads((after / "b/.gateway-intent.json").read_text()) == intent
    assert not list(after.glob("*/.*tmp*"))


def test_a_full_scandir_shows_no_half_slot(volume: Volume) -> None:
    for index in range(20):
        volume.profile(f"p{index}", RUNNING)
    done = in_mount_namespace(volume, f'''
        mount -t tmpfs -o size=256k,uid={USER},gid={USER},mode=755 full "$scandir"
        code=0; "$@" || code=$?
        cp -a "$scandir" "$root/after"; exit $code''')
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    made = sorted((volume.root / "after").glob("gateway-*"))
    assert 0 < len(made) < 21
    assert not list((volume.root / "after").glob(".gateway-*.new"))
    volume.reconcile()
    for slot in made:
        whole = snapshot(volume.scandir / slot.name)
        assert {n: (e.mode, e.content) for n, e in snapshot(slot).items()} == {
            n: (e.mode, e.content) for n, e in whole.items()}


def test_a_closed_stdout_is_a_failure(volume: Volume) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(volume.argv("plan"), stdout=full, stderr=subprocess.PIPE, timeout=60, **volume.options())
    assert done.returncode == 1


# -- the command line -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("nothing",), ("plan", "--nothing"), ("--color", "blue", "plan")])
def test_wrong_words_are_a_usage_error(volume: Volume, words: tuple[str, ...]) -> None:
    assert volume.run(*words).returncode == 64


def test_colour_only_where_it_is_wanted(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    assert "\x1b" not in volume.run("plan").stdout
    assert "\x1b[32m" in volume.run("--color", "always", "plan").stdout
