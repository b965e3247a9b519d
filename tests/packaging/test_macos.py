"""The other platform: what the launchd backend, `run`, markers and the C library are made of compiles for macOS."""

from __future__ import annotations

import re
import subprocess

import pytest
from places import REPOSITORY, SOURCE

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("macos")]


def compile_for(*words: str) -> None:
    done = subprocess.run([REPOSITORY / "dev/macos", *words], capture_output=True, text=True, check=False, timeout=3000)
    assert done.returncode == 0, done.stderr[-6000:]
    compiled = re.search(r"(\d+) of (\d+) files compile", done.stdout)
    assert compiled
    assert compiled[1] == compiled[2]


def test_every_file_of_the_program_and_of_the_library_compiles_for_macos_on_arm64() -> None:
    compile_for("--arch", "arm64")


def test_what_differs_from_linux_compiles_for_macos_on_x86_64() -> None:
    compile_for("--arch", "x86_64", "src/sys", "src/base", "src/capi")


def test_what_the_platforms_do_differently_stands_in_one_file_for_each() -> None:
    folders = [path for path in SOURCE.rglob("*") if path.is_dir() and path.name in ("linux", "macos")]
    for layer in {folder.parent for folder in folders}:
        linux, macos = ({path.name for path in (layer / name).glob("*.cpp")} for name in ("linux", "macos"))
        assert linux == macos
    forks = re.compile(r"^#\s*if.*(?:__APPLE__|__linux__|__MACH__)", re.MULTILINE)
    assert [str(path) for path in SOURCE.rglob("*.[ch]pp") if forks.search(path.read_text())] == []
