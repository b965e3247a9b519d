"""What a bench says: a row with the figure, the floor beside it, and the target that the ratio has to keep."""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

BUILD = Path(os.environ.get("GATEWAYCTL_BUILD", Path(__file__).resolve().parents[1] / "build-release")).resolve()
# The harnesses of the tests run this build, too.
os.environ["GATEWAYCTL_BUILD"] = str(BUILD)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/support"))

GATEWAYCTL = BUILD / "gatewayctl"


@dataclasses.dataclass(frozen=True)
class Row:
    group: str
    what: str
    ours: float
    floor: float | None  # None: the target is one of the figure itself
    unit: str
    target: float | None  # None: only to look at

    @property
    def measure(self) -> float:
        return self.ours if self.floor is None else self.ours / self.floor

    @property
    def holds(self) -> bool | None:
        return None if self.target is None else self.measure <= self.target

    def text(self) -> str:
        floor = f"{self.floor:10.2f} {self.unit:5}" if self.floor is not None else " " * 16
        ratio = f"{self.measure:6.2f}" if self.floor is not None else " " * 6
        target = f"{self.target:7.2f}" if self.target is not None else " " * 7
        verdict = {None: "", True: "holds", False: "MISSED"}[self.holds]
        return f"{self.group:7} {self.what:46} {floor} {self.ours:10.2f} {self.unit:5} {ratio} {target} {verdict}".rstrip()

    def markdown(self) -> str:
        floor, ratio = (f"{self.floor:.2f} {self.unit}", f"{self.measure:.2f}") if self.floor is not None else ("", "")
        verdict = {None: "", True: "holds", False: "missed"}[self.holds]
        target = f"{self.target:g}" if self.target is not None else ""
        return f"| {self.what} | {floor} | {self.ours:.2f} {self.unit} | {ratio} | {target} | {verdict} |"

    def json(self) -> dict[str, object]:
        return {**dataclasses.asdict(self), "ratio": self.measure if self.floor is not None else None, "holds": self.holds}


HEAD = f"{'':7} {'':46} {'floor':>10} {'':5} {'gatewayctl':>10} {'':5} {'ratio':>6} {'target':>7}"


@contextmanager
def on_tmpfs() -> Iterator[Path]:
    """A directory with room for thousands of slots. What still lives there at the end keeps it to itself."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755,nr_inodes=0,size=4g", "bench", scratch], check=True)
        try:
            yield Path(scratch)
        finally:
            subprocess.run(["umount", "-l", scratch], check=True)


def in_turns(actions: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of what each action answers; they take turns, and each is first as often as last."""
    seen: dict[str, list[float]] = {name: [] for name in actions}
    for index in range(rounds):
        for name, action in list(actions.items())[:: 1 if index % 2 else -1]:
            seen[name].append(action())
    return {name: statistics.median(values) for name, values in seen.items()}


def markdown(rows: Sequence[Row]) -> str:
    """The table of docs/speed.md."""
    head = ["| what | floor | gatewayctl | ratio | target | |", "|---|---:|---:|---:|---:|---|"]
    return "\n".join([*head, *(row.markdown() for row in rows), ""])


def write_json(rows: Sequence[Row], path: Path) -> None:
    path.write_text(json.dumps([row.json() for row in rows], indent=1) + "\n")


def read_json(path: Path) -> list[Row]:
    names = [field.name for field in dataclasses.fields(Row)]
    return [Row(**{name: one[name] for name in names}) for one in json.loads(path.read_text())]
