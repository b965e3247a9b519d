"""A drain of a member that is taken back before it has come to its end: nothing stays down."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from fleets import CALM, PREFIX, Fleet, running, wait_members, wait_spread
from members import gateways, wait_running
from poll import wait_until
from tree_processes import one as only

NAMES = [f"g{number}" for number in range(6)]


@pytest.mark.parametrize("spread", ["volume", "gateway"])
def test_what_was_drained_already_comes_up_again(fleet_of: Callable[..., Fleet], spread: str) -> None:
    fleet = fleet_of(NAMES, spread=spread, ttl=CALM)
    with fleet.member("one") as one, fleet.member("two") as two:
        boxes = {"one": one, "two": two}
        one.start()
        wait_running(one, *NAMES)
        two.start()
        wait_members(fleet, "two")
        if spread == "gateway":
            wait_spread(fleet, boxes, NAMES)
        mine = [name for name, where in running(boxes, NAMES).items() if where == ["one"]]
        asleep = only(one, "s6-supervise", f"gateway-{mine[0]}").pid  # what it is told it hears later, and so the drain lasts
        os.kill(asleep, signal.SIGSTOP)
        fleet.cluster.ctl("put", f"{PREFIX}/drain/one", "{}")
        wait_until(lambda: not any(gateways(one, name) for name in mine[1:]), 60, "the others to be drained")
        fleet.cluster.ctl("del", f"{PREFIX}/drain/one")
        wait_until(lambda: "still-draining" in one.console(), 60, "the drain to be given up")
        os.kill(asleep, signal.SIGCONT)
        wait_running(one, *mine)
        assert fleet.doubled() == []
