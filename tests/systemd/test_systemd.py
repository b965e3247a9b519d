"""The promises of a gateway under the real systemd: as PID 1, and as `systemd --user` of an unprivileged user."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal

import pytest

from host import Host, unit
from poll import wait_until

NO_MANAGER, TIMED_OUT, NOT_PERMITTED, BAD_CONFIG = 69, 75, 77, 78


def wait_active(host: Host, name: str, state: str = "active") -> None:
    wait_until(lambda: host.show(name, "ActiveState")["ActiveState"] == state, 30, f"{name} {state}")


def test_install_start_status_stop_uninstall(host: Host) -> None:
    a = host.profile("a")
    host.ctl("install", "a")
    assert host.systemctl("is-enabled", unit("a"), check=False) == "disabled", "install is not start"
    assert not (a / "events.log").exists()

    host.ctl("start", "a")
    assert host.show("a", "ActiveState", "SubState") == {"ActiveState": "active", "SubState": "running"}
    assert host.systemctl("is-enabled", unit("a")) == "enabled"
    seen = host.status("a")
    assert (seen["state"], seen["ready"], seen["drift"]) == ("running", True, None)
    assert json.loads((a / "seen.json").read_text())["uid"] == 10000

    host.ctl("stop", "a")
    assert host.show("a", "ActiveState", "Result") == {"ActiveState": "inactive", "Result": "success"}
    assert host.systemctl("is-enabled", unit("a"), check=False) == "disabled"
    assert host.volume.state("a")["gateway_state"] == "stopped"

    host.ctl("uninstall", "a")
    assert not host.unit_file("a").exists()
    assert host.show("a", "LoadState")["LoadState"] == "not-found"
    host.ctl("uninstall", "a")


def test_every_rendered_unit_is_accepted(host: Host) -> None:
    host.profile("a")
    host.ctl("install", "a", "default")
    for name in ("a", "default"):
        scope = ["--user"] if host.scope == "user" else []
        done = host.box.run(["systemd-analyze", *scope, "verify", unit(name)])
        assert (done.returncode, done.stderr) == (0, "")
        assert host.ctl("render", "systemd", name).stdout == host.unit_file(name).read_text()


def test_bare_systemctl_stop_is_a_planned_stop(host: Host) -> None:
    a = host.profile("a")
    host.ctl("install", "--start", "a")
    host.systemctl("stop", unit("a"))
    assert host.show("a", "ActiveState", "Result") == {"ActiveState": "inactive", "Result": "success"}
    assert host.volume.state("a")["gateway_state"] == "stopped"
    assert host.systemctl("is-enabled", unit("a")) == "enabled", "systemctl's own stop lasts until the boot"


def test_bare_systemctl_stop_before_readiness_is_a_planned_stop(host: Host) -> None:
    host.configure(ready="notify")
    a = host.profile("a", "--never-ready")
    host.ctl("install", "a")
    host.systemctl("start", "--no-block", unit("a"))
    host.wait_event(a, "start")
    assert host.show("a", "ActiveState")["ActiveState"] == "activating"
    host.systemctl("stop", unit("a"))
    assert host.show("a", "ActiveState", "Result") == {"ActiveState": "inactive", "Result": "success"}
    assert host.volume.state("a")["gateway_state"] == "stopped"


def test_bare_kill_before_readiness_is_not_a_planned_stop(host: Host) -> None:
    host.configure(ready="notify")
    a = host.profile("a", "--never-ready")
    host.ctl("install", "a")
    host.systemctl("start", "--no-block", unit("a"))
    host.wait_event(a, "start")
    host.box.run(["kill", "-TERM", str(host.main_pid("a"))], check=True)
    host.wait_event(a, "start", 2)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_gateway_comes_back(host: Host, number: signal.Signals) -> None:
    a = host.profile("a")
    host.ctl("install", "--start", "a")
    before = host.main_pid("a")
    host.box.run(["kill", f"-{number.value}", str(before)], check=True)
    host.wait_event(a, "start", 2)
    wait_active(host, "a")
    assert host.main_pid("a") not in (0, before)


def test_75_restarts_and_is_no_failure(host: Host) -> None:
    a = host.profile("a", "--ask-restart-after-ms 300")
    host.ctl("install", "--start", "a")
    (a / "flags").write_text("")
    # The result of the life that ended is shown until the next one begins.
    between = wait_until(lambda: (seen := host.show("a", "SubState", "Result"))["SubState"] == "auto-restart" and seen, 20,
                         "the time between two lives")
    assert between and between["Result"] == "success"
    host.wait_event(a, "start", 2)
    wait_active(host, "a")


@pytest.mark.parametrize("mode", ["no", "on-failure"])
def test_75_restarts_in_every_restart_mode(host: Host, mode: str) -> None:
    """#104251: an administrator's drop-in may choose another one."""
    a = host.profile("a", "--ask-restart-after-ms 300")
    host.ctl("install", "a")
    drop_in = host.box.units / f"{unit('a')}.d/mode.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(f"[Service]\nRestart={mode}\n")
    host.systemctl("daemon-reload")
    host.systemctl("start", unit("a"))
    (a / "flags").write_text("")
    host.wait_event(a, "start", 2)


