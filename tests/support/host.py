"""A host that runs gateways under systemd: a box, a home with profiles in it, and gatewayctl."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway_image import binary
from places import USER
from service_home import GATEWAY, ServiceHome
from systemd_box import SystemdBox, UserSystemd


class Host:
    """One box with the canonical home of its scope, which is `volume` outside and `home` inside; `ctl` runs gatewayctl as
    that scope's operator."""

    def __init__(self, scope: str, scratch: Path) -> None:
        self.scope = scope
        user_home = scratch / "user-home"
        user_home.mkdir()
        os.chown(user_home, USER, USER)
        outside = scratch / "data" if scope == "system" else user_home / ".hermes"
        self.volume = ServiceHome(outside)
        self.home = "/opt/data" if scope == "system" else "/home/hermes/.hermes"
        binds = {"/home/hermes": user_home, **({self.home: outside} if scope == "system" else {})}
        kind = SystemdBox if scope == "system" else UserSystemd
        self.box = kind(binds=binds, overlay={
            "/usr/local/bin/gatewayctl": binary("gatewayctl"),
            "/usr/local/bin/test-gateway": binary("test-gateway"),
            "/usr/local/bin/the-gateway": GATEWAY,
        })
        self.volume.configure()
        self.configure, self.profile, self.wait_event = self.volume.configure, self.volume.profile, self.volume.wait_event

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


def unit(name: str) -> str:
    return f"gateway-{name}.service"


@contextlib.contextmanager
def running_host(scope: str, scratch: Path) -> Iterator[Host]:
    host = Host(scope, scratch)
    with host.box:
        host.box.start()
        yield host
