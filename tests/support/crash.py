"""A command interrupted or refused at each of its system calls (strace fault injection), and what must still hold.

A scenario prepares a volume and names a command. The command runs once undisturbed; that gives the number of
calls of each kind and the state that is to be reached. Then, for every single call, the volume is put back to the
beginning and the command runs again, killed in front of that call, or with that call failing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from volume import Volume, snapshot

# Calls that change something on disk. Between two of these a kill finds the same state, so these are all that matter.
MUTATING = re.compile(r"write|pwrite|rename|unlink|mkdir|rmdir|mknod|f?chmod|f?chown|f?truncate|link|symlink|f(data)?sync"
                      r"|open\w*\(.*O_CREAT")
# Calls that a full, broken or forbidden file system, or a full descriptor table, can refuse.
REFUSABLE = re.compile(MUTATING.pattern + r"|open|read\(|getdents|newfstatat|fstat|access|flock|dup|pipe|socket")
# Beside the disk: locks, other processes, the supervisor.
CHANGES = re.compile(MUTATING.pattern + r"|utime|flock|clone|v?fork|exec|kill|pidfd_send|connect|send|exit"
                     r"|open\w*\(.*(?:O_WRONLY|O_RDWR)|fcntl\(.*F_(?:OFD_)?SETLK")
# Other processes of the machine are not part of the scenario; nor is what the program prints, or reads of itself.
OUTSIDE = re.compile(r"</proc|\"/proc|<pipe:|\"/sys/|^exec|\+\+\+|---")


class Point(NamedTuple):
    """One system call of a command: the `when`-th of its kind."""

    call: str
    when: int


def points_of(calls: Iterable[str]) -> Iterator[tuple[Point, str]]:
    """Every call in lines of strace's, with its line."""
    seen: Counter[str] = Counter()
    for line in calls:
        if match := re.match(r"(\w+)\(", line):
            seen[match[1]] += 1
            yield Point(match[1], seen[match[1]]), line


class Content(NamedTuple):
    """What of an entry must be the same after two ways to one state."""

    kind: str
    mode: int
    uid: int
    content: bytes | str | None


# Which directories a slot was made for, by device and inode: another one each time the volume is put back.
MADE_FOR = re.compile(rb"^# made for: .*$", re.MULTILINE)


def contents(root: Path) -> dict[str, Content]:
    def comparable(content: bytes | str | None) -> bytes | str | None:
        return MADE_FOR.sub(b"", content) if isinstance(content, bytes) else content

    return {name: Content(e.kind, e.mode, e.uid, comparable(e.content)) for name, e in snapshot(root).items()}


def identity(directory: Path) -> str:
    if not directory.is_dir():
        return "-"
    info = directory.stat()
    return f"{info.st_dev}:{info.st_ino}"


def _without_down(tree: dict[str, Content]) -> dict[str, Content]:
    return {name: content for name, content in tree.items() if not name.endswith("/down")}


@dataclass(frozen=True)
class Scenario:
    name: str
    prepare: Callable[[Volume], None]
    words: Sequence[str] = ("reconcile",)
    env: Mapping[str, str] = field(default_factory=dict)


