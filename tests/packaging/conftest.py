"""What is installed, from the artefacts alone: a bare Debian 12 with s6 in it and nothing of this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from places import BUILD, REPOSITORY

sys.path.insert(0, str(REPOSITORY / "dev"))

import kept  # noqa: E402


@pytest.fixture(scope="session")
def bare_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bare")
    for directory in (root, *list(root.parents)[:2]):
        directory.chmod(0o755)
    kept.unpack_debian(root, "bare", "--variant=minbase", "--include=s6,execline")
    return root


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artefacts, of the program of this build."""
    out = tmp_path_factory.mktemp("release")
    subprocess.run([REPOSITORY / "dev/release", "--from", BUILD, out], check=True, timeout=300)
    return out
