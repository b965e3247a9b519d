"""`gatewayctl run` with real processes: every row of the verdict table, and what a stop meets in the field."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent


from memory_group import MemoryGroup
from poll import children, handles, is_gone, start_time, wait_until

BUILD = Path(os.environ.get("GATEWAYCTL_BUILD", HERE.parent / "build")).resolve()
TOOL = str(BUILD / "gatewayctl")
GATEWAY = str(BUILD / "test-gateway")


class Profile:
    """One profile in a home of its own, and the gateways that a test runs in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "profiles/worker"
        self.path.mkdir(parents=True)
        (self.path / "SOUL.md").write_text("soul\n")
        self.events_file = home / "events"
        self.runs: list[subprocess.Popen[bytes]] = []

    def environment(self, **extra: str) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HERMES_HOME": str(self.home), "GATEWAYCTL_PROFILE": "worker", **extra}

    def run(self, *command: str, options: tuple[str, ...] = (), supervised: bool = True, env: dict[str, str] | None = None,
            **popen: Any) -> subprocess.Popen[bytes]:
        marks = {"HERMES_SUPERVISED_CHILD": "1"} if supervised else {}
        soon = () if "--ready-after" in options else ("--ready-after", "50")
        words = [TOOL, "run", *soon, *options, "--", *command]
        with (self.home / "stderr").open("ab") as stderr:
            process = subprocess.Popen(words, env=self.environment(**marks, **(env or {})), stderr=stderr,
                                       stdin=subprocess.DEVNULL, **popen)
        self.runs.append(process)
        return process

    def gateway(self, *flags: str, **kwargs: Any) -> subprocess.Popen[bytes]:
        return self.run(GATEWAY, "--event-log", str(self.events_file), *flags, **kwargs)

    def tool(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([TOOL, *words], env=self.environment(), capture_output=True, text=True, timeout=30)

    def events(self) -> list[str]:
        if not self.events_file.exists():
            return []
        return [line.split(" ", 2)[2] for line in self.events_file.read_text().splitlines()]

    def read(self, name: str) -> dict[str, Any]:
        try:
            return json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return {}

    @property
    def state(self) -> dict[str, Any]:
        return self.read("gateway_state.json")

    @property
    def lifecycle(self) -> dict[str, Any]:
        return self.read("state/gateway.lifecycle.json")

    def said(self) -> str:
        file = self.home / "stderr"
        return file.read_text() if file.exists() else ""

    def wait_state(self, word: str) -> None:
        wait_until(lambda: self.state.get("gateway_state") == word, what=f"{word}; stderr: {self.said()}")

    def wait_event(self, word: str) -> None:
        wait_until(lambda: word in self.events(), what=word)

    def mark(self, process: subprocess.Popen[bytes], *words: str) -> None:
        done = self.tool("marker", "write", "--pid", str(process.pid), *words)
        assert done.returncode == 0, done.stderr

    def ended(self, process: subprocess.Popen[bytes]) -> tuple[int, str, bool]:
        """Exit code, last gateway_state, and what the lifecycle record says."""
        code = process.wait(30)
        assert self.lifecycle["phase"] == "exited"
        assert self.lifecycle["exit_code"] == code
        return code, self.state["gateway_state"], self.lifecycle["clean"]


    def end_all(self) -> None:
        """Nothing of this home lives on, also what has lost its parents where a test found a fault."""
        mark = f"HERMES_HOME={self.home}".encode()

        def alive() -> list[int]:
            found = []
            for entry in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    variables = (entry / "environ").read_bytes().split(b"\0")
                    if any(v == mark or v.startswith(mark + b"/") for v in variables) and not is_gone(int(entry.name)):
                        found.append(int(entry.name))
            return found

        def kill_all() -> bool:
            left = alive()
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return not left

        wait_until(kill_all, what="the end of every process of this home")
        for process in self.runs:
            process.kill()
            process.wait()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Profile]:
    profile = Profile(tmp_path)
    try:
        yield profile
    finally:
        profile.end_all()


# -- the table -----------------------------------------------------------------------------------------


def test_an_unmarked_sigterm_stays_running_and_is_no_success(worker: Profile) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    run.terminate()
    assert worker.ended(run) == (1, "running", True)
    assert worker.lifecycle["cause"] == "unmarked-signal"
    assert (worker.path / ".clean_shutdown").read_text() == "drained\n"


