"""What somebody who owns a volume may put in the place of a file."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from places import USER

THINGS = ["symlink", "dangling", "directory", "fifo", "socket"]


def put(thing: str, path: Path, target: Path) -> None:
    """Something other than a regular file at `path`."""
    if path.is_file() and not path.is_symlink():
        path.unlink()
    match thing:
        case "symlink":
            path.symlink_to(target)
        case "dangling":
            path.symlink_to(target.parent / "nowhere")
        case "directory":
            path.mkdir()
            (path / "inside").write_text("x")
        case "fifo":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(str(path))
        case "file":
            path.write_text("x")
    os.chown(path, USER, -1, follow_symlinks=False)
