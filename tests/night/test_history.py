"""history: boots and lives, read back; metrics."""

from __future__ import annotations

import json
import re
from typing import Any

from places import GATEWAYCTL, TEST_GATEWAY
from poll import wait_until
from s6_tree import USER, S6Tree


def behind_run(tree: S6Tree, name: str, flags: str = "") -> None:
    tree.profile(name)
    (tree.parts / name).write_text(f"exec {GATEWAYCTL} run -- {TEST_GATEWAY} {flags}\n")


def spans(tree: S6Tree, name: str) -> list[dict[str, Any]]:
    [one] = tree.json("history", name)["gateways"]
    return one["spans"]


def kinds(tree: S6Tree, name: str) -> list[str]:
    return [span["was"] for span in spans(tree, name)]


def test_lives_are_read_back(tree: S6Tree) -> None:
    behind_run(tree, "a")
    tree.ctl("start", "a", check=True)
    tree.ctl("stop", "a", "--reason", "too loud", check=True)
    wait_until(lambda: kinds(tree, "a")[:3] == ["up", "draining", "down"], what="the first life")
    lived = spans(tree, "a")
    assert lived[0]["to"] == lived[1]["from"] and lived[1]["to"] == lived[2]["from"]
    assert "asked for by gatewayctl stop" in lived[2]["detail"]
    text = tree.ctl("history", "a", check=True).stdout
    assert re.search(r"^a  [█▒·x ]+$", text, re.MULTILINE)
    assert re.search(r"^\d{4}-\S+Z  down +\d+ s +.*gatewayctl stop", text, re.MULTILINE)
    assert "█ up  ▒ draining  · down  x crashed  P parked  | container stop\n" in text


def test_a_crash_and_a_parking_are_told_of_a_gateway_of_any_kind(tree: S6Tree) -> None:
    tree.profile("a")
    tree.part("a", before="exit 78")
    tree.ctl("start", "--no-wait", "a", check=True)
    wait_until(lambda: tree.is_parked("a"), what="the parking")
    wait_until(lambda: kinds(tree, "a")[-2:] == ["crashed", "parked"], what="its record")
    assert "EX_CONFIG" in spans(tree, "a")[-1]["detail"]


def test_an_unmarked_end_is_a_container_stop(tree: S6Tree) -> None:
    behind_run(tree, "a")
    tree.ctl("start", "a", check=True)
    tree.tool("s6-svc", "-wD", "-d", str(tree.slot("a")))
    wait_until(lambda: kinds(tree, "a")[-1] == "container stop", what="its record")


def lived(tree: S6Tree, name: str, *events: tuple[str, str]) -> None:
    """Its record, by a clock that may have been set in between."""
    lines = [json.dumps({"at": at, "profile": name, "event": event, "pid": None, "cause": "", "detail": ""}) + "\n" for event, at in events]
    record = tree.directory(name) / "state/gateway.lives.jsonl"
    tree.write(record.with_suffix(".jsonl.1"), "".join(lines[:len(lines) // 2]))
    tree.write(record, "".join(lines[len(lines) // 2:]))


def test_a_clock_that_was_set_back_changes_no_order(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    lived(user_tree, "a", ("began", "2026-11-20T10:00:00Z"), ("crashed", "2026-11-20T11:00:00Z"),
          ("began", "1970-01-01T00:00:09Z"), ("ended", "2026-11-20T12:00:00Z"))
    assert kinds(user_tree, "a") == ["up", "crashed", "up", "down"]
    assert spans(user_tree, "a")[2]["from"].startswith("2026-11-20T11:00:00")
    assert "1970" not in user_tree.ctl("history", check=True).stdout


def test_a_thousand_lives_are_read_and_drawn(user_tree: S6Tree) -> None:
    user_tree.profile("a")
    day = [f"2026-11-{1 + number // 60 // 24:02}T{number // 60 % 24:02}:{number % 60:02}:{{second}}Z" for number in range(1000)]
    lived(user_tree, "a", *((event, at.format(second=second)) for at in day for event, second in (("began", "00"), ("crashed", "30"))))
    assert len(spans(user_tree, "a")) == 2000
    page = user_tree.own(user_tree.write(user_tree.home / "page.html", ""))
    user_tree.ctl("history", "--html", str(page), check=True)
    assert page.read_text().count("crashed") > 1000
    [bar] = re.findall(r"^a  (\S.*)$", user_tree.ctl("history", check=True).stdout, re.MULTILINE)
    assert "x" in bar


def test_the_history_of_a_copied_directory_is_not_the_copys(user_tree: S6Tree) -> None:
    behind_run(user_tree, "a")
    user_tree.ctl("start", "a", check=True)
    user_tree.tool("cp", "-a", str(user_tree.directory("a")), str(user_tree.directory("b")))
    assert spans(user_tree, "b") == []


def test_each_pass_is_a_line_of_the_boot_history(user_tree: S6Tree) -> None:
    user_tree.profile("a", state={"gateway_state": "running"})
    user_tree.profile("Michel")
    user_tree.ctl("reconcile", check=True)
    user_tree.ctl("reconcile", check=True)
    passes = [json.loads(line) for line in (user_tree.home / "logs/boot-history.jsonl").read_text().splitlines()]
    assert len(passes) == 2
    first = {one["profile"]: one for one in passes[0]["profiles"]}
    assert (first["a"]["action"], first["a"]["reason"], first["a"]["gateway_state"]) == ("started", "last-state", "running")
    assert passes[0]["invalid"][0]["name"] == "Michel" and passes[0]["failed"] is False
    assert {one["action"] for one in passes[1]["profiles"]} == {"unchanged"}


def test_the_boot_history_is_rotated(user_tree: S6Tree) -> None:
    history = user_tree.write(user_tree.home / "logs/boot-history.jsonl", "x" * (4 * 1024 * 1024 + 1))
    user_tree.ctl("reconcile", check=True)
    assert history.stat().st_size < 100_000
    assert (user_tree.home / "logs/boot-history.jsonl.1").stat().st_size > 4 * 1024 * 1024


def test_the_page_needs_nothing_else_and_shows_what_is_in_it_as_text(user_tree: S6Tree) -> None:
    behind_run(user_tree, "a")
    user_tree.ctl("start", "a", check=True)
    user_tree.ctl("stop", "a", "--reason", "<script>alert(1)</script>", check=True)
    page = user_tree.directory("a") / "page.html"
    user_tree.ctl("history", "--html", str(page), check=True)
    html = page.read_text()
    assert html.startswith("<!doctype html>") and html.endswith("</html>\n")
    assert "<script" not in html and "http" not in html and "src=" not in html
    assert re.search(r'<i class="up" style="left:0\.000%;width:[\d.]+%" title="up for ', html)
    assert page.stat().st_uid == USER
    assert user_tree.ctl("history", "--html", "/no/such/directory/page.html").returncode == 1
