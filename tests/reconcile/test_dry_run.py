"""`plan` and `reconcile --dry-run`: they change nothing, and say what the pass then does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from volume import RUNNING, STOPPED, Volume, by_profile


def interesting_volume(volume: Volume) -> None:
    """One with something of every kind to do."""
    volume.profile("default", RUNNING)
    directory = volume.profile("gone", RUNNING)
    volume.profile("changed", RUNNING)
    volume.reconcile()
    (directory / "SOUL.md").unlink()
    volume.profile("changed", STOPPED)
    volume.profile("corrupt", "bad/truncated.json")
    volume.write(volume.profile("old-pid", RUNNING) / "gateway.pid", "1")
    volume.profile("repaired", {"desired_state": "running", "desired_generation": 1},
                   intent={"desired_state": "stopped", "generation": 2})
    volume.write(volume.scandir / ".gateway-x.new/run", "")
    volume.write(volume.home / "profiles/Bad/SOUL.md", "")


@pytest.mark.parametrize("words", [("plan",), ("reconcile", "--dry-run"), ("--json", "plan")])
def test_a_dry_run_touches_nothing_not_even_a_log(volume: Volume, words: tuple[str, ...]) -> None:
    interesting_volume(volume)
    before = volume.snapshot()
    volume.run(*words, check=True)
    assert volume.snapshot() == before


MUTATING = re.compile(
    r"^(rename|unlink|mkdir|rmdir|mknod|link|symlink|[fl]?chmod|[fl]?chown|f?truncate|f?utime|creat|[fl]?setxattr"
    r"|[fl]?removexattr|sync|f(data)?sync|fallocate|mount|umount|t?g?kill|set[ug]id|umask|flock|execve|fork|vfork|clone"
    r"|pwrite|sendfile|copy_file_range|splice)"
)


def test_a_dry_run_makes_no_system_call_that_could_change_anything(volume: Volume) -> None:
    interesting_volume(volume)
    trace = volume.root / "trace"
    trace.mkdir()
    volume.own(trace)
    volume.run("plan", before=("strace", "-f", "-o", str(trace / "out")), check=True)
    calls = [line.split(None, 1)[1] for line in (trace / "out").read_text().splitlines()][1:]
    assert len(calls) > 50
    for call in calls:
        name = call.split("(", 1)[0]
        assert not MUTATING.match(name), call
        assert not (name.startswith("open") and re.search(r"O_CREAT|O_TRUNC|O_APPEND|O_RDWR", call)), call
        if name.startswith("write"):
            assert re.match(r"writev?\([12],", call), call


def test_the_plan_is_what_the_pass_then_does(volume: Volume) -> None:
    interesting_volume(volume)
    plan = volume.plan()
    report = volume.reconcile()
    assert plan["changes"] is True
    for key in ("invalid", "retired", "leftovers", "warnings"):
        assert plan[key] == report[key]
    planned, done = by_profile(plan), by_profile(report)
    assert planned.keys() == done.keys()
    for name, record in planned.items():
        assert record.items() <= done[name].items()
    kinds = {step["step"] for record in plan["profiles"] for step in record["steps"]}
    assert kinds == {"create-slot", "update-slot", "remove-stale-file", "keep-corrupt", "keep-port", "write-intent",
                     "repair-intent"}
    assert volume.plan()["changes"] is False


def test_the_diff_has_a_reason_in_every_line(volume: Volume) -> None:
    interesting_volume(volume)
    lines = volume.run("plan", check=True).stdout.splitlines()
    assert all(re.match(r"^[-+~=] [a-z0-9-]+: .+ \(.+\)$", line) for line in lines), lines
    assert "+ corrupt: create slot, down (corrupt)" in lines
    assert "- gone: retire slot (its profile holds no SOUL.md any more)" in lines
    assert "= default: up (intent)" in lines
    assert any(line.endswith(" old-pid: write intent running (adopted)") for line in lines)


def test_detailed_exitcode_tells_whether_changes_are_pending(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    assert volume.run("plan", "--detailed-exitcode").returncode == 2
    assert volume.run("plan").returncode == 0
    volume.reconcile()
    assert volume.run("plan", "--detailed-exitcode").returncode == 0


def test_the_json_of_plan_and_report_has_its_schema(volume: Volume) -> None:
    interesting_volume(volume)

    def check(document: dict[str, Any], extra: set[str], extra_of_profile: set[str]) -> None:
        assert document.keys() == {"version", "supervisor_live", "changes", "profiles", "invalid", "retired", "kept",
                                   "keeper", "leftovers", "warnings"} | extra
        assert document["version"] == 1
        for record in document["profiles"]:
            assert record.keys() == {"profile", "goal", "reason", "detail", "prior_state", "prior_exit", "steps",
                                     "obstacle"} | extra_of_profile
            assert record["goal"] in ("up", "down", "untouched")
            for step in record["steps"]:
                assert step.keys() == {"step", "what", "why"}
        for record in document["invalid"]:
            assert record.keys() == {"name", "why"}

    check(volume.plan(), set(), set())
    check(volume.reconcile(), {"errors", "failed"}, {"action", "errors"})


def test_colour_only_where_it_is_wanted(volume: Volume) -> None:
    volume.profile("a", RUNNING)
    assert "\x1b" not in volume.run("plan").stdout
    assert "\x1b[32m" in volume.run("--color", "always", "plan").stdout
