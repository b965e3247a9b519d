"""A home and a scandir without a container around them, and the program run on both.

Everything belongs to the unprivileged user and every command runs as that user unless a test says
otherwise: a rule that only holds for root is no rule in a container.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from container_command import idle_wrapper
from home import Home
from places import FIXTURES, GATEWAYCTL, PATH

# Every state file that was recorded in the field, and every broken one.
STATES = sorted((FIXTURES / "state").glob("*.json"))
BAD = sorted((FIXTURES / "bad").glob("*.json"))
RUNNING = {"gateway_state": "running"}
STOPPED = {"gateway_state": "running", "desired_state": "stopped"}


class Entry(NamedTuple):
    """One path of a tree as stat(2) and its content tell."""

    kind: str
    mode: int
    uid: int
    gid: int
    inode: int
    mtime_ns: int
    content: bytes | str | None


def entry_of(path: Path) -> Entry:
    info = path.lstat()
    content: bytes | str | None = None
    if stat.S_ISREG(info.st_mode):
        content = path.read_bytes()
    elif stat.S_ISLNK(info.st_mode):
        content = os.readlink(path)
    kind = stat.filemode(info.st_mode)[0]
    return Entry(kind, stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid, info.st_ino, info.st_mtime_ns, content)


def snapshot(root: Path) -> dict[str, Entry]:
    """Every path below `root`, without following a symlink."""
    found = {".": entry_of(root)}
    for directory, names, files in os.walk(root):
        for name in names + files:
            path = Path(directory, name)
            found[str(path.relative_to(root))] = entry_of(path)
    return found


class Volume(Home):
    """`home` and `scandir` below one scratch directory."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="volume-"))
        self.root.chmod(0o755)
        super().__init__(self.root / "home")
        self.scandir = self.root / "service"
        self.scandir.mkdir(mode=0o755)
        self.own(self.scandir)
        self.config(f"wrapper: {idle_wrapper()}\n")

    def config(self, text: str) -> None:
        (self.root / "gatewayctl.yaml").write_text(text)

    # -- the program ----------------------------------------------------------------------------------

    def argv(self, *words: str, before: Sequence[str] = ()) -> list[str]:
        """The command line; `before` stands directly in front of the program (strace …)."""
        return [*before, str(GATEWAYCTL), *words]

    def options(self, user: int | None = None, env: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What Popen needs to run a command as the user, with nothing but the variables of the test."""
        uid = self.owner if user is None else user
        variables = {
            "PATH": PATH,
            "TZ": "UTC",
            "HERMES_HOME": str(self.home),
            "S6_PROFILE_GATEWAY_SCANDIR": str(self.scandir),
            "GATEWAYCTL_CONFIG": str(self.root / "gatewayctl.yaml"),
            **(env or {}),
        }
        as_user = {"user": uid, "group": uid, "extra_groups": []} if uid != os.geteuid() else {}
        return {"env": variables, "stdin": subprocess.DEVNULL, "cwd": "/", **as_user}

    def run(self, *words: str, user: int | None = None, env: Mapping[str, str] | None = None,
            before: Sequence[str] = (), check: bool = False) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(self.argv(*words, before=before), capture_output=True, text=True,
                              errors="surrogateescape", timeout=60, **self.options(user, env))
        if check and done.returncode != 0:
            raise AssertionError(f"{words} exited {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def reconcile(self, *words: str, **options: Any) -> dict[str, Any]:
        """A pass that has to succeed, as its JSON report."""
        return json.loads(self.run("--json", "reconcile", *words, check=True, **options).stdout)

    def plan(self, **options: Any) -> dict[str, Any]:
        return json.loads(self.run("--json", "plan", check=True, **options).stdout)

    # -- what came of it ------------------------------------------------------------------------------

    def slots(self) -> dict[str, str]:
        """Profile -> "up" or "down", of every visible slot."""
        prefix = "gateway-"
        return {
            path.name[len(prefix):]: "down" if (path / "down").exists() else "up"
            for path in sorted(self.scandir.glob(prefix + "*"))
        }

    def snapshot(self) -> dict[str, Entry]:
        return snapshot(self.root)

    # -- life -----------------------------------------------------------------------------------------

    def close(self) -> None:
        for directory, names, _ in os.walk(self.root):
            for name in names:
                path = Path(directory, name)
                if not path.is_symlink():
                    path.chmod(0o755)
        shutil.rmtree(self.root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def by_profile(report: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The records of a plan or report by the profile's name."""
    return {record["profile"]: record for record in report["profiles"]}