def test_a_marker_makes_it_a_planned_stop(worker: Profile) -> None:
    run = worker.gateway("--exit-code", "7")
    worker.wait_state("running")
    worker.mark(run)
    run.terminate()
    assert worker.ended(run) == (0, "stopped", True)
    assert "gatewayctl marker write" in worker.state["exit_reason"]
    assert not (worker.path / ".gateway-planned-stop.json").exists()


def test_a_takeover_marker_ends_it_with_success(worker: Profile) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    worker.mark(run, "--kind", "takeover")
    run.terminate()
    assert worker.ended(run) == (0, "stopped", True)


def test_a_marker_with_the_reason_restart_is_a_restart(worker: Profile) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    worker.mark(run, "--reason", "restart")
    run.terminate()
    assert worker.ended(run) == (75, "stopped", True)
    assert worker.state["restart_requested"] is True


def test_sigusr1_asks_for_a_restart(worker: Profile) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    assert worker.ended(run) == (75, "stopped", True)
    assert "signal SIGUSR1" in worker.events()


def test_a_restart_request_drains_a_program_that_does_not_know_sigusr1(worker: Profile) -> None:
    script = f'trap "echo drained >>{worker.events_file}; exit 0" TERM; while :; do sleep 0.05; done'
    run = worker.run("bash", "-c", script)
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    assert worker.ended(run) == (75, "stopped", True)
    assert worker.events_file.read_text() == "drained\n"


def test_a_sigterm_while_a_restart_is_asked_for_keeps_the_restart(worker: Profile) -> None:
    run = worker.gateway("--drain-ms", "300")
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    worker.wait_event("drain-begin")
    run.terminate()
    assert worker.ended(run) == (75, "stopped", True)


def test_the_gateway_asks_for_a_restart_in_its_state_file(worker: Profile) -> None:
    ask = 'import json,sys; p=sys.argv[1]; s=json.load(open(p)); s["restart_requested"]=True; json.dump(s,open(p,"w"))'
    file = worker.path / "gateway_state.json"
    wait = f'until grep -q \'"running"\' {file}; do sleep 0.01; done; '
    run = worker.run("sh", "-c", wait + f"{sys.executable} -c '{ask}' {file}; exit 3")
    assert worker.ended(run) == (75, "stopped", True)


def test_a_restart_request_of_an_earlier_life_does_not_count(worker: Profile) -> None:
    (worker.path / "gateway_state.json").write_text('{"gateway_state":"stopped","restart_requested":true,"zz":1}')
    run = worker.gateway("--exit-after-ms", "0")
    assert worker.ended(run) == (0, "stopped", True)
    assert worker.state["restart_requested"] is False
    assert worker.state["zz"] == 1


@pytest.mark.parametrize(
    ("flags", "ready", "expected"),
    [
        (("--exit-after-ms", "0"), False, (0, "stopped", True)),
        (("--ask-restart-after-ms", "0"), False, (75, "stopped", True)),
        (("--exit-after-ms", "0", "--exit-code", "78"), False, (78, "startup_failed", False)),
        (("--exit-after-ms", "0", "--exit-code", "3"), False, (3, "startup_failed", False)),
        (("--crash-after-ms", "0"), False, (128 + 9, "startup_failed", False)),
        (("--exit-after-ms", "400", "--exit-code", "3"), True, (3, "running", False)),
        (("--crash-after-ms", "400", "--crash-signal", "11"), True, (128 + 11, "running", False)),
    ],
)
def test_the_childs_own_end(worker: Profile, flags: tuple[str, ...], ready: bool, expected: tuple[int, str, bool]) -> None:
    run = worker.gateway(*flags, options=() if ready else ("--ready-after", "notify"))
    assert worker.ended(run) == expected


@pytest.mark.parametrize(("command", "code"), [("/nonexistent/gateway", 127), ("/etc/passwd", 126)])
def test_a_command_that_cannot_be_executed(worker: Profile, command: str, code: int) -> None:
    assert worker.ended(worker.run(command)) == (code, "startup_failed", False)


def test_ctrl_c_on_a_terminal_is_planned_and_reaches_the_command_once(worker: Profile) -> None:
    pid, terminal = os.forkpty()
    if pid == 0:
        os.execve(TOOL, [TOOL, "run", "--ready-after", "50", "--", GATEWAY, "--event-log", str(worker.events_file)],
                  worker.environment(HERMES_SUPERVISED_CHILD="1"))
    worker.wait_state("running")
    os.write(terminal, b"\x03")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert worker.state["gateway_state"] == "stopped"
    assert worker.lifecycle["cause"] == "terminal-interrupt"
    assert worker.events().count("signal SIGINT") == 1


