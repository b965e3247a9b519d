"""A member that has lost its lease, and a pass that has failed: what follows, and what follows after that."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from box import Box
from fleets import Fleet, agent, deadline, wait_members, wait_spread
from members import gateways, wait_running
from poll import wait_until

NAMES = [f"g{number}" for number in range(4)]


def lose_lease(fleet: Fleet, name: str, box: Box) -> None:
    """Its agent sleeps until etcd has forgotten the member, and goes on then."""
    pid = agent(box).pid
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: f"members/{name}" not in fleet.keys(), 60, f"the end of {name}'s lease")
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: deadline(box) == 0 or f"members/{name}" in fleet.keys(), 60, f"{name} to see that")


def test_a_member_that_cannot_keep_its_lease_stays_away_longer_each_time(fleet_of: Callable[..., Fleet]) -> None:
    fleet = fleet_of(NAMES, spread="gateway")
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_spread(fleet, {"one": one}, NAMES)
        two.start()
        wait_members(fleet, "two")
        for losses, absence in ((1, 5), (2, 10)):
            lose_lease(fleet, "two", two)
            begin = time.monotonic()  # a little late: what it waits for has begun
            wait_members(fleet, "two")
            assert time.monotonic() - begin > absence - 1
            assert f"({losses} lost in a row): it joins again in {absence} s" in two.console()
        wait_spread(fleet, {"one": one, "two": two}, NAMES)
        assert fleet.doubled() == []


def test_a_member_comes_back_at_once_where_nobody_else_would_have_its_gateways(fleet_of: Callable[..., Fleet]) -> None:
    fleet = fleet_of(NAMES, spread="gateway")
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_members(fleet, "one")
        two.start()
        wait_members(fleet, "two")
        fleet.cluster.ctl("put", f"{fleet.config['fleet']['prefix']}/cordon/one", "{}")
        lose_lease(fleet, "two", two)
        wait_members(fleet, "two")
        assert "cannot keep a lease" not in two.console()


def test_a_pass_that_has_failed_is_repeated(fleet_of: Callable[..., Fleet]) -> None:
    """The volume was away when the place came."""
    fleet = fleet_of(NAMES)
    with fleet.member("one") as one, fleet.member("two") as two:
        one.start()
        wait_running(one, *NAMES)
        two.start()
        wait_members(fleet, "two")
        (fleet.home / "profiles").rename(fleet.home / "away")
        one.kill()
        wait_until(lambda: "seems to be away" in two.console(), 60, "the pass to fail")
        assert not any(gateways(two, name) for name in NAMES)
        (fleet.home / "away").rename(fleet.home / "profiles")
        wait_running(two, *NAMES)
        assert fleet.holder() == "two"