class Interruption:
    """A volume that can be put back to where a scenario begins, any number of times."""

    def __init__(self, volume: Volume, scenario: Scenario,
                 well: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        """`well`: within it the volume refuses nothing to the test itself."""
        self.volume, self.words, self.env, self._well = volume, scenario.words, scenario.env, well
        self._template = volume.root / "template"
        scenario.prepare(volume)
        self._template.mkdir()
        for place in (volume.home, volume.scandir):
            (self._template / place.name).mkdir()
            self._copy(place, self._template / place.name)
        self.before_home, self.before_scandir = contents(volume.home), contents(volume.scandir)
        self.calls = self._trace()
        done = self._run()
        assert done.returncode == 0, done.stderr
        self.messages = set(done.stderr.splitlines())
        self.after_home, self.after_scandir = contents(volume.home), contents(volume.scandir)
        self.goals = self._goals(volume.plan(env=self.env))

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        subprocess.run(["cp", "-a", os.fspath(source) + "/.", os.fspath(target)], check=True)

    def reset(self) -> None:
        with self._well():
            for place in (self.volume.home, self.volume.scandir):
                for entry in place.iterdir():
                    entry.unlink() if entry.is_symlink() or not entry.is_dir() else shutil.rmtree(entry)
                self._copy(self._template / place.name, place)
        for run in self.volume.scandir.glob("gateway-*/run"):
            profile = self.volume.directory(run.parent.name.removeprefix("gateway-"))
            made_for = " ".join(f"{what} {identity(path)}" for what, path in (
                ("home", self.volume.home), ("profiles", self.volume.home / "profiles"), ("profile", profile)))
            run.write_bytes(MADE_FOR.sub(f"# made for: {made_for}".encode(), run.read_bytes()))

    def points(self, wanted: re.Pattern[str]) -> Iterator[Point]:
        for point, call in points_of(self.calls):
            if wanted.match(call) and not OUTSIDE.search(call):
                yield point

    def call_at(self, point: Point) -> str:
        """How strace printed it, for a message."""
        return [call for call in self.calls if call.startswith(point.call + "(")][point.when - 1]

    def run_with(self, point: Point, what: str) -> subprocess.CompletedProcess[str]:
        """The command with one call disturbed: `what` is an action of strace's inject= ("signal=KILL", "error=EIO")."""
        inject = f"inject={point.call}:{what}:when={point.when}"
        return self._strace("-qqq", "-o", "/dev/null", "-e", f"trace={point.call}", "-e", inject)

    def _run(self) -> subprocess.CompletedProcess[str]:
        return self.volume.run(*self.words, env=self.env)

    def _strace(self, *options: str) -> subprocess.CompletedProcess[str]:
        """In a pid namespace of its own: with other processes coming and going in /proc no two runs would be alike."""
        uid = self.volume.owner
        before = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "setpriv", f"--reuid={uid}",
                  f"--regid={uid}", "--clear-groups", "strace", "-f", *options)
        return self.volume.run(*self.words, before=before, user=0, env=self.env)

    def _trace(self) -> list[str]:
        """The calls of an undisturbed run from the beginning, with paths behind descriptors; puts everything back."""
        self.reset()
        trace = self.volume.write(self.volume.root / "trace/out", "")
        done = self._strace("-y", "-s", "0", "-o", str(trace))
        assert done.returncode == 0, done.stderr
        self.reset()
        return [line.split(None, 1)[1] for line in trace.read_text().splitlines()]

    @staticmethod
    def _goals(plan: Mapping[str, Any]) -> dict[str, str]:
        return {record["profile"]: record["goal"] for record in plan["profiles"]}

    # -- what must hold ------------------------------------------------------------------------------

    def check_no_half_slot(self) -> None:
        """Every slot under a name that s6-svscan reads is whole: new, or old with some files new already.

        A new one may be down instead of up, or the other way round, when a state could not be read.
        """
        now = contents(self.volume.scandir)
        slots = {name for name in now if re.fullmatch(r"gateway-[^/]*", name)}
        for slot in slots:
            def below(tree: dict[str, Content]) -> dict[str, Content]:
                return {name: content for name, content in tree.items() if name.startswith(slot + "/")}

            old, new, seen = below(self.before_scandir), below(self.after_scandir), below(now)
            if not old:
                assert _without_down(seen) == _without_down(new), slot
                assert (f"{slot}/down" in seen) == (f"{slot}/log/down" in seen), slot
                continue
            for name, content in _without_down(seen).items():
                assert content in (old.get(name), new.get(name)), name
            if new:  # not about to be retired
                assert seen.keys() >= _without_down(old).keys() & new.keys(), slot

    def check_no_state_lost(self) -> None:
        """Each JSON file of a profile is the old or a new one, whole; a corrupt one is there under either name."""
        now = contents(self.volume.home)
        for name, old in self.before_home.items():
            if not name.endswith(".json") or name.endswith("processes.json"):
                continue
            if name in now:
                if now[name] != old:
                    assert now[name][:3] == old[:3], name
                    json.loads(now[name].content or b"")
            else:
                aside = [other for other in now if other.startswith(name + ".corrupt-")]
                assert [now[other].content for other in aside] == [old.content], name
        for name, new in now.items():
            if name.endswith(".json") and name not in self.before_home:
                json.loads(new.content or b"")

    def is_complete(self) -> bool:
        return contents(self.volume.scandir) == self.after_scandir

    def is_silent_failure(self, done: subprocess.CompletedProcess[str]) -> bool:
        """Not all of it was done, and neither the exit status nor a message says so."""
        return not self.is_complete() and done.returncode == 0 and set(done.stderr.splitlines()) <= self.messages

    def check_finished_by_a_second_run(self) -> None:
        done = self._run()
        assert done.returncode == 0, done.stderr
        now = contents(self.volume.scandir)
        assert now == self.after_scandir, sorted(set(now.items()) ^ set(self.after_scandir.items()))
        if "reconcile" not in self.words:  # what a killed write has left is the next boot's to remove
            self.volume.run("reconcile", env=self.env, check=True)
        assert [name for name in contents(self.volume.home) if ".tmp-" in name] == []
        plan = self.volume.plan(env=self.env)
        assert plan["changes"] is False, plan
        assert self._goals(plan) == self.goals
