"""A fleet, shown: three members of etcd, three members on one volume, and a power cut. Everything is real but the machines,
which are namespaces of this one."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS / folder) for folder in ("support", "own", "fleet")]

from box import Box  # noqa: E402
from etcd_cluster import EtcdCluster  # noqa: E402
from fleets import TTL, Fleet, running, wait_members, wait_spread  # noqa: E402
from poll import wait_until  # noqa: E402
from story import say, show  # noqa: E402

GATEWAYS = ("batch", "chat", "mail", "news", "orders", "search")
MEMBERS = ("one", "two", "three")


def picture(boxes: dict[str, Box]) -> None:
    """What runs where, as the processes say."""
    lives = running(boxes, GATEWAYS)
    print(f"{'':10}" + "".join(f"{name:10}" for name in boxes))
    for profile in GATEWAYS:
        print(f"{profile:10}" + "".join(f"{'runs' if name in lives[profile] else '-' if box.host_pid else '(lost)':10}"
                                        for name, box in boxes.items()), flush=True)


class Story:
    def __init__(self, fleet: Fleet, boxes: dict[str, Box]) -> None:
        self.fleet, self.boxes = fleet, boxes

    def up(self) -> dict[str, Box]:
        return {name: box for name, box in self.boxes.items() if box.host_pid}

    def wait_and_show(self) -> None:
        wait_spread(self.fleet, self.up(), GATEWAYS)
        show(next(iter(self.up().values())), "gatewayctl", "fleet", "status")
        picture(self.boxes)

    def start(self) -> None:
        say(f"2. Three containers on one volume, each gateway with a place of its own; a lease is {TTL} s.")
        for box in self.boxes.values():
            box.start()
        wait_members(self.fleet, *MEMBERS)
        self.wait_and_show()

    def cut_power(self, name: str) -> None:
        say(f"3. A power cut: '{name}' is gone without a word. Its gateways come up elsewhere, and hardly another one moves.")
        begin = time.monotonic()
        self.boxes[name].kill()
        wait_spread(self.fleet, self.up(), GATEWAYS)
        took = time.monotonic() - begin
        self.wait_and_show()
        print(f"all gateways ran again {took:.1f} s after the cut: what was left of the lease, and a boot")

    def come_back(self, name: str) -> None:
        say(f"4. '{name}' comes back, and gets its share: what moves is drained first.")
        self.boxes[name].start()
        wait_members(self.fleet, name)
        wait_until(lambda: name in self.fleet.places().values(), 60, f"{name} to have its share")
        self.wait_and_show()

    def drain(self, name: str, by: str) -> None:
        say(f"5. Before an upgrade '{name}' is drained, by a word in '{by}'.")
        show(self.boxes[by], "gatewayctl", "fleet", "drain", name)
        self.wait_and_show()

    def stop(self, name: str) -> None:
        say(f"6. '{name}' stops in order: it gives its lease back, and nobody waits for the end of that.")
        begin = time.monotonic()
        self.boxes[name].stop()
        show(next(iter(self.up().values())), "gatewayctl", "fleet", "uncordon", MEMBERS[1])
        self.wait_and_show()
        print(f"after {time.monotonic() - begin:.1f} s, the drain of the gateways included")


def main() -> None:
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatewayctl-fleet-")))
        scratch.chmod(0o755)
        say("1. Three members of etcd.")
        cluster = stack.enter_context(EtcdCluster(scratch / "etcd"))
        print(*cluster.endpoints, sep="\n")
        fleet = Fleet(scratch / "volume", cluster, spread="gateway")
        for name in GATEWAYS:
            fleet.profile(name, {"gateway_state": "running", "desired_state": "running"})
        story = Story(fleet, {name: stack.enter_context(fleet.member(name)) for name in MEMBERS})
        story.start()
        story.cut_power("one")
        story.come_back("one")
        story.drain("two", by="three")
        story.stop("three")
        doubles = [pair for name in GATEWAYS for pair in fleet.doubles(name)]
        say(f"Lives of one gateway that overlapped: {len(doubles)}")
        if doubles:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
