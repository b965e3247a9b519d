"""A real s6-svscan on a scratch directory, with gateways that play the part a test gives them.

The supervisor is a tree of the unprivileged user's own (`gatewayctl tree`), or one of root with slots that this
user controls (the shared tree of a container), or, where that does not matter, a bare s6-svscan of the user. Everything the tests type is typed by that user, unless a test names another one: a rule
that only holds for root is no rule in a container.

    with S6Tree(Supervisor.OF_ROOT) as tree:
        tree.profile("a", "--drain-ms 50")
        tree.ctl("start", "a", check=True)
        assert tree.status("a")["state"] == "running"
"""

from __future__ import annotations

import contextlib
import enum
import json
import os
import shlex
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from container_command import idle_wrapper
from home import Home, events_of
from places import GATEWAYCTL, PATH, TEST_GATEWAY, USER
from poll import is_gone, kill_all, processes_with, start_time, wait_until

SVSTAT_FIELDS = "pid,up,wantedup,normallyup,ready"


class Supervisor(enum.Enum):
    """Whose s6-svscan it is."""

    OWN = "own tree"  # what `gatewayctl tree` becomes
    OF_USER = "svscan of user"
    OF_ROOT = "svscan of root"


class Finish(enum.Enum):
    """What a slot's finish script finds."""

    S6_ALONE = "s6 alone"  # no gatewayctl in PATH: s6's own budget answers, and no pause grows between two lives
    WHOLE = "whole"  # as in an image


def as_user(uid: int) -> list[str]:
    """The words in front of a command that make it run as `uid`, without a way back."""
    if os.geteuid() != 0 or uid == 0:
        return []
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all", "--no-new-privs"]