def test_a_sigint_that_a_process_sends_is_not_planned(worker: Profile) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    run.send_signal(signal.SIGINT)
    assert worker.ended(run) == (1, "running", True)


# -- the stop ------------------------------------------------------------------------------------------


def test_the_order_of_a_stop(worker: Profile) -> None:
    run = worker.gateway("--drain-ms", "400")
    worker.wait_state("running")
    run.terminate()
    worker.wait_event("drain-begin")
    assert (worker.path / ".clean_shutdown").read_text() == "draining\n"
    assert worker.state["gateway_state"] == "draining"
    assert worker.ended(run) == (1, "running", True)
    worker.run("true").wait(30)
    assert not (worker.path / ".clean_shutdown").exists()


def test_a_second_sigterm_changes_nothing(worker: Profile) -> None:
    run = worker.gateway("--drain-ms", "400")
    worker.wait_state("running")
    worker.mark(run)
    run.terminate()
    worker.wait_event("drain-begin")
    run.terminate()
    run.terminate()
    assert worker.ended(run) == (0, "stopped", True)
    assert worker.events().count("signal SIGTERM") == 1
    assert "drain-end" in worker.events()


def test_a_marker_that_arrives_while_draining_counts(worker: Profile) -> None:
    run = worker.gateway("--drain-ms", "500")
    worker.wait_state("running")
    run.terminate()
    worker.wait_event("drain-begin")
    worker.mark(run)
    assert worker.ended(run) == (0, "stopped", True)


def test_a_marker_for_the_child_counts(worker: Profile) -> None:
    run = worker.gateway("--drain-ms", "100")
    worker.wait_state("running")
    child = children(run.pid)[0]
    assert worker.tool("marker", "write", "--pid", str(child)).returncode == 0
    run.terminate()
    assert worker.ended(run) == (0, "stopped", True)


def test_a_marker_for_another_live_process_is_left_alone(worker: Profile) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    assert worker.tool("marker", "write", "--pid", str(os.getpid())).returncode == 0
    run.terminate()
    assert worker.ended(run) == (1, "running", True)
    assert (worker.path / ".gateway-planned-stop.json").exists()


@pytest.mark.parametrize("planned", [False, True])
def test_a_signal_before_the_child_exists(worker: Profile, planned: bool) -> None:
    """Held at the run lock's door by a signal that is pending already: the child is never started."""
    program = (
        "import os, signal, subprocess, sys\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
        "if sys.argv[1] == 'True': subprocess.run([sys.argv[2], 'marker', 'write', '--pid', str(os.getpid())], check=True)\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "os.execv(sys.argv[2], sys.argv[2:])\n"
    )
    words = [sys.executable, "-c", program, str(planned), TOOL, "run", "--", GATEWAY, "--event-log", str(worker.events_file)]
    run = subprocess.Popen(words, env=worker.environment(HERMES_SUPERVISED_CHILD="1"), stdin=subprocess.DEVNULL)
    worker.runs.append(run)
    assert worker.ended(run) == ((0, "stopped", True) if planned else (1, "running", True))
    assert worker.events() == []
    assert worker.lifecycle["child_signal"] is None


def test_a_family_that_ignores_everything_is_gone_before_the_end(worker: Profile) -> None:
    run = worker.gateway("--ignore-term", "--children", "2", "--orphans", "2", "--children-ignore-term",
                         options=("--drain-timeout", "1"))
    worker.wait_state("running")
    wait_until(lambda: worker.events().count("orphan") == 2 and worker.events().count("child") == 2, what="the family")
    family = {int(line.split()[1]) for line in worker.events_file.read_text().splitlines()}
    run.terminate()
    assert worker.ended(run) == (1, "running", False)
    assert all(is_gone(pid) for pid in family)
    assert "drain timed out" in worker.state["exit_reason"]
    assert (worker.path / ".clean_shutdown").read_text() == "timed out\n"


def test_children_that_a_crash_leaves_behind_are_ended(worker: Profile) -> None:
    run = worker.gateway("--children", "1", "--orphans", "1", "--crash-after-ms", "300")
    assert worker.ended(run) == (128 + 9, "running", False)
    family = {int(line.split()[1]) for line in worker.events_file.read_text().splitlines()}
    assert len(family) == 3
    assert all(is_gone(pid) for pid in family)


