"""What a process of root's has opened of the volume before it stops being root: nothing but owner and mode of the home.

docs/security.md says what each of them does until then; this looks, with strace, at each of them.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from places import GATEWAYCTL, PATH, USER
from volume import Volume

ROOT = 0
CALL = re.compile(r"^(\d+)\s+(\w+)\((.*)$")
CONTENT = re.compile(r"((?:read|write|pread64)\(\d+<[^>]*>).*")
CHANGES_OF_USER = {"setuid", "setresuid", "setreuid"}


class Trace:
    """The calls of a command and all its children, in order; who is root is followed through fork and change of user."""

    def __init__(self, text: str) -> None:
        self.root: dict[int, bool] = {}
        self.as_root: list[str] = []
        self.left_root = False
        forking: list[int] = []
        for line in text.splitlines():
            if not (call := CALL.match(line)):
                continue
            pid, name, rest = int(call[1]), call[2], call[3]
            parent = self.root.get(forking[-1], True) if forking else True
            is_root = self.root.setdefault(pid, parent)
            if name in {"clone", "clone3", "fork", "vfork"}:
                forking.append(pid)
            elif name in CHANGES_OF_USER and rest.endswith("= 0"):
                # seteuid(2) is setresuid(-1, uid, -1).
                words = rest.split(")")[0].split(", ")
                uid = int(words[1] if len(words) > 1 else words[0])
                self.root[pid] = uid == 0
                self.left_root |= uid != 0
            elif is_root:
                self.as_root.append(line)


def touches_of(trace: Trace, home: Path) -> list[str]:
    """Calls of root that name something of the home, except the one that asks whose it is."""
    # What is read or written is not looked at, only of which file: a slot is text of the tmpfs that names the home.
    calls = [CONTENT.sub(r"\1", line) for line in trace.as_root]
    named = [line for line in calls if str(home) in line or str(home.name) + '"' in line]
    asks = re.compile(r"openat\(\d+<[^>]*>, \"" + home.name + r"\", O_RDONLY\|O_NOFOLLOW\|O_CLOEXEC\|O_PATH\)")
    # strace decodes descriptors: what follows is the fstat of that very descriptor, and its end.
    of_it = re.compile(r"(fstat|newfstatat|close)\(\d+<" + re.escape(str(home)) + r">")
    # The path of the home is the value of a variable of root's own environment, and a word of the operator's command.
    return [line for line in named if not asks.search(line) and not of_it.search(line) and "execve(" not in line]


@pytest.fixture
def traced(volume: Volume, tmp_path: Path):
    """Runs a command of root's under strace, and answers with its calls."""
    log = tmp_path / "trace"

    def run(words: list[str], env: dict[str, str] | None = None) -> Trace:
        strace = ["strace", "-f", "-y", "-s", "4096", "-e", "signal=none",
                  "-e", "trace=%file,%desc,%process,setuid,setresuid,setreuid", "-o", str(log)]
        subprocess.run([*strace, *words], capture_output=True, timeout=60, **volume.options(ROOT, env))
        return Trace(log.read_text())

    return run


HOSTILE = "command: [sh, -c, id]\ndrain_timeout: 1\n"

VERBS = [
    ["reconcile"], ["plan"], ["drain"], ["register", "a"], ["unregister", "a"], ["start", "a"], ["stop", "a"],
    ["restart", "a"], ["status"], ["list"], ["logs", "a"], ["render", "s6", "a"], ["prepare"],
    ["-p", "a", "run", "--", "true"], ["-p", "a", "marker", "write", "--pid", "1"], ["-p", "a", "marker", "show"],
    ["-p", "a", "marker", "consume"], ["-p", "a", "marker", "clear"], ["-p", "a", "after-exit", "1", "0"],
]


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_no_verb_of_roots_opens_anything_of_the_volume(volume: Volume, traced, words: list[str]) -> None:
    volume.profile("a", {"gateway_state": "running"}, service={"port": 9300, "env": {"LD_PRELOAD": "/nowhere.so"}})
    volume.write(volume.home / "gatewayctl.yaml", HOSTILE)
    volume.reconcile()
    trace = traced([str(GATEWAYCTL), *words], {"GATEWAYCTL_CONFIG": "", "GATEWAYCTL_MANAGER": "s6"})
    assert touches_of(trace, volume.home) == []
    assert trace.left_root or words == ["prepare"]


@pytest.mark.parametrize("words", [["start", "a"], ["stop", "a"], ["install", "a"], ["uninstall", "a"], ["status"]],
                         ids=" ".join)
def test_where_root_commands_the_systems_systemd_it_is_the_user_on_the_volume(volume: Volume, traced,
                                                                              words: list[str]) -> None:
    tools = volume.root / "tools"
    tools.mkdir()
    (tools / "systemctl").write_text("#!/bin/sh\nid -u >>/proc/self/fd/2\necho Version=252\n")
    (tools / "systemctl").chmod(0o755)
    volume.profile("a", {"gateway_state": "running"})
    volume.write(volume.home / "gatewayctl.yaml", HOSTILE)
    trace = traced([str(GATEWAYCTL), "--manager", "systemd", "--scope", "system", *words],
                   {"GATEWAYCTL_CONFIG": "", "PATH": f"{tools}:{PATH}"})
    assert touches_of(trace, volume.home) == []
    assert trace.left_root


@pytest.mark.parametrize("script", ["run", "finish", "log/run"])
def test_no_script_of_a_slot_opens_anything_of_the_volume_as_root(volume: Volume, traced, script: str) -> None:
    volume.profile("a", {"gateway_state": "running"}, service={"port": 9300, "env": {"LD_PRELOAD": "/nowhere.so"}})
    volume.write(volume.home / "gatewayctl.yaml", HOSTILE)
    volume.reconcile(env={"GATEWAYCTL_CONFIG": ""})
    trace = traced([str(volume.scandir / "gateway-a" / script), "1", "0", "a"], {"HERMES_HOME": ""})
    assert touches_of(trace, volume.home) == []
    assert trace.left_root


def test_the_look_notices_a_root_that_reads_the_volume(volume: Volume, traced) -> None:
    """The test itself: root's own `cat` of the configuration, and a program of the volume's, are seen."""
    volume.write(volume.home / "gatewayctl.yaml", HOSTILE)
    assert touches_of(traced(["/usr/bin/cat", str(volume.home / "gatewayctl.yaml")]), volume.home)
    assert touches_of(traced(["/bin/sh", "-c", f"cd {volume.home} && cat gatewayctl.yaml"]), volume.home)
    dropped = ["setpriv", f"--reuid={USER}", "--clear-groups", "cat", str(volume.home / "gatewayctl.yaml")]
    assert not touches_of(traced(dropped), volume.home)
