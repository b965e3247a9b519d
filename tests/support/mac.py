"""A host that runs gateways under the launchd stand-in (tests/support/launchctl), as the user that runs the tests."""

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

from gateway_image import binary
from service_home import GATEWAY, ServiceHome

UID = os.getuid()


class Mac(ServiceHome):
    """gatewayctl looks up where the account's LaunchAgents are, HOME does not count; so every command sees an
    /etc/passwd in which this account has a home of its own below `scratch`."""

    def __init__(self, scratch: Path) -> None:
        super().__init__(scratch / "home", owner=UID)
        self.jobs = scratch / "launchd"
        self.jobs.mkdir()
        self.bin = scratch / "bin"
        self.bin.mkdir()
        for name, source in (("launchctl", Path(__file__).with_name("launchctl")), ("gatewayctl", binary("gatewayctl")),
                             ("test-gateway", binary("test-gateway"))):
            shutil.copy(source, self.bin / name)
        (self.bin / "the-gateway").write_text(GATEWAY)
        (self.bin / "the-gateway").chmod(0o755)
        account = scratch / "account"
        account.mkdir()
        self.agents = account / "Library/LaunchAgents"
        self.passwd = scratch / "passwd"
        entry = pwd.getpwuid(UID)
        self.passwd.write_text(f"{entry.pw_name}:x:{UID}:{entry.pw_gid}::{account}:/bin/sh\n" + Path("/etc/passwd").read_text())
        self.domain = f"gui/{UID}"
        self.env = {"PATH": f"{self.bin}:/usr/bin:/bin", "LAUNCHCTL_STATE": str(self.jobs), "LAUNCHCTL_THROTTLE": "0.3",
                    "HOME": "/nowhere", "LANG": "C.UTF-8"}
        self.configure()

    def run(self, *argv: str, check: bool = True, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        with_account = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', str(self.passwd)]
        done = subprocess.run([*with_account, *argv], env={**self.env, **(env or {})}, capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL)
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
        return (self.jobs / "calls.log").read_text().splitlines()

    def plist(self, name: str, home: Path | None = None) -> Path:
        text = self.ctl("--json", "render", "launchd", name, home=home).stdout
        return Path(json.loads(text)["files"][0]["path"])

    def target(self, name: str) -> str:
        return f"{self.domain}/{self.plist(name).stem}"

    def job(self, name: str) -> dict[str, Any] | None:
        path = self.jobs / "jobs" / f"{self.plist(name).stem}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def status(self, name: str) -> dict[str, Any]:
        done = self.ctl("--json", "status", name, check=False)
        return next(g for g in json.loads(done.stdout)["gateways"] if g["profile"] == name)


@contextlib.contextmanager
def running_mac() -> Iterator[Mac]:
    scratch = Path(tempfile.mkdtemp(prefix="gatewayctl-mac-"))
    mac = Mac(scratch)
    try:
        yield mac
    finally:
        mac.launchctl("logout")
        shutil.rmtree(scratch, ignore_errors=True)
