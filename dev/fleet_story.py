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
from fleets import TTL, Fleet, wait_members  # noqa: E402
from members import gateways, wait_running  # noqa: E402
from story import say, show  # noqa: E402

GATEWAYS = ("mail", "chat", "batch")
MEMBERS = ("one", "two", "three")


def picture(boxes: dict[str, Box]) -> None:
    """What runs where, as the processes say."""
    print(f"{'':10}" + "".join(f"{name:10}" for name in boxes))
    for profile in GATEWAYS:
        print(f"{profile:10}" + "".join(f"{'runs' if gateways(box, profile) else '-':10}" if box.host_pid else f"{'(lost)':10}"
                                        for box in boxes.values()), flush=True)


def main() -> None:
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatewayctl-fleet-")))
        scratch.chmod(0o755)
        say("1. Three members of etcd.")
        cluster = stack.enter_context(EtcdCluster(scratch / "etcd"))
        print(*cluster.endpoints, sep="\n")
        fleet = Fleet(scratch / "volume", cluster)
        for name in GATEWAYS:
            fleet.profile(name, {"gateway_state": "running", "desired_state": "running"})
        boxes = {name: stack.enter_context(fleet.member(name)) for name in MEMBERS}

        say(f"2. Three containers on one volume; a lease is {TTL} s. The first that asks has it, the others stand by.")
        for box in boxes.values():
            box.start()
        wait_members(fleet, *MEMBERS)
        owner = fleet.wait_owner(*MEMBERS)
        wait_running(boxes[owner], *GATEWAYS)
        show(boxes[owner], "gatewayctl", "fleet", "status")
        picture(boxes)

        say(f"3. A power cut: '{owner}' is gone without a word.")
        begin = time.monotonic()
        boxes[owner].kill()
        left = [name for name in MEMBERS if name != owner]
        heir = fleet.wait_owner(*left)
        took = time.monotonic() - begin
        wait_running(boxes[heir], *GATEWAYS)
        up = time.monotonic() - begin
        show(boxes[heir], "gatewayctl", "fleet", "status")
        picture(boxes)
        print(f"'{heir}' had the volume after {took:.1f} s, and all gateways ran after {up:.1f} s")

        say("4. It comes back, and stands by.")
        boxes[owner].start()
        wait_members(fleet, owner)
        show(boxes[owner], "gatewayctl", "fleet", "status")
        picture(boxes)

        say(f"5. '{heir}' stops in order: it gives its lease back, and nobody waits for its end.")
        begin = time.monotonic()
        boxes[heir].stop()
        rest = [name for name in MEMBERS if name != heir]
        last = fleet.wait_owner(*rest)
        wait_running(boxes[last], *GATEWAYS)
        show(boxes[last], "gatewayctl", "fleet", "status")
        picture(boxes)
        print(f"after {time.monotonic() - begin:.1f} s, the drain of the gateways included")
        doubles = [pair for name in GATEWAYS for pair in fleet.doubles(name)]
        say(f"Lives of one gateway that overlapped: {len(doubles)}")
        if doubles:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
