"""A host that runs gateways under systemd: a box, a home with profiles in it, and gatewayctl."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gateway_image import HomeVolume, binary
from namespaces import USER
from poll import is_gone, wait_until
from systemd_box import SystemdBox, UserSystemd

# What `command` of gatewayctl.yaml starts: the flags of the test gateway are in the profile itself, so that
# each profile plays its own part, and a test can change it between two starts.
GATEWAY = """#!/bin/sh
exec test-gateway --event-log "$PWD/events.log" --echo-env "$PWD/seen.json" $(cat "$PWD/flags") -- "$@"
"""
CONFIG = """command: [gatewayctl, run, --ready-after, "{ready}", --, the-gateway, "{{profile}}"]
drain_timeout: "{drain}"
death_budget: {budget}
"""


class Host:
    """One box with the canonical home of its scope; `ctl` runs gatewayctl as that scope's operator."""

    def __init__(self, scope: str, scratch: Path) -> None:
        self.scope = scope
        user_home = scratch / "user-home"
        user_home.mkdir()
        os.chown(user_home, USER, USER)
        outside = scratch / "data" if scope == "system" else user_home / ".hermes"
        self.volume = HomeVolume(outside)
        self.home = "/opt/data" if scope == "system" else "/home/hermes/.hermes"
        binds = {"/home/hermes": user_home, **({self.home: outside} if scope == "system" else {})}
        kind = SystemdBox if scope == "system" else UserSystemd
        self.box = kind(binds=binds, overlay={
            "/usr/local/bin/gatewayctl": binary("gatewayctl"),
            "/usr/local/bin/test-gateway": binary("test-gateway"),
            "/usr/local/bin/the-gateway": GATEWAY,
        })
        self.configure()

    def configure(self, *, ready: str = "100", drain: int = 5, budget: int = 10) -> None:
        (self.volume.path / "gatewayctl.yaml").write_text(CONFIG.format(ready=ready, drain=drain, budget=budget))

    def profile(self, name: str, flags: str = "") -> Path:
        directory = self.volume.profile(name)
        (directory / "flags").write_text(flags)
        self.volume.give_to_user()
        return directory

    def ctl(self, *words: str, home: str | None = None, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
        return self.box.run(["gatewayctl", "--manager", "systemd", "--home", home or self.home, *words],
                            check=check, timeout=60, **options)

    def systemctl(self, *words: str, check: bool = True) -> str:
        return self.box.run([*self.box.SYSTEMCTL, *words], check=check).stdout.strip()

    def show(self, name: str, *properties: str) -> dict[str, str]:
        answer = self.systemctl("show", "--property=" + ",".join(properties), unit(name))
        return dict(line.split("=", 1) for line in answer.splitlines())

    def status(self, name: str) -> dict[str, Any]:
        done = self.ctl("--json", "status", name, check=False)
        return next(g for g in json.loads(done.stdout)["gateways"] if g["profile"] == name)

    def unit_file(self, name: str) -> Path:
        return self.box.units / unit(name)

    def main_pid(self, name: str) -> int:
        """MainPID as seen in the box; 0 when there is none."""
        return int(self.show(name, "MainPID")["MainPID"])

    def wait_event(self, directory: Path, event: str, count: int = 1) -> list[str]:
        def seen() -> list[str]:
            log = directory / "events.log"
            lines = log.read_text().splitlines() if log.exists() else []
            found = [line for line in lines if line.split(" ", 2)[2] == event]
            return found if len(found) >= count else []
        return wait_until(seen, 40, f"{count} times '{event}' in {directory.name}")


def unit(name: str) -> str:
    return f"gateway-{name}.service"


@contextlib.contextmanager
def running_host(scope: str, scratch: Path) -> Iterator[Host]:
    host = Host(scope, scratch)
    with host.box:
        host.box.start()
        yield host


def state_of(directory: Path) -> str | None:
    """gateway_state as the gateway's front wrote it last."""
    try:
        return json.loads((directory / "gateway_state.json").read_text()).get("gateway_state")
    except FileNotFoundError:
        return None


def is_parked(directory: Path) -> bool:
    return (directory / "state/gateway.parked.json").exists()
