"""status and list over everything on the volume: trouble first, a line that counts, and what fits a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from places import GATEWAYCTL, TEST_GATEWAY
from poll import wait_until
from s6_tree import S6Tree


def started(tree: S6Tree, name: str, flags: str = "") -> int:
    tree.profile(name, flags)
    tree.ctl("start", name, check=True)
    return tree.wait_up(name)


def rows(text: str) -> list[str]:
    """Names of the profiles in a table of status or list."""
    lines = text.splitlines()
    heading = next(i for i, line in enumerate(lines) if line.startswith("PROFILE"))
    return [line.split()[0] for line in lines[heading + 1:-1]]


@pytest.fixture
def troubled(user_tree: S6Tree) -> S6Tree:
    """A volume with one of each: running, stopped, unregistered, corrupt, invalid, foreign, never registered."""
    tree = user_tree
    for name in ("up10", "up2", "gone"):
        started(tree, name)
    tree.ctl("unregister", "gone", check=True)
    tree.profile("corrupt", state=b"{")
    tree.ctl("register", "corrupt", check=True)
    tree.profile("new")
    tree.profile("Michel")
    tree.tool("mkdir", "-p", str(tree.scandir / "gateway-theirs"))
    return tree


def test_status_shows_everything_on_the_volume_trouble_first(troubled: S6Tree) -> None:
    shown = troubled.ctl("status").stdout
    assert rows(shown) == ["corrupt", "theirs", "Michel", "default", "gone", "new", "up2", "up10"]
    assert re.search(r"^Michel +invalid ", shown, re.MULTILINE) and re.search(r"^theirs +foreign ", shown, re.MULTILINE)
    assert re.search(r"^corrupt +stopped .*its state file is corrupt: .*\(gatewayctl start corrupt\)$", shown, re.MULTILINE)
    assert shown.splitlines()[-1] == "2 running, 3 unregistered, 1 foreign, 1 invalid, 1 stopped"
    answer = troubled.json("status")
    assert [one["name"] for one in answer["invalid"]] == ["Michel"]
    assert [one["name"] for one in answer["foreign"]] == ["theirs"]
    assert answer["counts"] == {"running": 2, "unregistered": 3, "foreign": 1, "invalid": 1, "stopped": 1}
    corrupt = next(one for one in answer["gateways"] if one["profile"] == "corrupt")
    assert corrupt["decision"]["reason"] == "corrupt"
    assert {key: corrupt["findings"][0][key] for key in ("code", "severity", "cure")} == {
        "code": "corrupt-state", "severity": "error", "cure": "gatewayctl start corrupt"}


def test_list_shows_the_same(troubled: S6Tree) -> None:
    shown = troubled.ctl("list", check=True).stdout
    assert rows(shown) == ["Michel", "theirs", "default", "corrupt", "gone", "new", "up2", "up10"]
    assert shown.splitlines()[-1] == "3 registered, 3 not, 2 with problems"


def test_failed_shows_only_what_is_in_trouble_and_counts_all(troubled: S6Tree) -> None:
    shown = troubled.ctl("status", "--failed").stdout
    assert rows(shown) == ["corrupt", "theirs", "Michel"]
    assert shown.splitlines()[-1].startswith("2 running, ")
    assert [one["profile"] for one in troubled.json("status", "--failed")["gateways"]] == ["corrupt"]


def test_without_a_name_only_what_is_registered_counts_in_the_exit_status(user_tree: S6Tree) -> None:
    started(user_tree, "a")
    user_tree.profile("b")
    assert user_tree.ctl("status").returncode == 0
    assert user_tree.ctl("status", "b").returncode == 4
    user_tree.ctl("stop", "a", check=True)
    assert user_tree.ctl("status").returncode == 3


def test_a_slot_of_somebody_else_under_a_profiles_name_is_foreign(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    user_tree.tool("mkdir", "-p", str(user_tree.scandir / "gateway-a"))
    assert user_tree.status("a")["state"] == "foreign"
    assert re.search(r"^a +foreign .*not rendered by gatewayctl", user_tree.ctl("status").stdout, re.MULTILINE)
    [listed] = [one for one in user_tree.json("list")["profiles"] if one["profile"] == "a"]
    assert not listed["registered"] and "not ours" in listed["problem"]


def test_all_counts_what_it_leaves_because_it_is_somebody_elses(user_tree: S6Tree) -> None:
    started(user_tree, "a")
    user_tree.profile("theirs")
    slot = user_tree.scandir / "gateway-theirs"
    user_tree.tool("mkdir", "-p", str(slot))
    (slot / "run").write_text("#!/bin/sh\nexec sleep 1000\n")
    (slot / "run").chmod(0o755)
    user_tree.tool("s6-svscanctl", "-a", str(user_tree.scandir))
    wait_until(lambda: user_tree.supervised(slot) and user_tree.pid("theirs") > 0, what="the slot of the other tool")
    for verb, past in (("restart", "restarted"), ("stop", "stopped")):
        done = user_tree.ctl(verb, "--all")
        assert done.returncode == 1, done
        assert done.stdout.splitlines()[-1] == f"1 {past}, 0 failed, 1 not acted on"
        assert f"{verb} --all leaves 'theirs' as it is: its run file was not rendered by gatewayctl" in done.stderr
    assert user_tree.pid("theirs") > 0
    [left] = user_tree.json("stop", "--all")["not_acted_on"]
    assert left["profile"] == "theirs" and left["why"] and left["next"]


def test_wide_shows_every_column(troubled: S6Tree) -> None:
    shown = troubled.ctl("status", "-o", "wide").stdout
    assert re.search(r"^PROFILE +STATE .*NEXT BOOT +REASON +DEATHS +GATEWAY STATE +LAST EXIT +PORT +NOTES$", shown, re.MULTILINE)
    assert re.search(r"^up2 +running +\d+ .* up +intent ", shown, re.MULTILINE)


def test_deaths_and_the_next_start_are_shown(whole_tree: S6Tree) -> None:
    user_tree = whole_tree
    user_tree.profile("a")
    user_tree.part("a", before="exit 1")
    user_tree.config(death_budget=10)
    user_tree.ctl("start", "--no-wait", "a", check=True)
    seen: list[str] = []

    def shown() -> bool:
        seen.append(user_tree.ctl("status", "a").stdout)
        return re.search(r"Note: .*deaths: [2-9] of 10, next start in \d+ s", seen[-1]) is not None

    wait_until(shown, what="the count of deaths and the next start")
    assert re.search(r"^Deaths: +\d of 10$", seen[-1], re.MULTILINE)
    assert user_tree.json("status", "a")["gateways"][0]["deaths"]["budget"] == 10


@pytest.mark.parametrize("behind_run", [True, False], ids=["run", "marker"])
def test_a_drain_shows_how_far_it_is(user_tree: S6Tree, behind_run: bool) -> None:
    """By the note of `gatewayctl run`, or since a gateway of another kind was asked to stop."""
    tree = user_tree
    tree.config(drain_timeout=45)
    pid = started(tree, "a", "--drain-ms 30000")
    if behind_run:
        (tree.parts / "b").write_text(f"exec {GATEWAYCTL} run -- {TEST_GATEWAY} --drain-ms 30000\n")
        super(S6Tree, tree).profile("b")
        tree.ctl("start", "b", check=True)
    name = "b" if behind_run else "a"
    tree.tool("s6-svc", "-d", str(tree.slot(name))) if behind_run else tree.ctl("stop", "--no-wait", name, check=True)
    shown = lambda: re.search(rf"^{name} +stopping .*draining, [1-9]\d* of 45 s", tree.ctl("status").stdout, re.MULTILINE)  # noqa: E731
    wait_until(shown, what="a second of the drain")
    assert tree.status(name)["drain"]["limit"] == 45
    assert re.search(r"^Drain: +draining, \d+ of 45 s$", tree.ctl("status", name).stdout, re.MULTILINE)
    assert pid


def test_one_gateway_shows_its_decision_and_the_last_lines_of_its_log(user_tree: S6Tree) -> None:
    started(user_tree, "a")
    wait_until(lambda: "gateway ready" in user_tree.ctl("logs", "a").stdout, what="the line in the log")
    shown = user_tree.ctl("status", "a").stdout
    assert re.search(r"^Next boot: +up, intent: intent running$", shown, re.MULTILINE)
    assert re.search(r"^Log: +.*gateway ready$", shown, re.MULTILINE)


# -- a terminal -----------------------------------------------------------------------------------------------------


@contextmanager
def on_terminal(tree: S6Tree, *words: str, rows: int = 24, columns: int = 80) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """gatewayctl on a terminal of its own, which it controls."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(tree.argv(*words), stdin=its, stdout=its, stderr=its, cwd="/", start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(its)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read_to_the_end(terminal: int) -> str:
    read = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:  # EIO: nobody has it open any more
            return read.decode()
        if not more:
            return read.decode()
        read += more


