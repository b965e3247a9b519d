"""The story the tool exists for, with s6 as PID 1: a container restart loses nothing, an operator's stop stays."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from box import Box, Tree
from gateway_image import binary
from home import Home, events_of
from places import REPOSITORY, USER, let_others_through
from poll import wait_until

FIXTURE_RUNNING = {
    "pid": 3842, "kind": "hermes-gateway", "argv": ["hermes", "gateway", "run"], "start_time": 274219,
    "gateway_state": "running", "exit_reason": None, "restart_requested": False, "active_agents": 2,
    "platforms": {"telegram": {"state": "connected"}}, "updated_at": "2026-11-20T23:45:25.548665+00:00",
}



class Story(Home):
    """A volume with profiles, and an image whose gateways are the test gateway behind `gatewayctl run`."""

    def __init__(self, path: Path, tree: Tree) -> None:
        super().__init__(path)
        self.tree = tree
        self.command = ["gatewayctl", "run", "--ready-after", "50", "--", "test-gateway"]
        self.flags: list[str] = []
        self.config: dict[str, Any] = {"drain_timeout": "20"}

    def box(self, *, finish_hook: bool = True, env: dict[str, str] | None = None, **options: Any) -> Box:
        command = [*self.command, "--event-log", "/opt/data/events-{profile}", *self.flags]
        directories = ["cont-init.d", *(["cont-finish.d"] if finish_hook else [])]
        hooks = {f"/etc/{name}/{hook.name}": hook for name in directories for hook in (REPOSITORY / name).iterdir()}
        tools = {f"/usr/local/bin/{tool}": binary(tool) for tool in ("gatewayctl", "test-gateway")}
        config = json.dumps({**self.config, "command": command, "default_command": command})
        # The container's own command is not a gateway, so nothing but the volume decides.
        return Box(self.home, overlay={**hooks, **tools, "/etc/gatewayctl.yaml": config}, env=env,
                   tree=self.tree, **{"command": ("sleep", "infinity"), **options})

    def events(self, name: str = "worker") -> list[str]:
        return events_of(self.home / f"events-{name}")

    def wait_state(self, word: str, name: str = "worker") -> None:
        wait_until(lambda: self.state(name).get("gateway_state") == word, what=f"{name} {word}")

    def boot_line(self, name: str = "worker") -> dict[str, str]:
        """The last line of the boot log about a profile."""
        line = [line for line in self.boot_log() if f" profile={name} " in line][-1]
        return dict(word.split("=", 1) for word in line.split()[1:] if "=" in word)

    def is_up(self, box: Box, name: str = "worker") -> bool:
        return box.run(["s6-svstat", "-o", "up", f"{box.scandir}/gateway-{name}"]).stdout == "true\n"


@pytest.fixture(params=[Tree.SHARED, Tree.OWN, Tree.ENTRY_POINT], ids=lambda tree: tree.value)
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Story:
    let_others_through(tmp_path)
    return Story(tmp_path / "volume", request.param)


# How a container ends: with the hook or by the init's own order in a shared tree, in one way in an own one.
EVERY_END = pytest.mark.parametrize(
    "story, finish_hook", [(Tree.SHARED, True), (Tree.SHARED, False), (Tree.OWN, True), (Tree.ENTRY_POINT, True)],
    indirect=["story"], ids=lambda value: value.value if isinstance(value, Tree) else "hook" if value else "no hook")


@EVERY_END
@pytest.mark.parametrize("uid", [0, USER])
def test_a_live_gateway_comes_back_by_itself(story: Story, finish_hook: bool, uid: int) -> None:
    """Also without the hook: then the init's own order sends SIGTERM twice."""
    story.profile("worker", FIXTURE_RUNNING)
    story.flags = ["--drain-ms", "300"]
    with story.box(finish_hook=finish_hook, uid=uid) as box:
        box.start()
        story.wait_state("running")
        wait_until(lambda: "ready" in story.events(), what="ready")
        box.stop()
        assert story.events()[-2:] == ["drain-end", "exit 0"]
        assert story.state("worker")["gateway_state"] == "running"
        assert story.intent("worker")["reason"] == "adopted"
        box.start()
        wait_until(lambda: story.events().count("start") == 2, what="the second life")
        line = story.boot_line()
        assert (line["prior_state"], line["action"], line["prior_exit"]) == ("running", "started", "clean")


