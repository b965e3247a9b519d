"""What an operator does with a container between two boots, and what must come of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from home import Home
from places import let_others_through
from poll import wait_until


class Container(Protocol):
    def start(self) -> None: ...
    def stop(self) -> object: ...
    def run(self, argv: Sequence[str], *, check: bool = False) -> subprocess.CompletedProcess[str]: ...


def a_volume(tmp_path: Path) -> Home:
    let_others_through(tmp_path)
    home = Home(tmp_path / "volume")
    home.profile("worker", intent={"desired_state": "running", "generation": 1})
    home.profile("idle", intent={"desired_state": "stopped", "generation": 1})
    return home


def as_the_kubelet_leaves_it(home: Home, gid: int) -> None:
    """With fsGroup: root's, of the group, set-group-ID."""
    for path in (home.home, *home.home.rglob("*")):
        os.chown(path, 0, gid)
        path.chmod(0o2775 if path.is_dir() else 0o664)


def use(container: Container) -> None:
    def states() -> dict[str, str]:
        shown = json.loads(container.run(["gatewayctl", "--json", "status"]).stdout or '{"gateways": []}')
        return {gateway["profile"]: gateway["state"] for gateway in shown["gateways"]}

    container.start()
    wait_until(lambda: states().get("worker") == "running", 60, what="the worker runs")
    assert states()["idle"] == "stopped"
    assert container.run(["gatewayctl", "config", "check", "/etc/gatewayctl.yaml"]).returncode == 0
    assert container.run(["gatewayctl", "wait", "worker", "--for", "ready"]).returncode == 0
    assert container.run(["gatewayctl", "health"]).returncode == 0
    container.run(["gatewayctl", "start", "idle"], check=True)
    container.run(["gatewayctl", "stop", "worker"], check=True)
    assert states() | {"default": ""} == {"default": "", "idle": "running", "worker": "stopped"}
    container.stop()
    container.start()
    wait_until(lambda: states().get("idle") == "running", 60, what="idle is back")
    assert states()["worker"] == "stopped"
