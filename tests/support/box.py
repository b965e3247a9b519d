"""A throw-away container without a container engine: s6-svscan as PID 1 in namespaces of its own.

The boot and the stop of a container are where gateways get lost, so they are tested for real: this
machine's root is the image's base (through an overlay), `image/` is laid over it, and its /init stands
in for the one of s6-overlay 3. /run is fresh at every start, the volume at /opt/data persists.

    with Box(volume, overlay={"/etc/cont-init.d/02-reconcile": script}) as box:
        box.start()
        box.run(["gatewayctl", "status"], check=True)    # as the unprivileged user
        box.stop()                                       # what `docker stop` does
        box.start()                                      # the next boot, on the same volume

The network is the machine's: two boxes that bind the same port collide.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from poll import children, wait_until

HERE = Path(__file__).resolve().parent
USER = 10000
BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
WRAPPER = "/opt/hermes/docker/main-wrapper.sh"
SCANDIR = "/run/service"

ArgvShape = Literal["v3", "v2", "bare"]
T = TypeVar("T")


def why_not() -> str | None:
    """The reason why no box can be started here, for a skip; None when one can."""
    if os.geteuid() != 0:
        return "a box needs root for its namespaces"
    missing = [tool for tool in ("s6-svscan", "execlineb", "unshare", "nsenter", "setpriv") if not shutil.which(tool)]
    return f"not installed: {', '.join(missing)}" if missing else None


class Command(subprocess.Popen[Any]):
    """A command in a box. Signals go to the command itself and not to the nsenter that waits for it, which
    would leave a zombie to this machine's init and delay the end of the namespace until that one reaps."""

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            for pid in children(self.pid) or [self.pid]:
                os.kill(pid, sig)