def pictures(text: str) -> list[list[str]]:
    """What each repaint shows, line by line and without escape sequences."""
    return [[re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).rstrip("\r") for line in picture.split("\n")]
            for picture in text.split("\x1b[H")[1:]]


def test_a_line_fits_the_terminal_and_a_long_name_is_whole(troubled: S6Tree) -> None:
    long_name = "n" * 64
    troubled.profile(long_name, state=b"{")
    troubled.ctl("register", long_name, check=True)
    with on_terminal(troubled, "--color", "never", "status") as (_, terminal):
        lines = [line.rstrip("\r") for line in read_to_the_end(terminal).split("\n")]
    assert long_name in lines
    assert all(len(line) <= 80 for line in lines), lines
    assert any(line.endswith("…") for line in lines)
    assert any(len(line) > 80 for line in troubled.ctl("status").stdout.splitlines()), "what is no terminal gets all"


def test_watch_repaints_with_a_clock_and_leaves_the_terminal_as_it_was(user_tree: S6Tree) -> None:
    for number in range(300):
        user_tree.profile(f"w{number}")
    started(user_tree, "a")
    with on_terminal(user_tree, "status", "--watch", rows=12) as (process, terminal):
        read = b""
        while read.count(b"\x1b[H") < 3:
            read += os.read(terminal, 65536)
        os.write(terminal, b"\x03")
        rest = read_to_the_end(terminal)
        assert process.wait(timeout=120) == 0
    text = read.decode() + rest
    assert text.count("\x1b[2J") == 1, "it is cleared once; what comes later is painted over"
    assert text.rstrip().endswith("\x1b[?25h"), "the cursor is there again"
    for picture in pictures(text)[:2]:
        assert len(picture) == 12
        assert re.match(r"Manager: s6 .*  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", picture[0])
        assert re.match(r"… \d+ more lines", picture[-2]) and picture[-1].startswith("1 running, ")


