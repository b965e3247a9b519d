"""A host that runs gateways under the launchd stand-in (tests/support/launchctl), as the unprivileged user."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway_image import HomeVolume, binary
from host import CONFIG, GATEWAY
from poll import wait_until

# An account whose home can be used for LaunchAgents is needed: gatewayctl looks it up, HOME does not count.
UID = os.getuid()


class Mac:
    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.state = scratch / "launchd"
        self.state.mkdir()
        self.bin = scratch / "bin"
        self.bin.mkdir()
        for name, source in (("launchctl", Path(__file__).with_name("launchctl")), ("gatewayctl", binary("gatewayctl")),
                             ("test-gateway", binary("test-gateway"))):
            shutil.copy(source, self.bin / name)
        (self.bin / "the-gateway").write_text(GATEWAY)
        (self.bin / "the-gateway").chmod(0o755)
        self.home = scratch / "home"
        self.home.mkdir()
        self.agents = Path(pwd.getpwuid(UID).pw_dir) / "Library/LaunchAgents"
        self.domain = f"gui/{UID}"
        self.env = {"PATH": f"{self.bin}:/usr/bin:/bin", "LAUNCHCTL_STATE": str(self.state), "LAUNCHCTL_THROTTLE": "0.3",
                    "HOME": "/nowhere", "LANG": "C.UTF-8"}
        self.configure()

    def configure(self, *, ready: str = "100", drain: int = 5, budget: int = 10) -> None:
        (self.home / "gatewayctl.yaml").write_text(CONFIG.format(ready=ready, drain=drain, budget=budget))

    def profile(self, name: str, flags: str = "") -> Path:
        directory = self.home / "profiles" / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "SOUL.md").touch()
        (directory / "flags").write_text(flags)
        return directory

    def run(self, *argv: str, check: bool = True, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(argv, env={**self.env, **(env or {})}, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"{argv} exited {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def ctl(self, *words: str, home: Path | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
        return self.run(str(self.bin / "gatewayctl"), "--manager", "launchd", "--home", str(home or self.home), *words, **options)

    def install(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return self.ctl("install", "--temporary-home", "--run-as-root", *words, **options)

    def launchctl(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run(str(self.bin / "launchctl"), *words, check=check)

    def calls(self) -> list[str]:
        return (self.state / "calls.log").read_text().splitlines()

    def plist(self, name: str, home: Path | None = None) -> Path:
        text = self.ctl("--json", "render", "launchd", name, home=home).stdout
        return Path(json.loads(text)["files"][0]["path"])

    def target(self, name: str) -> str:
        return f"{self.domain}/{self.plist(name).stem}"

    def job(self, name: str) -> dict[str, Any] | None:
        path = self.state / "jobs" / f"{self.plist(name).stem}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def status(self, name: str) -> dict[str, Any]:
        done = self.ctl("--json", "status", name, check=False)
        return next(g for g in json.loads(done.stdout)["gateways"] if g["profile"] == name)

    def wait_event(self, directory: Path, event: str, count: int = 1) -> list[str]:
        def seen() -> list[str]:
            log = directory / "events.log"
            lines = log.read_text().splitlines() if log.exists() else []
            found = [line for line in lines if line.split(" ", 2)[2] == event]
            return found if len(found) >= count else []
        return wait_until(seen, 30, f"{count} times '{event}'")

    def close(self) -> None:
        self.run(str(self.bin / "launchctl"), "logout")
        for path in self.agents.glob("gatewayctl.*.plist"):
            if f"<string>{self.scratch}" in path.read_text():
                path.unlink()
        for directory in (self.agents, self.agents.parent):
            with contextlib.suppress(OSError):
                directory.rmdir()   # only if this test made it and nobody uses it


@contextlib.contextmanager
def running_mac() -> Iterator[Mac]:
    scratch = Path(tempfile.mkdtemp(prefix="gatewayctl-mac-"))
    mac = Mac(scratch)
    try:
        yield mac
    finally:
        mac.close()
        shutil.rmtree(scratch, ignore_errors=True)
