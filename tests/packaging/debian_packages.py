"""Packages as dpkg has them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path


def later(packages: dict[str, Path], where: Path, version: str) -> dict[str, Path]:
    """The same packages, as those of a later version."""
    made = {}
    for name, package in packages.items():
        tree = where / name
        subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
        control = tree / "DEBIAN/control"
        control.write_text(re.sub(r"^(Version: |Depends:.*gatewayctl1? \(= )[\d.]+", rf"\g<1>{version}", control.read_text(),
                                  flags=re.MULTILINE))
        made[name] = where / f"{name}_{version}.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, made[name]], check=True, stdout=subprocess.DEVNULL)
    return made


def in_root(root: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", f"--mount-proc={root}/proc", "chroot", root, *words], text=True,
                          capture_output=True, check=False, timeout=300, stdin=subprocess.DEVNULL,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"})
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def put(root: Path, packages: dict[str, Path]) -> list[str]:
    """Copies them into the root; answers with where they are for whoever is in it."""
    for package in packages.values():
        shutil.copy2(package, root / "root")
    return [f"/root/{package.name}" for package in packages.values()]
