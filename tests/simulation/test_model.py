"""The model is the machine: what is done to a gateway step by step comes to the same in the simulation and under a real s6,
and under a real systemd.

Where the two differ, the simulation is wrong.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from host import Host, running_host, unit
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


def simulated(kind: str, scenario: str) -> list[str]:
    return subprocess.run([SIMULATE, "--kind", kind, "--scenario", scenario], check=True, capture_output=True, text=True,
                          timeout=1200).stdout.splitlines()


def compare(scenario: str, expected: list[str], do: Callable[[str], None], answer: Callable[[], str]) -> None:
    for step, wanted in zip(scenario.split(", "), expected, strict=True):
        do(step)
        seen = ""

        def agrees(wanted: str = wanted) -> bool:
            nonlocal seen
            seen = answer()
            return seen == wanted

        try:
            wait_until(agrees, what=f"the same as in the simulation after '{step}': {wanted}")
        except AssertionError as error:
            raise AssertionError(f"{error}\nthe machine says {seen}") from None


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_model_is_the_machine(scenario: str) -> None:
    expected = simulated("container", scenario)
    tree = S6Tree(Supervisor.OWN, Finish.WHOLE)
    worker = tree.root / "worker"
    tree.profile("a")
    worker.symlink_to("/usr/bin/sleep")
    tree.config(command=[str(GATEWAYCTL), "run", "--ready-after", "100", "--", str(worker), "1000000"])
    with tree:
        compare(scenario, expected, lambda step: do_step(tree, step), lambda: answer(tree))


HOST_SCENARIOS = [
    "register, start, stop, start",
    "register, start, restart, stop, reboot",
    "register, start, reboot, stop",
    "register, start, systemctl stop, systemctl start",
    "register, start, systemctl stop, reboot",
    "register, systemctl start, reboot",
    "register, start, systemctl restart, kill run, term run",
    "register, start, kill run, stop, reboot",
    "register, start, unregister, register, reboot",
    "register, stop, restart, unregister, start",
    "register, start, fail run, systemctl start, reboot, start",
]


def do_step_on_host(host: Host, step: str) -> None:
    verbs = {"register": "install", "unregister": "uninstall"}
    if step in ("kill run", "term run"):
        host.box.run(["kill", "-KILL" if step == "kill run" else "-TERM", str(host.main_pid("a"))], check=True)
    elif step == "fail run":  # more often than its death budget allows
        for _ in range(BUDGET):
            wait_until(lambda: host.show("a", "SubState")["SubState"] == "running", what="the next life")
            do_step_on_host(host, "kill run")
    elif step == "reboot":
        host.box.reboot()
    elif step.startswith("systemctl "):
        host.systemctl(step.split()[1], unit("a"), check=False)
    else:
        host.ctl(verbs.get(step, step), "a", check=False)


def answer_of_host(host: Host) -> str:
    seen = host.show("a", "LoadState", "ActiveState", "SubState", "MainPID", "UnitFileState")
    lives = host.box.run(["pgrep", "-c", "-x", "test-gateway"]).stdout.strip()
    intent = host.volume.intent("a") or {}
    return (f"{seen['LoadState']} {seen['ActiveState']} {seen['SubState']} {'no pid' if seen['MainPID'] == '0' else 'a pid'} "
            f"enabled={seen['UnitFileState']} lives={lives} intent={intent.get('desired_state', 'none')}")


BUDGET = 3


@pytest.mark.parametrize("scenario", HOST_SCENARIOS)
def test_the_model_is_the_host(scenario: str, tmp_path: Path) -> None:
    expected = simulated("host", scenario)
    with running_host("system", tmp_path) as host:
        host.configure(budget=BUDGET)
        host.profile("a")
        compare(scenario, expected, lambda step: do_step_on_host(host, step), lambda: answer_of_host(host))
