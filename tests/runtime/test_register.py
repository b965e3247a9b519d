"""register and unregister: the application's hooks, against a live supervisor, as the user."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
from pathlib import Path
from typing import Any

import pytest
from poll import is_gone, wait_until
from s6_tree import USER, S6Tree, Supervisor

FIRST_PORT, PORTS = 9200, 600


def natural_port(name: str) -> int:
    """The rule, said a second time: SHA-256 of the name into [9200, 9800)."""
    return FIRST_PORT + int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % PORTS


def leftovers(tree: S6Tree) -> list[str]:
    return [name for name in tree.slots() if name.startswith(".")]


# -- register -------------------------------------------------------------------------------------------


def test_register_works_at_run_time_without_root(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    assert tree.supervised(tree.slot("a")) and tree.supervised(tree.slot("a") / "log")
    status = tree.status("a")
    assert (status["registered"], status["state"], status["drift"]) == (True, "stopped", None)


def test_register_is_not_start(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    assert not tree.svstat("a")["wantedup"]
    assert (tree.slot("a") / "down").exists() and (tree.slot("a") / "log/down").exists()
    assert tree.status("a")["intent"]["desired_state"] is None


def test_register_with_start_starts(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "--start", "a", check=True)
    assert tree.svstat("a")["up"]
    assert tree.intent("a")["desired_state"] == "running"


def test_the_slot_can_be_controlled_by_the_user(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    tree.tool("s6-svc", "-o", str(tree.slot("a")))
    tree.tool("s6-svwait", "-u", "-t", "10000", str(tree.slot("a")))
    if tree.supervisor is Supervisor.OWN:
        assert all(path.stat().st_uid == USER for path in tree.slot("a").rglob("*")), "his s6-supervise made the rest"
        return
    for part in (tree.slot("a"), tree.slot("a") / "log"):
        modes = {name: stat.S_IMODE((part / name).stat().st_mode) for name in ("event", "supervise", "supervise/control")}
        assert modes == {"event": 0o3730, "supervise": 0o755, "supervise/control": 0o660}
        assert (part / "supervise/control").stat().st_uid == USER


def test_a_slot_is_registered_when_gateway_and_logger_are_supervised(user_tree: S6Tree) -> None:
    """s6-svscan starts two supervisors, one after the other; a start between the two would fail."""
    tree = user_tree
    tree.profile("a")
    assert tree.svscan
    tree.svscan.send_signal(signal.SIGSTOP)  # the test plays its part, slowly
    register = tree.begin("register", "a")
    wait_until(tree.slot("a").exists)
    supervisors = [tree.spawn("s6-supervise", str(tree.slot("a")))]
    wait_until(lambda: tree.supervised(tree.slot("a")))
    for _ in range(3):
        tree.status("a")  # takes longer than register's pause between two looks
    assert register.poll() is None
    supervisors.append(tree.spawn("s6-supervise", str(tree.slot("a") / "log")))
    assert register.wait(timeout=120) == 0
    for process in supervisors:
        process.kill()
        process.wait()
    tree.svscan.send_signal(signal.SIGCONT)


def test_registering_twice_is_a_conflict_that_changes_nothing(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    pid = tree.pid("a")
    done = tree.ctl("register", "a")
    assert done.returncode == 1
    assert "'a' is already registered" in done.stderr
    assert tree.pid("a") == pid


@pytest.mark.parametrize("name", ["", "My.Prof", "m m", "a\n", "../a", "a/b", "x" * 241, "-a", "é"])
def test_an_impossible_name_is_refused(user_tree: S6Tree, name: str) -> None:
    done = user_tree.ctl("register", "--", name)
    assert done.returncode == 64
    assert not user_tree.slots()


def test_a_profile_that_does_not_exist_is_not_made(tree: S6Tree) -> None:
    slots = tree.slots()
    done = tree.ctl("register", "nobody")
    assert done.returncode == 1
    assert "there is no profile 'nobody'" in done.stderr
    assert tree.slots() == slots
    assert not tree.directory("nobody").exists()


@pytest.mark.parametrize("assignment", ["NOVALUE", "1A=x", "A-B=x", "=x", "A B=x"])
def test_an_impossible_variable_is_refused(user_tree: S6Tree, assignment: str) -> None:
    user_tree.profile("a")
    assert user_tree.ctl("register", "a", "--env", assignment).returncode == 64
    assert not user_tree.slots()


def test_a_failed_rescan_is_rolled_back(tree: S6Tree) -> None:
    tree.profile("a")
    slots = tree.slots()
    fake = tree.root / "fake"
    fake.mkdir()
    (fake / "s6-svscanctl").write_text("#!/bin/sh\necho s6-svscanctl: no >&2\nexit 111\n")
    (fake / "s6-svscanctl").chmod(0o755)
    done = tree.ctl("register", "a", env={"PATH": f"{fake}:/usr/bin:/bin"})
    assert done.returncode == 1
    assert "s6-svscanctl: no" in done.stderr and "111" in done.stderr
    assert tree.slots() == slots
    tree.ctl("register", "a", check=True)


# -- ports ----------------------------------------------------------------------------------------------


def test_the_port_comes_from_the_name_and_is_kept(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    assert tree.status("a")["port"] == natural_port("a")
    kept = tree.directory("a") / ".gateway-service.json"
    settings = json.loads(kept.read_text())
    kept.write_text(json.dumps({**settings, "port": 9777}))
    tree.ctl("unregister", "a", check=True)
    tree.ctl("register", "a", check=True)
    assert tree.status("a")["port"] == 9777


def test_a_collision_of_ports_takes_the_next_free_one(user_tree: S6Tree) -> None:
    by_port: dict[int, str] = {}
    for i in range(1000):
        name = f"p{i}"
        if (other := by_port.setdefault(natural_port(name), name)) != name:
            break
    for profile in (other, name):
        user_tree.profile(profile)
        user_tree.ctl("register", profile, check=True)
    assert user_tree.status(other)["port"] == natural_port(name)
    assert user_tree.status(name)["port"] == FIRST_PORT + (natural_port(name) - FIRST_PORT + 1) % PORTS


def test_the_environment_file_is_private(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    user_tree.ctl("register", "a", "--env", "SECRET=x", check=True)
    assert stat.S_IMODE((user_tree.directory("a") / ".gateway-service.json").stat().st_mode) == 0o600


# -- unregister -----------------------------------------------------------------------------------------


def test_a_slots_directory_goes_only_after_its_supervisor_has_exited(tree: S6Tree) -> None:
    """#35882: the child stays alive and the directory is gone under a live supervisor"""
    tree.profile("a", "--drain-ms 500")
    tree.ctl("start", "a", check=True)
    pid, supervise = tree.wait_up("a"), tree.supervise_pid("a")
    tree.ctl("unregister", "a", check=True)
    assert is_gone(pid) and is_gone(supervise)
    assert not [words for words in tree.processes().values() if "gateway-a" in " ".join(words)]
    assert not tree.slot("a").exists() and not leftovers(tree)
    assert tree.events("a")[-1] == "exit 0"