@contextmanager
def gateway_of_another_container(tree: S6Tree, name: str) -> Iterator[None]:
    words = tree.argv("-p", name, "run", "--", "sleep", "1000")
    elsewhere = subprocess.Popen(["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--", *words],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        for pid, argv in tree.processes().items():
            if "run" in argv:  # the first process of its namespace: all others go with it
                os.kill(pid, signal.SIGKILL)
        elsewhere.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes another container")
def test_watch_shows_whose_the_volume_is_as_soon_as_that_changes(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    owned = b"; role here: owner"

    with on_terminal(user_tree, "status", "--watch") as (_, terminal):
        def picture() -> bytes:
            read = b""
            while read.count(b"\x1b[H") < 2:
                read += os.read(terminal, 65536)
            return read

        assert owned not in picture()
        with gateway_of_another_container(user_tree, "a"):
            wait_until(lambda: owned in picture(), what="the owner to be shown")
        wait_until(lambda: owned not in picture(), what="the owner to be gone")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_watch_without_a_terminal_ends_well_too(user_tree: S6Tree, ending: signal.Signals) -> None:
    watch = user_tree.begin("status", "--watch")
    assert watch.stdout and watch.stdout.readline().startswith("Manager:")
    [pid] = [pid for pid, words in user_tree.processes().items() if words[-2:] == ["status", "--watch"]]
    os.kill(pid, ending)
    said = watch.communicate(timeout=120)[0]
    assert watch.returncode == 0 and "\x1b" not in said
