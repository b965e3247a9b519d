"""explain, health and wait: one answer, with what proves it and what changes it."""

from __future__ import annotations

import re
import subprocess
import uuid

from container_command import ContainerCommand
from poll import wait_until
from s6_tree import S6Tree


def started(tree: S6Tree, name: str, flags: str = "") -> int:
    tree.profile(name, flags)
    tree.ctl("start", name, check=True)
    return tree.wait_up(name)


def story(tree: S6Tree, name: str) -> dict[str, dict[str, str]]:
    """The statements of explain, by what they are about."""
    return {one["code"]: one for one in tree.json("explain", name)["statements"]}


# -- explain --------------------------------------------------------------------------------------------------------


def test_explain_says_who_asked_what_the_end_was_and_what_the_next_boot_does(tree: S6Tree) -> None:
    started(tree, "a")
    wait_until(lambda: "gateway ready" in tree.ctl("logs", "a").stdout, what="the line in the log")
    tree.ctl("stop", "a", "--reason", "too loud", check=True)
    said = story(tree, "a")
    assert said["now"]["what"].startswith("a is down, since 20")
    assert said["now"]["why"].endswith("does not want it up")
    assert said["intent"]["what"].startswith("it is wanted down, by gatewayctl stop (uid 10000")
    assert said["intent"]["what"].endswith(': "too loud"')
    assert said["intent"]["why"] == ".gateway-intent.json, generation 2, reason operator"
    assert said["intent"]["cure"] == "gatewayctl start a"
    assert "its supervisor saw code 0" in said["last-end"]["why"]
    assert said["log"]["cure"] == "gatewayctl logs a"
    assert said["next-boot"]["what"] == "the next boot leaves it down, because of 'intent': intent stopped"
    assert said["next-boot"]["why"].startswith("row 8 of the decision")
    text = tree.ctl("explain", "a", check=True).stdout
    assert "it is wanted down, by gatewayctl stop" in text and "    to change that: gatewayctl start a\n" in text


def test_explain_of_what_runs(user_tree: S6Tree) -> None:
    pid = started(user_tree, "a")
    said = story(user_tree, "a")
    assert said["now"]["what"].startswith(f"a is up, pid {pid}, since ")
    assert said["next-boot"]["what"] == "the next boot brings it up, because of 'intent': intent running"
    assert "last-end" not in said