def test_a_slots_directory_stays_as_long_as_its_supervisor_lives(user_tree: S6Tree) -> None:
    """#35882: also when the supervisor takes its time."""
    tree = user_tree
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    supervise = tree.supervise_pid("a")
    assert not tree.svstat("a")["up"]  # it has come as far as its first status
    gone = tree.scandir / ".gateway-a.gone"
    os.kill(supervise, signal.SIGSTOP)
    try:
        unregister = tree.begin("unregister", "a")
        wait_until(lambda: gone.exists() or unregister.poll() is not None, what="the slot to be renamed")
        for _ in range(3):
            tree.ctl("list")  # takes longer than unregister's pause between two looks
        assert unregister.poll() is None, unregister.communicate()
        assert (gone / "run").exists()
    finally:
        os.kill(supervise, signal.SIGCONT)
    assert unregister.wait(timeout=120) == 0, unregister.communicate()
    assert is_gone(supervise) and not tree.slots()


def test_a_gateway_that_does_not_end_keeps_its_slot(tree: S6Tree) -> None:
    tree.profile("a", "--ignore-term")
    tree.config(drain_timeout="0")
    tree.ctl("start", "a", check=True)
    pid = tree.wait_up("a")
    done = tree.ctl("unregister", "--timeout", "1", "a")
    assert done.returncode == 75, done
    assert str(pid) in done.stderr
    assert not is_gone(pid) and tree.slot("a").is_dir() and tree.supervised(tree.slot("a"))
    tree.ctl("unregister", "--timeout", "1", "--force", "a", check=True)
    assert is_gone(pid) and not tree.slot("a").exists()