def test_78_is_final_and_parks(host: Host) -> None:
    a = host.profile("a", "--exit-after-ms 300 --exit-code 78")
    host.ctl("install", "a")
    host.systemctl("start", unit("a"), check=False)
    wait_active(host, "a", "failed")
    assert len(host.wait_event(a, "start")) == 1
    assert host.volume.is_parked("a")
    host.systemctl("start", unit("a"), check=False)
    assert len(host.wait_event(a, "start")) == 1, "a parked gateway is started by an operator alone"
    (a / "flags").write_text("")
    host.ctl("start", "a")
    assert host.status("a")["state"] == "running"


def test_exit_0_is_final(host: Host) -> None:
    host.profile("a", "--exit-after-ms 300 --exit-code 0")
    host.ctl("install", "a")
    host.systemctl("start", unit("a"))
    wait_active(host, "a", "inactive")
    assert host.show("a", "Result", "NRestarts") == {"Result": "success", "NRestarts": "0"}


def test_a_crash_loop_goes_on_until_it_is_parked(host: Host) -> None:
    host.configure(budget=3)
    a = host.profile("a", "--exit-after-ms 150 --exit-code 1")
    host.ctl("install", "a")
    host.systemctl("start", unit("a"), check=False)
    host.wait_event(a, "start", 3)
    wait_until(lambda: host.volume.is_parked("a"), 30, "parked")
    wait_until(lambda: host.show("a", "ActiveState")["ActiveState"] in ("inactive", "failed"), 30, "the end")
    assert len(host.wait_event(a, "start")) == 3


@pytest.mark.parametrize(("code", "said"), [(3, "with code 3; its supervisor keeps trying"), (78, "with code 78; it is not started again")])
@pytest.mark.parametrize("verb", ["start", "restart"])
def test_what_ends_at_once_is_said_as_its_supervisor_goes_on(host: Host, verb: str, code: int, said: str) -> None:
    """Also while systemd is still busy with what follows the process."""
    host.profile("a")
    host.ctl("install", *(["--start"] if verb == "restart" else []), "a")
    host.profile("a", f"--exit-after-ms 0 --exit-code {code}")
    done = host.ctl(verb, "a", check=False)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_stop_that_outlasts_its_time_is_said_and_can_be_forced(host: Host) -> None:
    host.configure(drain=50)
    a = host.profile("a", "--ignore-term")
    host.ctl("install", "--start", "a")
    done = host.ctl("stop", "--timeout", "1", "a", check=False)
    assert done.returncode == TIMED_OUT
    assert f"pid {host.main_pid('a')}" in done.stderr
    host.ctl("stop", "--timeout", "1", "--force", "a")
    wait_until(lambda: host.main_pid("a") == 0, 10, "its end")
    assert len(host.wait_event(a, "start")) == 1


def test_restart_replaces_the_process_and_leaves_the_intent(host: Host) -> None:
    a = host.profile("a")
    host.ctl("install", "--start", "a")
    before = host.main_pid("a")
    host.ctl("restart", "a")
    assert host.main_pid("a") not in (0, before)
    assert len(host.wait_event(a, "start")) == 2
    assert host.status("a")["state"] == "running"


def test_a_restart_is_recorded_as_one_although_systemd_stops_it_first(host: Host) -> None:
    """ExecStop leaves the marker that is there, and the unit is in the same boot as who wrote it: the box has a boot id
    of its own, bound below /proc/sys."""
    a = host.profile("a")
    host.ctl("install", "--start", "a")
    host.ctl("restart", "a")
    ended = host.volume.lifecycle("a")["prior_detail"]
    assert ended.startswith("restart: ") and "gatewayctl restart" in ended


def test_drift_is_found_and_install_repairs_it(host: Host) -> None:
    host.profile("a")
    host.ctl("install", "a")
    text = host.unit_file("a").read_text()
    host.unit_file("a").write_text(text.replace("KillMode=mixed", "KillMode=process"))
    assert "KillMode" in host.status("a")["drift"]
    host.ctl("install", "a")
    assert host.unit_file("a").read_text() == text
    assert host.status("a")["drift"] is None
    assert host.show("a", "KillMode")["KillMode"] == "mixed"


