"""A step of a member's wall clock ends no gateway and loses no lease: leases are counted on the boot-time clock."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from etcd_cluster import EtcdCluster
from fleets import CALM, Fleet, ctl, deadline, wait_members
from gateway_image import binary
from members import gateways, wait_running
from places import let_others_through
from poll import wait_until

DAY = 86400
PROGRAMS = ("gatewayctl", "gatewayctl-fleet")


@pytest.mark.parametrize("step", [3 * DAY, -3 * DAY], ids=["forward", "back"])
def test_a_step_of_the_wall_clock_ends_nothing(tmp_path: Path, cluster: EtcdCluster, step: int) -> None:
    let_others_through(tmp_path)
    cluster.ctl("del", "--prefix", "/gatewayctl/")
    fleet = Fleet(tmp_path / "volume", cluster, ttl=CALM)
    fleet.profile("mail", {"gateway_state": "running", "desired_state": "running"})
    fleet.profile("chat", {"gateway_state": "running", "desired_state": "running"})
    programs = {f"/usr/local/bin/{name}": binary(f"tests/clock/{name}") for name in PROGRAMS}
    with fleet.member("one", overlay=programs) as one, fleet.member("two", overlay=programs) as two:
        one.start()
        wait_running(one, "mail", "chat")
        two.start()
        wait_members(fleet, "one", "two")
        before = gateways(one, "mail")
        for box in (one, two):
            (box.root / "run/wall-clock-offset").write_text(str(step))
        stepped = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + CALM * 10**9
        wait_until(lambda: deadline(one) > stepped and deadline(two) > stepped, 60, "a renewal after the step")
        assert gateways(one, "mail") == before and fleet.holder() == "one"
        # It was a step: what is recorded now has the time that the clock shows.
        assert ctl(two, "stop", "chat").returncode == 0
        written = datetime.fromisoformat(fleet.intent("chat")["changed_at"])
        ahead = written - datetime.now(timezone.utc)
        assert abs(ahead - timedelta(seconds=step)) < timedelta(hours=1), json.dumps(fleet.intent("chat"))
        assert gateways(one, "mail") == before and fleet.doubles("mail") == []
