"""What `gatewayctl run` adds to a command: the time until it begins, and memory while it waits.

The command says when its main begins (clock.c). Started bare and behind `gatewayctl run`, in turns.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rows import BUILD, GATEWAYCTL, Row

from poll import wait_until


def kilobytes(pid: int, key: str) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(rf"^{key}: +(\d+) kB", text, re.MULTILINE)
    assert found, text
    return int(found[1])


def life(words: list[str], home: Path) -> tuple[float, int]:
    """Milliseconds until the command began; kilobytes (PSS) of the process started, once it waits and is ready."""
    state = home / "gateway_state.json"
    state.unlink(missing_ok=True)
    begin = time.monotonic_ns()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                               env={"PATH": "/usr/bin:/bin", "HERMES_HOME": str(home), "GATEWAYCTL_USER": "root"})
    assert process.stdout
    took = (int(process.stdout.readline()) - begin) / 1e6
    if "run" in words:
        wait_until(lambda: state.exists() and '"running"' in state.read_text(), what="running")
    memory = kilobytes(process.pid, "Pss")
    process.terminate()
    process.wait()
    process.stdout.close()
    return took, memory


def rows(short: bool) -> Iterator[Row]:
    rounds = 10 if short else 60
    clock = str(BUILD / "bench/clock")
    fronted = [str(GATEWAYCTL), "run", "--ready-after", "20", "--", clock]
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        lives = {name: [] for name in ("bare", "behind run")}  # type: dict[str, list[tuple[float, int]]]
        for _ in range(rounds):
            lives["bare"].append(life([clock], Path(scratch)))
            lives["behind run"].append(life(fronted, Path(scratch)))
    begins = {name: statistics.median(took for took, _ in seen) for name, seen in lives.items()}
    memory = statistics.median(memory for _, memory in lives["behind run"])
    yield Row("front", "run adds until its command begins", begins["behind run"] - begins["bare"], None, "ms", 2.0)
    yield Row("front", "memory of run while it waits", memory / 1024, None, "MiB", 3.0)
    yield Row("front", "gatewayctl, stripped", stripped_size(), None, "MB", 4.0)


def stripped_size() -> float:
    with tempfile.NamedTemporaryFile(prefix="bench-") as out:
        subprocess.run(["strip", "-o", out.name, GATEWAYCTL], check=True)
        return Path(out.name).stat().st_size / 1e6
