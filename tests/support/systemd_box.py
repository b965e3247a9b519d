"""Throw-away machines with the real systemd, without a container engine.

What a unit really does at start, stop, crash and reboot is decided by systemd alone, so nothing stands in
for it: `SystemdBox` has it as PID 1, `UserSystemd` has one `systemd --user` and no system manager. This
machine's root is the base (through an overlay), its own units and generators stay out.

    with SystemdBox(binds={"/opt/data": volume}, overlay={"/usr/bin/tool": tool}) as box:
        box.start()
        (box.units / "demo.service").write_text(UNIT)
        box.run(["systemctl", "enable", "--now", "demo"], check=True)
        box.reboot()                                     # demo comes up again
        box.run(["systemctl", "show", "-p", "MainPID", "demo"], user=USER, check=True)

    with UserSystemd() as box:
        box.start()
        box.run(["systemctl", "--user", "daemon-reload"], check=True)    # as the unprivileged user

Over a reboot the binds, `units` and the user's home persist; everything else, the journal too, starts
anew from the same image. Each boot has a boot id of its own. The network is the machine's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import namespaces
from namespaces import BASE_PATH, USER, Namespaces

RUNTIME_DIR = f"/run/user/{USER}"

# The kernel's log and its auditing are the machine's: no box reads or switches them.
JOURNALD = """[Journal]
Storage=persistent
SystemMaxFileSize=4M
RateLimitIntervalSec=0
ReadKMsg=no
Audit=
ForwardToWall=no
"""


def why_not() -> str | None:
    """The reason why no systemd can be started here, for a skip; None when one can."""
    return namespaces.why_not("systemctl", "journalctl")


class SystemdBox(Namespaces):
    """systemd as PID 1; commands run as root unless told otherwise.

    binds    path in the box -> file or directory outside that persists there
    overlay  path in the image -> a file or directory (keeps its mode) or the content (executable if it
             starts with "#!")
    home     of the user "hermes" (uid and gid 10000); persistent also when it is not in `binds`
    """

    NSENTER = (*Namespaces.NSENTER, "-C")
    DEFAULT_USER = 0
    SCOPE = "system"
    SYSTEMCTL: tuple[str, ...] = ("systemctl",)
    CONTROL_SOCKET = "run/systemd/private"
    STOP_SIGNAL = signal.SIGRTMIN + 3

    def __init__(
        self,
        *,
        binds: Mapping[str, Path] | None = None,
        overlay: Mapping[str, Path | str | bytes] | None = None,
        home: str = "/home/hermes",
    ) -> None:
        super().__init__("systemd-box-")
        self.home = home
        self._cgroup = _own_cgroup() / self._scratch.name
        self._machine_id = uuid.uuid4().hex + "\n"
        self._terminal: tuple[int, threading.Thread] | None = None
        try:
            self._binds = {path: source.resolve(strict=True) for path, source in (binds or {}).items()}
            if home not in self._binds:
                self._binds[home] = self._scratch / "home"
                self._binds[home].mkdir()
                os.chown(self._binds[home], USER, USER)
            self._put_user(home)
            self._put("/etc/machine-id", self._machine_id)
            self._put("/etc/systemd/journald.conf.d/box.conf", JOURNALD)
            self.units = self._make_units()
            for path, source in (overlay or {}).items():
                hidden_by = [target for target in self._binds if Path(path).is_relative_to(target)]
                assert not hidden_by, f"{path} would be hidden by what is bound to {hidden_by[0]}"
                self._put(path, source)
        except BaseException:
            self.close()
            raise

    def start(self, *, wait: bool = True, seconds: float = 30) -> None:
        """Boots; returns when every job of the boot is done, or at once without `wait`."""
        self._open_terminal()
        binds = [part for path, source in sorted(self._binds.items()) for part in (str(source), path)]
        self._spawn("systemd-stage.sh", str(self._cgroup), self._tty, self.SCOPE, self.home, *binds, seconds=seconds)
        if wait:
            self.wait_booted(seconds)

    def wait_booted(self, seconds: float = 30) -> None:
        self._wait_for(lambda: self._is_booted(seconds), seconds)

    def stop(self, timeout: float = 30) -> float:
        """An orderly shutdown. Returns the seconds until the last process was gone."""
        assert self._keeper and self.host_pid, "the box is not up"
        begin = time.monotonic()
        os.kill(self.host_pid, self.STOP_SIGNAL)
        try:
            self.wait_gone(timeout)
        except subprocess.TimeoutExpired:
            jobs = self.run([*self.SYSTEMCTL, "list-jobs"]).stdout
            raise AssertionError(f"the box is not down after {timeout:g} s:\n{jobs}\n{self.console()}") from None
        return time.monotonic() - begin

    def reboot(self) -> None:
        self.stop()
        self.start()

    def wait_gone(self, timeout: float = 20) -> None:
        super().wait_gone(timeout)
        self._close_terminal()

    def close(self) -> None:
        self._close_terminal_after(super().close)
