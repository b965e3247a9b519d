"""Under a real s6: the gateways of a fleet's member end with its lease and come back with it, and nobody counts that as a
death."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from fence import Fence
from places import GATEWAYCTL, USER
from poll import children, is_gone, process_state, wait_until
from s6_tree import Finish, S6Tree, Supervisor


class Member:
    """One tree behind a fence, and the agent that renews its lease."""

    def __init__(self, tree: S6Tree) -> None:
        self.tree = tree
        self.fence = Fence(tree.root / "fence", owner=USER)
        tree.variables = self.fence.variable
        tree.config(command=[str(GATEWAYCTL), "run", "--ready-after", "50", "--", str(tree.root / "play"), "{profile}"])
        self.profile = tree.profile("mail", f"--lives {tree.directory('mail')}/lives", state={"desired_state": "running"},
                                    intent={"desired_state": "running", "generation": 1})
        self.fence.give("mail", 7)
        self.agent = self.fence.agent()

    def starts(self) -> int:
        return self.tree.events("mail").count("start")

    def wait_start(self, number: int) -> None:
        wait_until(lambda: self.starts() >= number and self.tree.state("mail").get("gateway_state") == "running",
                   what=f"start {number}; {(self.tree.root / 'console.log').read_text()}")

    def last_sign_of_life(self) -> int:
        return max(int(line.split()[1]) * 1000 for line in (self.profile / "lives").read_text().splitlines())

    def stop_agent(self) -> int:
        """The deadline that stays."""
        self.agent.send_signal(signal.SIGSTOP)
        wait_until(lambda: process_state(self.agent.pid) == "T", what="the agent to be stopped")
        return self.fence.written_deadline()

    def kill_agent(self) -> int:
        self.agent.kill()
        self.agent.wait(120)
        return self.fence.written_deadline()

    def agent_comes_back(self) -> None:
        if self.agent.returncode is None:
            self.agent.send_signal(signal.SIGCONT)
        else:
            self.agent = self.fence.agent()

    def close(self) -> None:
        self.agent.kill()
        self.agent.wait(120)


@pytest.fixture
def member() -> Iterator[Member]:
    tree = S6Tree(Supervisor.OWN, Finish.WHOLE)
    made = Member(tree)
    try:
        with tree:
            made.wait_start(1)
            yield made
    finally:
        made.close()


def run_and_gateway(member: Member) -> tuple[int, int]:
    run = member.tree.pid("mail")
    return run, children(run)[0]


def has_come_back_unharmed(member: Member, starts: int) -> None:
    member.wait_start(starts)
    assert not (member.profile / "state/gateway.deaths.json").exists()
    assert not (member.profile / "state/gateway.parked.json").exists()
    assert member.tree.intent("mail")["desired_state"] == "running"
    assert member.tree.state("mail")["desired_state"] == "running"


@pytest.mark.parametrize("fault", [Member.stop_agent, Member.kill_agent], ids=["agent stopped", "agent killed"])
def test_it_ends_with_the_lease_and_comes_back_with_it(member: Member, fault: object) -> None:
    run, gateway = run_and_gateway(member)
    deadline = fault(member)  # type: ignore[operator]
    wait_until(lambda: is_gone(run) and is_gone(gateway), what="the end of the gateway")
    assert member.last_sign_of_life() < deadline
    wait_until(lambda: member.tree.svstat("mail")["up"], what="the next run to wait at the fence")
    assert member.starts() == 1
    member.agent_comes_back()
    has_come_back_unharmed(member, 2)
    wait_until(lambda: member.tree.lifecycle("mail")["prior_exit"] == "clean", what="the record of the next life")


def test_a_member_without_agent_whose_run_is_stopped_too(member: Member) -> None:
    """The kernel's own timer is what is left; s6 hears of a SIGKILL, which is else a death."""
    run, gateway = run_and_gateway(member)
    os.kill(run, signal.SIGSTOP)
    deadline = member.stop_agent()
    wait_until(lambda: is_gone(run) and is_gone(gateway), what="the end of the gateway")
    assert member.last_sign_of_life() < deadline
    wait_until(lambda: member.tree.svstat("mail")["up"], what="the next run to wait at the fence")
    member.agent_comes_back()
    has_come_back_unharmed(member, 2)


def test_what_waits_at_the_fence_can_be_stopped(member: Member) -> None:
    run, _ = run_and_gateway(member)
    member.kill_agent()
    wait_until(lambda: is_gone(run) and member.tree.svstat("mail")["up"], what="the next run to wait at the fence")
    member.tree.tool("s6-svc", "-D", str(member.tree.slot("mail")))
    wait_until(lambda: not member.tree.svstat("mail")["up"], what="its end")
    assert not (member.profile / "state/gateway.deaths.json").exists()


def test_a_whole_tree_that_is_stopped_without_its_place_writes_nothing(member: Member) -> None:
    """The ends of a tree that stops are recorded by its last script: where the place is another's, that one writes."""
    member.kill_agent()
    member.fence.take_away("mail")
    wait_until(lambda: not member.tree.svstat("mail")["up"] or children(member.tree.pid("mail")) == [], what="the gateway's end")
    before = {path: path.read_bytes() for path in Path(member.profile, "state").iterdir() if path.is_file()}
    assert member.tree.svscan is not None
    member.tree.svscan.terminate()
    member.tree.svscan.wait(120)
    assert {path: path.read_bytes() for path in Path(member.profile, "state").iterdir() if path.is_file()} == before
