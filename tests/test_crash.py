"""Killed at any moment, refused at any system call: the next run ends where an undisturbed one does."""

from __future__ import annotations

import pytest
from crash import MUTATING, REFUSABLE, Interruption, Scenario
from odd_volume import ODDITIES, OddVolume
from volume import Volume


def first_boot(volume: Volume) -> None:
    """Nothing in the scandir; one profile of every kind on the volume."""
    volume.profile("up", {"gateway_state": "running"})
    volume.profile("corrupt", "bad/truncated.json")
    volume.profile("repaired", {"desired_state": "running", "desired_generation": 1},
                   intent={"desired_state": "stopped", "generation": 2})
    for name in ("gateway.pid", "processes.json"):
        volume.write(volume.home / "profiles/up" / name, "1")


def seeded_boot(volume: Volume) -> None:
    """A blank volume whose first boot writes an intent."""
    assert not volume.slots()


def changed_volume(volume: Volume) -> None:
    """Slots are there: one right, one to be changed each way, one to go, one half built, one incomplete."""
    for name in ("right", "stops", "starts", "gone", "torn"):
        volume.profile(name, {"gateway_state": "stopped" if name == "starts" else "running"})
    volume.run("reconcile", check=True)
    volume.profile("stops", {"desired_state": "stopped"})
    volume.profile("starts", {"desired_state": "running"})
    (volume.home / "profiles/gone/SOUL.md").unlink()
    (volume.scandir / "gateway-torn/log/supervise/control").unlink()
    volume.write(volume.scandir / "gateway-torn/finish", "#!/bin/sh\n").chmod(0o755)
    volume.write(volume.scandir / ".gateway-x.new/log/run", "half")


def one_less(volume: Volume) -> None:
    for name in ("there", "gone"):
        volume.profile(name, {"gateway_state": "running", "desired_state": "running"})
    volume.run("reconcile", check=True)


SCENARIOS = [
    Scenario("first boot", first_boot),
    Scenario("changed volume", changed_volume),
    Scenario("seeded boot", seeded_boot, env={"HERMES_GATEWAY_BOOTSTRAP_STATE": "running"}),
    Scenario("unregister", one_less, ("--manager", "s6", "unregister", "gone")),
]


# Each share begins anew with the whole scenario, so that several of them can run side by side.
SHARES = 4
share = pytest.mark.parametrize("share", range(SHARES), ids=lambda number: f"share {number + 1} of {SHARES}")


@pytest.fixture(params=SCENARIOS, ids=lambda scenario: scenario.name)
def interruption(request: pytest.FixtureRequest, volume: Volume) -> Interruption:
    return Interruption(volume, request.param)


@pytest.mark.long
@share
def test_killed_at_any_call_the_next_run_completes_it(interruption: Interruption, share: int) -> None:
    points = list(interruption.points(MUTATING))
    assert len(points) > 40
    points = points[share::SHARES]
    killed = 0
    for point in points:
        interruption.reset()
        done = interruption.run_with(point, "signal=KILL")
        killed += done.returncode != 0
        try:
            interruption.check_no_half_slot()
            interruption.check_no_state_lost()
            interruption.check_finished_by_a_second_run()
        except AssertionError as error:
            raise AssertionError(f"killed at {interruption.call_at(point)}: {error}") from error
    assert killed == len(points)


@pytest.mark.long
def test_killed_on_a_volume_that_refuses_all_it_may_the_next_run_completes_it(volume: Volume) -> None:
    """A sample of the calls: what replaces a guarantee is as safe at any moment."""
    changed_volume(volume)
    # But for the locks: where none can be had, a leftover cannot be told from a file that is being written, and stays.
    oddities = {name: number for name, number in ODDITIES["none of all that"].items() if name != "lock"}
    with OddVolume(volume.home, **oddities) as odd:
        interruption = Interruption(volume, Scenario("odd volume", lambda _: None), odd.well)
        points = list(interruption.points(MUTATING))
        assert len(points) > 40
        for point in points[::4]:
            interruption.reset()
            assert interruption.run_with(point, "signal=KILL").returncode != 0
            interruption.check_no_half_slot()
            interruption.check_no_state_lost()
            interruption.check_finished_by_a_second_run()


def error_for(index: int) -> str:
    """The errors take turns: a full disk, a broken one, a forbidden one, a full descriptor table."""
    return ("ENOSPC", "EIO", "EACCES", "EMFILE")[index % 4]


@pytest.mark.long
@share
def test_refused_at_any_call_it_says_so_and_loses_nothing(interruption: Interruption, share: int) -> None:
    points = list(enumerate(interruption.points(REFUSABLE)))
    assert len(points) > 100
    silent = []
    for index, point in points[share::SHARES]:
        error = error_for(index)
        interruption.reset()
        done = interruption.run_with(point, f"error={error}")
        try:
            assert 0 <= done.returncode < 128, done.stderr
            interruption.check_no_half_slot()
            interruption.check_no_state_lost()
            if interruption.is_silent_failure(done):
                silent.append((error, point, interruption.call_at(point)))
            if not interruption.is_complete():
                interruption.check_finished_by_a_second_run()
        except AssertionError as failure:
            raise AssertionError(
                f"{error} at {interruption.call_at(point)}: {failure}\n{done.stderr}") from failure
    assert not silent, "\n".join(map(str, silent))
