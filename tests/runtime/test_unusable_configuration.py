"""While the configuration cannot be used, what a service should be made of is not known: what is there stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from s6_tree import S6Tree

BAD_CONFIG = 78


def no_yaml(tree: S6Tree) -> None:
    (tree.home / "gatewayctl.yaml").write_text("command: [mine\n")


def unreadable(tree: S6Tree) -> None:
    (tree.home / "gatewayctl.yaml").chmod(0)


def a_directory(tree: S6Tree) -> None:
    (tree.home / "gatewayctl.yaml").unlink()
    (tree.home / "gatewayctl.yaml").mkdir()


SPOILED = pytest.mark.parametrize("spoil", [no_yaml, unreadable, a_directory])


@SPOILED
def test_a_restart_and_a_boot_keep_the_scripts_of_a_slot(tree: S6Tree, spoil: Callable[[S6Tree], None]) -> None:
    tree.profile("a")
    tree.ctl("register", "--start", "a", check=True)
    script = (tree.slot("a") / "run").read_bytes()
    kept = (tree.directory("a") / ".gateway-service.json").read_bytes()
    spoil(tree)
    tree.ctl("restart", "a", check=True)
    assert (tree.slot("a") / "run").read_bytes() == script
    tree.ctl("reconcile", check=True)
    assert (tree.slot("a") / "run").read_bytes() == script
    assert (tree.directory("a") / ".gateway-service.json").read_bytes() == kept
    assert tree.status("a")["drift"] is None, "it is not known"


@SPOILED
def test_no_service_is_made_of_what_is_not_known(tree: S6Tree, spoil: Callable[[S6Tree], None]) -> None:
    tree.profile("a")
    spoil(tree)
    for words in (["register", "a"], ["start", "a"]):
        done = tree.ctl(*words)
        assert done.returncode == BAD_CONFIG, done.stderr
        assert "gatewayctl.yaml cannot be used" in done.stderr and "gatewayctl config check" in done.stderr
    assert "gateway-a" not in tree.slots()
    assert not (tree.directory("a") / ".gateway-service.json").exists()


def test_a_boot_keeps_no_port_that_the_configuration_may_not_mean(tree: S6Tree) -> None:
    """The slot has one of the default ranges; the next boot that can read them chooses anew, and keeps it."""
    tree.profile("a", state={"desired_state": "stopped"})
    tree.config(ports="20000-20009")
    good = (tree.home / "gatewayctl.yaml").read_text()
    no_yaml(tree)
    tree.ctl("reconcile", check=True)
    service = tree.directory("a") / ".gateway-service.json"
    assert not service.exists() or "port" not in json.loads(service.read_text())
    (tree.home / "gatewayctl.yaml").write_text(good)
    tree.ctl("reconcile", check=True)
    assert 20000 <= json.loads(service.read_text())["port"] <= 20009
