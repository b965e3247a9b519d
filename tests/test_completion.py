"""Completions, in the real shells, as somebody types at a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from places import GATEWAYCTL
from volume import Volume

PROMPT = "ready>"
# What puts each of them at one prompt without anybody's configuration, and loads the script as a user would.
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             f"bind 'set enable-bracketed-paste off' 'set page-completions off' 'set bell-style none'; PS1='{PROMPT}'; "
             "source <(gatewayctl completion bash)"),
    "zsh": (["zsh", "-f", "-i"],
            f"unsetopt prompt_sp; unset zle_bracketed_paste; PROMPT='{PROMPT}' RPROMPT= PS2=; "
            "autoload -U compinit; compinit -u -D; source <(gatewayctl completion zsh)"),
}


class Typist:
    """A shell at a terminal of its own."""

    def __init__(self, terminal: int) -> None:
        self.terminal, self.seen = terminal, ""

    def read(self) -> bool:
        ready, _, _ = select.select([self.terminal], [], [], 0.05)
        if ready:
            text = os.read(self.terminal, 65536).decode(errors="replace")
            self.seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r|\x07", "", text)
        return bool(ready)

    def wait_for(self, pattern: str) -> str:
        deadline = time.monotonic() + 30
        while not re.search(pattern, self.seen):
            assert time.monotonic() < deadline, (pattern, self.seen)
            self.read()
        return self.seen

    def type(self, text: str) -> None:
        self.seen = ""
        os.write(self.terminal, text.encode())


@contextmanager
def shell(name: str, volume: Volume) -> Iterator[Typist]:
    words, begin = SHELLS[name]
    pid, terminal = pty.fork()
    if pid == 0:
        environment = {"PATH": f"{GATEWAYCTL.parent}:{os.environ['PATH']}", "TERM": "dumb", "HOME": str(volume.root),
                       "HERMES_HOME": str(volume.home), "ZDOTDIR": str(volume.root)}
        os.execvpe(words[0], words, environment)
    try:
        typist = Typist(terminal)
        typist.type(begin + "; echo loa''ded\n")
        typist.wait_for(r"loaded[^>]*" + PROMPT)
        yield typist
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)


@pytest.fixture
def named(volume: Volume) -> Volume:
    for name in ("coder", "cook", "writer"):
        volume.profile(name, {"gateway_state": "running"})
    return volume


@pytest.mark.parametrize("name", SHELLS)
def test_a_tab_completes_verbs_options_and_profiles(name: str, named: Volume) -> None:
    with shell(name, named) as typist:
        for typed, whole in (("gatewayctl unreg\t", "gatewayctl unregister "), ("gatewayctl marker con\t", "marker consume "),
                             ("gatewayctl stop wri\t", "stop writer "), ("gatewayctl stop --for\t", "stop --force "),
                             ("gatewayctl -p wri\t", "-p writer "), ("gatewayctl --color=nev\t", "--color=never"),
                             ("gatewayctl render sys\t", "render systemd ")):
            typist.type(typed)
            typist.wait_for(re.escape(whole))
            typist.type("\x15")  # kill the line
        typist.type("gatewayctl stop co\t\t")
        typist.wait_for(r"coder\s+cook")
        typist.type("\x15")


def test_fish_offers_verbs_with_their_meaning_and_profiles(named: Volume) -> None:
    def offered(typed: str) -> list[str]:
        line = f"gatewayctl completion fish | source; complete -C '{typed}'"
        return subprocess.run(["fish", "--no-config", "-c", line], capture_output=True, text=True, check=True, timeout=60, env={
            "PATH": f"{GATEWAYCTL.parent}:{os.environ['PATH']}", "HOME": str(named.root), "HERMES_HOME": str(named.home),
        }).stdout.splitlines()

    assert offered("gatewayctl stop co") == ["coder", "cook"]
    assert [line.split("\t")[0] for line in offered("gatewayctl st")] == ["start", "state", "status", "stop"]
    assert all("\t" in line for line in offered("gatewayctl st"))
    assert "/usr/" in [line.split("\t")[0] for line in offered("gatewayctl --home /")]


def offered(*words: str) -> list[str]:
    done = subprocess.run([GATEWAYCTL, "complete", "--", *words], capture_output=True, text=True, check=True,
                          env={"HERMES_HOME": "/no/such/home"})
    assert done.stderr == "", "a message in the middle of a line that is typed helps nobody"
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


def test_every_verb_and_every_option_of_it_is_offered() -> None:
    helped = subprocess.run([GATEWAYCTL, "--help"], capture_output=True, text=True, check=True).stdout
    verbs = {match[1] for match in re.finditer(r"^  ([a-z]+)  ", helped, re.MULTILINE)}
    assert len(verbs) > 20
    assert set(offered("")) == verbs
    for verb in verbs - {"marker", "state"}:
        text = subprocess.run([GATEWAYCTL, verb, "--help"], capture_output=True, text=True, check=True).stdout
        options = set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", text, re.MULTILINE)) - {"--version"}
        assert options <= set(offered(verb, "--")), verb


def test_values_are_offered_where_they_belong() -> None:
    assert offered("--manager", "") == ["s6", "systemd", "launchd"]
    assert offered("--manager=sys") == ["--manager=systemd"]
    assert offered("help", "unr") == ["unregister"]
    assert offered("run", "--", "") == [":files"]
    assert offered("--home", "") == [":directories"]
    assert offered("status", "a") == [], "nothing is offered of a home that cannot be opened"
