"""The gateways of examples/ in a real container: without `run`, and right at every end."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from box import Box
from example_gateways import LANGUAGES, home_of_worker, program
from gateway_image import image
from home import Home
from places import BUILD
from poll import wait_until

LIBRARY = BUILD / "src/capi/libgatewayctl.so.1"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_of_worker(tmp_path)


@pytest.fixture(params=LANGUAGES)
def box(home: Home, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    language = request.param
    source = program(f"gateway.{language}", tmp_path_factory.mktemp(language))
    path = f"/opt/app/gateway.{language}"
    # Those that speak by the library want the directory of their profile, which is where they are started.
    command = [path, "."] if language in ("py", "c") else [path]
    config = json.dumps({"command": command, "default_command": command})
    files = {path: source, "/etc/gatewayctl.yaml": config, "/usr/lib/libgatewayctl.so.1": LIBRARY}
    with Box(home.home, overlay=image(files=files), command=("sleep", "infinity")) as made:
        made.start()
        wait_for(home, "running")
        yield made


def wait_for(home: Home, word: str, phase: str = "running") -> None:
    wait_until(lambda: home.state("worker").get("gateway_state") == word and home.lifecycle("worker")["phase"] == phase,
               what=f"{word}, {phase}")


def prior_exit(home: Home) -> str:
    line = [line for line in home.boot_log() if " profile=worker " in line][-1]
    return line.partition("prior_exit=")[2].split()[0]


def wanted(box: Box) -> str:
    return box.run(["s6-svstat", "-o", "wantedup", "/run/service/gateway-worker"]).stdout.strip()


def test_a_planned_stop_stays_down(home: Home, box: Box) -> None:
    box.run(["gatewayctl", "stop", "worker"], check=True)
    assert home.state("worker")["gateway_state"] == "stopped"
    assert home.lifecycle("worker")["cause"] == "planned-stop"
    box.stop()
    box.start()
    assert (prior_exit(home), wanted(box)) == ("clean", "false")


def test_the_stop_of_the_container_does_not(home: Home, box: Box) -> None:
    box.stop()
    life = home.lifecycle("worker")
    assert (life["phase"], life["cause"], life["clean"]) == ("exited", "unmarked-signal", True)
    assert home.state("worker")["gateway_state"] == "running"
    box.start()
    wait_for(home, "running")
    assert (prior_exit(home), wanted(box)) == ("clean", "true")
    assert home.lifecycle("worker")["prior_exit"] == "clean"


def test_a_crash_is_one_and_is_started_again(home: Home, box: Box) -> None:
    pid = home.lifecycle("worker")["pid"]
    os.kill(box.pids()[pid], signal.SIGKILL)
    wait_until(lambda: home.lifecycle("worker").get("pid") != pid, what="the next life")
    wait_for(home, "running")
    assert home.lifecycle("worker")["prior_exit"] == "unclean"
    assert home.read(home.directory("worker") / "state/gateway.deaths.json")["count"] == 1
    box.kill()
    box.start()
    assert (prior_exit(home), wanted(box)) == ("unclean", "true")
