"""Members of a fleet: boxes on one volume, and the etcd by which they agree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from box import Box, Tree
from etcd_cluster import EtcdCluster
from gateway_image import binary
from members import Volume, gateways
from poll import wait_until
from tree_processes import Process, processes

PREFIX = "/gatewayctl/test"
TTL = 5
CALM = 60  # in which no machine is so busy that an agent misses its renewals


class Fleet(Volume):
    """A volume whose members agree through etcd; the least lease that can be configured."""

    def __init__(self, path: Path, cluster: EtcdCluster, **fleet: Any) -> None:
        super().__init__(path, Tree.ENTRY_POINT)
        self.cluster = cluster
        self.config |= {"drain_timeout": "2", "fleet": {"endpoints": cluster.endpoints, "prefix": PREFIX, "ttl": TTL, **fleet}}

    def member(self, name: str, role: str = "owner", tree: Tree | None = None, **options: Any) -> Box:
        overlay = {"/usr/local/bin/gatewayctl-fleet": binary("gatewayctl-fleet"), **options.pop("overlay", {})}
        return super().member(name, role, tree, overlay=overlay, **options)

    def keys(self) -> dict[str, str]:
        return {key.removeprefix(f"{PREFIX}/"): value for key, value in self.cluster.keys(f"{PREFIX}/").items()}

    def holder(self) -> str | None:
        value = self.keys().get("owner")
        return json.loads(value)["member"] if value else None

    def wait_owner(self, *names: str, seconds: float = 40) -> str:
        return wait_until(lambda: holder if (holder := self.holder()) in names else None, seconds, f"{names} to have the volume")


    def places(self) -> dict[str, str]:
        """Which member has the place of each gateway."""
        return {key.removeprefix("places/"): json.loads(value)["member"]
                for key, value in self.keys().items() if key.startswith("places/")}


def ctl(box: Box, *words: str) -> Any:
    """A verb, typed in a member; it may have to wait for a drain in another one."""
    return box.run(["gatewayctl", *words], timeout=240)


def running(boxes: dict[str, Box], profiles: Iterable[str]) -> dict[str, list[str]]:
    """In which members the gateway of each profile lives."""
    return {profile: [name for name, box in boxes.items() if box.host_pid and gateways(box, profile)] for profile in profiles}


def wait_spread(fleet: Fleet, boxes: dict[str, Box], profiles: Iterable[str], seconds: float = 60) -> dict[str, str]:
    """Every gateway has a place among these members, and runs there alone; those places."""
    profiles = list(profiles)

    def spread() -> dict[str, str] | None:
        places = fleet.places()
        wanted = {profile: [places.get(profile)] for profile in profiles}
        return places if set(places.values()) <= boxes.keys() and running(boxes, profiles) == wanted else None

    return wait_until(spread, seconds, "each gateway to run where its place is")


def wait_members(fleet: Fleet, *names: str) -> None:
    wait_until(lambda: {f"members/{name}" for name in names} <= fleet.keys().keys(), 40, f"{names} in the fleet")


def agents(box: Box) -> list[Process]:
    return [process for process in processes(box) if process.is_("gatewayctl-fleet", "agent")]


def agent(box: Box) -> Process:
    return wait_until(lambda: found[0] if (found := agents(box)) else None, 40, "the agent")


def deadline(box: Box) -> int:
    """Until when the gateways of a member may run, in nanoseconds of the boot-time clock; 0: they may not."""
    path = box.slots / ".fence/lease"
    try:
        return int(re.split(r"\s", path.read_text())[0])
    except (OSError, ValueError):
        return 0
