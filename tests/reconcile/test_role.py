"""What the container's command, its variables and the configuration say about a boot: seeds, role, multiplex."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from container_command import ContainerCommand
from volume import RUNNING, STOPPED, Volume, by_profile, snapshot


def legacy_command(volume: Volume, *words: str) -> ContainerCommand:
    """`gateway run`, unless there are other words, behind a wrapper of this test's own."""
    wrapper = f"wrapper-{volume.root.name}.sh"
    volume.config(f"wrapper: {wrapper}\n")
    return ContainerCommand(wrapper, *(words or ("gateway", "run")))


@pytest.mark.parametrize("seed", ["command", "variable"])
def test_a_blank_volume_starts_by_its_seed_and_remembers_why(volume: Volume, seed: str) -> None:
    env = {"HERMES_GATEWAY_BOOTSTRAP_STATE": "running"} if seed == "variable" else {}
    with legacy_command(volume) if seed == "command" else contextlib.nullcontext():
        volume.reconcile(env=env)
    assert volume.slots() == {"default": "up"}
    intent = volume.intent("default")
    assert intent["desired_state"] == "running"
    assert intent["reason"] == ("first-boot-seed" if seed == "variable" else "legacy-command")
    assert volume.state("default")["desired_state"] == "running"


@pytest.mark.parametrize(("words", "env", "slots"), [
    (("gateway", "run"), {"HERMES_GATEWAY_NO_SUPERVISE": "1"}, {"default": "down"}),
    (("gateway", "run", "--no-supervise"), {}, {"default": "down"}),
    (("gateway", "run"), {"HERMES_GATEWAY_NO_SUPERVISE": "0"}, {"default": "up"}),
    (("hermes", "dashboard"), {}, {}),
    (("-p", "default", "gateway", "run"), {}, {"default": "up"}),
    (("-p", "dashboard", "gateway", "run"), {}, {"default": "down"}),
])
def test_the_container_command_decides_its_role(
    volume: Volume, words: tuple[str, ...], env: dict[str, str], slots: dict[str, str]
) -> None:
    with legacy_command(volume, *words):
        volume.reconcile(env=env)
    assert volume.slots() == slots


@pytest.mark.parametrize("words", [("-p", "mail", "gateway", "run"), ("hermes", "gateway", "run", "--profile=mail"),
                                   ("-p", "post", "gateway", "run", "-p", "mail")])
def test_the_seed_is_for_the_profile_that_the_command_names(volume: Volume, words: tuple[str, ...]) -> None:
    volume.profile("mail")
    volume.profile("post")
    with legacy_command(volume, *words):
        volume.reconcile()
    assert volume.slots() == {"default": "down", "mail": "up", "post": "down"}
    assert volume.intent("mail")["reason"] == "legacy-command"


def test_a_stop_wins_over_every_seed(volume: Volume) -> None:
    volume.profile("default", STOPPED)
    with legacy_command(volume):
        volume.reconcile(env={"HERMES_GATEWAY_BOOTSTRAP_STATE": "running"})
    assert volume.slots() == {"default": "down"}


def test_role_none_touches_no_slot(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    volume.reconcile()
    before = snapshot(volume.scandir)
    volume.profile("a", STOPPED)
    volume.profile("b", RUNNING)
    report = by_profile(volume.reconcile(env={"GATEWAYCTL_ROLE": "none"}))
    assert {record["goal"] for record in report.values()} == {"untouched"}
    assert snapshot(volume.scandir) == before


@pytest.mark.parametrize(("files", "env", "multiplexed"), [
    ({}, {}, False),
    ({}, {"GATEWAY_MULTIPLEX_PROFILES": "true"}, True),
    ({"config.yaml": "multiplex_profiles: true\n"}, {}, True),
    ({"config.yaml": "gateway:\n  multiplex_profiles: true\n"}, {}, True),
    ({"config.yaml": "multiplex_profiles: true\n"}, {"GATEWAY_MULTIPLEX_PROFILES": "false"}, False),
    ({"config.yaml": "multiplex_profiles: true\n"}, {"GATEWAY_MULTIPLEX_PROFILES": " "}, True),
    ({"config.yaml": "multiplex_profiles: [\n"}, {}, False),
    ({"config.yaml": "- multiplex_profiles\n"}, {}, False),
    ({"config.yaml": b"\xff\x00"}, {}, False),
    ({"config.yaml": "multiplex_profiles: {}\ngateway: 3\n"}, {}, False),
])
def test_multiplex_from_variable_and_configuration(
    volume: Volume, files: dict[str, Any], env: dict[str, str], multiplexed: bool
) -> None:
    directory = volume.profile("a", {"desired_state": "running"}, service={"port": 9300, "env": {}})
    volume.profile("default", {"desired_state": "running"})
    for name, content in files.items():
        volume.write(volume.home / name, content)
    before = snapshot(directory)
    volume.reconcile(env=env)
    assert volume.slots() == {"a": "down" if multiplexed else "up", "default": "up"}
    assert snapshot(directory) == before
