"""A disk whose writes are kept in their order, and what a power cut may have left of it.

What was flushed is on it. Of what was written after the last flush a part may be, and a disk may have taken it in another
order: a cut keeps the whole of it, or any subset.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from places import DISKLOG
from poll import wait_until

SIZE = 8 << 20
HEAD = struct.Struct("<QQQ")
# Nothing of the file system's own habits stands in for a flush that the program leaves out: no allocation at a rename that
# replaces, no commit by a timer.
OPTIONS = "noauto_da_alloc,commit=600"


@dataclass(frozen=True)
class Write:
    at: int
    data: bytes


@dataclass
class Recording:
    """`marks`: what the test has said, with the number of writes and flushes before it."""

    base: Path
    events: list[Write | None] = field(default_factory=list)  # None: a flush
    marks: list[tuple[int, Any]] = field(default_factory=list)

    def last_mark(self, events: int) -> Any:
        return [said for number, said in self.marks if number <= events][-1]

    def cut(self, image: Path, events: int, dice: random.Random | None) -> None:
        """The disk after so many events; with dice only a part of what was not flushed."""
        shutil.copyfile(self.base, image)
        flushed = max((n + 1 for n, event in enumerate(self.events[:events]) if event is None), default=0)
        with image.open("r+b") as disk:
            for number, event in enumerate(self.events[:events]):
                if event and (number < flushed or dice is None or dice.random() < 0.5):
                    disk.seek(event.at)
                    disk.write(event.data)


def _read(base: Path, log: Path) -> Recording:
    recording, whole, at = Recording(base), log.read_bytes(), 0
    while at < len(whole):
        kind, offset, length = HEAD.unpack_from(whole, at)
        data = whole[at + HEAD.size:at + HEAD.size + length]
        at += HEAD.size + length
        if chr(kind) == "m":
            recording.marks.append((len(recording.events), json.loads(data)))
        else:
            recording.events.append(Write(offset, data) if chr(kind) == "w" else None)
    return recording


class RecordedDisk:
    """An ext4 on such a disk, mounted at `place`."""

    def __init__(self, scratch: Path, place: Path) -> None:
        self.scratch, self.place = scratch, place
        self.image, self.base, self.log = (scratch / name for name in ("image", "base", "log"))
        self.view = scratch / "view"

    @contextlib.contextmanager
    def mounted(self) -> Iterator[None]:
        with self.image.open("wb") as file:
            file.truncate(SIZE)
        words = ["mkfs.ext4", "-q", "-F", "-b", "1024", "-J", "size=1", "-E", "lazy_itable_init=0,lazy_journal_init=0"]
        subprocess.run([*words, str(self.image)], check=True)
        shutil.copyfile(self.image, self.base)
        self.view.mkdir()
        info = self.place.stat()
        with subprocess.Popen([DISKLOG, self.image, self.log, self.view], stdin=subprocess.DEVNULL) as disk:
            try:
                wait_until(lambda: disk.poll() is not None or os.path.ismount(self.view), what="the recording disk")
                subprocess.run(["mount", "-t", "ext4", "-o", f"loop,{OPTIONS}", self.view / "disk", self.place], check=True)
                try:
                    os.chown(self.place, info.st_uid, info.st_gid)
                    yield
                finally:
                    subprocess.run(["umount", self.place], check=True)
            finally:
                subprocess.run(["umount", self.view], check=True)

    def mark(self, said: Any) -> None:
        fd = os.open(self.view / "mark", os.O_WRONLY)
        try:
            os.write(fd, json.dumps(said).encode())
        finally:
            os.close(fd)

    def recording(self) -> Recording:
        return _read(self.base, self.log)


@contextlib.contextmanager
def mounted_image(image: Path, place: Path) -> Iterator[None]:
    """As a machine mounts it after the cut: the journal is played back."""
    subprocess.run(["mount", "-t", "ext4", "-o", f"loop,{OPTIONS}", image, place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)
