"""What somebody is told in the container that does not run the gateways, and that doing as told helps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from box import Box, Tree
from members import Volume, gateways, wait_running
from places import let_others_through

CURE = "gatewayctl status, in that one; to have them here: stop that one, then gatewayctl reconcile"


@pytest.fixture(params=[Tree.SHARED, Tree.OWN], ids=lambda tree: tree.value)
def volume(request: pytest.FixtureRequest, tmp_path: Path) -> Volume:
    let_others_through(tmp_path)
    made = Volume(tmp_path / "volume", request.param)
    made.profile("mail", {"gateway_state": "running", "desired_state": "running"})
    return made


def told(box: Box, *words: str) -> str:
    return box.run(["gatewayctl", *words], timeout=60).stdout


def findings(box: Box, code: str) -> list[dict[str, Any]]:
    """What explain and doctor say of it, in this order."""
    statements = json.loads(told(box, "--json", "explain", "mail"))["statements"]
    sections = json.loads(told(box, "--json", "doctor"))["sections"]
    return [one for one in [*statements, *(one for section in sections for one in section["findings"])] if one["code"] == code]


def facts(box: Box) -> dict[str, str]:
    return json.loads(told(box, "--json", "doctor"))["sections"][1]["facts"]


def test_a_refused_container_names_the_owner_and_how_to_have_them_here(volume: Volume) -> None:
    with volume.member("one") as one, volume.member("two") as two:
        one.start()
        wait_running(one, "mail")
        two.start()
        assert "Owner: one" in told(two, "status") and "does not run here" in told(two, "status")
        why, again = findings(two, "runs-not-here")
        assert why == again and why["why"].startswith("the gateways of this volume belong to one") and why["cure"] == CURE
        [owned] = findings(two, "foreign-owner")
        assert "belong to one" in owned["what"] and owned["severity"] == "warning" and owned["cure"] == CURE
        assert facts(two)["role"] == "owner" and facts(two)["member"].startswith("one")
        assert facts(one)["member"].endswith("(this one)")
        assert two.run(["gatewayctl", "health"]).returncode == 0, "they are another container's to run"
        assert "running" in told(one, "status"), "what is typed in that one"
        one.stop()
        assert two.run(["gatewayctl", "reconcile"], timeout=60).returncode == 0
        wait_running(two, "mail")
        assert not findings(two, "foreign-owner") and not findings(two, "runs-not-here")


def test_a_standby_is_told_that_it_waits(volume: Volume) -> None:
    with volume.member("one") as one, volume.member("two", role="standby") as two:
        one.start()
        wait_running(one, "mail")
        two.start()
        assert "Owner: one" in told(two, "status") and "role here: standby" in told(two, "status")
        [owned] = findings(two, "foreign-owner")
        assert owned["severity"] == "note" and "takes over when it ends" in owned["why"]
        assert findings(two, "runs-not-here")
        one.stop()
        wait_running(two, "mail")
        assert gateways(two, "mail") and not findings(two, "foreign-owner")


def test_a_container_whose_role_is_to_run_none_is_told_so_and_one_without_it_runs_them(volume: Volume) -> None:
    with volume.member("quiet", role="none") as quiet:
        quiet.start()
        assert "the role of this container is to run none" in told(quiet, "status")
        assert all("without GATEWAYCTL_ROLE=none" in one["cure"] for one in findings(quiet, "runs-not-here"))
        assert facts(quiet)["role"] == "none" and not gateways(quiet, "mail")
    with volume.member("quiet") as again:
        again.start()
        wait_running(again, "mail")
