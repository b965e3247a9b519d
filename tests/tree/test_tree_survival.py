"""SIGKILL for any supervisor of a tree: afterwards each gateway runs once or is down, and all can be told."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path

import pytest
from box import Box, Tree
from poll import is_gone, wait_until
from tree_image import RUNNING, Image
from tree_processes import one, processes, tree_of

STOPPED = {"gateway_state": "stopped", "desired_state": "stopped"}


def gateways(box: Box, name: str) -> list[int]:
    """The processes of a profile's gateway, wherever they are."""
    return [p.pid for p in processes(box) if p.is_("test-gateway") and f"/opt/data/events-{name}" in p.words]


def assert_settled(box: Box, up: set[str], down: set[str]) -> None:
    """Each one of `up` runs once, below the one s6-svscan; none of `down` runs; every slot answers."""
    def answer(name: str) -> list[str]:
        return box.run(["s6-svstat", "-o", "up,wantedup", f"{box.scandir}/gateway-{name}"]).stdout.split()

    def settled() -> bool:
        below = {p.pid for p in tree_of(box)}
        return (all(len(pids := gateways(box, name)) == 1 and set(pids) <= below for name in up)
                and not any(gateways(box, name) for name in down)
                and all(answer(name) == ["true", "true"] for name in up)
                and all(answer(name) == ["false", "false"] for name in down))

    wait_until(settled, 60, what="every gateway to be as it was meant")


def assert_controllable(box: Box, image: Image) -> None:
    """All can be told, logs go on, and no message repeats for ever."""
    for name in ("a", "b"):
        lives = image.events(name).count("ready")
        box.run(["gatewayctl", "restart", name], check=True, timeout=60)
        image.wait_ready(name, lives=lives + 1)
    ready = image.events("a").count("ready")

    def lines() -> int:
        return box.run(["gatewayctl", "logs", "-n", "1000", "a"], check=True).stdout.count("gateway ready")

    wait_until(lambda: lines() == ready, what="each line to be in the log")
    box.run(["gatewayctl", "stop", "b"], check=True, timeout=60)
    wait_until(lambda: not gateways(box, "b"), what="b to be down")
    box.run(["gatewayctl", "start", "b"], check=True, timeout=60)
    noise = box.console().count("another instance")
    before = len(box.console())
    box.run(["sh", "-c", "sleep 2.5"], check=True)  # longer than s6 waits between two tries
    assert box.console().count("another instance") == noise, box.console()[before:]


@pytest.fixture(params=[("run", 0), ("run", 500), ("bare", 500)], ids=["ends at once", "drains", "bare, drains"])
def alive(request: pytest.FixtureRequest, image: Image) -> Image:
    """Behind `gatewayctl run`, which hears of its supervisor's death, and without it."""
    front, drain = request.param
    image.profile("a", RUNNING)
    image.profile("b", RUNNING)
    image.profile("idle", STOPPED)
    image.flags = ["--drain-ms", str(drain)]
    if front == "bare":
        image.front = []
    return image


def kill_svscan(box: Box) -> None:
    os.kill(one(box, "s6-svscan", box.scandir).pid, signal.SIGKILL)


def kill_supervise(box: Box, service: str) -> None:
    victim = one(box, "s6-supervise", service).pid
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: is_gone(victim), what="its end")


def test_after_the_death_of_s6_svscan(alive: Image) -> None:
    with alive.box() as box:
        box.start()
        alive.wait_ready("a", "b")
        kill_svscan(box)
        alive.wait_ready("a", "b", lives=2)
        assert_settled(box, {"a", "b"}, {"idle"})
        assert_controllable(box, alive)
        box.stop()
    assert alive.state("a")["desired_state"] == "running"


@pytest.mark.parametrize("service", ["gateway-a", "gateway-a/log", "gateway-idle"])
def test_after_the_death_of_one_s6_supervise(alive: Image, service: str) -> None:
    with alive.box() as box:
        box.start()
        alive.wait_ready("a", "b")
        kill_supervise(box, service)
        assert_settled(box, {"a", "b"}, {"idle"})
        assert_controllable(box, alive)
        box.stop()


