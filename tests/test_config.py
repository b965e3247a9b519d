"""`gatewayctl config`: each setting, who has said it, and whether the file is understood."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from places import GATEWAYCTL, let_others_through
from volume import Volume


def run(volume: Volume, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([GATEWAYCTL, "--home", volume.home, *words], capture_output=True, text=True, check=False, timeout=120,
                          env={"PATH": "/usr/bin:/bin", **variables})


def shown(volume: Volume, *words: str, **variables: str) -> dict[str, tuple[str | None, str]]:
    settings = json.loads(run(volume, *words, "--json", "config", **variables).stdout)["settings"]
    return {row["name"]: (row["value"], row["origin"]) for row in settings}


def configure(volume: Volume, text: str, name: str = "gatewayctl.yaml") -> Path:
    file = Path(volume.home) / name
    file.write_text(text)
    return file


def test_flags_beat_environment_beats_file_beats_default_and_each_is_named(volume: Volume) -> None:
    file = configure(volume, "drain_timeout: 70\n\ncommand: [a, 'b c']\nmember: east\n")
    settings = shown(volume, "--scandir", "/run/elsewhere", GATEWAYCTL_MEMBER="west", S6_PROFILE_GATEWAY_SCANDIR="/run/not")
    assert settings["home"] == (str(volume.home), "--home")
    assert settings["scandir"] == ("/run/elsewhere", "--scandir")
    assert settings["member"] == ("west", "GATEWAYCTL_MEMBER")
    assert settings["drain_timeout"] == ("70", f"{file}:1")
    assert settings["command"] == ("a 'b c'", f"{file}:3")
    assert settings["default_command"] == ("a 'b c'", f"{file}:3")
    assert settings["death_budget"] == ("10", "default")
    assert shown(volume, GATEWAYCTL_DRAIN_TIMEOUT="5")["drain_timeout"] == ("5", "GATEWAYCTL_DRAIN_TIMEOUT")


@pytest.mark.parametrize(("text", "line"), [("multiplex_profiles: true\n", 1), ("gateway:\n  multiplex_profiles: true\n", 2)])
def test_what_the_gateways_own_file_says_is_named_with_that_file(volume: Volume, text: str, line: int) -> None:
    file = configure(volume, text, "config.yaml")
    assert shown(volume)["multiplex_profiles"] == ("true", f"{file}:{line}")


def test_a_value_that_was_refused_is_where_nothing_comes_from(volume: Volume) -> None:
    file = configure(volume, "drain_timeout: 70\nports: [3000-3001]\ndeath_budget: none\n")
    settings = shown(volume, GATEWAYCTL_DRAIN_TIMEOUT="soon", GATEWAYCTL_PORTS="many")
    assert settings["drain_timeout"] == ("60", "default")
    assert settings["ports"] == ("3000-3001", f"{file}:2")
    assert settings["death_budget"] == ("10", "default")


def test_one_setting_is_printed_alone_and_a_slip_gets_a_suggestion(volume: Volume) -> None:
    assert run(volume, "config", "get", "wrapper").stdout == "main-wrapper.sh\n"
    slip = run(volume, "config", "get", "drian_timeout")
    assert (slip.returncode, slip.stdout) == (64, "")
    assert "did you mean 'drain_timeout'?" in slip.stderr
    assert run(volume, "config", "get").returncode == 64
    assert run(volume, "config", "show").returncode == 64


@pytest.mark.parametrize(("text", "said"), [
    ("comand: [a]\n", ":1: unknown key 'comand', did you mean 'command'?"),
    ("member: a\ndrain_timeout: [1]\n", ":2: drain_timeout is ignored: it must be a number of seconds"),
    ("role: boss\n", ":1: role 'boss' is ignored: it must be owner, standby or none"),
    ("a: [\n", "gatewayctl.yaml is ignored: line 2, column 1: end of sequence flow not found"),
    ("command: [a, '--name={profil}']\n", ":1: '{profil}' in command is not replaced, did you mean '{profile}'?"),
    ("command: [a]\ndefault_command: ['{PROFILE}']\n", ":2: '{PROFILE}' in default_command is not replaced"),
])
def test_check_says_what_is_not_understood_and_ends_with_78(volume: Volume, tmp_path: Path, text: str, said: str) -> None:
    configure(volume, text)
    inside = run(volume, "config", "check")
    assert inside.returncode == 78
    assert said in inside.stdout
    file = tmp_path / "gatewayctl.yaml"
    file.write_text(text)
    built = run(volume, "config", "check", str(file))
    assert built.returncode == 78
    assert said in built.stdout
    assert json.loads(run(volume, "--json", "config", "check", str(file)).stdout)["ok"] is False


def test_check_of_a_good_file_ends_with_0_and_of_one_that_is_not_there_with_78(volume: Volume, tmp_path: Path) -> None:
    file = tmp_path / "gatewayctl.yaml"
    file.write_text("drain_timeout: 70\n")
    assert run(volume, "config", "check", str(file)).returncode == 0
    assert json.loads(run(volume, "--json", "config", "check", str(file)).stdout) == {"version": 1, "ok": True, "findings": []}
    missing = run(volume, "config", "check", str(tmp_path / "none.yaml"))
    assert missing.returncode == 78
    assert "none.yaml, which is named as the configuration, does not exist" in missing.stdout


def test_words_in_braces_that_are_no_slip_reach_the_gateway_as_they_are(volume: Volume) -> None:
    configure(volume, """command: [a, '{"json": 1}', '{}', '{name}', '{profile}-{profile}']\n""")
    assert run(volume, "config", "check").returncode == 0


@pytest.mark.parametrize("before", [[], ["setpriv", "--reuid=10000", "--regid=10000", "--clear-groups"]], ids=["root", "user"])
def test_a_file_named_without_a_directory_is_the_one_in_this_directory(tmp_path: Path, before: list[str]) -> None:
    """And nothing beside it is read: a gateway's own configuration may lie there."""
    let_others_through(tmp_path)
    (tmp_path / "my.yaml").write_text("role: boss\n")
    (tmp_path / "config.yaml").write_text("multiplex_profiles: perhaps\n")
    done = subprocess.run([*before, GATEWAYCTL, "config", "check", "my.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False,
                          timeout=120)
    assert done.returncode == 78
    assert [line.partition(" is ignored")[0] for line in done.stdout.splitlines()] == ["./my.yaml:1: role 'boss'"]