def test_unregister_touches_that_profile_only(tree: S6Tree) -> None:
    """#97897 #102790"""
    names = ["default", "a", "aa", "b"]
    for name in names:
        tree.profile(name)
        tree.ctl("start", name, check=True)
    pids = {name: tree.wait_up(name) for name in names}
    before = {path: path.stat().st_mtime_ns for name in ("aa", "b") for path in tree.directory(name).iterdir()}
    tree.ctl("unregister", "a", check=True)
    assert {name: tree.pid(name) for name in names if name != "a"} == {n: p for n, p in pids.items() if n != "a"}
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_unregister_leaves_no_marker_and_no_lock_behind(tree: S6Tree) -> None:
    directory = tree.profile("a")
    tree.part("a", before="exec sleep 1000")
    tree.ctl("start", "a", check=True)
    tree.ctl("unregister", "a", check=True)
    left = {path.name for path in directory.iterdir()}
    assert not {".gateway-planned-stop.json", ".gateway-operation.lock"} & left
    assert not (tree.home / "logs/gateways/a/lock").exists()
    assert (tree.home / "logs/gateways/a/current").exists()


def test_unregister_is_idempotent(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    for _ in range(2):
        tree.ctl("unregister", "a", check=True)
    tree.ctl("unregister", "never-was", check=True)
    assert "gateway-a" not in tree.slots()


def test_unregister_works_when_the_profile_is_gone_already(tree: S6Tree) -> None:
    directory = tree.profile("a")
    tree.ctl("start", "a", check=True)
    pid = tree.wait_up("a")
    tree.tool("rm", "-r", str(directory))
    tree.ctl("unregister", "a", check=True)
    assert is_gone(pid) and not tree.slot("a").exists()
    assert not directory.exists()


def test_unregister_finishes_what_an_interrupted_one_began(tree: S6Tree) -> None:
    tree.profile("a", "--drain-ms 300")
    tree.ctl("start", "a", check=True)
    pid = tree.wait_up("a")
    tree.tool("mv", str(tree.slot("a")), str(tree.scandir / ".gateway-a.gone"))
    tree.ctl("unregister", "a", check=True)
    assert is_gone(pid) and not leftovers(tree)


def test_a_name_can_be_registered_again(tree: S6Tree) -> None:
    """rm, same name, rescan: two supervisors and two services, when it is done wrong"""
    tree.profile("a")
    for _ in range(3):
        tree.ctl("register", "--start", "a", check=True)
        tree.ctl("unregister", "a", check=True)
    tree.ctl("register", "--start", "a", check=True)
    running = [words for words in tree.processes().values() if words == ["s6-supervise", "gateway-a"]]
    assert len(running) == 1


def test_unregister_of_a_dead_supervisors_slot_leaves_nothing(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    pid = tree.wait_up("a")
    os.kill(tree.supervise_pid("a"), signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    tree.ctl("unregister", "a", check=True)
    assert "gateway-a" not in tree.slots() and not leftovers(tree)
    # Whatever s6-svscan had begun meanwhile ends by itself.
    wait_until(lambda: not [w for w in tree.processes().values() if "gateway-a" in " ".join(w)], what="the end of all")


def kept(tree: S6Tree, name: str) -> dict[str, Any]:
    return tree.read(tree.service_file(name))


def listed(tree: S6Tree, name: str) -> tuple[bool, bool]:
    """Registered; and unregistered by an operator."""
    [one] = [one for one in tree.json("list")["profiles"] if one["profile"] == name]
    return one["registered"], one["unregistered"]


def test_an_unregistered_profile_stays_so_at_the_next_pass_and_all_readers_say_it(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    tree.ctl("unregister", "a", check=True)
    [planned] = [one for one in tree.json("plan")["profiles"] if one["profile"] == "a"]
    assert (planned["goal"], planned["reason"], planned["steps"]) == ("absent", "unregistered", [])
    [passed] = [one for one in tree.json("reconcile")["profiles"] if one["profile"] == "a"]
    assert (passed["action"], passed["reason"]) == ("skipped", "unregistered")
    assert "gateway-a" not in tree.slots()
    assert listed(tree, "a") == (False, True)
    status = tree.status("a")
    assert status["state"] == "unregistered" and f"uid {USER}" in status["unregistered"]["author"]
    assert any("was unregistered" in note for note in status["notes"])
    assert tree.intent("a")["desired_state"] == "running"  # the intent is another question


@pytest.mark.parametrize("words", [["register", "a"], ["start", "a"]])
def test_who_is_registered_or_started_again_is_registered(user_tree: S6Tree, words: list[str]) -> None:
    tree = user_tree
    tree.profile("a")
    tree.ctl("register", "a", "--env", "A=b", check=True)
    tree.ctl("unregister", "a", check=True)
    tree.ctl(*words, check=True)
    assert "unregistered" not in kept(tree, "a") and kept(tree, "a")["env"] == {"A": "b"}
    assert listed(tree, "a") == (True, False)
    tree.tool("rm", "-r", str(tree.slot("a")))  # as a new container finds it
    assert [one for one in tree.json("plan")["profiles"] if one["profile"] == "a"][0]["goal"] != "absent"


def test_what_fails_to_be_unregistered_stays_registered(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a", "--ignore-term")
    tree.config(drain_timeout="0")
    tree.ctl("start", "a", check=True)
    tree.wait_up("a")
    before = kept(tree, "a")
    assert tree.ctl("unregister", "--timeout", "1", "a").returncode == 75
    assert kept(tree, "a") == before
    tree.ctl("unregister", "--timeout", "1", "--force", "a", check=True)


def test_an_unregister_that_was_killed_is_finished_by_the_next_pass(tree: S6Tree) -> None:
    tree.profile("a", "--drain-ms 1000")
    tree.ctl("start", "a", check=True)
    pid = tree.wait_up("a")
    unregister = tree.begin("unregister", "a")
    wait_until(lambda: "unregistered" in kept(tree, "a"), what="the record")
    unregister.kill()
    unregister.wait()
    tree.ctl("reconcile", check=True)
    assert is_gone(pid) and "gateway-a" not in tree.slots() and not leftovers(tree)
    assert listed(tree, "a") == (False, True)


def test_another_tools_start_registers_and_a_copy_is_registered(user_tree: S6Tree) -> None:
    tree = user_tree
    directory = tree.profile("a")
    tree.ctl("start", "a", check=True)
    tree.ctl("unregister", "a", check=True)
    tree.tool("cp", "-a", str(directory), str(tree.directory("copy")))
    state = tree.state("a")
    state.pop("desired_generation", None)
    tree.write(tree.state_file("a"), {**state, "desired_state": "running"})
    tree.ctl("reconcile", check=True)
    assert {"gateway-a", "gateway-copy"} <= set(tree.slots())
    assert "unregistered" not in kept(tree, "a")
    tree.ctl("stop", "a", check=True)
    tree.ctl("reconcile", check=True)
    assert "gateway-a" in tree.slots()


def test_unregister_says_what_never_was(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    for _ in range(2):
        assert tree.ctl("unregister", "a", check=True).stdout == "unregistered a\n"
    done = tree.ctl("unregister", "ghost", check=True)
    assert done.stdout == "not-registered ghost: there is neither a slot nor a profile of that name\n"
    [one] = tree.json("unregister", "ghost")["results"]
    assert (one["ok"], one["outcome"]) == (True, "not-registered")
    assert not tree.directory("ghost").exists()


# -- variables ------------------------------------------------------------------------------------------


def variables(pid: int) -> dict[str, str]:
    words = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(word.split("=", 1) for word in words if "=" in word)


def test_variables_of_a_registered_profile_change_at_its_next_start(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "--start", "a", "--env", "A=old", "--env", "KEPT=k", check=True)
    pid = tree.wait_up("a")
    done = tree.ctl("register", "a", "--env", "A=new", "--env", "B=c d", check=True)
    assert done.stdout == "updated a: A changed, B set; it runs on as it is until: gatewayctl restart a\n"
    assert tree.pid("a") == pid
    assert tree.status("a")["drift"] is None
    [one] = tree.json("register", "a", "--env", "A=new")["results"]
    assert (one["outcome"], one["ok"]) == ("unchanged", True)
    tree.ctl("restart", "a", check=True)
    seen = variables(tree.pid("a"))
    assert (seen["A"], seen["B"], seen["KEPT"]) == ("new", "c d", "k")
    tree.ctl("stop", "a", check=True)
    done = tree.ctl("register", "a", "--env", "A=last", check=True)
    assert done.stdout == "updated a: A changed; from its next start on\n"
    assert not tree.svstat("a")["wantedup"] and (tree.slot("a") / "down").exists()
    tree.ctl("register", "a", "--env", "A=last", "--start", check=True)
    assert variables(tree.wait_up("a"))["A"] == "last"


def test_a_variable_is_taken_back(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "--start", "a", "--env", "A=a", "--env", "KEPT=k", check=True)
    tree.wait_up("a")
    done = tree.ctl("register", "a", "--unset", "A", check=True)
    assert done.stdout == "updated a: A removed; it runs on as it is until: gatewayctl restart a\n"
    [one] = tree.json("register", "a", "--unset", "A", "--unset", "NEVER_THERE")["results"]
    assert (one["outcome"], one["ok"]) == ("unchanged", True)
    tree.ctl("restart", "a", check=True)
    seen = variables(tree.pid("a"))
    assert "A" not in seen and seen["KEPT"] == "k"
    done = tree.ctl("register", "a", "--unset", "KEPT", "--env", "KEPT=again", check=True)
    assert "KEPT changed" in done.stdout, done.stdout
    refused = tree.ctl("register", "a", "--unset", "B=c")
    assert refused.returncode == 64 and "'B=c' is no name of a variable" in refused.stderr, refused.stderr


def test_a_refused_change_of_variables_keeps_everything(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", "--env", "A=old", check=True)
    settings, run = kept(tree, "a"), (tree.slot("a") / "run").read_text()
    assert tree.ctl("register", "a", "--env", "A=new", "--env", "=x").returncode == 64
    staging = tree.scandir / ".gateway-a.new"  # in the way of every change of the slot
    tree.tool("mkdir", "-p", str(staging / "run/in-the-way"))
    assert kept(tree, "a") == settings and (tree.slot("a") / "run").read_text() == run
    tree.tool("rm", "-r", str(staging))
    tree.tool("rm", "-r", str(tree.slot("a") / "log"))
    (tree.slot("a") / "log").write_text("")  # the slot cannot be changed
    done = tree.ctl("register", "a", "--env", "A=new")
    assert done.returncode == 1, done
    assert kept(tree, "a") == settings and (tree.slot("a") / "run").read_text() == run


def test_an_unregistered_profile_does_not_come_back(tree: S6Tree) -> None:
    """#97347, and the intent is not asked about a name whose profile is gone"""
    directory = tree.profile("a")
    tree.ctl("start", "a", check=True)
    tree.ctl("unregister", "a", check=True)
    tree.tool("rm", "-r", str(directory))
    tree.ctl("reconcile", check=True)
    assert "gateway-a" not in tree.slots()
    assert not directory.exists()


# -- many at once ---------------------------------------------------------------------------------------


def test_fifty_at_once_on_different_names_end_in_a_right_scandir(user_tree: S6Tree) -> None:
    tree = user_tree
    names = [f"p{i}" for i in range(50)]
    for name in names:
        tree.profile(name)
    running = [tree.begin("register", name) for name in names]
    assert [process.wait(timeout=120) for process in running] == [0] * 50
    assert tree.slots() == sorted(f"gateway-{name}" for name in names)
    assert all(tree.supervised(tree.slot(name)) for name in names)
    ports = [record["port"] for record in tree.json("status")["gateways"] if record["port"]]
    assert len(ports) == len(set(ports)) == 50
    running = [tree.begin("unregister", name) for name in names]
    assert [process.wait(timeout=120) for process in running] == [0] * 50
    assert tree.slots() == []
    assert not [words for words in tree.processes().values() if words[0] == "s6-supervise"]


def test_fifty_at_once_on_one_name_end_in_a_right_scandir(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a")
    running = [(verb, tree.begin(verb, "a")) for _ in range(25) for verb in ("register", "unregister")]
    for verb, process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0 or (verb == "register" and "already registered" in said), (verb, said)
    assert tree.slots() in ([], ["gateway-a"])
    registered = tree.slots() == ["gateway-a"]
    assert tree.status("a")["registered"] == registered
    supervising = [words for words in tree.processes().values() if words == ["s6-supervise", "gateway-a"]]
    assert len(supervising) == registered
    tree.ctl("unregister", "a", check=True)
    assert tree.slots() == []


def test_a_large_environment_is_still_ours(user_tree: S6Tree) -> None:
    """What is written can be read: a slot whose run file is larger than most belongs to its profile all the same."""
    user_tree.profile("a")
    large = [f"V{index}={'x' * 70_000}" for index in range(10)]
    user_tree.ctl("register", "a", *[word for text in large for word in ("--env", text)], check=True)
    user_tree.ctl("start", "a", check=True)
    user_tree.ctl("restart", "a", check=True)
    user_tree.ctl("unregister", "a", check=True)
    assert user_tree.slots() == []


def test_a_variable_that_no_program_can_get_is_not_given(user_tree: S6Tree) -> None:
    """The gateway could not be executed with it (E2BIG)."""
    user_tree.profile("a", service={"port": 9300, "env": {"GOOD": "1", "LARGE": "x" * 131_100}})
    done = user_tree.ctl("register", "a")
    assert done.returncode != 0
    assert "no usable variable" in done.stderr
