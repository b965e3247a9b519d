"""Each gateway has one place in the fleet: it runs there, moves when it must, and nowhere else meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from box import Box
from etcd_cluster import EtcdCluster
from fleets import CALM, Fleet, agent, ctl, wait_members, wait_spread
from members import gateways
from poll import is_gone, wait_until

NAMES = [f"g{number}" for number in range(9)]
RUNNING = {"gateway_state": "running", "desired_state": "running"}


@pytest.fixture
def fleet(fleet_of: Callable[..., Fleet]) -> Fleet:
    return fleet_of(NAMES, spread="gateway")


@contextlib.contextmanager
def members(fleet: Fleet, *names: str) -> Iterator[dict[str, Box]]:
    with contextlib.ExitStack() as stack:
        boxes = {name: stack.enter_context(fleet.member(name)) for name in names}
        for box in boxes.values():
            box.start()
        wait_members(fleet, *names)
        yield boxes


def pids(boxes: dict[str, Box], places: dict[str, str], profiles: list[str]) -> dict[str, list[int]]:
    return {profile: gateways(boxes[places[profile]], profile) for profile in profiles}


def test_gateways_spread_over_the_members_and_each_runs_once(fleet: Fleet) -> None:
    fleet.config["fleet"]["ttl"] = CALM
    with members(fleet, "one", "two", "three") as boxes:
        places = wait_spread(fleet, boxes, NAMES)
        assert set(places.values()) == {"one", "two", "three"}
        status = json.loads(ctl(boxes["one"], "--json", "fleet", "status").stdout)
        assert {one["profile"]: one["member"] for one in status["places"]} == places
        assert {one["member"]: one["places"] for one in status["members"]} == dict(Counter(places.values()))
        assert fleet.doubled() == []


def test_what_runs_in_another_member_is_no_trouble_here(fleet: Fleet) -> None:
    fleet.config["fleet"]["ttl"] = CALM
    with members(fleet, "one", "two") as boxes:
        places = wait_spread(fleet, boxes, NAMES)
        for name, box in boxes.items():
            shown = json.loads(ctl(box, "--json", "status").stdout)["gateways"]
            codes = {gateway["profile"]: [found["code"] for found in gateway["findings"]] for gateway in shown}
            for profile in NAMES:
                assert codes[profile] == ([] if places[profile] == name else ["runs-not-here"])
            told = ctl(box, "explain", next(profile for profile in NAMES if places[profile] != name)).stdout
            assert "its place is another member's of the fleet" in told and "gatewayctl fleet status g" in told
            asked = json.loads(ctl(box, "--json", "fleet", "status", *NAMES).stdout)["places"]
            assert {place["profile"]: place["member"] for place in asked} == {name: places[name] for name in NAMES}
            assert ctl(box, "fleet", "status", "nobody").returncode == 1
            wait_until(lambda box=box: ctl(box, "health").returncode == 0, 40, "all to be well")
            assert "error:" not in ctl(box, "doctor").stdout


def test_the_log_goes_on_where_the_gateway_goes_on(fleet: Fleet) -> None:
    fleet.config["fleet"]["ttl"] = CALM
    with members(fleet, "one", "two") as boxes:
        wait_spread(fleet, boxes, NAMES)
        for lives, member in enumerate(("one", "two", "one", "two"), 1):
            if fleet.places()["g0"] != member:
                assert ctl(boxes["one"], "fleet", "move", "g0", member).returncode == 0
                wait_spread(fleet, boxes, NAMES)
            elsewhere = boxes["two" if member == "one" else "one"]
            wait_until(lambda lives=lives, box=elsewhere: ctl(box, "logs", "g0", "-n", "100").stdout.count("gateway ready") >= lives, 40,
                       "the lines of each life, read in the other member")


def test_the_gateways_of_a_lost_member_come_up_elsewhere_and_no_other_one_moves(fleet: Fleet) -> None:
    with members(fleet, "one", "two", "three") as boxes:
        before = wait_spread(fleet, boxes, NAMES)
        stays = [name for name in NAMES if before[name] != "one"]
        lives = pids(boxes, before, stays)
        boxes["one"].kill()
        left = {name: boxes[name] for name in ("two", "three")}
        after = wait_spread(fleet, left, NAMES)
        # Who was placed twice in a row may have moved once more, to keep the members equally full.
        assert sum(pids(boxes, after, [name])[name] == lives[name] for name in stays) >= len(stays) - 2
        assert fleet.doubled() == []


def test_a_member_that_joins_gets_its_share_and_what_moves_is_drained_first(fleet: Fleet) -> None:
    with members(fleet, "one", "two") as boxes, fleet.member("three") as three:
        wait_spread(fleet, boxes, NAMES)
        three.start()
        boxes["three"] = three
        wait_until(lambda: "three" in fleet.places().values(), 60, "three to have something")
        wait_spread(fleet, boxes, NAMES)
        assert fleet.doubled() == []


def test_a_gateway_moves_to_where_an_operator_wants_it_and_stays(fleet: Fleet) -> None:
    with members(fleet, "one", "two") as boxes:
        places = wait_spread(fleet, boxes, NAMES)
        to = "two" if places["g0"] == "one" else "one"
        done = ctl(boxes["one"], "fleet", "move", "g0", to)
        assert done.returncode == 0, done.stderr
        assert wait_spread(fleet, boxes, NAMES)["g0"] == to
        assert fleet.doubled() == []
        done = ctl(boxes["one"], "fleet", "move", "g0", "nobody")
        assert done.returncode != 0 and "no member called nobody" in done.stderr
        assert ctl(boxes["one"], "fleet", "move", "g0").returncode == 0
        assert "pins/g0" not in fleet.keys()


def test_a_drained_member_is_empty_and_an_uncordoned_one_is_filled_again(fleet: Fleet) -> None:
    with members(fleet, "one", "two") as boxes:
        wait_spread(fleet, boxes, NAMES)
        done = ctl(boxes["two"], "fleet", "drain", "one")
        assert done.returncode == 0, done.stderr
        assert set(fleet.places().values()) == {"two"}
        wait_spread(fleet, boxes, NAMES)
        assert ctl(boxes["two"], "fleet", "uncordon", "one").returncode == 0
        wait_until(lambda: "one" in fleet.places().values(), 60, "one to have something again")
        wait_spread(fleet, boxes, NAMES)
        assert fleet.doubled() == []


def test_a_cordoned_member_keeps_what_it_has_and_gets_nothing_new(fleet: Fleet) -> None:
    with members(fleet, "one", "two") as boxes:
        before = wait_spread(fleet, boxes, NAMES)
        assert ctl(boxes["two"], "fleet", "cordon", "one").returncode == 0
        late = [f"late{number}" for number in range(6)]
        for name in late:
            fleet.profile(name, RUNNING)
        after = wait_spread(fleet, boxes, [*NAMES, *late])
        assert {after[name] for name in late} == {"two"}
        assert {name for name in NAMES if before[name] == "one"} <= {name for name in NAMES if after[name] == "one"}


def test_what_is_stopped_stays_stopped_wherever_its_place_goes(fleet: Fleet) -> None:
    with members(fleet, "one", "two") as boxes:
        places = wait_spread(fleet, boxes, NAMES)
        here, there = (places["g0"], "two" if places["g0"] == "one" else "one")
        done = ctl(boxes[there], "stop", "g0")
        assert done.returncode == 0 and done.stdout == f"stopped g0: in {here}\n", done.stderr
        assert not gateways(boxes[here], "g0")
        assert ctl(boxes[here], "fleet", "move", "g0", there).returncode == 0
        wait_spread(fleet, boxes, NAMES[1:])
        assert not gateways(boxes[there], "g0")
        assert ctl(boxes[there], "start", "g0").returncode == 0
        assert len(gateways(boxes[there], "g0")) == 1


def test_the_end_of_an_agent_ends_no_gateway(fleet: Fleet) -> None:
    fleet.config["fleet"]["ttl"] = CALM
    with members(fleet, "one", "two") as boxes:
        places = wait_spread(fleet, boxes, NAMES)
        before = pids(boxes, places, NAMES)
        first = agent(boxes["one"])
        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: is_gone(first.pid) and agent(boxes["one"]), 40, "another agent")
        assert wait_spread(fleet, boxes, NAMES) == places
        assert pids(boxes, places, NAMES) == before
