"""What is installed, from the artefacts alone: a bare Debian 12 with s6 in it and nothing of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import BUILD, REPOSITORY, let_others_through

sys.path.insert(0, str(REPOSITORY / "dev"))

import kept  # noqa: E402


@pytest.fixture(scope="session")
def bare_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bare")
    let_others_through(root)
    kept.unpack_debian(root, "bare", "--variant=minbase", "--include=s6,execline")
    return root


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artefacts, of the program of this build."""
    out = tmp_path_factory.mktemp("release")
    subprocess.run([REPOSITORY / "dev/release", "--from", BUILD, out], check=True, timeout=300)
    return out


def source_tree(to: Path) -> Path:
    names = subprocess.run(["git", "-C", REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           capture_output=True, text=True, check=True).stdout.split("\0")[:-1]
    for name in names:
        if (REPOSITORY / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, to / name)
    return to


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Made from the source tree with the programs of this build.

    GATEWAYCTL_PACKAGES=DIR: those of a whole `dpkg-buildpackage` instead, which compiles for ten minutes.
    """
    if made := os.environ.get("GATEWAYCTL_PACKAGES"):
        return {path.name.partition("_")[0]: path for path in Path(made).glob("*.deb") if "-dbgsym_" not in path.name}
    where = tmp_path_factory.mktemp("debian")
    done = subprocess.run(["dpkg-buildpackage", "-b", "-us", "-uc", "-d"], cwd=source_tree(where / "gatewayctl"), capture_output=True,
                          text=True, check=False, timeout=600, env={
                              "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(where), "DEB_BUILD_OPTIONS": "noautodbgsym",
                              "GATEWAYCTL_PREBUILT": str(BUILD)})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return {path.name.partition("_")[0]: path for path in where.glob("*.deb")}
