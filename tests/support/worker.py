"""`gatewayctl run` without a supervisor around it: one profile, and the gateways that a test runs in it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, Self

from home import Home, events_of
from places import GATEWAYCTL, TEST_GATEWAY
from poll import kill_all, processes_with, wait_until


class Worker:
    """The profile `worker` of a home of its own, which belongs to whoever runs the tests."""

    def __init__(self, home: Path) -> None:
        self.volume = Home(home, owner=os.geteuid())
        self.home = home
        self.path = self.volume.profile("worker")
        self.events_file = home / "events"
        self.runs: list[subprocess.Popen[bytes]] = []

    # -- the program ----------------------------------------------------------------------------------

    def environment(self, **extra: str) -> dict[str, str]:
        asked = {"GATEWAYCTL_USER": "root"} if self.volume.owner == 0 else {}
        return {"PATH": "/usr/bin:/bin", "HERMES_HOME": str(self.home), "GATEWAYCTL_PROFILE": "worker", **asked, **extra}

    def run(self, *command: str, options: tuple[str, ...] = (), supervised: bool = True, env: dict[str, str] | None = None,
            before: tuple[str, ...] = (), **popen: Any) -> subprocess.Popen[bytes]:
        """`gatewayctl run` with a command, and ready soon unless the options say when."""
        marks = {"HERMES_SUPERVISED_CHILD": "1"} if supervised else {}
        soon = () if "--ready-after" in options else ("--ready-after", "50")
        words = [*before, GATEWAYCTL, "run", *soon, *options, "--", *command]
        with (self.home / "stderr").open("ab") as stderr:
            process = subprocess.Popen(words, env=self.environment(**marks, **(env or {})), stderr=stderr,
                                       stdin=subprocess.DEVNULL, **popen)
        self.runs.append(process)
        return process

    def gateway(self, *flags: str, **options: Any) -> subprocess.Popen[bytes]:
        return self.run(str(TEST_GATEWAY), "--event-log", str(self.events_file), *flags, **options)

    def tool(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([GATEWAYCTL, *words], env=self.environment(), capture_output=True, text=True, timeout=120)

    def mark(self, process: subprocess.Popen[bytes], *words: str) -> None:
        done = self.tool("marker", "write", "--pid", str(process.pid), *words)
        assert done.returncode == 0, done.stderr

    # -- what came of it ------------------------------------------------------------------------------

    def events(self) -> list[str]:
        return events_of(self.events_file)

    @property
    def state(self) -> dict[str, Any]:
        return self.volume.state("worker")

    @property
    def lifecycle(self) -> dict[str, Any]:
        return self.volume.lifecycle("worker")

    def holder(self) -> dict[str, Any]:
        """Who holds the profile, as `run` has recorded it."""
        return self.volume.read(self.path / ".gateway-run.json")

    def said(self) -> str:
        file = self.home / "stderr"
        return file.read_text() if file.exists() else ""

    def wait_state(self, word: str) -> None:
        wait_until(lambda: self.state.get("gateway_state") == word, what=f"{word}; stderr: {self.said()}")

    def wait_event(self, word: str) -> None:
        wait_until(lambda: word in self.events(), what=word)

    def ended(self, process: subprocess.Popen[bytes]) -> tuple[int, str, bool]:
        """Exit code, last gateway_state, and what the lifecycle record says."""
        code = process.wait(120)
        assert self.lifecycle["phase"] == "exited"
        assert self.lifecycle["exit_code"] == code
        return code, self.state["gateway_state"], self.lifecycle["clean"]

    # -- life -----------------------------------------------------------------------------------------

    def close(self) -> None:
        """Nothing of this home lives on, also what has lost its parents where a test found a fault."""
        mark = f"HERMES_HOME={self.home}"
        mine = lambda: processes_with(lambda variable: variable == mark or variable.startswith(mark + "/"))  # noqa: E731
        kill_all(mine, "the end of every process of this home")
        for process in self.runs:
            process.kill()
            process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
