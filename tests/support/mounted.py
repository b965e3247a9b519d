"""File systems of several kinds in the place of a directory, each of its own and gone at its end."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from odd_volume import ODDITIES, OddVolume

#: For what a test itself writes: within it the volume refuses nothing.
Well = Callable[[], AbstractContextManager[None]]


@contextlib.contextmanager
def _mount(place: Path, *words: str) -> Iterator[Well]:
    info = place.stat()
    subprocess.run(["mount", *words, str(place)], check=True)
    try:
        os.chown(place, info.st_uid, info.st_gid)
        place.chmod(0o755)
        yield nullcontext
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextlib.contextmanager
def tmpfs(place: Path) -> Iterator[Well]:
    with _mount(place, "-t", "tmpfs", "tmpfs") as well:
        yield well


@contextlib.contextmanager
def ext4(place: Path) -> Iterator[Well]:
    """With a journal, on a loop device."""
    image = place.with_name(place.name + ".ext4")
    with image.open("wb") as file:
        file.truncate(32 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    try:
        with _mount(place, "-t", "ext4", "-o", "loop", str(image)) as well:
            yield well
    finally:
        image.unlink()


@contextlib.contextmanager
def refusals(place: Path) -> Iterator[Well]:
    """Refuses all that a volume may, but for the locks: where none can be had, a leftover of a killed write cannot be told
    from a file that is being written, and stays."""
    with OddVolume(place, **{name: number for name, number in ODDITIES["none of all that"].items() if name != "lock"}) as odd:
        yield odd.well


VOLUMES: dict[str, Callable[[Path], AbstractContextManager[Well]]] = {"tmpfs": tmpfs, "ext4": ext4, "refusals": refusals}
