"""logs of several gateways, of a span of time, of the life before; metrics."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from places import GATEWAYCTL, TEST_GATEWAY
from poll import wait_until
from s6_tree import S6Tree


def log(tree: S6Tree, name: str, file: str, *lines: str) -> None:
    path = tree.home / f"logs/gateways/{name}/{file}"
    tree.write(path, "".join(f"{line}\n" for line in lines))


@pytest.fixture
def two(user_tree: S6Tree) -> S6Tree:
    """Two profiles with logs that were written in turns, over a rotation and a kill."""
    for name in ("a", "b"):
        user_tree.profile(name)
        user_tree.ctl("register", name, check=True)
    log(user_tree, "a", "@400000006b0000010000000a.s", "2026-11-26 01:00:00.000000001 a1", "2026-11-26 01:00:02.000000000 a2")
    log(user_tree, "a", "@400000006b0000020000000b.u", "2026-11-26 01:00:04.000000000 a3")
    log(user_tree, "a", "current", "2026-11-26 01:00:06.000000000 a4", "  of the same")
    log(user_tree, "b", "current", "2026-11-26 01:00:01.000000000 b1", "2026-11-26 01:00:05.000000000 b2")
    return user_tree


def shown(tree: S6Tree, *words: str) -> list[str]:
    return [line.split(" ")[-1] for line in tree.ctl("logs", *words, check=True).stdout.splitlines()]


def test_several_logs_are_merged_by_time_and_each_line_says_whose_it_is(two: S6Tree) -> None:
    assert shown(two, "a", "b") == ["a1", "b1", "a2", "a3", "b2", "a4", "same"]
    lines = two.ctl("logs", "a", "b", "-n", "3", check=True).stdout.splitlines()
    assert [line[:3] for line in lines] == ["b: ", "a: ", "a: "]


def test_a_clock_that_was_set_back_and_a_logger_that_was_killed_lose_no_line(two: S6Tree) -> None:
    log(two, "a", "current", "2026-11-26 00:30:00.0 a4")
    (two.home / "logs/gateways/b/current").write_bytes(b"2026-11-26 01:00:05.0 b1\n2026-11-26 01:00:06.0 b2-without-an-en")
    both = shown(two, "a", "b")
    assert sorted(both) == ["a1", "a2", "a3", "a4", "b1", "b2-without-an-en"]
    assert [line for line in both if line.startswith("a")] == ["a1", "a2", "a3", "a4"], "each in its own order"


def test_a_log_in_which_nothing_stands_yet_is_empty(two: S6Tree) -> None:
    for name in ("a", "b"):
        for path in (two.home / f"logs/gateways/{name}").iterdir():
            path.write_bytes(b"")
    assert shown(two, "a", "b") == shown(two, "a") == []


def test_the_last_lines_are_whole_and_go_on_in_the_file_before(two: S6Tree) -> None:
    def last() -> list[str]:
        return [line.split()[-1] for line in two.ctl("status", "a").stdout.splitlines() if line.startswith("Log:")]

    assert last() == ["a1", "a2", "a3", "a4", "same"]
    log(two, "a", "current", "x" * 100_000, "2026-11-26 01:00:06.0 a4")
    assert last() == ["a1", "a2", "a3", "a4"], "of what is longer than is read, nothing is shown"
    log(two, "a", "current", *(f"{number}" for number in range(50_000)))
    assert last() == ["49995", "49996", "49997", "49998", "49999"]


def test_since_leaves_out_what_is_older(two: S6Tree) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.mktime((2026, 11, 26, 1, 0, 3, 0, 0, -1))))
    assert shown(two, "a", "b", "--since", since) == ["a3", "b2", "a4", "same"]
    assert shown(two, "a", "--since", since) == ["a3", "a4", "same"]
    now = time.strftime("%Y-%m-%d %H:%M:%S.0")
    log(two, "b", "current", "2020-01-01 00:00:00.0 old", f"{now} new")
    assert shown(two, "b", "--since", "10m") == ["new"]
    refused = two.ctl("logs", "a", "--since", "yesterday")
    assert refused.returncode == 64 and "'yesterday' is no time" in refused.stderr


def test_following_several_loses_nothing_at_a_rotation(two: S6Tree) -> None:
    following = two.begin("logs", "-f", "-n", "1", "a", "b")
    assert following.stdout
    assert following.stdout.readline() == "a:   of the same\n"
    current = two.home / "logs/gateways/a/current"
    with current.open("a", buffering=1) as old:
        old.write("2026-11-26 01:00:07.0 a5\n")
        assert following.stdout.readline() == "a: 2026-11-26 01:00:07.0 a5\n"
        old.write("2026-11-26 01:00:08.0 a6\n")
    current.rename(current.with_name("@400000006b0000030000000c.s"))
    log(two, "a", "current", "2026-11-26 01:00:09.0 a7")
    log(two, "b", "new", "2026-11-26 01:00:10.0 b3")
    (two.home / "logs/gateways/b/new").rename(two.home / "logs/gateways/b/current")
    assert sorted(following.stdout.readline().split()[-1] for _ in range(3)) == ["a6", "a7", "b3"]
    following.terminate()
    following.communicate()
    assert following.returncode is not None


def test_previous_shows_the_life_before_this_one(tree: S6Tree) -> None:
    tree.profile("a")
    for number in (1, 2, 3):
        (tree.parts / "a").write_text(f"echo life {number}; exec {GATEWAYCTL} run -- {TEST_GATEWAY}\n")
        tree.ctl("restart" if number > 1 else "start", "a", check=True)
        wait_until(lambda: f"life {number}" in tree.ctl("logs", "a").stdout, what="its line")  # noqa: B023
    before = tree.ctl("logs", "--previous", "a", check=True).stdout
    assert "gateway ready" in before and "life 1" not in before
    assert before.count("gateway ready") == 1
    tree.ctl("stop", "a", check=True)
    last = tree.ctl("logs", "--previous", "a", check=True).stdout
    assert last.count("gateway ready") == 1 and "life 2" not in last


def test_previous_of_several_is_of_each_its_own_life_before(user_tree: S6Tree) -> None:
    """One has been up for long; the other one has begun anew since."""
    for name in ("a", "b"):
        user_tree.profile(name)
        for number in (1, 2):
            (user_tree.parts / name).write_text(f"echo {name}{number}; exec {GATEWAYCTL} run -- {TEST_GATEWAY}\n")
            user_tree.ctl("restart" if number > 1 else "start", name, check=True)
            wait_until(lambda: f"{name}{number}" in user_tree.ctl("logs", name).stdout, what="its line")  # noqa: B023
    both = user_tree.ctl("logs", "--previous", "a", "b", check=True).stdout
    alone = {name: user_tree.ctl("logs", "--previous", name, check=True).stdout.splitlines() for name in ("a", "b")}
    for name, lines in alone.items():
        assert [line.removeprefix(f"{name}: ") for line in both.splitlines() if line.startswith(f"{name}: ")] == lines
        assert "\n".join(lines).count("gateway ready") == 1


def test_one_without_a_life_before_keeps_no_other_from_showing_its_own(user_tree: S6Tree) -> None:
    for name in ("a", "b"):
        user_tree.profile(name)
        (user_tree.parts / name).write_text(f"exec {GATEWAYCTL} run -- {TEST_GATEWAY}\n")
        user_tree.ctl("start", name, check=True)
    user_tree.ctl("stop", "b", check=True)
    done = user_tree.ctl("logs", "--previous", "a", "b")
    assert "b: " in done.stdout and "a: " not in done.stdout
    assert done.returncode == 1 and "life of 'a' before this one" in done.stderr


def test_without_a_life_before_there_is_nothing_to_show(two: S6Tree) -> None:
    done = two.ctl("logs", "--previous", "a")
    assert done.returncode == 1 and "nothing was recorded of a life of 'a' before this one" in done.stderr


# -- metrics --------------------------------------------------------------------------------------------------------


def metrics_of(text: str) -> dict[str, float]:
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}


def test_metrics_are_what_status_knows(tree: S6Tree) -> None:
    for name in ("up", "down"):
        tree.profile(name)
        tree.ctl("start", name, check=True)
    tree.ctl("stop", "down", check=True)
    tree.profile("Michel")
    text = tree.ctl("metrics", check=True).stdout
    found = metrics_of(text)
    assert found['gatewayctl_gateway_up{profile="up"}'] == 1 and found['gatewayctl_gateway_up{profile="down"}'] == 0
    assert found['gatewayctl_gateway_wanted{profile="down"}'] == 0
    assert 'gatewayctl_gateway_wanted{profile="default"}' not in found, "nobody has said"
    assert found['gatewayctl_profiles{state="invalid"}'] == 1
    assert abs(found['gatewayctl_gateway_state_change_timestamp_seconds{profile="up"}'] - time.time()) < 100
    for line in text.splitlines():
        assert line.startswith(("# HELP gatewayctl_", "# TYPE gatewayctl_", "gatewayctl_")), line
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
    assert checked.returncode == 0 and not checked.stderr, checked.stderr


def test_a_metrics_file_is_replaced_as_a_whole(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    file = user_tree.directory("a") / "gateways.prom"
    user_tree.ctl("metrics", "--file", str(file), check=True)
    first = file.stat().st_ino
    with file.open() as reader:
        user_tree.ctl("metrics", "--file", str(file), check=True)
        assert os.fstat(reader.fileno()).st_ino == first != file.stat().st_ino
        assert reader.read().endswith("}} 2\n") or "gatewayctl_profiles" in file.read_text()
    assert [path.name for path in file.parent.iterdir() if "prom" in path.name] == ["gateways.prom"]
