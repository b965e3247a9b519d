"""The promises of a gateway under launchd: with a stand-in for launchctl, never with the real one."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from mac import Mac
from poll import is_gone, wait_until


def test_the_plist_key_by_key(mac: Mac) -> None:
    value = "50% <of> & \"q\" 'q'\n\té\\"
    a = mac.profile("a", service={"port": 9300, "env": {"AWKWARD": value}})
    mac.configure(drain=180)
    mac.install("a")
    plist = plistlib.loads(mac.plist("a").read_bytes())
    label = mac.plist("a").stem
    assert label.startswith("gatewayctl.gateway-a.")
    environment = plist.pop("EnvironmentVariables")
    assert environment.pop("PATH").split(":")[0] == str(mac.bin)
    assert environment.pop("HOME")
    assert environment.pop("GATEWAYCTL_USER", None) == ("root" if mac.owner == 0 else None)
    assert environment == {
        "HERMES_HOME": str(mac.home),
        "GATEWAYCTL_PROFILE": "a",
        "HERMES_SUPERVISED_CHILD": "1",
        "GATEWAYCTL_PORT": "9300",
        "GATEWAYCTL_LAUNCHD_LABEL": label,
        "AWKWARD": value,
    }
    log = f"{mac.home}/logs/gateways/a/gateway.log"
    assert plist == {
        "Label": label,
        "ProgramArguments": [f"{mac.bin}/gatewayctl", "run", "--ready-after", "100", "--", "the-gateway", "a"],
        "WorkingDirectory": str(a),
        "KeepAlive": {"SuccessfulExit": False},
        "RunAtLoad": True,
        "ThrottleInterval": 10,
        "ExitTimeOut": 210,
        "StandardOutPath": log,
        "StandardErrorPath": log,
        "GatewayctlHome": str(mac.home),
    }
    assert Path(log).parent.is_dir()


def test_install_start_status_stop_uninstall(mac: Mac) -> None:
    a = mac.profile("a")
    mac.install("a")
    assert mac.job("a") is None
    mac.ctl("start", "a")
    assert mac.status("a")["state"] == "running"
    mac.ctl("stop", "a")
    assert mac.job("a") is None
    assert mac.state("a")["gateway_state"] == "stopped"
    mac.ctl("uninstall", "a")
    assert not mac.plist("a").exists()
    mac.ctl("uninstall", "a")


def test_install_alone_does_not_start_it_at_login_either(mac: Mac) -> None:
    a = mac.profile("a")
    mac.install("a")
    mac.launchctl("login", mac.domain, str(mac.agents))
    assert mac.job("a") is None and not (a / "events.log").exists()


def test_login_brings_back_what_was_up_and_nothing_else(mac: Mac) -> None:
    up, down = mac.profile("up"), mac.profile("down")
    mac.install("--start", "up", "down")
    mac.ctl("stop", "down")
    mac.launchctl("logout")
    assert mac.state("up")["gateway_state"] == "running", "a logout is no stop by an operator"
    mac.launchctl("login", mac.domain, str(mac.agents))
    mac.wait_event(up, "start", 2)
    assert mac.job("down") is None


def test_restart_keeps_the_job_loaded_and_shows_a_new_process(mac: Mac) -> None:
    a = mac.profile("a")
    mac.install("--start", "a")
    before = mac.job("a")
    seen = len(mac.calls())
    mac.ctl("restart", "a")
    after = mac.job("a")
    assert before and after and after["pid"] not in (None, before["pid"])
    assert after["keeper"] == before["keeper"], "the job was loaded all the time"
    assert not [call for call in mac.calls()[seen:] if call.startswith("bootout")]


def test_restart_after_a_stop_loads_the_job_again(mac: Mac) -> None:
    mac.profile("a")
    mac.install("--start", "a")
    mac.ctl("stop", "a")
    mac.ctl("restart", "a")
    assert mac.status("a")["state"] == "running"


def test_a_killed_gateway_comes_back(mac: Mac) -> None:
    a = mac.profile("a")
    mac.install("--start", "a")
    mac.launchctl("kill", "SIGKILL", mac.target("a"))
    mac.wait_event(a, "start", 2)


def test_78_is_final_and_start_takes_it_out(mac: Mac) -> None:
    a = mac.profile("a", "--exit-after-ms 1 --exit-code 78")
    mac.install("a")
    assert mac.ctl("start", "a", check=False).returncode != 0
    wait_until(lambda: (job := mac.job("a")) and job["state"] == "not running", 10)
    assert len(mac.wait_event(a, "start")) == 1 and mac.is_parked("a")
    (a / "flags").write_text("")
    mac.ctl("start", "a")
    assert mac.status("a")["state"] == "running"


def test_a_crash_loop_is_parked(mac: Mac) -> None:
    mac.configure(budget=3)
    a = mac.profile("a", "--exit-after-ms 1 --exit-code 1")
    mac.install("a")
    mac.ctl("start", "--no-wait", "a", check=False)
    wait_until(lambda: mac.is_parked("a"), 20, "parked")
    wait_until(lambda: (job := mac.job("a")) and job["state"] == "not running", 10)
    assert len(mac.wait_event(a, "start")) == 3


def test_start_waits_for_a_job_that_still_leaves(mac: Mac) -> None:
    """bootstrap answers 5 while the old job is SIGTERMed; a second try after it has left works."""
    a = mac.profile("a", "--drain-ms 1000")
    mac.install("--start", "a")
    old = mac.job("a")
    mac.ctl("stop", "--no-wait", "a")
    assert old and not is_gone(old["pid"])
    mac.ctl("start", "a")
    new = mac.job("a")
    assert new and new["keeper"] != old["keeper"]
    mac.wait_event(a, "start", 2)


def test_code_5_of_a_loaded_job_is_success(mac: Mac) -> None:
    mac.profile("a")
    mac.install("--start", "a")
    done = mac.launchctl("bootstrap", mac.domain, str(mac.plist("a")), check=False)
    assert done.returncode == 5
    mac.ctl("start", "a")


def test_code_5_of_a_bad_plist_is_said(mac: Mac) -> None:
    mac.profile("a")
    mac.install("a")
    mac.env["LAUNCHCTL_LIKES_NO_PLIST"] = "1"
    done = mac.ctl("start", "a", check=False)
    assert done.returncode == 1
    assert "code 5" in done.stderr and "plutil -lint" in done.stderr


def test_without_a_screen_the_user_domain_is_used(mac: Mac) -> None:
    mac.profile("a")
    mac.env["LAUNCHCTL_NO_GUI"] = "1"
    mac.install("--start", "a")
    assert [call for call in mac.calls() if call.startswith("bootstrap user/")]


def test_a_domain_that_cannot_be_managed_is_no_manager(mac: Mac) -> None:
    mac.profile("a")
    mac.env["LAUNCHCTL_NO_DOMAIN"] = "1"
    done = mac.install("a", check=False)
    assert done.returncode == 69 and "code 125" in done.stderr


def test_drift_is_found_and_install_repairs_it(mac: Mac) -> None:
    mac.profile("a")
    mac.install("a")
    text = mac.plist("a").read_text()
    mac.plist("a").write_text(text.replace("<integer>10</integer>", "<integer>1</integer>"))
    assert mac.status("a")["drift"] == "ThrottleInterval"
    mac.install("a")
    assert mac.plist("a").read_text() == text
    assert mac.status("a")["drift"] is None


def test_a_restart_from_a_plist_that_is_out_of_date_is_refused_and_the_way_that_is_named_helps(mac: Mac) -> None:
    mac.profile("a")
    mac.install("--start", "a")
    text = mac.plist("a").read_text()
    mac.plist("a").write_text(text.replace("<integer>10</integer>", "<integer>1</integer>"))
    pid, intent = mac.status("a")["pid"], mac.intent("a")
    done = mac.ctl("restart", "a", check=False)
    assert done.returncode != 0
    assert (mac.status("a")["pid"], mac.intent("a")) == (pid, intent)
    advice = done.stderr.partition("next: ")[2].strip()
    assert advice == "gatewayctl install a && gatewayctl stop a && gatewayctl start a"
    mac.install("a")
    mac.ctl("stop", "a")
    mac.plist("a").write_text(text.replace("<integer>10</integer>", "<integer>1</integer>"))
    mac.ctl("start", "a")  # it is not loaded now
    assert mac.plist("a").read_text() == text
    assert (mac.status("a")["state"], mac.status("a")["drift"]) == ("running", None)


def test_a_plist_of_somebody_else_is_neither_overwritten_nor_removed(mac: Mac) -> None:
    mac.profile("a")
    mac.install("a")
    path = mac.plist("a")
    foreign = path.read_text().replace(f"<string>{mac.home}</string>\n</dict>", "<string>/srv/other</string>\n</dict>")
    path.write_text(foreign)
    for verb in (mac.install, lambda name, check: mac.ctl("uninstall", name, check=check)):
        done = verb("a", check=False)
        assert done.returncode == 1 and "/srv/other" in done.stderr
        assert path.read_text() == foreign
    path.unlink()


@pytest.mark.parametrize("verb", ["stop", "restart", "start"])
def test_what_is_not_installed_is_said_with_the_next_command(mac: Mac, verb: str) -> None:
    mac.profile("a")
    done = mac.ctl(verb, "a", check=False)
    assert done.returncode != 0
    assert "gatewayctl" in done.stderr and "a" in done.stderr
