"""The next command that is printed is typed, and the state gets better; or a refusal ends the way truthfully. No circles."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from host import running_host
from mac import Mac, running_mac
from poll import wait_until
from s6_tree import Finish, S6Tree, Supervisor

# A way out is short.
MOST_STEPS = 3
# Printed for a person, who waits; the test does not.
IMPATIENT = ("--timeout", "1")


def advice_in(text: str) -> list[str] | None:
    """The words behind the first `gatewayctl` of what is said to be done next."""
    said = re.search(r"(?:next: |\()(?:as root: )?gatewayctl ([^,;)&\n]*)", text)
    return shlex.split(said[1]) if said else None


@pytest.fixture
def tree() -> Iterator[S6Tree]:
    with S6Tree(Supervisor.OF_USER, Finish.WHOLE) as made:
        yield made


@dataclass(frozen=True)
class Situation:
    name: str
    prepare: Callable[[S6Tree], None]
    typed: tuple[str, ...]
    is_better: Callable[[S6Tree], bool]


def up(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("start", "a", check=True)


def is_up(tree: S6Tree) -> bool:
    return tree.status("a")["state"] == "running" and tree.intent("a").get("desired_state") == "running"


def is_down(tree: S6Tree) -> bool:
    return tree.status("a")["state"] == "stopped" and tree.intent("a")["desired_state"] == "stopped"


def drifted(tree: S6Tree) -> None:
    up(tree)
    (tree.slot("a") / "timeout-kill").write_text("1\n")


def parked(tree: S6Tree) -> None:
    tree.profile("a")
    tree.part("a", before="exit 78")
    tree.ctl("start", "a")
    wait_until(lambda: tree.is_parked("a"), what="the parking")
    tree.part("a")


def went_down(tree: S6Tree) -> None:
    up(tree)
    tree.tool("s6-svc", "-wD", "-d", str(tree.slot("a")))


def came_up(tree: S6Tree) -> None:
    up(tree)
    tree.ctl("stop", "a", check=True)
    tree.tool("s6-svc", "-wu", "-u", str(tree.slot("a")))
    tree.wait_up("a")


def deleted(tree: S6Tree) -> None:
    up(tree)
    tree.ctl("stop", "a", check=True)
    def is_gone() -> bool:  # what hears of the end has files of its own there
        shutil.rmtree(tree.directory("a"), ignore_errors=True)
        return not tree.directory("a").exists()

    wait_until(is_gone, what="the directory of a profile to be gone")


def deaf(tree: S6Tree) -> None:
    tree.profile("a", "--ignore-term")
    tree.ctl("start", "a", check=True)
    tree.wait_up("a")


SITUATIONS = [
    Situation("a stop of what has no slot", lambda tree: tree.profile("a") and None, ("stop", "a"), is_up),
    Situation("no slot", lambda tree: tree.profile("a") and None, ("status", "a"), is_up),
    Situation("no profile", lambda tree: None, ("start", "a"), lambda tree: "a" not in tree.ctl("list").stdout.split()),
    Situation("a slot that has drifted", drifted, ("status", "a"), lambda tree: tree.status("a")["drift"] is None),
    Situation("parked", parked, ("status", "a"), is_up),
    Situation("down against the intent", went_down, ("status", "a"), is_up),
    Situation("up against the intent", came_up, ("status", "a"), is_down),
    Situation("a deleted profile", deleted, ("status", "a"), lambda tree: not tree.slot("a").exists()),
    Situation("a stop that timed out", deaf, ("stop", "a", "--timeout", "0"), is_down),
    Situation("a restart that timed out", deaf, ("restart", "a", "--timeout", "0"), is_up),
]


def follow(say: Callable[..., str], typed: tuple[str, ...]) -> list[list[str]]:
    """Types what is printed until nothing is printed any more."""
    steps: list[list[str]] = []
    words = list(typed)
    while advice := advice_in(say(*words)):
        assert advice not in steps, f"a circle: {steps}"
        steps.append(advice)
        assert len(steps) <= MOST_STEPS, steps
        words = [*advice, *(IMPATIENT if "--force" in advice else ())]
    return steps


@pytest.mark.parametrize("case", SITUATIONS, ids=lambda case: case.name)
def test_each_advice_under_s6_helps(tree: S6Tree, case: Situation) -> None:
    case.prepare(tree)

    def say(*words: str) -> str:
        done = tree.ctl(*words)
        return done.stderr if words[0] != "status" else done.stdout

    steps = follow(say, case.typed)
    assert steps, "something is advised"
    wait_until(lambda: case.is_better(tree), what=f"the state to get better by {steps}")


@pytest.mark.parametrize("variable", [{"GATEWAY_MULTIPLEX_PROFILES": "true"}, {"GATEWAYCTL_ROLE": "none"}],
                         ids=["multiplex", "role none"])
def test_where_a_gateway_does_not_run_no_advice_starts_it(tree: S6Tree, variable: dict[str, str]) -> None:
    tree.profile("a")
    steps = follow(lambda *words: (done := tree.ctl(*words, env=variable)).stdout + done.stderr, ("status", "a"))
    assert not [words for words in steps if words in (["start", "a"], ["restart", "a"])], steps
    for verb in ("start", "restart"):
        done = tree.ctl(verb, "a", env=variable)
        assert done.returncode != 0
        assert not tree.intent("a"), "nothing is recorded"
    assert not tree.slot("a").exists()


def test_reconcile_on_a_host_touches_nothing(tmp_path: Path) -> None:
    with running_host("system", tmp_path) as host:
        host.profile("a")
        done = host.ctl("reconcile", check=False)
        assert done.returncode != 0 and "nothing is touched" in done.stderr, done.stderr
        assert host.box.run(["test", "-e", "/run/service"]).returncode != 0
        assert host.ctl("plan", check=False).returncode != 0
        for verb in ("start", "stop", "restart"):
            steps = follow(lambda *words: host.ctl(*words, check=False).stderr, (verb, "a"))
            assert steps[:1] in ([["install", "a"]], []), steps
            host.ctl("uninstall", "a")
        assert follow(lambda *words: host.ctl(*words, check=False).stdout, ("status", "a")) == [["install", "a"]]
        assert host.status("a")["registered"]


@pytest.fixture
def mac() -> Iterator[Mac]:
    with running_mac() as made:
        yield made


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "status"])
def test_what_launchd_does_not_have_is_installed(mac: Mac, verb: str) -> None:
    mac.profile("a")

    def say(*words: str) -> str:
        done = mac.install(*words[1:]) if words[0] == "install" else mac.ctl(*words, check=False)
        return done.stdout + done.stderr

    assert follow(say, (verb, "a")) == [["install", "a"]]
    assert mac.status("a")["registered"]