@pytest.mark.parametrize("timeout", ["inf", "nonsense", "-1"])
def test_an_invalid_drain_timeout_is_the_default_with_a_warning(worker: Profile, timeout: str) -> None:
    run = worker.gateway("--drain-ms", "100", env={"GATEWAYCTL_DRAIN_TIMEOUT": timeout})
    worker.wait_state("running")
    run.terminate()
    assert worker.ended(run) == (1, "running", True)
    assert f"drain timeout '{timeout}'" in worker.said()


# -- volumes that fail ---------------------------------------------------------------------------------

MOUNTED = """
set -eu
mount -t tmpfs -o size=256k,nr_inodes=64 volume "$2"
mkdir -p "$2/profiles/worker/state"; : >"$2/profiles/worker/SOUL.md"
[ "$1" = full ] || mount -o remount,ro "$2"
shift 2
exec "$@"
"""
FILL = """
dd if=/dev/zero of="$1/fill" bs=1k 2>/dev/null
i=0; while touch "$1/f$i" 2>/dev/null; do i=$((i+1)); done
"""


@pytest.mark.parametrize("trouble", ["full", "read-only"])
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a volume of its own")
def test_a_volume_that_fails_never_holds_up_a_shutdown(worker: Profile, tmp_path: Path, trouble: str) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    events = tmp_path / "events"
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNTED, "sh", trouble, str(volume), TOOL,
               "run", "--ready-after", "50", "--", GATEWAY, "--event-log", str(events)]
    env = {**worker.environment(HERMES_SUPERVISED_CHILD="1"), "HERMES_HOME": str(volume)}
    with (tmp_path / "said").open("wb") as said:
        run = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stderr=said)
    worker.runs.append(run)
    wait_until(lambda: "ready" in worker.events(), what="ready")
    if trouble == "full":
        state = Path(f"/proc/{run.pid}/root{volume}/profiles/worker/gateway_state.json")
        wait_until(lambda: '"running"' in state.read_text(), what="running")
        subprocess.run(["nsenter", "-t", str(run.pid), "-m", "--", "sh", "-c", FILL, "sh", str(volume)], check=True)
    run.terminate()
    assert run.wait(20) == 1
    told = (tmp_path / "said").read_text()
    assert "cannot write .clean_shutdown" in told
    assert "cannot record the gateway's state" in told
    assert ("without the run lock" in told) == (trouble == "read-only")
    assert "drain-end" in worker.events()


# -- what the command sees -----------------------------------------------------------------------------


