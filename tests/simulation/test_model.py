"""The model is the machine: what is done to a gateway step by step comes to the same in the simulation and under a real s6.

Where the two differ, the simulation is wrong.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

import pytest
from places import BUILD, GATEWAYCTL
from poll import wait_until
from s6_tree import Finish, S6Tree, Supervisor

SIMULATE = BUILD / "tests/simulation/simulate"

SCENARIOS = [
    "start, stop, start",
    "start, restart, stop",
    "start, s6-svc -d, s6-svc -u",
    "start, s6-svc -D, start",
    "start, kill s6-supervise",
    "start, stop, kill s6-supervise, start",
    "start, kill run",
    "start, term run",
    "start, s6-svc -k",
    "start, unregister, register, start",
    "stop, restart",
    "start, s6-svc -d, kill s6-supervise",
    "start, s6-svc -D, kill s6-supervise, restart",
    "start, stop, kill s6-supervise, s6-svc -u",
    "start, restart, kill run, stop, start",
]


def do_step(tree: S6Tree, step: str) -> None:
    if step == "kill s6-supervise":
        os.kill(tree.supervise_pid("a"), signal.SIGKILL)
    elif step in ("kill run", "term run"):
        os.kill(tree.pid("a"), signal.SIGKILL if step == "kill run" else signal.SIGTERM)
    elif step.startswith("s6-svc"):
        tree.tool(*step.split(), str(tree.slot("a")))
    else:
        tree.ctl(step, "a", timeout=180)


def answer(tree: S6Tree) -> str:
    slot = tree.slot("a")
    service = "none"
    # A supervisor may come or go between two questions.
    with contextlib.suppress(FileNotFoundError, subprocess.CalledProcessError):
        if slot.exists() and tree.supervised(slot):
            seen = tree.svstat("a")
            service = f"up={str(seen['up']).lower()} wanted={str(seen['wantedup']).lower()}"
    # A front that starts or ends has no child, or its shell is still there.
    lives = sum(words[:1] == [str(tree.root / "worker")] for words in tree.processes().values())
    intent = tree.intent("a") or {}
    return (f"{service} down={str((slot / 'down').exists()).lower()} lives={lives} "
            f"intent={intent.get('desired_state', 'none')}")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_model_is_the_machine(scenario: str) -> None:
    expected = subprocess.run([SIMULATE, "--scenario", scenario], check=True, capture_output=True, text=True,
                              timeout=1200).stdout.splitlines()
    tree = S6Tree(Supervisor.OWN, Finish.WHOLE)
    worker = tree.root / "worker"
    tree.profile("a")
    worker.symlink_to("/usr/bin/sleep")
    tree.config(command=[str(GATEWAYCTL), "run", "--ready-after", "100", "--", str(worker), "1000000"])
    with tree:
        for step, wanted in zip(scenario.split(", "), expected, strict=True):
            do_step(tree, step)
            seen = ""

            def agrees(wanted: str = wanted) -> bool:
                nonlocal seen
                seen = answer(tree)
                return seen == wanted

            try:
                wait_until(agrees, what=f"the same as in the simulation after '{step}': {wanted}")
            except AssertionError as error:
                raise AssertionError(f"{error}\nthe machine says {seen}") from None
