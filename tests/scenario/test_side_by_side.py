"""One script, four supervisors: what an operator does is the same everywhere, and so is what comes of it.

Prints one table (pytest -s, or `python3 tests/scenario/test_side_by_side.py`). launchd is a stand-in.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import pytest

from box import Box
from gateway_image import image
from home import events_of
from host import running_host
from mac import running_mac
from poll import wait_until
from service_home import GATEWAY, ServiceHome


class Site(Protocol):
    """A home and its supervisor. `enrol` and `leave` are the verbs that this supervisor has for it."""

    enrol: list[str]
    leave: str
    home: ServiceHome

    def ctl(self, *words: str) -> Any: ...
    def kill(self, pid: int) -> None: ...
    def reboot(self) -> None: ...


class S6Site:
    enrol, leave = ["register"], "unregister"

    def __init__(self, stack: ExitStack) -> None:
        scratch = Path(tempfile.mkdtemp(prefix="gatewayctl-side-"))
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        self.home = ServiceHome(scratch / "data")
        files = {"/usr/bin/the-gateway": GATEWAY}
        self.box = stack.enter_context(Box(self.home.home, command=["sleep", "infinity"], overlay=image(files=files)))
        self.box.start()

    def ctl(self, *words: str) -> Any:
        return self.box.run(["gatewayctl", *words], timeout=60)

    def kill(self, pid: int) -> None:
        self.box.run(["kill", "-9", str(pid)], check=True)

    def reboot(self) -> None:
        self.box.stop()
        self.box.start()


class SystemdSite:
    enrol, leave = ["install"], "uninstall"

    def __init__(self, stack: ExitStack, scope: str) -> None:
        scratch = Path(tempfile.mkdtemp(prefix="gatewayctl-side-"))
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        self.host = stack.enter_context(running_host(scope, scratch))
        self.home = self.host.volume
        self.reboot = self.host.box.reboot

    def ctl(self, *words: str) -> Any:
        return self.host.ctl(*words, check=False)

    def kill(self, pid: int) -> None:
        self.host.box.run(["kill", "-9", str(pid)], check=True)


class LaunchdSite:
    enrol, leave = ["install", "--temporary-home", "--run-as-root"], "uninstall"

    def __init__(self, stack: ExitStack) -> None:
        self.mac = stack.enter_context(running_mac())
        self.home = self.mac

    def ctl(self, *words: str) -> Any:
        return self.mac.ctl(*words, check=False)

    def kill(self, pid: int) -> None:
        self.mac.run("kill", "-9", str(pid))

    def reboot(self) -> None:
        self.mac.launchctl("logout")
        self.mac.launchctl("login", self.mac.domain, str(self.mac.agents))


SITES: dict[str, Callable[[ExitStack], Site]] = {
    "s6": S6Site,
    "systemd (system)": lambda stack: SystemdSite(stack, "system"),
    "systemd (user)": lambda stack: SystemdSite(stack, "user"),
    "launchd (stand-in)": LaunchdSite,
}


class Script:
    """Each step answers with the words that go into the table; the words are the same everywhere or a test fails."""

    def __init__(self, site: Site) -> None:
        self.site = site
        site.home.configure(budget=3)
        self.directories = {name: site.home.profile(name) for name in ("keep", "halt")}

    def ok(self, *words: str) -> None:
        done = self.site.ctl(*words)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"

    def gateway(self, name: str) -> dict[str, Any]:
        done = self.site.ctl("--json", "status", name)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)["gateways"][0]

    def word(self, name: str) -> str:
        return "parked" if self.site.home.is_parked(name) else str(self.gateway(name)["state"])

    def becomes(self, name: str, word: str) -> str:
        wait_until(lambda: self.word(name) == word, 40, f"{name} {word}")
        return word

    def starts(self, name: str) -> int:
        return events_of(self.directories[name] / "events.log").count("start")

    def steps(self) -> Iterator[tuple[str, str]]:
        for name in self.directories:
            self.ok(*self.site.enrol, name)
        yield "install or register", self.word("keep")
        self.ok("start", "keep", "halt")
        yield "start", self.word("keep")
        self.ok("stop", "halt")
        yield "stop the other", self.word("halt")
        self.site.reboot()
        yield "reboot", f"{self.becomes('keep', 'running')}, the other {self.word('halt')}"
        before = self.gateway("keep")["pid"]
        self.ok("restart", "keep")
        yield "restart", self.word("keep") + (", new process" if self.gateway("keep")["pid"] != before else "")
        count = self.starts("keep")
        self.site.kill(self.gateway("keep")["pid"])
        wait_until(lambda: self.starts("keep") > count, 40, "its return")
        yield "kill -9", self.becomes("keep", "running")
        self.ok("stop", "keep")
        (self.directories["keep"] / "flags").write_text("--exit-after-ms 1 --exit-code 1")
        self.site.ctl("start", "--no-wait", "keep")
        yield "crash loop", self.becomes("keep", "parked")
        (self.directories["keep"] / "flags").write_text("")
        self.ok("start", "keep")
        yield "start", self.becomes("keep", "running")
        for name in self.directories:
            self.ok(self.site.leave, name)
        yield "uninstall or unregister", ", ".join(self.word(name) for name in self.directories)


@contextmanager
def site_called(name: str) -> Iterator[Site]:
    with ExitStack() as stack:
        yield SITES[name](stack)


def run_script(name: str) -> dict[str, str]:
    with site_called(name) as site:
        return {f"{number}. {step}": word for number, (step, word) in enumerate(Script(site).steps(), 1)}


def table(columns: dict[str, dict[str, str]]) -> str:
    rows = [["step", *columns]]
    rows += [[step, *(column[step] for column in columns.values())] for step in next(iter(columns.values()))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


EXPECTED = {
    "1. install or register": "stopped",
    "2. start": "running",
    "3. stop the other": "stopped",
    "4. reboot": "running, the other stopped",
    "5. restart": "running, new process",
    "6. kill -9": "running",
    "7. crash loop": "parked",
    "8. start": "running",
    "9. uninstall or unregister": "unregistered, unregistered",
}
_seen: dict[str, dict[str, str]] = {}


@pytest.mark.long
@pytest.mark.parametrize("name", SITES)
def test_the_same_script_has_the_same_outcome(name: str) -> None:
    _seen[name] = run_script(name)
    assert _seen[name] == EXPECTED
    if len(_seen) == len(SITES):
        print("\n" + table(_seen))


if __name__ == "__main__":
    print(table({name: run_script(name) for name in SITES}))
