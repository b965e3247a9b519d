"""A story of verb_stories.py, and one of its system calls disturbed."""

from __future__ import annotations

import contextlib
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from crash import CHANGES, REFUSABLE, Point, points_of
from verb_stories import STORIES, Site, Story

ACTIONS = ("kill", "errno")
ERRORS = ("EIO", "ENOSPC", "EACCES", "EROFS", "EMFILE", "ENOMEM", "EINTR")
CAN_FAIL = re.compile(REFUSABLE.pattern + r"|inotify|epoll_create|signalfd|timerfd|clone|v?fork|connect|send|recv|pidfd|kill"
                                          r"|fcntl\(.*F_(?:OFD_)?SETLK|statx|statfs|readlink|utime|poll\(|ppoll|wait")
# The loader's, before any code of the program's; and what the program prints.
OUTSIDE = re.compile(r"\.so[.\d]*[>\"]|/etc/ld\.so|locale|gconv|<pipe:.*>, \"|write\([12]<|write\(2,")


@dataclass(frozen=True)
class Case:
    volume: str
    story: int
    point: Point
    what: str  # an action of strace's inject=
    line: str = ""  # as an undisturbed run has made the call

    def __str__(self) -> str:
        return f"{STORIES[self.story].name} on {self.volume}: {self.what} at {self.point.call} {self.point.when}: {self.line}"

    @property
    def action(self) -> str:
        return "kill" if self.what == "signal=KILL" else "errno"

    def strace(self) -> list[str]:
        call, when = self.point
        return ["strace", "-qqq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{self.what}:when={when}"]


class Recorder:
    """The undisturbed run: which calls there are."""

    def __init__(self, site: Site, story: Story) -> None:
        file = site.tree.root / "trace"
        file.touch()
        file.chmod(0o666)
        story.begin(site)
        tried = story.attempt(site, ["strace", "-qqq", "-y", "-s", "120", "-o", str(file)])
        self.calls = story.relevant(file.read_text().splitlines())
        self.outside = re.compile(OUTSIDE.pattern + (r'|\w+\.yaml|/home", O_RDONLY' if story.boots else ""))
        story.judge(site, tried)
        story.again(site)

    def points(self, wanted: re.Pattern[str]) -> Iterator[tuple[Point, str]]:
        for point, line in points_of(self.calls):
            if wanted.match(line) and not self.outside.search(line) and point != ("execve", 1):
                yield point, line


def cases_of(where: tuple[str, int]) -> list[Case]:
    volume, number = where
    story = STORIES[number]
    with story.site(volume) as site:
        recorder = Recorder(site, story)
        kills = [Case(volume, number, point, "signal=KILL", line) for point, line in recorder.points(CHANGES)]
        errors = [Case(volume, number, point, f"error={error}", line)
                  for point, line in recorder.points(CAN_FAIL) for error in ERRORS]
    return kills + errors


def try_case(site: Site, case: Case) -> None:
    """AssertionError when something is lost."""
    story = STORIES[case.story]
    story.begin(site)
    tried = story.attempt(site, case.strace())
    try:
        story.judge(site, tried)
        story.again(site)
    except (AssertionError, OSError, ValueError) as error:
        raise AssertionError(f"{case}\n  {tried}\n  {error!r}") from error


def try_all(cases: Iterable[Case]) -> tuple[Counter[str], list[str]]:
    """How many of each action were tried, and what was lost. A loss costs the site, which may be in any state."""
    tried: Counter[str] = Counter()
    losses: list[str] = []
    for (volume, story), group in groupby(cases, lambda case: (case.volume, case.story)):
        left = list(group)
        while left:
            with STORIES[story].site(volume) as site, contextlib.suppress(AssertionError):
                while left:
                    case = left.pop(0)
                    tried[case.action] += 1
                    try:
                        try_case(site, case)
                    except (AssertionError, OSError, ValueError) as error:
                        losses.append(f"{error!r}" if not isinstance(error, AssertionError) else str(error))
                        print(f"LOST: {losses[-1]}", file=sys.stderr, flush=True)
                        break
    return tried, losses
