"""A control group with a limit, so that the kernel's own limits meet a test's processes and no others."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Self

from poll import wait_until

LIMIT_FILES = {"memory": ("memory.limit_in_bytes", "memory.max"), "pids": ("pids.max", "pids.max"),
               "cpu": ("cpu.cfs_quota_us", "cpu.max")}
CPU_PERIOD_US = 1_000_000


def _own_group(controller: str) -> tuple[Path, str, bool]:
    """The directory of this process's group, the name of its limit, and whether it is of version 2: of version 1 where the
    machine has the controller there."""
    groups = Path("/proc/self/cgroup").read_text()
    first, second = LIMIT_FILES[controller]
    if v1 := re.search(rf"^\d+:(?:\w+,)*{controller}(?:,\w+)*:(.*)$", groups, re.MULTILINE):
        return Path("/sys/fs/cgroup", controller, v1[1].lstrip("/")), first, False
    v2 = re.search(r"^0::(.*)$", groups, re.MULTILINE)
    assert v2, f"this process is in no control group for {controller}"
    return Path("/sys/fs/cgroup", v2[1].lstrip("/")), second, True


class ControlGroup:
    """`with ControlGroup("memory", 64 << 20) as group: Popen(..., preexec_fn=group.join)`. Of "cpu" the limit is in
    microseconds of each second; the kernel takes 1000 at least."""

    def __init__(self, controller: str, limit: int) -> None:
        parent, limit_file, is_second = _own_group(controller)
        if is_second:
            # A group of version 2 that holds processes cannot hand a controller on; the root can.
            parent = Path("/sys/fs/cgroup")
            (parent / "cgroup.subtree_control").write_text(f"+{controller}")
        self.path = Path(tempfile.mkdtemp(prefix="gatewayctl-test-", dir=parent))
        self.path.chmod(0o755)
        if controller == "cpu" and is_second:
            (self.path / limit_file).write_text(f"{limit} {CPU_PERIOD_US}")
            return
        if controller == "cpu":
            (self.path / "cpu.cfs_period_us").write_text(str(CPU_PERIOD_US))
        (self.path / limit_file).write_text(str(limit))

    def join(self, pid: int | None = None) -> None:
        (self.path / "cgroup.procs").write_text(str(pid or os.getpid()))

    def leave_all(self, pids: Callable[[], set[int]]) -> None:
        """Those of them that are in it go back into the group above, with what they start meanwhile."""
        def none_is_left() -> bool:
            left = pids() & {int(pid) for pid in (self.path / "cgroup.procs").read_text().split()}
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    (self.path.parent / "cgroup.procs").write_text(str(pid))
            return not left

        wait_until(none_is_left, what="the group to be left")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        wait_until(lambda: not (self.path / "cgroup.procs").read_text(), what="the end of the group's processes")
        self.path.rmdir()
