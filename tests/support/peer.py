"""Gateways and commands of the other implementation, as tests/peer plays it, in the profile of a worker."""

from __future__ import annotations

import subprocess
from pathlib import Path

from places import TESTS
from poll import wait_until
from worker import Worker

PEER = TESTS / "peer/hermes"
# Named profiles are named on its command line, as the slots do it.
RUN = (str(PEER), "-p", "worker", "gateway", "run")


class Peer:
    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.events_file = worker.home / "peer-events"

    def environment(self, **extra: str) -> dict[str, str]:
        return {"PEER_EVENTS": str(self.events_file), **extra}

    def start(self, *flags: str, **extra: str) -> subprocess.Popen[bytes]:
        """Without anything before it."""
        process = subprocess.Popen([*RUN, *flags], env=self.worker.environment(**self.environment(**extra)),
                                   stdin=subprocess.DEVNULL)
        self.worker.runs.append(process)
        return process

    def behind_run(self, *flags: str, options: tuple[str, ...] = (), supervised: bool = True,
                   **extra: str) -> subprocess.Popen[bytes]:
        return self.worker.run(*RUN, *flags, options=options, supervised=supervised, env=self.environment(**extra))

    def command(self, *words: str) -> str:
        done = subprocess.run([str(PEER), "-p", "worker", *words], env=self.worker.environment(**self.environment()),
                              capture_output=True, text=True, timeout=120, check=True)
        return done.stdout.strip()

    def reconcile(self) -> str:
        done = subprocess.run([str(PEER), "reconcile"], env=self.worker.environment(), capture_output=True, text=True,
                              timeout=120, check=True)
        return done.stdout

    # -- what came of it ------------------------------------------------------------------------------

    def events(self) -> list[tuple[int, str]]:
        lines = self.events_file.read_text().splitlines() if self.events_file.exists() else []
        return [(int(line.split()[0]), line.split(" ", 1)[1]) for line in lines]

    def pid_of(self, word: str) -> int:
        """Of the last one that has written this event, which is waited for."""
        wait_until(lambda: any(event == word for _, event in self.events()),
                   what=f"{word}; events: {self.events()}; stderr: {self.worker.said()}")
        return [pid for pid, event in self.events() if event == word][-1]

    def words_of(self, pid: int) -> list[str]:
        return [event for one, event in self.events() if one == pid]

    @property
    def pid_file(self) -> Path:
        return self.worker.path / "gateway.pid"
