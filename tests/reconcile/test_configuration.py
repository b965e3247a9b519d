"""What the configuration files say and nobody understands: file, line, what was meant, what counts instead."""

from __future__ import annotations

import pytest
from volume import RUNNING, Volume


@pytest.mark.parametrize(("text", "said"), [
    ("comand: [x]\n", "gatewayctl.yaml:1: unknown key 'comand', did you mean 'command'? is ignored"),
    ("\ndrain_timout: 9\n", "gatewayctl.yaml:2: unknown key 'drain_timout', did you mean 'drain_timeout'? is ignored"),
    ("gateways: 3\n", "gatewayctl.yaml:1: unknown key 'gateways' is ignored"),
    ("# x\r\ncommand: a b\r\n", "gatewayctl.yaml:2: command 'a b' is ignored: it must be a list of words"),
    ("command: []\n", "gatewayctl.yaml:1: command is ignored: it must be a list of words"),
    ("default_command: {a: b}\n", "gatewayctl.yaml:1: default_command is ignored"),
    ("drain_timeout: 60s\n", "gatewayctl.yaml:1: drain_timeout '60s' is ignored: it must be a number of seconds"),
    ("notification_fd: 1\n", "gatewayctl.yaml:1: notification_fd '1' is ignored"),
    ("death_budget: 0\n", "gatewayctl.yaml:1: death_budget '0' is ignored"),
    ("ports: 9799-9200\n", "gatewayctl.yaml:1: ports '9799-9200' is ignored: it must be ranges of ports"),
    ("ports: [9200, x]\n", "gatewayctl.yaml:1: ports is ignored: it must be ranges of ports"),
    ("ports: [[9200]]\n", "gatewayctl.yaml:1: ports is ignored: it must be ranges of ports"),
    ("command: [{a: b}]\n", "gatewayctl.yaml:1: command is ignored: it must be a list of words"),
    ("wrapper: ''\n", "gatewayctl.yaml:1: wrapper '' is ignored"),
    ("multiplex_profiles: perhaps\n", "gatewayctl.yaml:1: multiplex_profiles 'perhaps' is ignored"),
    ("[a, b]: c\n", "gatewayctl.yaml:1: unknown key '(no word)' is ignored"),
    ("death_budget: 2\ndeath_budget: 3\n", "gatewayctl.yaml:2: a second 'death_budget' is ignored: the first counts"),
])
def test_what_is_not_understood_is_said_with_its_place_and_the_pass_goes_on(
    volume: Volume, text: str, said: str
) -> None:
    volume.profile("a", RUNNING)
    volume.config(text)
    done = volume.run("reconcile")
    assert done.returncode == 0, done.stderr
    assert said in done.stderr
    assert volume.slots()["a"] == "up"


def test_an_env_file_with_quotes_means_what_it_says(volume: Volume) -> None:
    done = volume.run("reconcile", env={"HERMES_GATEWAY_BOOTSTRAP_STATE": '"running"', "GATEWAYCTL_ROLE": "owner\r"})
    assert done.returncode == 0, done.stderr
    assert 'HERMES_GATEWAY_BOOTSTRAP_STATE is literally "running": taken as running' in done.stderr
    assert "GATEWAYCTL_ROLE is literally owner\\r: taken as owner" in done.stderr
    assert volume.slots() == {"default": "up"}
