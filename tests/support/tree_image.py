"""Containers whose gateways live in a tree of their user's own: a volume, and an image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from box import Box, Tree
from gateway_image import binary
from home import Home, events_of
from places import REPOSITORY, let_others_through
from poll import wait_until

RUNNING = {"gateway_state": "running", "desired_state": "running"}


class Image(Home):
    """A volume, and an image whose gateways are the test gateway behind `gatewayctl run`."""

    def __init__(self, path: Path, tree: Tree) -> None:
        super().__init__(path)
        self.tree = tree
        self.flags: list[str] = []
        self.front = ["gatewayctl", "run", "--replace", "--ready-after", "50", "--"]
        self.config: dict[str, Any] = {"drain_timeout": "20"}

    def box(self, overlay: dict[str, Any] | None = None, **options: Any) -> Box:
        command = [*self.front, "test-gateway", "--event-log", "/opt/data/events-{profile}", *self.flags]
        hooks = {f"/etc/{name}/{hook.name}": hook
                 for name in ("cont-init.d", "cont-finish.d") for hook in (REPOSITORY / name).iterdir()}
        tools = {f"/usr/local/bin/{tool}": binary(tool) for tool in ("gatewayctl", "test-gateway")}
        config = json.dumps({**self.config, "command": command, "default_command": command})
        return Box(self.home, overlay={**hooks, **tools, "/etc/gatewayctl.yaml": config, **(overlay or {})},
                   **{"tree": self.tree, "command": ("sleep", "infinity"), **options})

    def events(self, name: str) -> list[str]:
        return events_of(self.home / f"events-{name}")

    def wait_ready(self, *names: str, lives: int = 1) -> None:
        for name in names:
            wait_until(lambda name=name: self.events(name).count("ready") >= lives, 60, what=f"{name} ready")


def image_of(tmp_path: Path, tree: Tree) -> Image:
    let_others_through(tmp_path)
    return Image(tmp_path / "volume", tree)
