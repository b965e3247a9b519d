"""The gateways of examples/, as their comments say that they are built."""

from __future__ import annotations

import subprocess
from pathlib import Path

from places import BUILD, REPOSITORY


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