def test_what_an_operator_stopped_stays_down(story: Story) -> None:
    story.profile("worker", FIXTURE_RUNNING)
    with story.box() as box:
        box.start()
        story.wait_state("running")
        wait_until(lambda: "ready" in story.events(), what="ready")
        box.run(["gatewayctl", "stop", "worker"], check=True)
        assert story.state("worker")["gateway_state"] == "stopped"
        box.stop()
        box.start()
        line = story.boot_line()
        assert (line["prior_state"], line["action"], line["prior_exit"]) == ("stopped", "registered", "clean")
        assert not story.is_up(box)
        assert story.events().count("start") == 1


def test_a_restart_that_the_container_did_not_survive_still_happens(story: Story) -> None:
    story.profile("worker", FIXTURE_RUNNING)
    story.flags = ["--drain-ms", "5000"]
    with story.box() as box:
        box.start()
        wait_until(lambda: "ready" in story.events(), what="ready")
        box.run(["s6-svc", "-1", f"{box.scandir}/gateway-worker"], check=True)
        wait_until(lambda: "drain-begin" in story.events(), what="the drain")
        box.kill()
        box.start()
        wait_until(lambda: story.events().count("start") == 2, what="the second life")
        assert story.boot_line()["action"] == "started"


def test_a_requested_restart_comes_back_at_once(story: Story) -> None:
    story.profile("worker", FIXTURE_RUNNING)
    with story.box() as box:
        box.start()
        wait_until(lambda: "ready" in story.events(), what="ready")
        box.run(["s6-svc", "-1", f"{box.scandir}/gateway-worker"], check=True)
        wait_until(lambda: story.events().count("ready") == 2, what="the second life")
        # `run` writes its records after it has started the command.
        wait_until(lambda: story.lifecycle("worker").get("prior_exit") == "clean", what="clean")
        box.stop()


def test_a_container_killed_while_draining_comes_back_and_says_so(story: Story) -> None:
    story.profile("worker", FIXTURE_RUNNING)
    story.flags = ["--drain-ms", "5000"]
    with story.box() as box:
        box.start()
        wait_until(lambda: "ready" in story.events(), what="ready")
        assert box.host_pid
        os.kill(box.host_pid, signal.SIGTERM)
        story.wait_state("draining")
        box.kill()
        box.start()
        wait_until(lambda: story.events().count("start") == 2, what="the second life")
        line = story.boot_line()
        assert (line["prior_state"], line["action"], line["prior_exit"]) == ("running", "started", "unclean")
        assert line["gateway_state"] == "draining"


@pytest.mark.serial
@EVERY_END
def test_fifty_gateways_drain_at_the_same_time_and_keep_their_last_lines(story: Story, finish_hook: bool) -> None:
    names = [f"w{i:02}" for i in range(50)]
    for name in names:
        story.profile(name, FIXTURE_RUNNING)
    story.flags = ["--drain-ms", "1000", "--log-lines-during-drain", "20"]
    with story.box(finish_hook=finish_hook, grace_ms=3000 if not finish_hook else 100,
                   env={"S6_KILL_FINISH_MAXTIME": "15000"}) as box:
        box.start()
        wait_until(lambda: all("ready" in story.events(name) for name in names), 60, what="fifty ready")
        seconds = box.stop(60)
        console = box.console()
    for name in names:
        log = "".join(p.read_text() for p in sorted((story.home / "logs/gateways" / name).glob("*[ust]")))
        assert "drain line 20 of 20" in log, name
        assert "drained\n" in log, name
        assert story.state(name)["gateway_state"] == "running"
    if finish_hook and story.tree is Tree.SHARED:
        assert seconds < 1 + 6  # one drain, not fifty; the rest is the start of a hundred s6 tools on two cores
        assert all(f"{name}: drained after" in console for name in names)
        assert f"1 of {len(names) + 1} gateways were down already" in console


def test_the_first_boot_of_a_volume_that_has_never_seen_the_tool(story: Story) -> None:
    story.profile("worker", FIXTURE_RUNNING)
    story.profile("idle", {**FIXTURE_RUNNING, "gateway_state": "stopped"})
    story.profile("broken", {**FIXTURE_RUNNING, "gateway_state": "startup_failed"})
    # Where the tool is PID 1, there is no command beside it that could ask for the root gateway.
    seed = {"HERMES_GATEWAY_BOOTSTRAP_STATE": "running"} if story.tree is Tree.ENTRY_POINT else {}
    with story.box(command=("gateway", "run"), env=seed) as box:
        box.start()
        wait_until(lambda: "ready" in story.events() and "ready" in story.events("default"), what="ready")
        actions = {name: story.boot_line(name)["action"] for name in ("default", "worker", "idle", "broken")}
        assert actions == {"default": "started", "worker": "started", "idle": "registered", "broken": "registered"}
        box.stop()


