"""The gateways of examples/, as their comments say that they are built."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from home import Home
from places import BUILD, REPOSITORY, let_others_through

# What examples/ has a gateway in. One worker of the tests compiles the last one.
LANGUAGES = ["sh", "py", "js", "c", pytest.param("go", marks=pytest.mark.xdist_group("go"))]


def home_of_worker(directory: Path) -> Home:
    """A volume in there, which the gateways' user may reach, with a profile `worker` that is meant to run."""
    let_others_through(directory)
    made = Home(directory / "volume")
    made.profile("worker", intent={"desired_state": "running", "generation": 1})
    return made


def program(name: str, to: Path) -> Path:
    """What is run of `examples/NAME`: itself, or what a compiler makes of it in the directory `to`."""
    source = REPOSITORY / "examples" / name
    made = to / "gateway"
    if source.suffix == ".go":
        subprocess.run(["go", "build", "-o", made, source], check=True, timeout=600, env={
            "PATH": "/usr/bin:/bin", "GOCACHE": str(to / "cache"), "GOFLAGS": "-trimpath", "CGO_ENABLED": "0"})
    elif source.suffix == ".c":
        subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", f"-I{REPOSITORY / 'src/capi'}", source, f"-L{BUILD / 'src/capi'}",
                        "-Wl,--as-needed", "-lgatewayctl", "-o", made], check=True, timeout=600)
    return made if made.exists() else source
