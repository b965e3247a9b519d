"""Processes that pass for the container's command.

gatewayctl looks for it among all the processes it sees, and the boxes of other tests are among these. Every home
therefore names a wrapper that exists: it is found first, whatever else runs on the machine.
"""

from __future__ import annotations

import functools
import subprocess
import uuid
from typing import Self


class ContainerCommand:
    """`wrapper` in front of `words` in the arguments of a process that does nothing until the context is left."""

    def __init__(self, wrapper: str, *words: str) -> None:
        argv = ["sh", "-c", "read line", f"/opt/{wrapper}", *words]
        # It has the arguments once Popen returns, and ends with this process at the latest: nobody else holds the pipe.
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()


@functools.cache
def _idle(name: str) -> ContainerCommand:
    return ContainerCommand(name, "idle")


def idle_wrapper(name: str = f"wrapper-{uuid.uuid4()}") -> str:
    """The name of a wrapper whose command has nothing to do with gateways."""
    _idle(name)
    return name
