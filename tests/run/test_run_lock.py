"""One gateway per profile, and how another one takes over."""

from __future__ import annotations

import json

from poll import start_time, wait_until
from worker import Worker

# What a refusal tells a supervisor, which counts it as no failure; 1 where there is none.
TRY_AGAIN = 75


def test_a_second_gateway_fails_and_says_who_holds_it(worker: Worker) -> None:
    first = worker.gateway()
    worker.wait_state("running")
    record = (worker.path / "gateway.pid").read_text()
    held = (worker.path / ".gateway-run.json").read_text()
    second = worker.run("true")
    assert second.wait(120) == TRY_AGAIN
    assert f"a gateway of this profile runs already: pid {first.pid}" in worker.said()
    assert (worker.path / "gateway.pid").read_text() == record
    assert (worker.path / ".gateway-run.json").read_text() == held
    assert json.loads(held)["start_time"] == start_time(first.pid)
    assert worker.run("true", supervised=False).wait(120) == 1
    first.terminate()
    worker.ended(first)


def test_what_ends_beside_the_holder_tells_nothing_of_it(worker: Worker) -> None:
    """The end that a supervisor hears of in another container: it waits for the holder's, and records nothing."""
    holder = worker.gateway("--exit-after-ms", "3000")
    worker.wait_state("running")
    assert worker.tool("after-exit", "78").returncode == 0
    assert worker.ended(holder)[0] == 0
    assert worker.lifecycle["cause"] == "finished"
    assert not worker.volume.is_parked("worker")


def test_replace_takes_over_and_does_not_fight(worker: Worker) -> None:
    first = worker.gateway("--drain-ms", "100")
    worker.wait_state("running")
    second = worker.gateway(options=("--replace",))
    assert first.wait(120) == 0
    wait_until(lambda: worker.holder().get("pid") == second.pid, what="the new record")
    worker.wait_state("running")
    third = worker.run("true", options=("--replace",))
    assert third.wait(120) == TRY_AGAIN
    assert "two supervisors" in worker.said()
    assert second.poll() is None
    second.terminate()
    assert worker.ended(second)[0] == 1


def test_replace_never_crosses_profiles(worker: Worker) -> None:
    first = worker.gateway()
    worker.wait_state("running")
    (worker.path / ".gateway-run.json").write_text(json.dumps({**worker.holder(), "hermes_home": "/somewhere/else"}))
    (worker.path / "gateway.pid").unlink()
    second = worker.run("true", options=("--replace",))
    assert second.wait(120) == TRY_AGAIN
    assert "a process that is not in sight, by .gateway-run.lock" in worker.said()
    assert first.poll() is None
    assert worker.events() == ["start", "ready"]


def test_of_many_replacers_only_one_evicts(worker: Worker) -> None:
    first = worker.gateway("--drain-ms", "300")
    worker.wait_state("running")
    others = [worker.run("sleep", "300", options=("--replace",)) for _ in range(5)]
    assert first.wait(120) == 0
    wait_until(lambda: sum(other.poll() is None for other in others) == 1, what="one survivor")
    assert {other.poll() for other in others} == {None, TRY_AGAIN}
