"""What people see of a fleet: leases, what moves, and how far a drain is."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from etcd_cluster import EtcdCluster
from places import BUILD, PATH
from poll import wait_until

PREFIX = "/gatewayctl/people"


class Onlooker:
    """A machine whose configuration names the fleet; nothing runs there. Members and places are put into etcd by hand."""

    def __init__(self, home: Path, cluster: EtcdCluster) -> None:
        self.home, self.cluster = home, cluster
        (home / "gatewayctl.yaml").write_text(json.dumps({"fleet": {
            "prefix": PREFIX, "spread": "gateway", "endpoints": cluster.endpoints}}))
        self.environment = {"PATH": PATH, "HERMES_HOME": str(home), "GATEWAYCTL_USER": "root"}

    def command(self, *words: str) -> list[str]:
        return [str(BUILD / "gatewayctl"), *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*words), env=self.environment, capture_output=True, text=True, check=False, timeout=120)

    def put(self, key: str, value: object = "", lease: str = "") -> None:
        self.cluster.ctl("put", *([f"--lease={lease}"] if lease else []), f"{PREFIX}/{key}", json.dumps(value) if value else "{}")

    def profile(self, name: str) -> None:
        (self.home / "profiles" / name).mkdir(parents=True)
        (self.home / "profiles" / name / "SOUL.md").write_text("x")


@pytest.fixture
def onlooker(tmp_path: Path, cluster: EtcdCluster) -> Iterator[Onlooker]:
    home = tmp_path / "home"
    home.mkdir()
    yield Onlooker(home, cluster)
    cluster.ctl("del", "--prefix", f"{PREFIX}/")


def test_status_says_how_old_each_lease_is(onlooker: Onlooker) -> None:
    lease = onlooker.cluster.ctl("lease", "grant", "600").split()[1]
    onlooker.put("members/one", {"host": "h"}, lease)
    [member] = json.loads(onlooker.run("--json", "fleet", "status").stdout)["members"]
    assert 0 <= member["lease_age"] < 600 and member["lease_age"] + member["lease_left"] == 600
    assert " of 600 s" in onlooker.run("fleet", "status").stdout


def test_status_says_what_moves_and_what_nobody_may_take(onlooker: Onlooker) -> None:
    for name in ("chat", "mail"):
        onlooker.profile(name)
    for member in ("one", "two"):
        onlooker.put(f"members/{member}", {"host": "h"})
    onlooker.put("places/mail", {"member": "one"})
    onlooker.put("places/chat", {"member": "two"})
    onlooker.put("drain/one")
    moves = json.loads(onlooker.run("--json", "fleet", "status").stdout)["moves"]
    assert {"profile": "mail", "from": "one", "to": "two"} in moves and all(one["profile"] != "chat" for one in moves)
    assert "mail: one -> two" in onlooker.run("fleet", "status").stdout
    onlooker.put("drain/two")
    onlooker.profile("late")
    moves = {one["profile"]: one for one in json.loads(onlooker.run("--json", "fleet", "status").stdout)["moves"]}
    assert moves["late"] == {"profile": "late", "from": None, "to": None} and "mail" not in moves
    assert "late: no member may take it" in onlooker.run("fleet", "status").stdout


def seen_on_terminal(terminal: int, until: str, seen: list[str]) -> bool:
    while until not in "".join(seen):
        try:
            seen.append(os.read(terminal, 4096).decode(errors="replace"))
        except OSError:  # its other end is closed
            return False
    return True


def test_a_drain_shows_what_is_left_on_a_terminal_and_takes_it_away(onlooker: Onlooker) -> None:
    onlooker.put("members/one", {"host": "h"})
    for name in ("chat", "mail"):
        onlooker.put(f"places/{name}", {"member": "one"})
    terminal, inner = pty.openpty()
    process = subprocess.Popen(onlooker.command("fleet", "drain", "one"), env=onlooker.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=inner, text=True)
    os.close(inner)
    seen: list[str] = []
    try:
        assert seen_on_terminal(terminal, "2 gateways are left", seen)
        assert seen_on_terminal(terminal, "mail", seen)
        onlooker.cluster.ctl("del", f"{PREFIX}/places/mail")
        assert seen_on_terminal(terminal, "1 gateways are left", seen)
        onlooker.cluster.ctl("del", f"{PREFIX}/places/chat")
        assert process.communicate(timeout=120)[0] == "one: drained\n"
        seen_on_terminal(terminal, "\0never", seen)
        assert "".join(seen).endswith("\x1b[J")  # nothing of it stays
    finally:
        process.kill()
        process.wait(120)
        os.close(terminal)


def test_a_drain_writes_nothing_where_nobody_looks(onlooker: Onlooker) -> None:
    onlooker.put("members/one", {"host": "h"})
    onlooker.put("places/mail", {"member": "one"})
    process = subprocess.Popen(onlooker.command("fleet", "drain", "one"), env=onlooker.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: f"{PREFIX}/drain/one" in onlooker.cluster.keys(PREFIX), 60, "the mark")
        onlooker.cluster.ctl("del", f"{PREFIX}/places/mail")
        assert process.communicate(timeout=120) == ("one: drained\n", "")
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait(120)
