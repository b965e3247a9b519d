"""What is installed, from the artefacts alone: a bare Debian 12 with s6 in it and nothing of this machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from places import BUILD, REPOSITORY

# Made once for each build directory; it takes the network and a minute.
BARE_ROOT = BUILD / "debian-bookworm.tar"


@pytest.fixture(scope="session")
def bare_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not BARE_ROOT.exists():
        part = BARE_ROOT.with_name(f"{BARE_ROOT.name}.{os.getpid()}")
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=s6,execline", "--format=tar", "bookworm", part], check=True,
                       timeout=1200)
        part.rename(BARE_ROOT)
    root = tmp_path_factory.mktemp("bare")
    for directory in (root, *list(root.parents)[:2]):
        directory.chmod(0o755)
    subprocess.run(["tar", "-C", root, "-xpf", BARE_ROOT, "--exclude=./dev/*"], check=True)
    return root


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artefacts, of the program of this build."""
    out = tmp_path_factory.mktemp("release")
    subprocess.run([REPOSITORY / "dev/release", "--from", BUILD, out], check=True, timeout=300)
    return out
