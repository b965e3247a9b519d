"""A root s6-svscan executes slots that are rendered from a hostile volume: nothing that its user wrote runs as root."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import USER
from poll import wait_until
from s6_tree import S6Tree, Supervisor

TRIPWIRE = """
#include <cstdio>
#include <unistd.h>
__attribute__((constructor)) static void trip() {
    if (std::FILE* file = std::fopen("%s", "a")) {
        std::fprintf(file, "%%u\\n", ::getuid());
        std::fclose(file);
    }
}
"""


@pytest.fixture
def tree() -> Iterator[S6Tree]:
    with S6Tree(Supervisor.OF_ROOT) as made:
        yield made


@pytest.fixture
def uids(tree: S6Tree) -> Path:
    """Where each program of the hostile user says as whom it runs."""
    path = tree.own(tree.write(tree.root / "uids", ""))
    path.chmod(0o666)
    return path


def attack(tree: S6Tree, uids: Path, profile: str = "a") -> set[int]:
    """Two lives and the end of one, so that run, finish and log/run have all been executed; who ran the user's code."""
    tree.ctl("start", "--no-wait", profile, check=True)
    wait_until(lambda: len(uids.read_text().split()) > 0, what="the hostile program to run")
    tree.ctl("restart", "--timeout", "10", profile)
    tree.ctl("stop", "--timeout", "10", "--force", profile)
    return {int(uid) for uid in uids.read_text().split()}


@pytest.mark.parametrize("front", [
    ["-u", "0", "-g", "0"],
    ["-u", "0", "-g", "0", "-G", "0", "--"],
    ["-U"],
    ["-z"],
])
def test_no_word_of_a_command_is_an_option_of_a_root_process(tree: S6Tree, uids: Path, front: list[str]) -> None:
    """F1. A command that begins with an option cannot be executed; what a shell behind it would write is looked at."""
    tree.profile("a")
    tree.config(command=[*front, "sh", "-c", f"id -u >>{uids}; exec sleep 1000"])
    tree.ctl("start", "--timeout", "3", "a")
    log = tree.home / "logs/gateways/a/current"
    wait_until(lambda: log.exists() and "-" + front[0].lstrip("-") in log.read_text(), what="the command to be tried")
    assert set(uids.read_text().split()) <= {str(USER)}


def test_a_library_of_the_profiles_environment_is_never_loaded_as_root(tree: S6Tree, uids: Path) -> None:
    """F2, LD_PRELOAD."""
    source = tree.root / "trip.cpp"
    source.write_text(TRIPWIRE % uids)
    library = tree.root / "trip.so"
    subprocess.run(["g++", "-shared", "-fPIC", "-o", library, source], check=True)
    tree.profile("a", service={"port": 9300, "env": {"LD_PRELOAD": str(library)}})
    assert attack(tree, uids) == {USER}


def test_a_program_in_the_profiles_path_is_never_executed_as_root(tree: S6Tree, uids: Path) -> None:
    """F2, PATH."""
    tools = tree.directory("a") / "tools"
    for name in ("id", "sh", "s6-applyuidgid", "s6-log", "mkdir", "mv", "gatewayctl", "with-contenv"):
        tree.write(tools / name, f"#!/bin/sh\n/usr/bin/id -u >>{uids}\nPATH={'/usr/bin:/bin'}\nexec {name} \"$@\"\n")
        (tools / name).chmod(0o755)
    tree.profile("a", service={"port": 9300, "env": {"PATH": str(tools)}})
    tree.part("a", before="id -u >/dev/null")
    assert attack(tree, uids) == {USER}
