"""The C interface through real gateways: the two examples, in Python by ctypes and in C."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from home import Home
from places import BUILD, GATEWAYCTL, REPOSITORY
from poll import start_time, wait_until

LIBRARY = BUILD / "src/capi/libgatewayctl.so.1"
EXAMPLES = {
    "python": [sys.executable, str(REPOSITORY / "examples/gateway.py")],
    "c": [str(BUILD / "examples/example-gateway")],
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, owner=os.geteuid())


@pytest.fixture
def profile(home: Home) -> Path:
    return home.profile("worker", {"desired_state": "running", "zz": {"kept": 1}})


@pytest.mark.parametrize("language", EXAMPLES)
@pytest.mark.parametrize(
    ("reason", "code", "state"), [("stop", 0, "stopped"), ("restart", 75, "stopped"), (None, 1, "running")]
)
def test_an_example_gateway_tells_the_stops_apart(
    home: Home, profile: Path, language: str, reason: str | None, code: int, state: str
) -> None:
    env = {"PATH": "/usr/bin:/bin", "GATEWAYCTL_LIBRARY": str(LIBRARY), "GATEWAY_DRAIN_S": "0.1",
           "HERMES_HOME": str(home.home)}
    (profile / ".clean_shutdown").write_text("drained\n")

    def recorded() -> dict[str, object]:
        return home.state("worker")

    with subprocess.Popen([*EXAMPLES[language], str(profile)], env=env) as gateway:
        try:
            wait_until(lambda: recorded().get("gateway_state") == "running", what="running")
            assert not (profile / ".clean_shutdown").exists()
            assert recorded()["start_time"] == start_time(gateway.pid)
            if reason:
                words = [GATEWAYCTL, "-p", "worker", "marker", "write", "--pid", str(gateway.pid), "--reason", reason]
                subprocess.run(words, env=env, check=True, stdout=subprocess.DEVNULL)
            gateway.terminate()
            wait_until(lambda: (profile / ".clean_shutdown").exists(), what=".clean_shutdown")
            assert gateway.wait(120) == code
        finally:
            gateway.kill()
    assert recorded()["gateway_state"] == state
    assert (recorded()["desired_state"], recorded()["zz"]) == ("running", {"kept": 1})
    assert (profile / ".clean_shutdown").read_text().splitlines()[0] == "drained"
    life = home.lifecycle("worker")
    assert (life["phase"], life["exit_code"], life["clean"], life["prior_exit"]) == ("exited", code, True, "unknown")
    assert life["pid"] == gateway.pid
    assert not (profile / ".gateway-planned-stop.json").exists()


def test_the_library_promises_its_symbols_and_nothing_else() -> None:
    shown = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], capture_output=True, text=True, check=True).stdout
    symbols = {line.split()[-1] for line in shown.splitlines()}
    header = (REPOSITORY / "src/capi/gatewayctl.h").read_text()
    functions = set(re.findall(r"^(?:int|const char \*)\s*(gatewayctl_\w+)\(", header, re.MULTILINE))
    assert len(functions) == 11
    second = {"gatewayctl_life_begin", "gatewayctl_life_end"}
    assert symbols == {f"{name}@@GATEWAYCTL_{2 if name in second else 1}" for name in functions} | {
        "GATEWAYCTL_1", "GATEWAYCTL_2"}
    dynamic = subprocess.run(["readelf", "-d", LIBRARY], capture_output=True, text=True, check=True).stdout
    assert "soname: [libgatewayctl.so.1]" in dynamic
    assert "libstdc++" not in dynamic


def test_nonsense_is_an_answer_and_never_a_crash(profile: Path) -> None:
    import ctypes

    lib = ctypes.CDLL(str(LIBRARY))
    lib.gatewayctl_error.restype = ctypes.c_char_p
    path = os.fsencode(profile)
    for answer in (
        lib.gatewayctl_marker_probe(None, 0, None),
        lib.gatewayctl_marker_probe(b"/nonexistent", 0, None),
        lib.gatewayctl_marker_probe(path, 7, None),
        lib.gatewayctl_marker_write(path, 0, 0, b"stop"),
        lib.gatewayctl_judge_end(None, None),
        lib.gatewayctl_record_state(path, b"fine", None),
        lib.gatewayctl_record_state(path, None, None),
        lib.gatewayctl_stop_progress(path, 9),
    ):
        assert answer == -1
        assert lib.gatewayctl_error() != b""
    assert lib.gatewayctl_marker_probe(path, 0, None) == 0
    assert lib.gatewayctl_error() == b""
    (profile / ".gateway-planned-stop.json").mkdir()
    assert lib.gatewayctl_marker_consume(path, 0, None) == -1
    assert b"cannot read the marker" in lib.gatewayctl_error()
