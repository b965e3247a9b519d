"""Who has had the place of each gateway, and from when on, as etcd tells it."""

from __future__ import annotations

import base64
import itertools
import json
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import Self

from fleets import PREFIX
from ownerless import History

PLACES = f"{PREFIX}/places/"


class PlacesWatch:
    """Writes it into a history while it lives; begun anew where a watch has ended with its member of etcd."""

    def __init__(self, endpoints: Sequence[str], history: History) -> None:
        self._endpoints, self._history = list(endpoints), history
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._process: subprocess.Popen[str] | None = None

    def _follow(self) -> None:
        for number in itertools.count():
            if self._ended.is_set():
                return
            endpoint = self._endpoints[number % len(self._endpoints)]
            self._process = subprocess.Popen(
                ["etcdctl", "--endpoints", endpoint, "watch", "--prefix", PLACES, "-w", "json"], text=True,
                env={**os.environ, "ETCDCTL_API": "3"}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            with self._process as process:
                assert process.stdout
                for line in process.stdout:
                    self._hear(json.loads(line))
            self._ended.wait(0.5)

    def _hear(self, answer: dict[str, object]) -> None:
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
        for event in answer.get("Events") or []:
            key = base64.b64decode(event["kv"]["key"]).decode().removeprefix(PLACES)
            erased = event.get("type") in (1, "DELETE")
            value = None if erased else json.loads(base64.b64decode(event["kv"].get("value", "")) or b"{}").get("member")
            self._history.holders[key].append((now, value))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._process:
            self._process.kill()
        self._thread.join(120)
