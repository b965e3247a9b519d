"""The gateways of examples/behind-run in a real container: all they know of a stop is SIGTERM, and `run` makes the rest of it."""

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
from poll import wait_until


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_of_worker(tmp_path)


@pytest.fixture(params=LANGUAGES)
def box(home: Home, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    source = program(f"behind-run/gateway.{request.param}", tmp_path_factory.mktemp(request.param))
    path = f"/opt/app/gateway.{request.param}"
    config = json.dumps({"command": ["gatewayctl", "run", "--", path]})
    with Box(home.home, overlay=image(files={path: source, "/etc/gatewayctl.yaml": config}), command=("sleep", "infinity")) as made:
        made.start()
        wait_for_words(home, "works, on port 9", 1)
        wait_until(lambda: home.lifecycle("worker").get("phase") == "running", what="the record of its life")
        yield made


def said(home: Home, words: str) -> int:
    """How often it has said that. A logger that was killed leaves its file to be put aside by the next one."""
    logs = home.home / "logs/gateways/worker"
    return sum(file.read_text().count(f"worker: {words}") for file in [*logs.glob("current"), *logs.glob("@*")])


def wait_for_words(home: Home, words: str, times: int) -> None:
    wait_until(lambda: said(home, words) >= times, what=words)


def wanted(box: Box) -> str:
    return box.run(["s6-svstat", "-o", "wantedup", "/run/service/gateway-worker"]).stdout.strip()


def test_it_finishes_its_work_and_comes_back_as_its_operator_wants(home: Home, box: Box) -> None:
    box.stop()
    life = home.lifecycle("worker")
    assert (life["phase"], life["cause"], life["clean"]) == ("exited", "unmarked-signal", True)
    assert said(home, "finished") == 1
    box.start()
    wait_for_words(home, "works", 2)
    assert wanted(box) == "true"
    box.run(["gatewayctl", "stop", "worker"], check=True)
    life = home.lifecycle("worker")
    assert (life["phase"], life["cause"], life["clean"]) == ("exited", "planned-stop", True)
    assert said(home, "finished") == 2
    box.stop()
    box.start()
    assert wanted(box) == "false"


def test_a_crash_is_one_and_is_started_again(home: Home, box: Box) -> None:
    pid = home.lifecycle("worker")["pid"]
    os.kill(box.pids()[pid], signal.SIGKILL)
    wait_until(lambda: home.lifecycle("worker").get("pid") != pid, what="the next life")
    wait_for_words(home, "works", 2)
    assert home.lifecycle("worker")["prior_exit"] == "unclean"
    assert said(home, "finished") == 0
