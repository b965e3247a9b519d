"""Throw-away machines with the real systemd, without a container engine.

What a unit really does at start, stop, crash and reboot is decided by systemd alone, so nothing stands in
for it: `SystemdBox` has it as PID 1, `UserSystemd` has one `systemd --user` and no system manager. This
machine's root is the base (through an overlay), its own units and generators stay out.

    with SystemdBox(binds={"/opt/data": volume}, overlay={"/usr/bin/tool": tool}) as box:
        box.start()
        (box.units / "demo.service").write_text(UNIT)
        box.systemctl("enable", "--now", "demo")
        box.reboot()                                     # demo comes up again
        box.run(["tool", "status"], user=USER, check=True)

    with UserSystemd() as box:
        box.start()
        box.run(["systemctl", "--user", "is-system-running"], check=True)    # as the unprivileged user

Over a reboot the binds, `units` and the user's home persist; everything else, the journal too, starts
anew from the same image. Each boot has a boot id of its own. The network is the machine's.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path

from namespaces import BASE_PATH, HERE, USER, Namespaces

RUNTIME_DIR = f"/run/user/{USER}"
USER_INIT = "/usr/sbin/user-systemd-init"

# The kernel's log and its auditing are the machine's: no box reads or switches them.
JOURNALD = """[Journal]
Storage=persistent
SystemMaxFileSize=4M
RateLimitIntervalSec=0
ReadKMsg=no
Audit=
ForwardToWall=no
"""


class SystemdBox(Namespaces):
    """systemd as PID 1; commands run as root unless told otherwise.

    binds    path in the box -> file or directory outside that persists there
    overlay  path in the image -> a file or directory (keeps its mode) or the content (executable if it
             starts with "#!")
    home     of the user "hermes" (uid and gid 10000); persistent also when it is not in `binds`
    base     the root over which the image is laid, instead of this machine's

    `units` is the directory outside that holds the box's own units and what is enabled; it is there, and
    persists, also while the box is down. Units that come with a package go to /usr/lib/systemd by `overlay`.
    """

    DEFAULT_USER = 0
    SYSTEMCTL: tuple[str, ...] = ("systemctl",)
    CONTROL_SOCKET = "run/systemd/private"
    STOP_SIGNAL = signal.SIGRTMIN + 3

    def __init__(
        self,
        *,
        binds: Mapping[str, Path] | None = None,
        overlay: Mapping[str, Path | str | bytes] | None = None,
        home: str = "/home/hermes",
        base: Path = Path("/"),
    ) -> None:
        super().__init__("systemd-box-", base)
        self.home = home
        self._cgroup = _own_cgroup() / self._scratch.name
        self._terminal: _Terminal | None = None
        self._binds = {path: source.resolve(strict=True) for path, source in (binds or {}).items()}
        if home not in self._binds:
            self._binds[home] = self._scratch / "home"
            _make_users_directory(self._binds[home])
        self._put_user(home)
        self._put("/etc/machine-id", uuid.uuid4().hex + "\n")
        self._put("/etc/systemd/journald.conf.d/box.conf", JOURNALD)
        self.units = self._furnish()
        for path, source in (overlay or {}).items():
            hidden_by = [target for target in self._binds if Path(path).is_relative_to(target)]
            assert not hidden_by, f"{path} would be hidden by what is bound to {hidden_by[0]}"
            self._put(path, source)

    def start(self, *, wait: bool = True, seconds: float = 30) -> None:
        """Boots; returns when every job of the boot is done, or without `wait` when PID 1 is where it belongs."""
        assert self._terminal is None, "the box is already up"
        self._terminal = _Terminal(self._console)
        binds = [part for path, source in sorted(self._binds.items()) for part in (str(source), path)]
        place = (str(self._cgroup), self._terminal.name)
        self._spawn("systemd-stage.sh", *place, *binds, "--", *self._pid1(), seconds=seconds)
        # Until then the box would show, and let `run` change, the root of the machine.
        self._wait_for(self._has_own_root, seconds)
        if wait:
            self.wait_booted(seconds)

    def wait_booted(self, seconds: float = 30) -> None:
        self._wait_for(lambda: self._is_booted(seconds), seconds)

    def reboot(self) -> None:
        self.stop()
        self.start()

    def systemctl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """systemctl for the manager of this box, as the user that may use it."""
        return self.run([*self.SYSTEMCTL, *arguments], check=check)

    def show(self, unit: str, *properties: str) -> dict[str, str]:
        """Some properties of a unit; systemd answers in an order of its own."""
        lines = self.systemctl("show", "-p", ",".join(properties), unit).stdout.splitlines()
        return {key: value for key, _, value in (line.partition("=") for line in lines)}

    def wait_gone(self, timeout: float = 20) -> None:
        super().wait_gone(timeout)
        if self._terminal:
            self._terminal.close()
            self._terminal = None

    def _pid1(self) -> list[str]:
        return ["/lib/systemd/systemd", "--system", "--log-target=console"]

    def _has_own_root(self) -> bool:
        # The root alone does not tell: between pivot_root and umount, nsenter still comes out in the old one.
        try:
            return "container=box" in Path(f"/proc/{self.host_pid}/environ").read_text(errors="replace").split("\0")
        except OSError:
            return False   # PID 1 is dead

    def _is_booted(self, seconds: float) -> bool:
        if not (self.root / self.CONTROL_SOCKET).exists():
            return False
        try:
            state = self.run([*self.SYSTEMCTL, "is-system-running", "--wait"], timeout=seconds).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            return False   # PID 1 is dead, or a job takes longer than the caller has time
        return state in ("running", "degraded")

    def _environment(self, user: int) -> dict[str, str]:
        name, home = ("root", "/root") if user == 0 else ("hermes", self.home)
        return {"PATH": BASE_PATH, "HOME": home, "USER": name, "LOGNAME": name, "LANG": "C.UTF-8"}

    def _way_in(self) -> list[str]:
        # What runs in the box counts as a part of it, so its cgroup is below the box's. It goes there before it is
        # in the cgroup namespace, which may forbid to come from outside of it.
        join = ["/bin/sh", "-c", 'echo 0 >"$0" && exec "$@"', str(self._cgroup / "exec/cgroup.procs")]
        return [*join, "nsenter", "-t", str(self.host_pid), "-m", "-u", "-i", "-C", "--"]

    def _furnish(self) -> Path:
        """Adds what this kind of box needs; returns the directory outside for its units."""
        target = "/etc/systemd/system"
        if target not in self._binds:
            self._binds[target] = self._scratch / "units"
            self._binds[target].mkdir()
        return self._binds[target]


class UserSystemd(SystemdBox):
    """`systemd --user` of the unprivileged user; commands run as that user unless told otherwise.

    PID 1 is a minimal init and there is no system manager and no D-Bus; journald runs. The user's home, and by
    that ~/.config/systemd/user, persists as if the user were lingering: enabled units come up with the boot.
    """

    DEFAULT_USER = USER
    SYSTEMCTL = ("systemctl", "--user")
    CONTROL_SOCKET = f"{RUNTIME_DIR.lstrip('/')}/systemd/private"
    STOP_SIGNAL = signal.SIGTERM

    def _pid1(self) -> list[str]:
        return [USER_INIT, self.home]

    def _environment(self, user: int) -> dict[str, str]:
        return super()._environment(user) | ({"XDG_RUNTIME_DIR": RUNTIME_DIR} if user == USER else {})

    def _furnish(self) -> Path:
        self._put(USER_INIT, HERE / "user-systemd-init.sh")
        path = self._binds[self.home]
        for part in (".config", "systemd", "user"):
            path /= part
            _make_users_directory(path)
        return path


def _make_users_directory(path: Path) -> None:
    """A directory of the unprivileged user; what is there already stays as it is."""
    if not path.exists():
        path.mkdir()
        os.chown(path, USER, USER)


class _Terminal:
    """A terminal whose output is copied to a file: systemd logs to /dev/console only when that is a terminal."""

    def __init__(self, log: Path) -> None:
        self._master, self._slave = os.openpty()
        self.name = os.ttyname(self._slave)
        self._copier = threading.Thread(target=self._copy, args=(log,), daemon=True)
        self._copier.start()

    def _copy(self, log: Path) -> None:
        with log.open("ab", buffering=0) as out:
            try:
                while data := os.read(self._master, 4096):
                    out.write(data.replace(b"\r", b""))
            except OSError:
                pass  # EIO: the last process that had the other side open is gone

    def close(self) -> None:
        os.close(self._slave)
        self._copier.join()
        os.close(self._master)


def _own_cgroup() -> Path:
    """The cgroup2 directory of this process; the mount is at /sys/fs/cgroup or, beside version 1, below it."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        mount, _, file_system = line.partition(" - ")
        if file_system.split()[0] == "cgroup2":
            root, mount_point = mount.split()[3:5]
            own = re.search(r"^0::(.*)$", Path("/proc/self/cgroup").read_text(), re.MULTILINE)
            assert own, "this process is in no cgroup of version 2"
            return Path(mount_point) / os.path.relpath(own[1], root)
    raise AssertionError("no cgroup2 is mounted")
