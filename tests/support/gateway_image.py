"""The image that the boot tests run: gatewayctl, its hooks, and the test gateway in the part of `hermes`."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("GATEWAYCTL_BUILD", REPOSITORY / "build"))
USER = 10000

# What `hermes` gets as arguments is recorded by the test gateway (--echo-env) and not otherwise looked at.
HERMES = """#!/bin/sh
profile=default
[ "$1" != -p ] || profile=$2
exec test-gateway --echo-env "$PWD/seen.json" --event-log "$PWD/events.log" {flags} -- "$@"
"""


@functools.cache
def _stripped_directory() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="gatewayctl-image-")


@functools.cache
def binary(name: str) -> Path:
    """A program of the build without its debugging information, which is most of its size."""
    target = Path(_stripped_directory().name) / name
    subprocess.run(["strip", "-o", target, BUILD / name], check=True)
    return target


def image(gateway_flags: str = "", files: Mapping[str, Path | str | bytes] | None = None) -> dict[str, Path | str | bytes]:
    """The overlay for `Box`; `gateway_flags` are the test gateway's."""
    hooks = {
        f"/etc/{directory}/{hook.name}": hook
        for directory in ("cont-init.d", "cont-finish.d")
        for hook in sorted((REPOSITORY / directory).iterdir())
    }
    return {
        "/usr/bin/gatewayctl": binary("gatewayctl"),
        "/usr/bin/test-gateway": binary("test-gateway"),
        "/usr/bin/hermes": HERMES.format(flags=gateway_flags),
        **hooks,
        **(files or {}),
    }


class HomeVolume:
    """A volume as the unprivileged user owns it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(exist_ok=True)
        os.chown(path, USER, USER)

    def profile(self, name: str, state: Mapping[str, object] | bytes | None = None) -> Path:
        """Makes a profile with SOUL.md and, if given, a gateway_state.json."""
        directory = self.path if name == "default" else self.path / "profiles" / name
        directory.mkdir(parents=True, exist_ok=True)
        if name != "default":
            (directory / "SOUL.md").touch()
        if state is not None:
            content = state if isinstance(state, bytes) else json.dumps(state).encode()
            (directory / "gateway_state.json").write_bytes(content)
        self.give_to_user()
        return directory

    def give_to_user(self) -> None:
        for directory, names, files in os.walk(self.path):
            for entry in (".", *names, *files):
                os.chown(os.path.join(directory, entry), USER, USER, follow_symlinks=False)

    def boot_log(self) -> list[str]:
        return (self.path / "logs/container-boot.log").read_text().splitlines()
