"""One member of a fleet has the volume; the others stand by, and take it within lease and boot."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from etcd_cluster import EtcdCluster
from fleets import CALM, PREFIX, Fleet, agent, agents, ctl, deadline, wait_members
from members import gateways, runs_once, wait_running
from poll import is_gone, wait_until

NAMES = ("mail", "chat")
TIMED_OUT = 75


@pytest.fixture
def fleet(fleet_of: Callable[..., Fleet]) -> Fleet:
    return fleet_of(NAMES)


def test_the_first_member_takes_the_volume_and_the_next_stands_by(fleet: Fleet) -> None:
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_running(one, *NAMES)
        two.start()
        wait_members(fleet, "one", "two")
        assert fleet.holder() == "one"
        assert all(not gateways(two, name) for name in NAMES)
        status = json.loads(ctl(one, "--json", "fleet", "status").stdout)
        assert [(member["member"], member["owner"]) for member in status["members"]] == [("one", True), ("two", False)]


def test_an_operator_types_in_any_member_and_the_one_that_has_the_volume_acts(fleet: Fleet) -> None:
    fleet.config["fleet"]["ttl"] = CALM
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_running(one, *NAMES)
        two.start()
        wait_members(fleet, "two")
        done = ctl(two, "stop", "chat", "--reason", "maintenance")
        assert (done.returncode, done.stdout) == (0, "stopped chat: in one\n"), done.stderr
        assert not gateways(one, "chat")
        intent = fleet.intent("chat")
        assert intent["desired_state"] == "stopped" and "maintenance (typed in two by" in json.dumps(intent)
        assert ctl(two, "start", "chat").returncode == 0
        assert len(gateways(one, "chat")) == 1
        done = ctl(two, "restart", "nobody")
        assert done.returncode != 0 and "nobody" in done.stderr
        assert not [key for key in fleet.keys() if key.startswith(("asks/", "answers/"))]


def test_where_nobody_has_the_volume_nothing_is_recorded_and_that_is_said(fleet: Fleet) -> None:
    fleet.cluster.ctl("put", f"{PREFIX}/cordon/one", "{}")
    with fleet.member("one") as one:
        one.start()
        wait_members(fleet, "one")
        done = ctl(one, "stop", "mail", "--timeout", "1")
        assert done.returncode == TIMED_OUT and "nobody has begun with it" in done.stderr
        assert fleet.state("mail")["desired_state"] == "running"
        assert ctl(one, "fleet", "uncordon", "one").returncode == 0
        wait_running(one, *NAMES)


def test_a_drained_member_gives_the_volume_away_and_stands_by_after_it(fleet: Fleet) -> None:
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_running(one, *NAMES)
        two.start()
        wait_members(fleet, "two")
        done = ctl(two, "fleet", "drain", "one")
        assert done.returncode == 0, done.stderr
        wait_running(two, *NAMES)
        assert all(not gateways(one, name) for name in NAMES)
        assert fleet.doubled() == []


def test_a_member_that_is_lost_is_replaced(fleet: Fleet) -> None:
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_running(one, *NAMES)
        two.start()
        wait_members(fleet, "two")
        one.kill()
        wait_running(two, *NAMES)
        assert fleet.holder() == "two"
        assert fleet.doubled() == []


def test_a_member_that_leaves_in_order_gives_its_lease_back(fleet: Fleet) -> None:
    """Nobody waits for its end."""
    fleet.config["fleet"]["ttl"] = 600
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_running(one, *NAMES)
        two.start()
        wait_members(fleet, "two")
        one.stop()
        wait_running(two, *NAMES)
        assert "members/one" not in fleet.keys()
        assert fleet.doubled() == []


def test_a_member_that_comes_back_joins_again(fleet: Fleet) -> None:
    with fleet.member("one") as one:
        one.start()
        wait_running(one, *NAMES)
        one.kill()
        one.start()  # its name is taken until the lease of its earlier life has ended
        wait_running(one, *NAMES)
        assert fleet.doubled() == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_the_end_of_an_agent_ends_no_gateway(number: signal.Signals, fleet: Fleet) -> None:
    """The next one goes on with the same lease."""
    fleet.config["fleet"]["ttl"] = CALM
    with fleet.member("one") as one:
        one.start()
        wait_running(one, *NAMES)
        before = {name: gateways(one, name) for name in NAMES}
        lease = json.loads(ctl(one, "--json", "fleet", "status").stdout)["members"][0]["lease"]
        first = agent(one)
        renewed = deadline(one)
        os.kill(first.pid, number)
        wait_until(lambda: is_gone(first.pid) and agents(one), 40, "another agent")
        begun = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + CALM * 10**9
        wait_until(lambda: deadline(one) > max(renewed, begun), 40, "a renewal by the next agent")
        assert {name: gateways(one, name) for name in NAMES} == before
        status = json.loads(ctl(one, "--json", "fleet", "status").stdout)
        assert status["members"][0]["lease"] == lease and status["owner"]["member"] == "one"


def test_no_gateway_outlives_the_lease_of_an_agent_that_is_frozen(fleet: Fleet) -> None:
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_running(one, *NAMES)
        two.start()
        wait_members(fleet, "two")
        frozen = agent(one)
        os.kill(frozen.pid, signal.SIGSTOP)
        wait_running(two, *NAMES)
        assert all(not gateways(one, name) for name in NAMES)
        os.kill(frozen.pid, signal.SIGCONT)
        wait_until(lambda: "members/one" in fleet.keys(), 40, "one to be a member again")
        assert all(runs_once(name, one, two) for name in NAMES) and fleet.holder() == "two"
        assert fleet.doubled() == []


def test_a_short_absence_of_etcd_ends_nothing(fleet: Fleet) -> None:
    fleet.config["fleet"]["ttl"] = CALM
    with fleet.member("one") as one:
        one.start()
        wait_running(one, *NAMES)
        before = {name: gateways(one, name) for name in NAMES}
        leader = fleet.cluster.leader()
        fleet.cluster.kill(leader)
        try:
            later = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + CALM * 10**9
            wait_until(lambda: deadline(one) > later, 60, "a renewal by the other members of etcd")
            assert {name: gateways(one, name) for name in NAMES} == before
        finally:
            fleet.cluster.start(leader)
            fleet.cluster.wait_healthy()


def test_etcd_away_for_longer_than_a_lease_ends_the_gateways_and_back_again_starts_them(fleet: Fleet) -> None:
    with fleet.member("one") as one:
        one.start()
        wait_running(one, *NAMES)
        for member in range(3):
            fleet.cluster.freeze(member)
        try:
            wait_until(lambda: all(not gateways(one, name) for name in NAMES), 40, "the end of the gateways")
            lease_ends = deadline(one)
            assert all(life.last * 1000 < lease_ends for name in NAMES for life in fleet.lives(name))
        finally:
            for member in range(3):
                fleet.cluster.thaw(member)
        fleet.cluster.wait_healthy()
        wait_running(one, *NAMES, seconds=60)
        assert fleet.doubled() == []


def test_two_members_of_one_name_are_not_both_members(fleet: Fleet) -> None:
    with fleet.member("one") as one, fleet.member("one") as other:
        one.start()
        wait_running(one, *NAMES)
        other.start(wait=False)
        wait_until(lambda: "another member is called one" in other.console(), 40, "the words about it")
        assert all(not gateways(other, name) for name in NAMES)


def test_a_stop_outlives_the_member(fleet: Fleet) -> None:
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_running(one, *NAMES)
        two.start()
        wait_members(fleet, "two")
        assert ctl(one, "stop", "chat").returncode == 0
        one.kill()
        wait_running(two, "mail")
        wait_until(lambda: (two.slots / "gateway-chat/down").exists(), 40, "the slot of what is stopped")
        assert gateways(two, "chat") == []


def test_a_fleet_that_is_misunderstood_starts_nothing(fleet: Fleet) -> None:
    fleet.config["fleet"] = {"endpoint": "typo"}
    with fleet.member("one") as one:
        one.start()
        wait_until(lambda: "the fleet is not configured" in one.console(), 40, "the words about it")
        assert all(not gateways(one, name) for name in NAMES)
        with contextlib.suppress(FileNotFoundError):
            assert not list((one.slots / ".fence/places").iterdir())


def test_without_gatewayctl_fleet_nothing_starts(fleet: Fleet) -> None:
    box = super(Fleet, fleet).member("one")
    with box as one:
        one.start()
        wait_until(lambda: "install gatewayctl-fleet" in one.console(), 40, "the words about it")
        assert all(not gateways(one, name) for name in NAMES)