# -- crash loops ---------------------------------------------------------------------------------------


def parked(story: Story) -> dict[str, Any]:
    return story.read(story.directory("worker") / "state/gateway.parked.json")


@pytest.mark.parametrize("behind_run", [True, False])
def test_a_crash_loop_ends_parked_stays_so_through_boots_and_start_ends_it(story: Story, behind_run: bool) -> None:
    story.profile("worker", {**FIXTURE_RUNNING, "desired_state": "running"})
    story.config["death_budget"] = 3
    if not behind_run:
        story.command = ["test-gateway"]
    story.flags = ["--crash-after-ms", "100"]
    with story.box() as box:
        box.start()
        wait_until(lambda: story.read(story.directory("worker") / "state/gateway.deaths.json").get("count") == 1, what="the first death")
        box.stop()
        box.start()  # the budget counts across boots
        wait_until(lambda: parked(story), what="parked")
        assert parked(story)["count"] == 3
        assert parked(story)["reason"].startswith("died 3 times in a row")
        wait_until(lambda: not story.is_up(box), what="down")
        lives = story.events().count("start")
        box.stop()
        box.start()
        line = story.boot_line()
        assert (line["action"], line["reason"]) == ("registered", "parked")
        assert not story.is_up(box)
        assert story.events().count("start") == lives
        box.run(["gatewayctl", "start", "--no-wait", "worker"], check=True)
        wait_until(lambda: story.events().count("start") > lives, what="a new life")
        assert not parked(story)


def test_a_crash_loop_on_a_volume_that_cannot_hold_the_count_ends_by_the_budget_of_s6(story: Story) -> None:
    story.profile("worker", {**FIXTURE_RUNNING, "desired_state": "running"})
    (story.directory("worker") / "state/gateway.deaths.json").mkdir(parents=True)  # nothing can replace it
    story.own_all()
    story.flags = ["--crash-after-ms", "1"]
    with story.box() as box:
        box.start()

        def wanted() -> str:
            return box.run(["s6-svstat", "-o", "wantedup", f"{box.scandir}/gateway-worker"]).stdout.strip()

        # max-death-tally is 10, and s6-supervise starts one life a second.
        wait_until(lambda: wanted() == "false", seconds=40, what="s6 to give up")
        assert story.events().count("start") == 10
        assert story.state("worker")["desired_state"] == "running"


@pytest.mark.long
@pytest.mark.parametrize("behind_run", [True, False])
def test_a_container_stop_is_no_death(story: Story, behind_run: bool) -> None:
    """Whatever the gateway makes of it: behind `run` its drain times out, alone it leaves with a code of its own."""
    story.profile("worker", FIXTURE_RUNNING)
    story.config.update(death_budget=1, drain_timeout="1")
    story.flags = ["--ignore-term"]
    if not behind_run:
        story.command, story.flags = ["test-gateway"], ["--exit-code", "3"]
    with story.box() as box:
        for life in (1, 2):
            box.start()
            wait_until(lambda life=life: story.events().count("ready") == life, what=f"life {life}")
            box.stop(30)
        if behind_run:
            assert "drain timed out" in story.lifecycle("worker")["detail"]
        assert not parked(story)
        assert not (story.directory("worker") / "state/gateway.deaths.json").exists()


@pytest.mark.parametrize("behind_run", [True, False])
def test_ex_config_parks_at_once(story: Story, behind_run: bool) -> None:
    story.profile("worker", FIXTURE_RUNNING)
    if not behind_run:
        story.command = ["test-gateway"]
    story.flags = ["--exit-after-ms", "50", "--exit-code", "78"]
    with story.box() as box:
        box.start()
        wait_until(lambda: parked(story), what="parked")
        assert "EX_CONFIG" in parked(story)["reason"]
        wanted = ["s6-svstat", "-o", "wantedup", f"{box.scandir}/gateway-worker"]
        wait_until(lambda: box.run(wanted).stdout == "false\n", what="s6 to leave it down")
        assert story.events().count("start") == 1
        owner = (story.home / "profiles/worker/state/gateway.parked.json").stat()
        assert (owner.st_uid, owner.st_gid) == (USER, USER)