def test_the_commands_surroundings_are_untouched(worker: Profile, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    probe = ("import json, os, signal, sys\n"
             "status = dict(l.split(':', 1) for l in open('/proc/self/status'))\n"
             "json.dump({'env': dict(os.environ), 'cwd': os.getcwd(), 'umask': status['Umask'].strip(),"
             " 'blocked': status['SigBlk'].strip(), 'ignored': int(status['SigIgn'], 16) & (1 << 0 | 1 << 16),"
             " 'argv': sys.argv[1:], 'fds': sorted(int(f) for f in os.listdir('/proc/self/fd')), 'group': os.getpgrp()},"
             f" open({str(shown)!r}, 'w'))\n")
    words = ["[a,b]", "-p", "--", "--json", "", "two words"]

    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
        os.umask(0o027)

    env = worker.environment(ODD="a\nb", EMPTY="")
    run = subprocess.Popen([TOOL, "run", "--", sys.executable, "-c", probe, *words], env=env, cwd="/usr",
                           preexec_fn=ignore, stdin=subprocess.DEVNULL, start_new_session=True)
    assert run.wait(30) == 0
    seen = json.loads(shown.read_text())
    assert seen["argv"] == words
    assert seen["cwd"] == "/usr"
    assert seen["umask"] == "0027"
    assert seen["blocked"] == f"{1 << (signal.SIGUSR2 - 1):016x}"
    assert seen["ignored"] == (1 << 0 | 1 << 16)
    assert {k: v for k, v in seen["env"].items() if k != "LC_CTYPE"} == env
    assert seen["fds"][:3] == [0, 1, 2]
    assert len(seen["fds"]) == 4  # the listing itself
    assert seen["group"] == run.pid


def test_orphans_are_reaped(worker: Profile) -> None:
    run = worker.run("sh", "-c", "for i in 1 2 3; do (true &); done; exec sleep 300")
    worker.wait_state("running")
    wait_until(lambda: len(children(run.pid)) == 1, what="the end of the orphans")
    run.terminate()
    assert worker.ended(run) == (1, "running", True)


def test_hangup_and_usr2_are_the_commands_own(worker: Profile) -> None:
    run = worker.gateway()
    worker.wait_state("running")
    run.send_signal(signal.SIGHUP)
    run.send_signal(signal.SIGUSR2)
    worker.wait_event("signal SIGHUP")
    worker.wait_event("signal SIGUSR2")
    assert worker.state["gateway_state"] == "running"
    run.terminate()
    assert worker.ended(run) == (1, "running", True)


def test_desired_state_is_never_touched(worker: Profile) -> None:
    (worker.path / "gateway_state.json").write_text('{"desired_state":"stopped","desired_generation":4}')
    run = worker.gateway()
    worker.wait_state("running")
    run.terminate()
    worker.ended(run)
    assert (worker.state["desired_state"], worker.state["desired_generation"]) == ("stopped", 4)


def test_an_oom_kill_leaves_a_trace(worker: Profile) -> None:
    hungry = "import signal; signal.signal(signal.SIGUSR2, lambda *_: b'x' * (256 << 20))\nwhile True: signal.pause()"
    with MemoryGroup(limit=64 << 20) as group:
        run = worker.run(sys.executable, "-c", hungry, preexec_fn=group.join)
        worker.wait_state("running")
        wait_until(lambda: handles(children(run.pid)[0], signal.SIGUSR2), what="the handler")
        run.send_signal(signal.SIGUSR2)
        assert worker.ended(run) == (137, "running", False)
    assert worker.state["exit_reason"] == "crashed: SIGKILL, the kernel killed 1 time(s) for lack of memory"
    assert worker.lifecycle["oom_kills"] == 1


# -- readiness -----------------------------------------------------------------------------------------


def test_readiness_goes_through_to_s6(worker: Profile) -> None:
    reader, writer = os.pipe()
    run = worker.gateway("--ready-fd", "5", "--ready-after-ms", "200",
                         options=("--notification-fd", "5", "--ready-after", "notify"),
                         preexec_fn=lambda: os.dup2(writer, 5), pass_fds=(5,))
    os.close(writer)
    assert os.read(reader, 10) == b"\n"
    assert os.read(reader, 10) == b""  # closed after it
    os.close(reader)
    assert "ready" in worker.events()
    worker.wait_state("running")
    run.terminate()
    worker.ended(run)


def test_readiness_goes_through_to_systemd(worker: Profile, tmp_path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        run = worker.gateway("--ready-notify-socket", "--ready-after-ms", "100", options=("--ready-after", "notify"),
                             env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert systemd.recv(4096).decode() == f"READY=1\nMAINPID={run.pid}\n"
        worker.wait_state("running")
        run.terminate()
        assert systemd.recv(4096).decode() == "STOPPING=1\n"
        worker.ended(run)


def test_a_silent_gateway_that_must_speak_is_never_ready(worker: Profile) -> None:
    run = worker.gateway("--never-ready", "--exit-after-ms", "400", "--exit-code", "3", options=("--ready-after", "notify"))
    assert worker.ended(run) == (3, "startup_failed", False)


# -- one gateway per profile ---------------------------------------------------------------------------


def test_a_second_gateway_fails_and_says_who_holds_it(worker: Profile) -> None:
    first = worker.gateway()
    worker.wait_state("running")
    record = (worker.path / "gateway.pid").read_text()
    second = worker.run("true")
    assert second.wait(30) == 1
    assert f"a gateway of this profile runs already: pid {first.pid}" in worker.said()
    assert (worker.path / "gateway.pid").read_text() == record
    assert json.loads(record)["start_time"] == start_time(first.pid)
    first.terminate()
    worker.ended(first)


def test_replace_takes_over_and_does_not_fight(worker: Profile) -> None:
    first = worker.gateway("--drain-ms", "100")
    worker.wait_state("running")
    second = worker.gateway(options=("--replace",))
    assert first.wait(30) == 0
    wait_until(lambda: worker.read("gateway.pid").get("pid") == second.pid, what="the new record")
    worker.wait_state("running")
    third = worker.run("true", options=("--replace",))
    assert third.wait(30) == 1
    assert "two supervisors" in worker.said()
    assert second.poll() is None
    second.terminate()
    assert worker.ended(second)[0] == 1


def test_replace_never_crosses_profiles(worker: Profile) -> None:
    first = worker.gateway()
    worker.wait_state("running")
    record = json.loads((worker.path / "gateway.pid").read_text())
    record["home"] = "/somewhere/else"
    (worker.path / "gateway.pid").write_text(json.dumps(record))
    second = worker.run("true", options=("--replace",))
    assert second.wait(30) == 1
    assert "is not replaced" in worker.said()
    assert first.poll() is None
    assert worker.events() == ["start", "ready"]


def test_of_many_replacers_only_one_evicts(worker: Profile) -> None:
    first = worker.gateway("--drain-ms", "300")
    worker.wait_state("running")
    others = [worker.run("sleep", "300", options=("--replace",)) for _ in range(5)]
    assert first.wait(30) == 0
    wait_until(lambda: sum(other.poll() is None for other in others) == 1, what="one survivor")
    assert {other.poll() for other in others} == {None, 1}


# -- restarts in place ---------------------------------------------------------------------------------


def test_without_a_supervisor_a_restart_happens_in_place(worker: Profile) -> None:
    run = worker.gateway(supervised=False)
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    wait_until(lambda: worker.events().count("start") == 2, what="the second start")
    worker.wait_state("running")
    assert run.poll() is None
    run.terminate()
    assert worker.ended(run) == (1, "running", True)


def test_without_a_supervisor_a_bare_sigterm_ends_even_a_restart(worker: Profile) -> None:
    run = worker.gateway("--drain-ms", "300", supervised=False)
    worker.wait_state("running")
    run.send_signal(signal.SIGUSR1)
    worker.wait_event("drain-begin")
    run.terminate()
    assert worker.ended(run) == (75, "stopped", True)


# -- lifecycle and marker verbs ------------------------------------------------------------------------


def test_a_life_that_is_killed_reads_unclean_afterwards(worker: Profile) -> None:
    run = worker.gateway("--drain-ms", "5000")
    worker.wait_state("running")
    child = children(run.pid)[0]
    run.terminate()
    worker.wait_event("drain-begin")
    run.kill()
    run.wait()
    os.kill(child, signal.SIGKILL)
    assert worker.lifecycle["phase"] == "running"
    next_life = worker.run("true")
    assert next_life.wait(30) == 0
    assert (worker.lifecycle["prior_exit"], worker.lifecycle["prior_detail"]) == ("unclean", "killed while draining")


def test_the_record_of_a_life_tells_boot_and_signal(worker: Profile) -> None:
    """#95275: a machine that went down is told from a process that was killed."""
    run = worker.gateway()
    worker.wait_state("running")
    assert worker.lifecycle["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    child = children(run.pid)[0]
    run.kill()
    run.wait()
    os.kill(child, signal.SIGKILL)
    assert worker.tool("after-exit", "256", "9").returncode == 0  # as the slot's finish
    record = worker.lifecycle
    assert (record["phase"], record["exit_code"], record["signal"], record["clean"]) == ("exited", None, 9, False)


def test_marker_verbs_answer_by_exit_code(worker: Profile) -> None:
    assert worker.tool("marker", "consume").returncode == 1
    assert worker.tool("marker", "show").returncode == 1
    assert worker.tool("marker", "write", "--pid", str(os.getpid())).returncode == 0
    shown = worker.tool("marker", "show", "--json")
    assert json.loads(shown.stdout)["verdict"] == "names-me"  # the parent: this very process
    assert json.loads(worker.tool("marker", "consume", "--json").stdout)["consumed"] is True
    assert worker.tool("marker", "consume").returncode == 1
    assert worker.tool("marker", "write", "--pid", str(os.getpid())).returncode == 0
    elsewhere = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", TOOL, "marker", "consume"],
                               env=worker.environment(), capture_output=True, text=True)
    assert elsewhere.returncode == 64  # as under `docker exec`: the caller has no pid here
    assert "--pid" in elsewhere.stderr
    assert worker.tool("marker", "show", "--pid", str(2**22)).stdout.startswith("names-other: ")
    assert worker.tool("marker", "clear").returncode == 0
    assert worker.tool("marker", "clear").returncode == 0
    (worker.path / ".gateway-planned-stop.json").mkdir()
    assert worker.tool("marker", "consume").returncode == 2


def test_run_needs_a_command_and_a_profile(worker: Profile) -> None:
    assert worker.tool("run").returncode == 64
    assert worker.tool("-p", "nobody", "run", "--", "true").returncode == 1