def test_explain_ends_with_what_is_wrong_and_its_cure(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    user_tree.part("a", before="exit 78")
    user_tree.ctl("start", "--no-wait", "a", check=True)
    wait_until(lambda: user_tree.is_parked("a"), what="the parking")
    parked = story(user_tree, "a")["parked"]
    assert (parked["severity"], parked["cure"]) == ("error", "gatewayctl start a")
    assert "EX_CONFIG" in parked["why"]
    assert "error: parked\n    EX_CONFIG (78)" in user_tree.ctl("explain", "a").stdout


def test_explain_names_what_makes_a_profile_of_an_invalid_one(user_tree: S6Tree) -> None:
    user_tree.profile("Michel")
    [said] = user_tree.json("explain", "Michel")["statements"]
    assert said["code"] == "invalid-profile" and "'M'" in said["why"]
    subprocess.run(said["cure"], shell=True, check=True)
    user_tree.part("michel")
    assert user_tree.ctl("start", "michel").returncode == 0


def test_a_name_that_is_nowhere_is_told_from_one_that_is_no_name(user_tree: S6Tree) -> None:
    nobody = user_tree.ctl("explain", "nobody")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "there is no profile 'nobody'" in nobody.stderr and "gatewayctl list" in nobody.stderr
    assert user_tree.ctl("explain", "No Body").returncode == 64


# -- health ---------------------------------------------------------------------------------------------------------


def test_health_is_good_when_every_gateway_is_as_its_operator_wants_it(tree: S6Tree) -> None:
    for name in ("up", "down"):
        started(tree, name)
    tree.ctl("stop", "down", check=True)
    tree.profile("never")
    done = tree.ctl("health")
    assert (done.returncode, done.stdout) == (0, "healthy: 4 as wanted\n")
    tree.tool("s6-svc", "-wd", "-d", str(tree.slot("up")))
    done = tree.ctl("health")
    assert (done.returncode, done.stdout) == (1, "unhealthy: up: is down although the intent is running (1 of 4)\n")
    assert tree.ctl("health", "down").returncode == 0
    assert [one["subject"] for one in tree.json("health")["ailing"]] == ["up"]


def test_health_waits_for_readiness_where_it_is_told(user_tree: S6Tree) -> None:
    user_tree.config(notification_fd=3)
    user_tree.profile("a")
    user_tree.part("a", "--ready-fd 3 --ready-after-ms 2000")
    user_tree.ctl("start", "--no-wait", "a", check=True)
    user_tree.wait_up("a")
    assert "is up, and has not said that it is ready" in user_tree.ctl("health").stdout
    user_tree.ctl("wait", "a", "--for", "ready", check=True)
    assert user_tree.ctl("health").returncode == 0


def test_health_asks_no_tool(user_tree: S6Tree) -> None:
    """It is asked every few seconds, of every container: a process for each gateway would be too much."""
    started(user_tree, "a")
    done = user_tree.ctl("health", env={"PATH": "/no/such/directory"})
    assert (done.returncode, done.stdout) == (0, "healthy: 2 as wanted\n"), done


def test_a_gateway_that_is_wanted_and_not_supervised_is_in_trouble(user_tree: S6Tree) -> None:
    started(user_tree, "a")
    user_tree.tool("s6-svscanctl", "-t", str(user_tree.scandir))
    wait_until(lambda: not user_tree.processes(), what="the end of the tree")
    assert "nothing supervises it" in user_tree.ctl("health").stdout
    assert story(user_tree, "a")["down-against-intent"]["severity"] == "error"


def traced(tree: S6Tree, *words: str) -> str:
    """What it asks of the kernel."""
    log = tree.own(tree.write(tree.home / "strace", ""))
    tree.ctl(*words, before=["strace", "-f", "-o", str(log), "-e", "trace=file,process"], check=True)
    return log.read_text()


def test_health_looks_at_no_process_but_the_gateways(user_tree: S6Tree) -> None:
    """A container holds hundreds, and a probe asks every few seconds."""
    pids = {str(started(user_tree, name)) for name in ("a", "b")}
    seen = traced(user_tree, "health")
    assert len(re.findall(r"execve\(.* = 0$", seen, re.MULTILINE)) == 1, seen
    itself = seen.split()[0]
    assert set(re.findall(r'"/proc/(\d+)', seen)) <= {*pids, itself}, seen


def test_health_is_good_where_the_containers_command_runs_none(user_tree: S6Tree) -> None:
    started(user_tree, "a")
    user_tree.tool("s6-svc", "-wd", "-d", str(user_tree.slot("a")))
    assert user_tree.ctl("health").returncode == 1
    wrapper = f"wrapper-{uuid.uuid4()}"
    user_tree.config(wrapper=wrapper)
    with ContainerCommand(wrapper, "dashboard"):
        assert user_tree.ctl("health").returncode == 0


def test_what_it_costs_more_for_each_gateway_is_a_few_files(user_tree: S6Tree) -> None:
    started(user_tree, "a")
    one = len(traced(user_tree, "health").splitlines())
    for number in range(4):
        started(user_tree, f"w{number}")
    five = len(traced(user_tree, "health").splitlines())
    assert (five - one) / 4 < 80


def test_status_of_many_starts_no_process_for_each(user_tree: S6Tree) -> None:
    for name in ("a", "b", "c"):
        started(user_tree, name)
    for words in (["status"], ["status", "a"], ["explain", "a"]):
        assert len(re.findall(r"execve\(.* = 0$", traced(user_tree, *words), re.MULTILINE)) == 1, words


# -- wait -----------------------------------------------------------------------------------------------------------


def test_wait_ends_when_it_has_come(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    assert tree.ctl("wait", "a", "--for", "down", "--timeout", "0").returncode == 0
    waiting = tree.begin("wait", "a", "--for", "up", "--timeout", "50")
    wait_until(lambda: any(words[-1:] == ["50"] for words in tree.processes().values()), what="the wait")
    tree.ctl("start", "--no-wait", "a", check=True)
    assert waiting.wait(timeout=120) == 0
    waiting.communicate()
    waiting = tree.begin("wait", "a", "--for", "down")
    tree.ctl("stop", "a", check=True)
    assert waiting.wait(timeout=120) == 0
    waiting.communicate()


def test_wait_says_what_has_not_come_in_time(user_tree: S6Tree) -> None:
    started(user_tree, "a")
    done = user_tree.ctl("wait", "a", "--for", "down", "--timeout", "0.1")
    assert done.returncode == 75
    assert "'a' is not down after 0.1 s" in done.stderr and "gatewayctl explain a" in done.stderr
    assert user_tree.ctl("wait", "nobody", "--for", "up").returncode == 1


def test_wait_hears_of_a_slot_that_is_made_later(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    waiting = user_tree.begin("wait", "a", "--for", "up", "--timeout", "50")
    wait_until(lambda: any(words[-1:] == ["50"] for words in user_tree.processes().values()), what="the wait")
    user_tree.ctl("start", "a", check=True)
    assert waiting.wait(timeout=120) == 0
    waiting.communicate()
