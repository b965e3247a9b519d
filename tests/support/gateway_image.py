"""The image that the boot tests run: gatewayctl, its hooks, and the test gateway in the part of `hermes`."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from places import BUILD, REPOSITORY

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
    target = Path(_stripped_directory().name) / name.replace("/", "-")
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
