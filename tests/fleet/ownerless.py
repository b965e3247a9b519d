"""For how long a gateway that should run has run nowhere although somebody could have had it.

What somebody could have had is told from outside, by what was done to members and to etcd, and who had its place in etcd.
The time counts from the last moment at which one of these was so:

    it lived; it was not wanted; etcd was harmed, or had just been mended; no member was well and willing
    (up, not frozen, cut off, starved or stopped, neither cordoned nor draining)
    whoever had its place, or had just got it, was harmed: its lease has to end first
    somebody asked for something else: an operation, a move, a mark

It must not be longer than a lease (and half a second in which etcd notices its end), a drain, and a boot.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from members import Life

US = 1_000_000


@dataclass
class History:
    """Moments in microseconds of the boot-time clock, in their order."""

    could: list[tuple[int, bool]] = field(default_factory=list)  # whether somebody could have had anything
    harmed: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # members
    asked: list[int] = field(default_factory=list)  # something for all of them
    wanted: defaultdict[str, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))  # by profile
    holders: defaultdict[str, list[tuple[int, str | None]]] = field(default_factory=lambda: defaultdict(list))  # by profile

    def could_be(self, now: int, could: bool) -> None:
        if not self.could or self.could[-1][1] != could:
            self.could.append((now, could))

    def want(self, now: int, profile: str, wanted: bool) -> None:
        self.wanted[profile].append((now, wanted))


def _at(changes: Sequence[tuple[int, object]], moment: int) -> object:
    index = bisect.bisect_right(changes, moment, key=lambda one: one[0])
    return changes[index - 1][1] if index else None


def ownerless(history: History, profile: str, lives: Sequence[Life], end: int) -> list[tuple[float, int]]:
    """Each time, in seconds, with the moment of its end; the longest is what counts."""
    # Moments at which the count begins anew, whatever went before.
    resets = set(history.asked)
    resets |= {moment for moment, _ in history.could} | {moment for moment, _ in history.wanted[profile]}
    holders = history.holders[profile]
    for member, moments in history.harmed.items():
        resets |= {moment for moment in moments if _at(holders, moment) in (member, None)}
    gaps = []
    last = None
    for life in sorted(lives, key=lambda one: one.begin):
        if last is not None and life.begin > last:
            gaps.append((last, life.begin))
        last = max(last or 0, life.last)
    if last is not None and last < end:
        gaps.append((last, end))
    marks = sorted(resets)
    found = []
    for begin, until in gaps:
        inside = marks[bisect.bisect_right(marks, begin):bisect.bisect_left(marks, until)]
        edges = [begin, *inside, until]
        for since, to in zip(edges, edges[1:]):
            if _at(history.could, since) and _at(history.wanted[profile], since) is not False:
                found.append(((to - since) / US, to))
    return found


def longest(history: History, lives: Mapping[str, Sequence[Life]], end: int) -> tuple[float, str, int]:
    """Of all gateways: the time, whose, and when it ended."""
    return max(((seconds, profile, when) for profile, of_one in lives.items()
                for seconds, when in ownerless(history, profile, of_one, end)), default=(0.0, "", 0))
