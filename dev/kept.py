"""What is made once, with the network, and kept below ~/.cache/gatewayctl for every build and clone."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gatewayctl"


def unpack_debian(to: Path, name: str, *options: str) -> None:
    """A bare Debian 12, as mmdebstrap makes it with these options, into an empty directory; its /dev stays empty."""
    kept = CACHE / f"{name}-{hashlib.sha256(' '.join(options).encode()).hexdigest()[:12]}.tar"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f"{kept.name}.{os.getpid()}")
        subprocess.run(["mmdebstrap", "--quiet", *options, "--format=tar", "bookworm", part], check=True, timeout=3600)
        part.rename(kept)
    subprocess.run(["tar", "-C", to, "-xpf", kept, "--exclude=./dev/*"], check=True)