class Box:
    """One container. `start` and `stop` may be repeated; leaving the context kills and removes everything.

    overlay    path in the image -> a file or directory (keeps its mode) or the content (executable if it
               starts with "#!")
    uid        the container's user; other than 0 it has no_new_privs, as under a restricted pod policy
    env        the container's environment, on top of PATH, HERMES_HOME and S6_KILL_GRACETIME
    command    the container's command, what follows the image name in `docker run`
    argv_shape where that command can be seen in /proc: "v3" in the arguments of rc.init, "v2" in those of
               PID 1 (`/init main-wrapper.sh ...`), "bare" the same without the wrapper (`/init ...`)
    """

    def __init__(
        self,
        volume: Path,
        *,
        overlay: Mapping[str, Path | str | bytes] | None = None,
        uid: int = 0,
        env: Mapping[str, str] | None = None,
        command: Sequence[str] = ("gateway", "run"),
        grace_ms: int = 3000,
        argv_shape: ArgvShape = "v3",
    ) -> None:
        self.volume = volume.resolve(strict=True)
        self.uid = uid
        self.env = {"PATH": BASE_PATH, "HERMES_HOME": "/opt/data", "S6_KILL_GRACETIME": str(grace_ms), **(env or {})}
        self.argv = [*command] if argv_shape == "bare" else [WRAPPER, *command]
        self.host_pid: int | None = None
        self.exit_code: int | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._scratch = Path(tempfile.mkdtemp(prefix="box-"))
        self._remove_scratch = weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)
        self._image = self._scratch / "image"
        (self._scratch / "mnt").mkdir()
        self._build_image(overlay or {}, scandir_as=self.argv[0] if argv_shape != "v3" else None)

    # -- life ---------------------------------------------------------------------------------------

    def start(self, *, wait: bool = True, seconds: float = 20) -> None:
        """Boots; returns when cont-init.d is done and the scandir rescanned, or at once without `wait`.

        The box dies with the thread that starts it (PR_SET_PDEATHSIG), so that a killed test leaves nothing.
        """
        assert self._keeper is None, "the box is already up"
        self.exit_code = None
        user = ["setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", "--inh-caps=-all"]
        # The change of user clears the death signal that unshare has set, so it is set again.
        drop = [*user, "--no-new-privs", "--pdeathsig=KILL"] if self.uid else []
        with self._console.open("ab") as console:
            self._keeper = subprocess.Popen(
                ["setpriv", "--pdeathsig=TERM", str(HERE / "box-stage.sh"), "outside", str(self._scratch)]
                + [str(self.volume), str(self.uid), *drop, *self._clean_env(self.env), "/init", *self.argv],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        keeper = self._keeper.pid
        self.host_pid = self._wait_for(lambda: next((p for u in children(keeper) for p in children(u)), 0), seconds)
        if wait:
            self.wait_booted(seconds)

    def wait_booted(self, seconds: float = 20) -> None:
        self._wait_for(lambda: (self.root / "run/box-booted").exists(), seconds)

    def stop(self, timeout: float = 20) -> float:
        """A container stop: SIGTERM to PID 1. Returns the seconds until the last process was gone."""
        assert self._keeper and self.host_pid, "the box is not up"
        begin = time.monotonic()
        os.kill(self.host_pid, signal.SIGTERM)
        try:
            self.wait_gone(timeout)
        except subprocess.TimeoutExpired:
            left = self.run(["ps", "-eo", "pid,user,stat,args"], user=0).stdout
            raise AssertionError(f"the box is not down after {timeout:g} s:\n{left}\n{self.console()}") from None
        return time.monotonic() - begin

    def kill(self) -> None:
        """SIGKILL for the whole container: what a power cut or the OOM killer leaves behind."""
        assert self._keeper, "the box is not up"
        if self.host_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.host_pid, signal.SIGKILL)
        else:
            self._keeper.terminate()
        self.wait_gone(20)

    def wait_gone(self, timeout: float = 20) -> None:
        """Waits for a container that ends by itself; `exit_code` is then what `docker wait` would print.

        The keeper ends after PID 1, and the kernel lets PID 1 go only after every process of its namespace.
        """
        assert self._keeper, "the box is not up"
        self.exit_code = self._keeper.wait(timeout)
        self._keeper = self.host_pid = None

    def close(self) -> None:
        if self._keeper and self._keeper.poll() is None:
            self.kill()
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
        user: int = USER,
        env: Mapping[str, str] | None = None,
        timeout: float = 30,
        check: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """`docker exec`: as the unprivileged user unless told otherwise; output captured as text."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with self.popen(argv, user, env, text=True, errors="replace", **pipes) as command:
            try:
                stdout, stderr = command.communicate(timeout=timeout)
            except BaseException:
                command.kill()
                raise
        if check and command.returncode != 0:
            raise AssertionError(f"{list(argv)} exited {command.returncode}\n{stdout}{stderr}")
        return subprocess.CompletedProcess(list(argv), command.returncode, stdout, stderr)

    def popen(
        self, argv: Sequence[str], user: int = USER, env: Mapping[str, str] | None = None, **options: Any
    ) -> Command:
        """`run` without waiting; `options` are those of Popen. The pid of the command inside is not `pid`."""
        return Command(self._enter(argv, user, env), **options)

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
        """What the container wrote to its stdout and stderr, over all its starts."""
        return self._console.read_text(errors="replace") if self._console.exists() else ""

    # -- the rest -----------------------------------------------------------------------------------

    @property
    def _console(self) -> Path:
        return self._scratch / "console.log"

    @staticmethod
    def _clean_env(env: Mapping[str, str]) -> list[str]:
        return ["env", "-i", "--default-signal", *(f"{name}={value}" for name, value in env.items())]

    def _enter(self, argv: Sequence[str], user: int, env: Mapping[str, str] | None) -> list[str]:
        assert self.host_pid, "the box is not up"
        own = {"HOME": "/root" if user == 0 else "/opt/data", **self.env, **(env or {})}
        # nsenter forks and waits; the death signals make the command die with it, and it with the test process.
        return [
            *("setpriv", "--pdeathsig=KILL", "nsenter", "-t", str(self.host_pid), "-p", "-m", "-u", "-i", "--"),
            *("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all"),
            *(["--no-new-privs"] if self.uid else []),
            *("--pdeathsig=KILL", *self._clean_env(own), *argv),
        ]

    def _wait_for(self, predicate: Callable[[], T], seconds: float) -> T:
        def alive_and_done() -> T:
            assert self._keeper and self._keeper.poll() is None, f"the box died:\n{self.console()}"
            return predicate()

        try:
            return wait_until(alive_and_done, seconds, "the boot of the box")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.console()}") from None

    def _build_image(self, overlay: Mapping[str, Path | str | bytes], scandir_as: str | None) -> None:
        shutil.copytree(HERE / "image", self._image, symlinks=True)
        for tool in (*Path("/usr/bin").glob("s6-*"), *Path("/usr/lib/execline/bin").iterdir()):
            (self._image / "command" / tool.name).symlink_to(tool)
        users = {"/etc/passwd": f"hermes:x:{USER}:{USER}::/opt/data:/bin/sh", "/etc/group": f"hermes:x:{USER}:"}
        for database, entry in users.items():
            self._put(database, f"{Path(database).read_text()}{entry}\n")
        for path, source in overlay.items():
            self._put(path, source)
        if scandir_as is not None:
            # s6-svscan takes the first of PID 1's arguments for its scandir; see image/init.
            link = self._image / scandir_as.lstrip("/")
            link.unlink(missing_ok=True)
            link.symlink_to(SCANDIR)

    def _put(self, path: str, source: Path | str | bytes) -> None:
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
