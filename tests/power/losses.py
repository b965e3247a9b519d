"""What a cut has lost: the volume is mounted, looked at, and the next boot is asked what it will do."""

from __future__ import annotations

import json
import os
import random
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from places import GATEWAYCTL
from recorded_disk import Recording, mounted_image


def next_boot(home: Path, scandir: Path) -> dict[str, Any]:
    env = {"PATH": os.environ["PATH"], "HERMES_HOME": str(home), "S6_PROFILE_GATEWAY_SCANDIR": str(scandir),
           "GATEWAYCTL_MANAGER": "s6"}
    done = subprocess.run([GATEWAYCTL, "--json", "plan"], env=env, capture_output=True, text=True, check=True, timeout=120)
    return json.loads(done.stdout)


def goal_in(plan: dict[str, Any], name: str) -> str:
    return next((profile["goal"] for profile in plan["profiles"] if profile["profile"] == name), "absent")


def losses_of(home: Path, scandir: Path, said: Any) -> list[str]:
    """Of a volume as it is after a cut."""
    lost = []
    for name in said["files"]:
        content = (home / name).read_bytes() if (home / name).exists() else b"(gone)"
        try:
            assert isinstance(json.loads(content), dict)
        except (ValueError, AssertionError):
            lost.append(f"{name} is {content[:60]!r}")
    for name, port in said["ports"].items():
        directory = home if name == "default" else home / "profiles" / name
        try:
            kept = json.loads((directory / ".gateway-service.json").read_text()).get("port")
        except (OSError, ValueError):
            kept = None
        if kept != port:
            lost.append(f"the port of {name} was {port}, and is {kept}")
    plan = next_boot(home, scandir)
    lost += [f"{name} goes {goal_in(plan, name)} at the next boot, and not {' or '.join(goals)}"
             for name, goals in said["allowed"].items() if goal_in(plan, name) not in goals]
    return lost


def try_cuts(job: tuple[Recording, Sequence[int], int]) -> list[str]:
    """The whole, and a part, of what was written up to each of the points."""
    recording, points, seed = job
    lost = []
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        image, home, scandir = (Path(scratch, name) for name in ("image", "home", "service"))
        home.mkdir()
        scandir.mkdir()
        for point in points:
            for dice in (None, random.Random(f"{seed} {point}")):
                recording.cut(image, point, dice)
                with mounted_image(image, home):
                    said = losses_of(home, scandir, recording.last_mark(point))
                part = "a part" if dice else "all"
                lost += [f"cut at {point} of {len(recording.events)} events, {part} kept: {what}" for what in said]
    return lost
