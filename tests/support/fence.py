"""The fence of a fleet's member, with the test as its agent: it writes down until when gateways may run, and which."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

SECOND = 10**9


def boot_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class Fence:
    """`lease_seconds` is the length of each lease; `deadline` that of the last one, in nanoseconds of the boot-time clock."""

    def __init__(self, path: Path, lease_seconds: float = 6, owner: int | None = None) -> None:
        self.path, self.lease_seconds = path, lease_seconds
        (path / "places").mkdir(parents=True, exist_ok=True)
        for directory in (path, path / "places"):
            os.chown(directory, os.geteuid() if owner is None else owner, -1)
        self.deadline = 0
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def variable(self) -> dict[str, str]:
        return {"GATEWAYCTL_FENCE": str(self.path)}

    def _write(self, name: str, line: str) -> None:
        new = self.path / f".new-{os.getpid()}-{threading.get_ident()}"
        new.write_text(line + "\n")
        new.rename(self.path / name)

    # -- the lease ------------------------------------------------------------------------------------

    def renew(self) -> int:
        """What an agent writes whose request was granted at once."""
        length = int(self.lease_seconds * SECOND)
        self.deadline = boot_ns() + length
        self._write("lease", f"{self.deadline} {length}")
        return self.deadline

    def keep_renewing(self) -> None:
        """Far more often than an agent, so that a busy machine misses none; until `freeze`."""
        self.renew()
        self._end.clear()
        self._thread = threading.Thread(target=self._renew_until_end)
        self._thread.start()

    def _renew_until_end(self) -> None:
        while not self._end.wait(0.2):
            self.renew()

    def freeze(self) -> int:
        """No renewal from now on, as of an agent that was stopped or killed, or has lost its way to the fleet; the deadline
        that stays."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        return self.deadline

    def end_lease(self) -> None:
        self.freeze()
        (self.path / "lease").unlink()

    def agent(self) -> subprocess.Popen[bytes]:
        """A process of its own that renews, and that a test may stop or kill."""
        return subprocess.Popen([sys.executable, __file__, str(self.path), str(self.lease_seconds)], stdin=subprocess.DEVNULL)

    def written_deadline(self) -> int:
        return int((self.path / "lease").read_text().split()[0])

    # -- the places -----------------------------------------------------------------------------------

    def give(self, profile: str, token: int) -> None:
        self._write(f"places/{profile}", str(token))

    def take_away(self, profile: str) -> None:
        (self.path / "places" / profile).unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.freeze()


def main() -> None:
    fence = Fence(Path(sys.argv[1]), float(sys.argv[2]))
    while True:
        fence.renew()
        time.sleep(fence.lease_seconds / 10)


if __name__ == "__main__":
    main()