def stale(host: Host, name: str) -> str:
    """The unit as an earlier version left it, whose program is gone; answers with what it should be."""
    text = host.unit_file(name).read_text()
    host.unit_file(name).write_text(text.replace("/usr/local/bin/gatewayctl", "/opt/earlier/gatewayctl"))
    host.systemctl("daemon-reload")
    return text


@pytest.mark.parametrize("verb", ["restart", "start"])
def test_what_starts_next_starts_from_a_unit_that_is_up_to_date(host: Host, verb: str) -> None:
    host.profile("a")
    host.ctl("install", "--start", "a")
    before = host.main_pid("a")
    if verb == "start":
        host.ctl("stop", "a")
    text = stale(host, "a")
    host.ctl(verb, "a")
    assert host.unit_file("a").read_text() == text
    assert (host.status("a")["state"], host.status("a")["drift"]) == ("running", None)
    assert host.main_pid("a") not in (0, before)


def cure_line(host: Host, name: str, code: str) -> str:
    """As explain and doctor give it, who agree."""
    statements = json.loads(host.ctl("--json", "explain", name, check=False).stdout)["statements"]
    sections = json.loads(host.ctl("--json", "doctor", check=False).stdout)["sections"]
    found = [one for one in [*statements, *(one for section in sections for one in section["findings"])]
             if one["code"] == code and one["subject"] == name]
    assert len(found) == 2 and found[0]["cure"] == found[1]["cure"], found
    return found[0]["cure"]


def cure_of(host: Host, name: str, code: str) -> list[str]:
    program, *words = cure_line(host, name, code).split()
    assert program == "gatewayctl"
    return words


def test_a_stale_unit_is_shown_named_and_mended_by_what_is_advised(host: Host) -> None:
    host.profile("a")
    host.ctl("install", "--start", "a")
    wait_active(host, "a")
    stale(host, "a")
    assert "drift: " in host.ctl("status", check=False).stdout
    host.ctl(*cure_of(host, "a", "drift"))
    assert host.status("a")["drift"] is None
    host.systemctl("restart", unit("a"))
    wait_active(host, "a")


def kill_limit(host: Host, name: str) -> str:
    return host.show(name, "TimeoutStopUSec")["TimeoutStopUSec"]


def test_a_drop_in_that_kills_before_the_drain_is_over_is_shown_named_and_mended_by_what_is_advised(host: Host) -> None:
    """What is in force counts, not what the unit says that was installed."""
    host.profile("a")
    host.ctl("install", "a")
    installed = kill_limit(host, "a")
    drop_in = host.box.units / f"{unit('a')}.d/site.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nTimeoutStopSec=1\nNice=5\n")
    for path in (drop_in.parent, drop_in):
        os.chown(path, host.box.units.stat().st_uid, -1)
    host.systemctl("daemon-reload")
    assert (kill_limit(host, "a"), host.status("a")["drift"]) == ("1s", None)
    assert "is killed after 1 s, and its drain may take" in host.ctl("status", check=False).stdout
    cure = cure_line(host, "a", "kill-before-drain")
    assert cure.startswith("as root: ") == (host.scope == "system")
    host.box.run(["sh", "-c", cure.removeprefix("as root: ")])
    assert kill_limit(host, "a") == installed and "Nice=5" in drop_in.read_text()
    assert "is killed after" not in host.ctl("status", check=False).stdout


def test_a_unit_that_systemd_has_not_read_again_is_mended_by_what_is_advised(host: Host) -> None:
    host.profile("a")
    host.ctl("install", "--start", "a")
    wait_active(host, "a")
    installed = (kill_limit(host, "a"), host.unit_file("a").read_text())
    host.unit_file("a").write_text(re.sub("TimeoutStopSec=.*", "TimeoutStopSec=1", installed[1]))
    host.systemctl("daemon-reload")
    host.unit_file("a").write_text(installed[1])  # by a package, which does not tell systemd
    host.box.run(["sh", "-c", cure_line(host, "a", "kill-before-drain").removeprefix("as root: ")])
    assert kill_limit(host, "a") == installed[0]


def test_a_unit_whose_profile_was_deleted_is_shown_named_and_mended_by_what_is_advised(host: Host) -> None:
    directory = host.profile("a")
    host.ctl("install", "a")
    shutil.rmtree(directory)
    assert "its profile directory is gone" in host.ctl("status", check=False).stdout
    host.ctl(*cure_of(host, "a", "profile-gone"))
    assert not host.unit_file("a").exists()


