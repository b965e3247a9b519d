"""What the command line says before any verb runs."""

from __future__ import annotations

import pytest
from volume import Volume


@pytest.mark.parametrize(("words", "what", "following"), [
    ([], "a verb is missing", "gatewayctl --help"),
    (["frobnicate"], "there is no verb 'frobnicate'", "gatewayctl --help"),
    (["stop", "--frobnicate"], "--frobnicate", "gatewayctl stop --help"),
    (["stop", "--timeout", "soon"], "soon", "gatewayctl stop --help"),
    (["register"], "NAME is missing", "gatewayctl register --help"),
    (["run", "sleep", "1"], "sleep", "gatewayctl run --help"),
])
def test_wrong_words_are_named_with_the_next_command(volume: Volume, words: list[str], what: str, following: str) -> None:
    done = volume.run(*words)
    assert done.returncode == 64
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith("gatewayctl: error: ") and what in first
    assert second == f"gatewayctl: error: next: {following}"


def test_help_lists_verbs_and_exit_statuses(volume: Volume) -> None:
    done = volume.run("--help", check=True)
    assert "Usage: gatewayctl [OPTIONS] VERB" in done.stdout
    assert "\nVerbs:\n" in done.stdout
    assert "78 bad configuration" in done.stdout
    assert "after-exit" not in done.stdout  # for a slot's finish script, not for people
    assert done.stderr == ""


def test_version_is_a_flag_and_a_verb(volume: Volume) -> None:
    assert volume.run("--version", check=True).stdout == volume.run("version", check=True).stdout != ""


@pytest.mark.parametrize("verb", [["stop"], ["marker"], ["marker", "write"], ["after-exit"], ["run"]])
def test_help_is_a_flag_and_a_verb(volume: Volume, verb: list[str]) -> None:
    asked = volume.run("help", *verb, check=True).stdout
    assert asked == volume.run(*verb, "--help", check=True).stdout
    assert asked.count("Usage: gatewayctl " + " ".join(verb)) == 1


def test_help_alone_is_the_overview(volume: Volume) -> None:
    assert volume.run("help", check=True).stdout == volume.run("--help", check=True).stdout


def test_the_help_of_a_verb_says_how_it_ends_and_shows_it_used(volume: Volume) -> None:
    text = volume.run("help", "status", check=True).stdout
    assert "Exit status:\n" in text and "    3 not running" in text
    assert "Examples:\n" in text and "gatewayctl --json status coder" in text


def test_there_is_no_help_for_what_is_no_verb(volume: Volume) -> None:
    done = volume.run("help", "marker", "frobnicate")
    assert done.returncode == 64
    assert "there is no verb 'marker frobnicate'" in done.stderr and done.stdout == ""


def test_what_is_wrong_with_the_configuration_is_said_once(volume: Volume) -> None:
    done = volume.run("plan", env={"GATEWAYCTL_ROLE": "frobnicate"})
    assert done.stderr.count("GATEWAYCTL_ROLE 'frobnicate'") == 1


@pytest.mark.parametrize("words", [(), ("nothing",), ("plan", "--nothing"), ("--color", "blue", "plan")])
def test_wrong_words_are_a_usage_error(volume: Volume, words: tuple[str, ...]) -> None:
    assert volume.run(*words).returncode == 64
