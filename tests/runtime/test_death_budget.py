"""Only a crash is a death: what else ends a gateway costs nothing of its budget."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from places import GATEWAYCTL
from poll import is_gone, wait_until
from s6_tree import Finish, S6Tree, Supervisor


@pytest.fixture
def strict() -> Iterator[S6Tree]:
    """A tree whose gateways are parked by their first death."""
    with S6Tree(Supervisor.OF_USER, Finish.WHOLE) as made:
        made.config(death_budget=1)
        made.profile("a")
        yield made


def assert_no_death(tree: S6Tree) -> None:
    assert not tree.is_parked("a")
    assert not (tree.directory("a") / "state/gateway.deaths.json").exists()


def wait_finished(tree: S6Tree) -> None:
    """Down for good, and finish has answered."""
    tree.tool("s6-svwait", "-D", "-t", "20000", str(tree.slot("a")))


def test_a_crash_is_a_death(strict: S6Tree) -> None:
    strict.part("a", "--exit-after-ms 1 --exit-code 3")
    strict.ctl("start", "--no-wait", "a", check=True)
    wait_until(lambda: strict.is_parked("a"), what="parked")


@pytest.mark.parametrize("command", ["-d", "-D"])
def test_an_end_that_the_supervisor_was_told_of_is_no_death(strict: S6Tree, command: str) -> None:
    """By s6's own tool, so that no note says it; the gateway leaves with a code of its own."""
    strict.part("a", "--exit-code 3")
    strict.ctl("start", "a", check=True)
    wait_until(lambda: "ready" in strict.events("a"), what="its handler")
    strict.tool("s6-svc", command, str(strict.slot("a")))
    wait_finished(strict)
    assert_no_death(strict)


def test_a_stop_that_ends_in_sigkill_is_no_death(strict: S6Tree) -> None:
    strict.part("a", "--ignore-term")
    strict.ctl("start", "a", check=True)
    strict.wait_up("a")
    strict.tool("s6-svc", "-d", str(strict.slot("a")))
    wait_until(lambda: not strict.svstat("a")["wantedup"], what="the command")
    strict.tool("s6-svc", "-k", str(strict.slot("a")))
    wait_finished(strict)
    assert_no_death(strict)


def test_a_bare_sigterm_is_no_death(strict: S6Tree) -> None:
    strict.part("a", before="exec sleep 1000")
    strict.ctl("start", "a", check=True)
    pid = strict.pid("a")
    strict.tool("s6-svc", "-t", str(strict.slot("a")))
    wait_until(lambda: is_gone(pid) and strict.pid("a") not in (-1, pid), what="the next life")
    assert_no_death(strict)


def test_a_refusal_is_no_death_and_ends_with_the_holder(strict: S6Tree) -> None:
    """Another process, in another container perhaps, holds the profile on the shared volume."""
    run = ["run", "--ready-after", "1", "--"]
    strict.config(death_budget=1, command=[str(GATEWAYCTL), *run, str(strict.root / "play"), "{profile}"])
    holder = strict.begin("-p", "a", *run, "sleep", "1000")
    wait_until(lambda: strict.state("a").get("gateway_state") == "running", what="the holder's record")
    strict.ctl("start", "--no-wait", "a", check=True)
    log = strict.home / "logs/gateways/a/current"
    wait_until(lambda: log.exists() and f"runs already: pid {holder.pid}" in log.read_text(), what="the refusal")
    wait_until(lambda: not strict.svstat("a")["up"], what="its end")
    holder.terminate()
    holder.communicate()
    wait_until(lambda: strict.lifecycle("a").get("phase") == "running", what="the next life")
    assert log.read_text().count("runs already") == 1
    assert_no_death(strict)


@pytest.mark.parametrize("file", ["state/gateway.deaths.json", "state/gateway.lifecycle.json", ".gateway-planned-end.json"])
def test_what_cannot_be_read_is_not_taken_for_absent(user_tree: S6Tree, file: str) -> None:
    """Each of them may say that this is the last death, or none: the supervisor's own budget goes on."""
    tree = user_tree
    path = tree.write(tree.profile("a") / file, {"count": 4, "last": "2026-11-20T23:45:25+00:00"})
    before = path.read_bytes()
    path.chmod(0)
    done = tree.ctl("-p", "a", "after-exit", "3", "0")
    assert (done.returncode, path.read_bytes()) == (1, before), done.stderr
    assert "cannot count this death" in done.stderr and str(path) in done.stderr
    assert not tree.is_parked("a")


def test_what_is_parked_is_not_started_by_its_supervisor(strict: S6Tree) -> None:
    """A `finish` that is killed after it has parked the gateway leaves its supervisor unaware."""
    tree = strict
    tree.config(death_budget=1, command=["gatewayctl", "run", "--", str(tree.root / "play"), "{profile}"])
    tree.part("a", "--exit-after-ms 1 --exit-code 3")
    tree.ctl("start", "--no-wait", "a", check=True)
    wait_until(lambda: tree.is_parked("a"), what="parked")
    wait_finished(tree)
    record = tree.directory("a") / "state/gateway.parked.json"
    parked, lives = record.read_text(), tree.events("a").count("start")
    tree.part("a")
    status = tree.slot("a") / "supervise/status"
    before = status.read_bytes()
    tree.tool("s6-svc", "-u", str(tree.slot("a")))
    wait_until(lambda: status.read_bytes() != before and not tree.svstat("a")["wantedup"] and tree.pid("a") < 0, what="a refusal")
    assert (record.read_text(), tree.events("a").count("start")) == (parked, lives)
    tree.ctl("start", "a", check=True)
    assert tree.pid("a") > 0 and not record.exists()