def test_what_systemd_has_read_before_is_not_started_again(host: Host) -> None:
    host.profile("a")
    host.ctl("install", "--start", "a")
    text = stale(host, "a")
    host.unit_file("a").write_text(text)  # by a package, which does not tell systemd
    host.ctl("restart", "a")
    assert host.status("a")["state"] == "running"


def test_a_unit_that_cannot_be_renewed_is_not_restarted_into_its_end(host: Host) -> None:
    """The gateway's own program is gone: nothing is recorded, and what runs goes on."""
    host.profile("a")
    host.ctl("install", "--start", "a")
    before, intent = host.main_pid("a"), host.volume.intent("a")
    config = host.volume.home / "gatewayctl.yaml"
    config.write_text(config.read_text().replace("the-gateway", "gone-gateway"))
    done = host.ctl("restart", "--all", check=False)
    assert done.returncode != 0
    assert "its unit is out of date" in done.stderr and "gone-gateway" in done.stderr, done.stderr
    assert (host.main_pid("a"), host.volume.intent("a")) == (before, intent)


def test_a_unit_is_not_renewed_from_a_configuration_that_cannot_be_used(host: Host) -> None:
    host.profile("a")
    host.ctl("install", "--start", "a")
    unit = host.unit_file("a").read_text()
    (host.volume.home / "gatewayctl.yaml").write_text("command: [mine\n")
    host.ctl("restart", "a")
    assert host.unit_file("a").read_text() == unit
    done = host.ctl("install", "a", check=False)
    assert done.returncode == BAD_CONFIG and "cannot be used" in done.stderr, done.stderr
    assert host.unit_file("a").read_text() == unit


def test_two_homes_have_two_units_and_never_touch_each_other(host: Host) -> None:
    host.profile("a")
    other = "/home/hermes/other"
    host.box.run(["sh", "-c", f"mkdir -p {other}/profiles/a && touch {other}/profiles/a/SOUL.md"
                              f" && cp {host.home}/gatewayctl.yaml {other} && touch {other}/profiles/a/flags"],
                 user=10000, check=True)
    host.ctl("install", "--start", "a")
    done = host.ctl("uninstall", "a", home=other, check=False)
    assert done.returncode == 1 and host.home in done.stderr, "the owner is named"
    host.ctl("install", "--start", "a", home=other)
    units = sorted(path.name for path in host.box.units.glob("gateway-a*.service"))
    assert len(units) == 2
    host.ctl("uninstall", "a", home=other)
    assert host.show("a", "ActiveState")["ActiveState"] == "active"
    assert host.unit_file("a").exists()


def test_a_unit_of_somebody_else_is_neither_overwritten_nor_removed(host: Host) -> None:
    host.profile("a")
    foreign = "[Service]\nExecStart=/bin/true\n"
    host.unit_file("a").write_text(foreign)
    for verb in ("install", "uninstall"):
        done = host.ctl(verb, "a", check=False)
        assert done.returncode != 0, verb
        assert host.unit_file("a").read_text() == foreign
    host.unit_file("a").write_text(foreign + "[X-Gatewayctl]\nX-Gatewayctl-Home=/srv/other\n")
    done = host.ctl("install", "a", check=False)
    assert done.returncode == 1 and "/srv/other" in done.stderr


def test_only_a_crash_is_a_death(host: Host) -> None:
    """Commands of systemctl's own, for a gateway without `gatewayctl run`, which leaves with a code of its own."""
    a = host.profile("a")
    events = f"{host.home}/profiles/a/events.log"
    host.volume.write(host.volume.home / "gatewayctl.yaml", {
        "command": ["test-gateway", "--event-log", events, "--exit-code", "3"], "death_budget": 1})
    host.ctl("install", "--start", "a")
    host.wait_event(a, "ready", 1)
    host.systemctl("restart", unit("a"))
    host.wait_event(a, "ready", 2)
    host.systemctl("stop", unit("a"))
    assert not host.volume.is_parked("a")
    host.systemctl("start", unit("a"))
    host.wait_event(a, "ready", 3)
    host.box.run(["kill", "-KILL", str(host.main_pid("a"))], check=True)
    wait_until(lambda: host.volume.is_parked("a"), what="parked")


