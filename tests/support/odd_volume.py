"""A volume that refuses single operations, as network mounts, FAT disks and FUSE file systems do."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from places import ODDFS
from poll import wait_until

# What each odd volume refuses. The names are those of tests/volume/oddfs.c.
ODDITIES = {
    "no flush of a directory (EINVAL)": {"fsyncdir": errno.EINVAL},
    "no flush of a directory (EBADF)": {"fsyncdir": errno.EBADF},
    "no flush of a file": {"fsync": errno.EINVAL},
    "no modes": {"chmod": errno.EPERM},
    "no owners": {"chown": errno.EPERM},
    "no flock": {"flock": errno.ENOLCK},
    "no lock at all": {"flock": errno.ENOLCK, "lock": errno.ENOLCK},
    "no rename without replacing": {"rename2": errno.EINVAL},
    "no links": {"link": errno.EPERM, "symlink": errno.EPERM},
    "no FIFOs": {"mkfifo": errno.EPERM},
    "no types in a listing": {"dtype": 1},
}
ODDITIES["none of all that"] = {name: number for odd in ODDITIES.values() for name, number in odd.items()}


class OddVolume:
    """Mounted over a directory, whose content it shows; what it refuses can be changed while it is in use."""

    def __init__(self, place: Path, **refusals: int) -> None:
        self.place, self.below = place, place.with_name(place.name + ".below")
        self.refusals = place.with_name(place.name + ".refusals")
        self.refuse(**refusals)

    def refuse(self, **refusals: int) -> None:
        self.refusals.write_text("".join(f" {name}={number}" for name, number in refusals.items()))

    @contextlib.contextmanager
    def well(self) -> Iterator[None]:
        """For what a test itself does to it."""
        before = self.refusals.read_text()
        self.refuse()
        yield
        self.refusals.write_text(before)

    def __enter__(self) -> Self:
        self.place.rename(self.below)
        self.place.mkdir()
        self._daemon = subprocess.Popen([ODDFS, self.below, self.place, self.refusals], stdin=subprocess.DEVNULL)

        def mounted() -> bool:
            assert self._daemon.poll() is None, "oddfs has ended"
            return os.path.ismount(self.place)

        wait_until(mounted, what=f"oddfs on {self.place}")
        return self

    def __exit__(self, *_: object) -> None:
        if os.path.ismount(self.place):
            subprocess.run(["umount", "--lazy", str(self.place)], check=True)
        self._daemon.wait(120)
        self.place.rmdir()
        self.below.rename(self.place)