class S6Tree(Home):
    def __init__(self, supervisor: Supervisor = Supervisor.OF_USER, finish: Finish = Finish.S6_ALONE) -> None:
        self.supervisor = supervisor
        self.path = f"{GATEWAYCTL.parent}:{PATH}" if finish is Finish.WHOLE else PATH
        self.root = Path(tempfile.mkdtemp(prefix="s6-tree-"))
        self.root.chmod(0o755)
        super().__init__(self.root / "home")
        self.scandir, self.parts = (self.root / name for name in ("service", "parts"))
        for directory in (self.scandir, self.parts):
            directory.mkdir(mode=0o755)
        if supervisor is not Supervisor.OF_ROOT:
            self.own(self.scandir)
        # Whatever this tree starts carries the mark, also what has lost its parents.
        self.mark = f"S6_TREE={uuid.uuid4()}"
        self.svscan: subprocess.Popen[bytes] | None = None
        self.variables: dict[str, str] = {}  # of everything that is started from now on
        player = self.root / "play"
        player.write_text(f'#!/bin/sh\n. {self.parts}/"$1"\n')
        player.chmod(0o755)
        self.config()

    # -- the volume -----------------------------------------------------------------------------------

    def config(self, **settings: Any) -> None:
        """gatewayctl.yaml; JSON is YAML, and quotes every word."""
        command = [str(self.root / "play"), "{profile}"]
        self.write(self.home / "gatewayctl.yaml", {"command": command, "wrapper": idle_wrapper(), **settings})

    def part(self, profile: str, flags: str = "", before: str = "") -> None:
        """What the profile's gateway does from its next start on: flags of the test gateway, which is one
        that honours markers, and shell text in front of it."""
        directory = self.directory(profile)
        script = f"{before}\nexec {TEST_GATEWAY} --event-log {directory}/events --consume-marker {directory} {flags}\n"
        (self.parts / profile).write_text(script)

    def profile(self, name: str, flags: str = "", **files: Any) -> Path:
        """A profile with the `files` of Home.profile, whose gateway plays its part by `flags`."""
        directory = super().profile(name, **files)
        self.part(name, flags)
        return directory

    def verdict(self, profile: str) -> str:
        """What the gateway took its last SIGTERM for."""
        path = self.directory(profile) / "verdict"
        return path.read_text().strip() if path.exists() else "none"

    def events(self, profile: str) -> list[str]:
        return events_of(self.directory(profile) / "events")

    # -- the program ----------------------------------------------------------------------------------

    def environment(self, env: Mapping[str, str] | None = None) -> list[str]:
        variables = {
            "PATH": self.path,
            "HERMES_HOME": str(self.home),
            "S6_PROFILE_GATEWAY_SCANDIR": str(self.scandir),
            "GATEWAYCTL_MANAGER": "s6",
            **self.variables,
            **(env or {}),
        }
        return ["env", "-i", self.mark, *(f"{name}={value}" for name, value in variables.items() if value)]

    def argv(self, *words: str, user: int = USER, env: Mapping[str, str] | None = None, before: Sequence[str] = ()
             ) -> list[str]:
        return [*as_user(user), *self.environment(env), *before, str(GATEWAYCTL), *words]

    def ctl(self, *words: str, user: int = USER, env: Mapping[str, str] | None = None, before: Sequence[str] = (),
            check: bool = False, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """gatewayctl, as the unprivileged user unless `user` names another one."""
        done = subprocess.run(self.argv(*words, user=user, env=env, before=before), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, cwd="/", timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"{shlex.join(words)} exited {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def begin(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """gatewayctl that is not waited for yet."""
        return subprocess.Popen(self.argv(*words, env=env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                stdin=subprocess.DEVNULL, cwd="/")

    def json(self, *words: str, **options: Any) -> dict[str, Any]:
        return json.loads(self.ctl("--json", *words, **options).stdout)

    def status(self, profile: str) -> dict[str, Any]:
        return self.json("status", profile)["gateways"][0]

    # -- the supervisor -------------------------------------------------------------------------------

    def tool(self, *words: str, user: int = USER, check: bool = True) -> str:
        """One of s6's own tools."""
        return subprocess.run([*as_user(user), *words], check=check, capture_output=True, text=True, timeout=120).stdout

    def spawn(self, *words: str, user: int = USER) -> subprocess.Popen[bytes]:
        """One of them that is not waited for."""
        with (self.root / "console.log").open("ab") as console:
            return subprocess.Popen([*as_user(user), *self.environment(), *words], stdin=subprocess.DEVNULL,
                                    stdout=console, stderr=console)

    def slot(self, profile: str) -> Path:
        return self.scandir / f"gateway-{profile}"

    def slots(self) -> list[str]:
        """Every entry of the scandir that is a slot or was meant to be one."""
        return sorted(path.name for path in self.scandir.iterdir() if "gateway-" in path.name)

    def supervised(self, directory: Path) -> bool:
        return subprocess.run(["s6-svok", str(directory)], capture_output=True).returncode == 0

    def svstat(self, profile: str) -> dict[str, Any]:
        # A supervisor listens a moment before it has written its first status.
        status = self.slot(profile) / "supervise/status"
        wait_until(lambda: status.exists() or not self.supervised(self.slot(profile)), what=f"the first {status}")
        words = self.tool("s6-svstat", "-o", SVSTAT_FIELDS, str(self.slot(profile))).split()
        values = [int(word) if word.lstrip("-").isdigit() else word == "true" for word in words]
        return dict(zip(SVSTAT_FIELDS.split(","), values, strict=True))

    def pid(self, profile: str) -> int:
        """-1 when it is down."""
        return self.svstat(profile)["pid"]

    def supervise_pid(self, profile: str) -> int:
        return next(pid for pid, words in self.processes().items()
                    if words[:1] == ["s6-supervise"] and words[1:] == [f"gateway-{profile}"])

    def wait_up(self, profile: str, other_than: int = -1) -> int:
        """The pid of a gateway that has begun to run its own program."""
        def started() -> int:
            pid = self.pid(profile)
            program = os.readlink(f"/proc/{pid}/exe") if pid > 0 and not is_gone(pid) else ""
            return pid if pid != other_than and program == str(TEST_GATEWAY) else 0

        def quietly() -> int:
            with contextlib.suppress(FileNotFoundError, subprocess.CalledProcessError):
                return started()
            return 0

        return wait_until(quietly, what=f"{profile} to be up")

    def start(self) -> None:
        code = self.try_start()
        assert code is None, (self.root / "console.log").read_text()
        if self.supervisor is Supervisor.OF_ROOT:
            # What the boot hook does: the scandir becomes the user's, the slots are the user's work.
            self.ctl("reconcile", user=0, check=True)
            assert self.scandir.stat().st_uid == USER

    def try_start(self, before: Sequence[str] = ()) -> int | None:
        """None when s6-svscan listens, else how its process has ended; `before` stands in front of the program."""
        uid = 0 if self.supervisor is Supervisor.OF_ROOT else USER
        # A background process would hand ignored signals on to every service otherwise.
        before = ["env", "--default-signal=INT,QUIT", *before]
        ready, told = os.pipe()
        if self.supervisor is Supervisor.OWN:
            words = [*as_user(uid), *self.environment(), *before, str(GATEWAYCTL), "tree", "--ready-fd", str(told)]
        else:
            words = [*as_user(uid), *self.environment({"HERMES_HOME": "", "S6_PROFILE_GATEWAY_SCANDIR": ""}), *before,
                     "s6-svscan", "-d", str(told), str(self.scandir)]
        with (self.root / "console.log").open("ab") as console:
            self.svscan = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                                           pass_fds=[told])
        os.close(told)
        with os.fdopen(ready, "rb") as news:
            if news.readline() != b"\n":
                code, self.svscan = self.svscan.wait(timeout=120), None
                return code
        wait_until(self.is_live, what="s6-svscan to read its control FIFO")
        return None

    def is_live(self) -> bool:
        try:
            os.close(os.open(self.scandir / ".s6-svscan/control", os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    def processes(self) -> dict[int, list[str]]:
        """Words of every live process that this tree has started, by pid."""
        return processes_with(lambda variable: variable == self.mark)

    def orphans(self) -> list[int]:
        """Gateways of this tree that no supervisor has."""
        return [pid for pid, words in self.processes().items()
                if words[:1] == [str(TEST_GATEWAY)] and Path(f"/proc/{pid}/stat").read_text().split()[3] == "1"]

    def stop(self) -> None:
        """Nothing of this tree lives on, whatever a test did to it."""
        kill_all(self.processes, "every process of the tree to be gone")
        if self.svscan is not None:
            self.svscan.wait(timeout=120)
            self.svscan = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for directory, names, _ in os.walk(self.root):
            for name in names:
                if not (path := Path(directory, name)).is_symlink():
                    path.chmod(0o755)
        shutil.rmtree(self.root)


def same_process(pid: int, started: int | None) -> bool:
    """Whether the process that started then is still the one behind this pid."""
    return not is_gone(pid) and start_time(pid) == started