def test_reboot_brings_back_what_was_up_and_nothing_else(host: Host) -> None:
    up, down, bare = (host.profile(name) for name in ("up", "down", "bare"))
    host.ctl("install", "--start", "up", "down", "bare")
    host.ctl("stop", "down")
    host.systemctl("stop", unit("bare"))
    host.box.stop()
    assert host.volume.state("up")["gateway_state"] == "running", "a machine that goes down is no stop by an operator"
    assert {host.volume.state(name)["gateway_state"] for name in ("down", "bare")} == {"stopped"}
    host.box.start()
    host.wait_event(up, "start", 2)
    host.wait_event(bare, "start", 2)
    wait_active(host, "up")
    assert host.show("down", "ActiveState")["ActiveState"] == "inactive"
    assert len(host.wait_event(down, "start")) == 1


def test_environment_arguments_and_directory_arrive_byte_for_byte(host: Host) -> None:
    a = host.profile("a")
    value = "50% \"of\" $HOME ${HOME} %h\nand 'more'\t\\ é ; # $$"
    words = ["%h", "$HOME", "${X}", ";", "", "a b", "\"q\"", "'q'", "b\\n", "two\nlines"]
    host.profile("a", service={"port": 9300, "env": {"AWKWARD": value}})
    host.volume.write(host.volume.home / "gatewayctl.yaml",
                      {"command": ["test-gateway", "--echo-env", f"{host.home}/profiles/a/seen.json", "--", *words]})
    host.ctl("install", "--start", "a")
    seen = json.loads(wait_until(lambda: (a / "seen.json").exists() and (a / "seen.json").read_text(), 10))
    assert seen["env"]["AWKWARD"] == value
    assert seen["argv"][-len(words):] == words
    assert seen["cwd"] == f"{host.home}/profiles/a"
    assert seen["uid"] == 10000, "without `gatewayctl run`, which leaves root by itself"
    assert seen["env"]["GATEWAYCTL_PORT"] == "9300"
    assert host.show("a", "Type")["Type"] == "exec"


def test_path_keeps_the_directory_of_the_symlink(host: Host) -> None:
    host.profile("a")
    host.box.run(["sh", "-c", "mkdir -p ~/.local/bin && ln -s /usr/local/bin/the-gateway ~/.local/bin/mine"],
                 user=10000, check=True)
    host.volume.write(host.volume.home / "gatewayctl.yaml", "command: [gatewayctl, run, --, mine]\n")
    host.ctl("install", "a", env={"PATH": "/home/hermes/.local/bin:/usr/local/bin:/usr/bin:/bin"})
    assert 'PATH=/usr/local/bin:/home/hermes/.local/bin:' in host.unit_file("a").read_text()


def test_a_temporary_home_and_an_accidental_root_are_refused(system: Host) -> None:
    system.box.run(["sh", "-c", "mkdir -p /tmp/h /srv/h; chown 10000:10000 /tmp/h"], check=True)
    done = system.ctl("install", home="/tmp/h", check=False)
    assert done.returncode == BAD_CONFIG and "--temporary-home" in done.stderr
    done = system.ctl("install", home="/srv/h", check=False)
    assert done.returncode == BAD_CONFIG and "--run-as-root" in done.stderr
    assert not list(system.box.units.glob("gateway-*"))


def test_an_unprivileged_user_in_the_systems_scope_is_told_the_way(system: Host) -> None:
    system.profile("a")
    done = system.ctl("--scope", "system", "install", "a", check=False, user=10000)
    assert done.returncode == NOT_PERMITTED
    assert "sudo" in done.stderr and "--scope user" in done.stderr
    system.ctl("install", "a")
    done = system.ctl("--scope", "system", "start", "a", check=False, user=10000)
    assert done.returncode == NOT_PERMITTED, done.stderr


def test_no_user_bus_has_a_remedy(user: Host) -> None:
    user.profile("a")
    done = user.ctl("install", "a", check=False, env={"XDG_RUNTIME_DIR": "/nowhere"})
    assert done.returncode == NO_MANAGER
    assert "loginctl enable-linger" in done.stderr and "XDG_RUNTIME_DIR=/run/user/10000" in done.stderr


def test_the_profile_hooks_are_a_quiet_no_op(host: Host) -> None:
    host.profile("a")
    for verb in ("register", "unregister"):
        done = host.ctl(verb, "a")
        assert (done.stdout, done.stderr) == ("", "")
    assert not host.unit_file("a").exists()


def test_drain_leaves_the_gateways_of_a_host_alone(host: Host) -> None:
    """A machine that stops takes its units down itself."""
    host.profile("a")
    host.ctl("install", "--start", "a")
    before = host.main_pid("a")
    done = host.ctl("drain", check=False)
    assert done.returncode == 1
    assert "a: failed" in done.stdout and "when the machine stops" in done.stdout
    assert host.main_pid("a") == before
