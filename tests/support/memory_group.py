"""A cgroup with a limit on memory, so that the kernel's own OOM killer acts on a test's processes and on no others."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Self

from poll import wait_until


def _own_group() -> tuple[Path, str]:
    """The directory of this process's memory cgroup and the name of its limit: of version 1 where the machine has the
    controller there, else of version 2."""
    groups = Path("/proc/self/cgroup").read_text()
    if v1 := re.search(r"^\d+:(?:\w+,)*memory(?:,\w+)*:(.*)$", groups, re.MULTILINE):
        return Path("/sys/fs/cgroup/memory", v1[1].lstrip("/")), "memory.limit_in_bytes"
    v2 = re.search(r"^0::(.*)$", groups, re.MULTILINE)
    assert v2, "this process is in no memory cgroup"
    return Path("/sys/fs/cgroup", v2[1].lstrip("/")), "memory.max"


class MemoryGroup:
    """`with MemoryGroup(limit=64 << 20) as group: Popen(..., preexec_fn=group.join)`."""

    def __init__(self, limit: int) -> None:
        parent, limit_file = _own_group()
        if limit_file == "memory.max":
            # A group of version 2 that holds processes cannot hand a controller on; the root can.
            parent = Path("/sys/fs/cgroup")
            (parent / "cgroup.subtree_control").write_text("+memory")
        self.path = Path(tempfile.mkdtemp(prefix="gatewayctl-test-", dir=parent))
        (self.path / limit_file).write_text(str(limit))

    def join(self) -> None:
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        wait_until(lambda: not (self.path / "cgroup.procs").read_text(), what="the end of the group's processes")
        self.path.rmdir()
