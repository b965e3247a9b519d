"""Write, flush, rename, flush of the directory: the order of what must survive a power cut, read from a trace of each verb."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator

import pytest
from poll import wait_until
from s6_tree import S6Tree

#: What an operator has asked for, and the last state that a boot goes by.
LASTING = ("gateway_state.json", ".gateway-intent.json", ".gateway-service.json")
CALLS = "fsync,fdatasync,syncfs,rename,renameat,renameat2"
RENAME = re.compile(r'rename(?:at2?)?\(\d+<(?P<directory>[^>]+)>, "(?P<temporary>[^"]+)", \d+<[^>]+>, "(?P<name>[^"]+)".* = 0$')
FLUSH = re.compile(r"f(?:data)?sync\(\d+<(?P<path>[^>]+)>\) += 0$")
FLUSH_OF_ALL = re.compile(r"syncfs\(.* = 0$")


def whole_calls(trace: str) -> Iterator[str]:
    """Of all processes and threads, in the order of their ends; strace breaks a call that another one overtakes."""
    begun: dict[str, str] = {}
    for line in trace.splitlines():
        process, call = line.split(None, 1)
        if call.endswith(" <unfinished ...>"):
            begun[process] = call.removesuffix(" <unfinished ...>")
        elif match := re.match(r"<\.\.\. \w+ resumed>", call):
            yield begun.pop(process) + call[match.end():]
        else:
            yield call


def disorder(calls: Iterable[str], there: set[str]) -> tuple[list[str], int]:
    """What a power cut could take, and how many files were put in their place. `there`: paths before the first call."""
    wrong: list[str] = []
    flushed: set[str] = set()
    pending: dict[str, str] = {}  # directory -> what its flush is owed to
    replaced = 0
    for call in calls:
        if match := FLUSH.search(call):
            flushed.add(match["path"])
            pending.pop(match["path"], None)
        elif FLUSH_OF_ALL.search(call):
            pending.clear()
        elif (match := RENAME.search(call)) and match["name"] in LASTING:
            path, source = (f"{match['directory']}/{match[part]}" for part in ("name", "temporary"))
            if path in there and source not in flushed:
                wrong.append(f"{path} was replaced by what was not flushed")
            there.add(path)
            pending[match["directory"]] = path
            replaced += 1
    return wrong + [f"{path} is in its place, and the directory was not flushed" for path in pending.values()], replaced


def paths_in(tree: S6Tree) -> set[str]:
    return {str(path) for name in LASTING for path in tree.home.rglob(name)}


def trace_of(tree: S6Tree, *words: str) -> tuple[list[str], int]:
    trace, there = tree.root / "trace", paths_in(tree)
    trace.touch()
    trace.chmod(0o666)
    tree.ctl(*words, before=["strace", "-f", "-y", "-qqq", "-o", str(trace), "-e", f"trace={CALLS}"], check=True)
    return disorder(whole_calls(trace.read_text()), there)


def never_booted(tree: S6Tree) -> None:
    """The last state is to be adopted, and a port to be added to the settings of an operator."""
    tree.profile("a", state={"gateway_state": "running"}, service={"env": {"TOKEN": "x"}})


def registered(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("register", "a", check=True)


def up(tree: S6Tree) -> None:
    registered(tree)
    tree.ctl("start", "a", check=True)


def half_unregistered(tree: S6Tree) -> None:
    """It is said that it goes, and whoever said so was killed before it was gone."""
    up(tree)
    file = tree.read(tree.service_file("a"))
    tree.write(tree.service_file("a"), {**file, "unregistered": {"at": "2026-01-01T00:00:00Z", "generation": 9}})


@pytest.mark.parametrize(("begin", "words"), [
    (never_booted, ("reconcile",)),
    (never_booted, ("start", "a")),
    (registered, ("start", "a")),
    (up, ("stop", "a")),
    (up, ("restart", "a")),
    (up, ("unregister", "a")),
    (registered, ("register", "a", "--env", "TOKEN=y")),
    (half_unregistered, ("register", "a")),
], ids=lambda value: value.__name__ if callable(value) else " ".join(value))
def test_what_a_verb_says_is_done_outlives_a_power_cut(user_tree: S6Tree, begin: Callable[[S6Tree], None],
                                                       words: tuple[str, ...]) -> None:
    begin(user_tree)
    wrong, replaced = trace_of(user_tree, *words)
    assert wrong == []
    assert replaced > 0


def test_what_was_half_unregistered_stays_after_it_was_registered_again(user_tree: S6Tree) -> None:
    half_unregistered(user_tree)
    user_tree.ctl("register", "a", check=True)
    assert "unregistered" not in user_tree.read(user_tree.service_file("a"))
    user_tree.ctl("reconcile", check=True)
    assert user_tree.slot("a").exists()


def test_the_last_state_of_a_life_outlives_a_power_cut(user_tree: S6Tree) -> None:
    user_tree.profile("a", "--drain-ms 20")
    trace, there = user_tree.root / "trace", paths_in(user_tree)
    trace.touch()
    trace.chmod(0o666)
    strace = ["strace", "-f", "-y", "-qqq", "-o", str(trace), "-e", f"trace={CALLS}"]
    words = user_tree.argv("-p", "a", "run", "--ready-after", "1", "--", str(user_tree.root / "play"), "a", before=strace)
    with subprocess.Popen(words, stdin=subprocess.DEVNULL) as tracer:
        wait_until(lambda: user_tree.state("a").get("gateway_state") == "running", what="a gateway that runs")
        front = user_tree.state("a")["front_pid"]
        user_tree.ctl("-p", "a", "marker", "write", "--pid", str(front), check=True)
        os.kill(front, signal.SIGTERM)
        assert tracer.wait(120) == 0
    assert user_tree.state("a")["gateway_state"] == "stopped"
    wrong, replaced = disorder(whole_calls(trace.read_text()), there)
    assert wrong == []
    assert replaced > 1