@pytest.mark.parametrize("first", ["svscan", "root slot"])
@pytest.mark.parametrize("both", [False, True], ids=["one", "both"])
def test_after_the_death_of_the_root_slots_supervisor(below_init: Image, first: str, both: bool) -> None:
    """Below s6-rc, which leaves a `down` file: it is started again, and finds what its earlier life has left."""
    image = below_init
    for name, state in (("a", RUNNING), ("b", RUNNING), ("idle", STOPPED)):
        image.profile(name, state)
    image.flags = ["--drain-ms", "300"]
    with image.box() as box:
        box.start()
        image.wait_ready("a", "b")
        old = one(box, "s6-svscan", box.scandir).pid
        kills = {"svscan": lambda: os.kill(old, signal.SIGKILL), "root slot": lambda: kill_supervise(box, "gateways")}
        for what, kill in kills.items() if first == "svscan" else reversed(kills.items()):
            if both or what == "root slot":
                kill()
        wait_until(lambda: is_gone(old), 60, what="the earlier s6-svscan to end")
        image.wait_ready("a", "b", lives=2)
        assert_settled(box, {"a", "b"}, {"idle"})
        assert_controllable(box, image)
        box.stop()
    assert image.events("a")[-2:] == ["drain-end", "exit 0"]
    assert image.state("a")["desired_state"] == "running"


def test_a_tree_that_its_init_took_down_stays_down_whatever_dies(below_init: Image) -> None:
    image = below_init
    image.profile("a", RUNNING)
    with image.box() as box:
        box.start()
        image.wait_ready("a")
        slot = "/run/service/gateways"
        box.run(["s6-svc", "-d", slot], user=0, check=True)
        wait_until(lambda: box.run(["s6-svstat", "-o", "up", slot], user=0).stdout.strip() == "false", 60, what="its end")
        old = one(box, "s6-supervise", "gateways").pid
        kill_supervise(box, "gateways")
        wait_until(lambda: [p for p in processes(box) if p.is_("s6-supervise", "gateways") and p.pid != old],
                   what="another supervisor")
        wait_until(lambda: box.run(["s6-svstat", "-o", "up,wantedup", slot], user=0).stdout.split() == ["false", "false"],
                   what="its status")
        assert not gateways(box, "a")
        box.stop()


def test_a_finish_that_cannot_ask_takes_nothing_down(tmp_path: Path) -> None:
    """Its s6-supervise was killed meanwhile: the next one finds no `down` file, and starts the tree."""
    finish = Path(__file__).parents[2] / "s6-rc.d" / "gateways" / "finish"
    ended = subprocess.run(["sh", finish, "256", "9", "gateways"], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0 and "s6-supervise not running" in ended.stderr
    assert not (tmp_path / "down").exists()


@pytest.mark.long
def test_after_deaths_in_any_order(image: Image) -> None:
    for name, state in (("a", RUNNING), ("b", RUNNING), ("idle", STOPPED)):
        image.profile(name, state)
    image.flags = ["--drain-ms", "200"]
    seed = int(os.environ.get("TREE_SEED", random.randrange(1 << 30)))
    print(f"TREE_SEED={seed}")
    dice = random.Random(seed)
    with image.box() as box:
        box.start()
        image.wait_ready("a", "b")
        for _ in range(4):
            for _ in range(dice.randrange(1, 4)):
                victims = [p for p in processes(box) if p.is_("s6-supervise") or p.is_("s6-svscan", box.scandir)
                           or p.is_("s6-log")]
                victims = [p for p in victims if p.is_("s6-svscan") or p.is_("s6-log")
                           or p.words[1].startswith("gateway-")]
                if victims:
                    victim = dice.choice(sorted(victims, key=lambda p: p.words))
                    print("SIGKILL", *victim.words)
                    try:
                        os.kill(victim.pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            assert_settled(box, {"a", "b"}, {"idle"})
        assert_controllable(box, image)
        box.stop()
