"""What every box is made of: namespaces with a keeper process, a scratch directory, and a way in.

A stage script builds the root and becomes PID 1; its first part stays outside as the keeper. The keeper
lives exactly as long as the box and is tied to the thread that starts it, so that a killed test leaves nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from places import USER
from poll import children, wait_until

HERE = Path(__file__).resolve().parent
BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

CLONE_NEWPID = 0x20000000
LIBC = ctypes.CDLL(None, use_errno=True)

T = TypeVar("T")


class Namespaces(ABC):
    """A box that can be started and ended repeatedly; leaving the context kills and removes everything."""

    DEFAULT_USER = USER
    STOP_SIGNAL: int = signal.SIGTERM

    def __init__(self, prefix: str, base: Path = Path("/")) -> None:
        self.base = base
        self.host_pid: int | None = None
        self.exit_code: int | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._commands: list[subprocess.Popen[Any]] = []
        self._stage_environment = {"BOX_BASE": str(base)}
        self._scratch = Path(tempfile.mkdtemp(prefix=prefix))
        self._remove_scratch = weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)
        self._image = self._scratch / "image"
        self._image.mkdir()
        (self._scratch / "mnt").mkdir()

    # -- life ---------------------------------------------------------------------------------------

    def stop(self, timeout: float = 30) -> float:
        """The orderly way: tells PID 1 to end. Returns the seconds until the last process was gone."""
        assert self._keeper and self.host_pid, "the box is not up"
        begin = time.monotonic()
        os.kill(self.host_pid, self.STOP_SIGNAL)
        try:
            self.wait_gone(timeout)
        except AssertionError:
            left = self.run(["ps", "-eo", "pid,user,stat,args"], user=0).stdout
            raise AssertionError(f"the box is not down after {timeout:g} s:\n{left}\n{self.console()}") from None
        return time.monotonic() - begin

    def kill(self) -> None:
        """SIGKILL for PID 1, and by that for all of the box: what a power cut or the OOM killer leaves behind."""
        assert self._keeper, "the box is not up"
        if self.host_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.host_pid, signal.SIGKILL)
        else:
            self._keeper.terminate()
        self.wait_gone()

    def wait_gone(self, timeout: float = 20) -> None:
        """Waits for a box that ends by itself; `exit_code` is then the status of its PID 1.

        The keeper ends after PID 1, and the kernel lets PID 1 go only after every process of its namespace
        is gone and reaped, those of `popen` too.
        """
        assert self._keeper, "the box is not up"
        keeper = self._keeper

        def reap() -> bool:
            for command in self._commands:
                command.poll()
            return keeper.poll() is not None

        wait_until(reap, timeout, "the end of the box")
        self.exit_code = keeper.returncode
        self._keeper = self.host_pid = None
        self._commands.clear()

    def close(self) -> None:
        try:
            if self._keeper and self._keeper.poll() is None:
                self.kill()
            elif self._keeper:
                self.wait_gone()
        finally:
            self._remove_scratch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            print(f"--- console of the box ---\n{self.console()}--- end of console ---", file=sys.stderr)
        self.close()

    # -- what happens inside ------------------------------------------------------------------------

    def run(
        self,
        argv: Sequence[str],
        user: int | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 30,
        check: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command in the box and captures its output as text; `user` is a uid."""
        with self._as_parent():
            done = subprocess.run(self._enter(argv, user, env), capture_output=True, text=True, errors="replace",
                                  stdin=subprocess.DEVNULL, timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"{list(argv)} exited {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def popen(
        self, argv: Sequence[str], user: int | None = None, env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[Any]:
        """`run` without waiting. What is returned is the command itself: `pid` is its pid outside."""
        with self._as_parent():
            command = subprocess.Popen(self._enter(argv, user, env), **options)
        self._commands.append(command)
        return command

    @property
    def root(self) -> Path:
        """The box's root directory as seen from outside, while it is up: `box.root / "run/service"`."""
        assert self.host_pid, "the box is not up"
        return Path(f"/proc/{self.host_pid}/root")

    def pids(self) -> dict[int, int]:
        """Every process of the box: pid inside -> pid outside."""
        found: dict[int, int] = {}
        if self.host_pid is None:
            return found
        try:
            namespace = os.readlink(f"/proc/{self.host_pid}/ns/pid")
        except OSError:
            return found
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(process / "ns/pid") == namespace:
                    inside = (process / "status").read_text().partition("NSpid:")[2].split("\n")[0].split()[-1]
                    found[int(inside)] = int(process.name)
            except OSError:
                pass  # it went away meanwhile
        return found

    def console(self) -> str:
        """What the box wrote to its console, over all its starts."""
        return self._console.read_text(errors="replace") if self._console.exists() else ""

    # -- the rest -----------------------------------------------------------------------------------

    @abstractmethod
    def _environment(self, user: int) -> dict[str, str]:
        """The whole environment of a command of this user in the box."""

    def _enter(self, argv: Sequence[str], user: int | None, env: Mapping[str, str] | None) -> list[str]:
        assert self.host_pid, "the box is not up"
        uid = self.DEFAULT_USER if user is None else user
        return [*self._way_in(), *self._privileges(uid), *clean_env({**self._environment(uid), **(env or {})}), *argv]

    def _way_in(self) -> list[str]:
        """The command that enters all namespaces but that of the pids (see `_as_parent`) and executes another."""
        return ["nsenter", "-t", str(self.host_pid), "-m", "-u", "-i", "--"]

    @contextlib.contextmanager
    def _as_parent(self) -> Iterator[None]:
        """Makes what this thread starts meanwhile a process of the box and yet a child of this thread.

        With `nsenter -p` between the two, killing the command would leave its zombie to the machine's init,
        and the box could not end before that has reaped it, which may take seconds.
        """
        _set_pid_namespace(f"/proc/{self.host_pid}/ns/pid")
        try:
            yield
        finally:
            _set_pid_namespace("/proc/self/ns/pid")

    def _privileges(self, uid: int) -> list[str]:
        """The setpriv that makes a command run as `uid`, without its command."""
        return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"]

    @property
    def _console(self) -> Path:
        return self._scratch / "console.log"

    def _spawn(self, stage: str, *arguments: str, seconds: float) -> None:
        """Starts the keeper; returns when PID 1 exists, which is long before the box has booted."""
        assert self._keeper is None, "the box is already up"
        self.exit_code = None
        with self._console.open("ab") as console:
            self._keeper = subprocess.Popen(
                ["setpriv", "--pdeathsig=TERM", str(HERE / stage), "outside", str(self._scratch), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                env={**os.environ, **self._stage_environment},
            )
        keeper = self._keeper.pid
        self.host_pid = self._wait_for(lambda: next((p for u in children(keeper) for p in children(u)), 0), seconds)

    def _wait_for(self, predicate: Callable[[], T], seconds: float) -> T:
        def alive_and_done() -> T:
            assert self._keeper and self._keeper.poll() is None, "the box died"
            return predicate()

        try:
            return wait_until(alive_and_done, seconds, "the boot of the box")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.console()}") from None

    def _put_user(self, home: str) -> None:
        """Makes the unprivileged user known in the image."""
        for database, entry in (("passwd", f"hermes:x:{USER}:{USER}::{home}:/bin/sh"), ("group", f"hermes:x:{USER}:")):
            self._put(f"/etc/{database}", (self.base / f"etc/{database}").read_text() + entry + "\n")

    def _put(self, path: str, source: Path | str | bytes) -> None:
        """Puts a file or directory (keeps its mode) or content (executable if it starts with "#!") into the image."""
        # The directory is resolved as in the image's base: a real /bin would hide the link that is there.
        parent = os.path.realpath(os.path.dirname(path))
        target = self._image / parent.lstrip("/") / os.path.basename(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, Path):
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy(source, target)
            return
        content = source.encode() if isinstance(source, str) else source
        target.write_bytes(content)
        target.chmod(0o755 if content.startswith(b"#!") else 0o644)


def _set_pid_namespace(path: str) -> None:
    """setns(2): the pid namespace of the children of this thread."""
    namespace = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if LIBC.setns(namespace, CLONE_NEWPID) != 0:
            raise OSError(ctypes.get_errno(), f"setns {path}")
    finally:
        os.close(namespace)


def clean_env(env: Mapping[str, str]) -> list[str]:
    """The prefix of a command that makes `env` its whole environment and undoes inherited ignored signals."""
    return ["env", "-i", "--default-signal", *(f"{name}={value}" for name, value in env.items())]
