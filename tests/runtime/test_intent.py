"""The operator's intent under everybody who writes the same file."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest
from poll import is_gone, wait_until
from s6_tree import USER, S6Tree, as_user

TRIES = 300

# A gateway of the field: it has the whole state in memory, from before, and rewrites it without a lock.
REWRITES_ITS_COPY = """
import json, os, sys, time
path = sys.argv[1]
state = json.load(open(path))
print("ready", flush=True)
while True:
    state["updated_at"] = time.time()
    with open(path + ".tmp", "w") as file:
        json.dump(state, file)
    os.rename(path + ".tmp", path)
    time.sleep(0.001)
"""

# Another: read, change one key, write, a few milliseconds apart.
READS_AND_WRITES = REWRITES_ITS_COPY.replace(
    '    state["updated_at"]', '    state = json.load(open(path))\n    time.sleep(0.002)\n    state["updated_at"]')


class ForeignWriter:
    def __init__(self, tree: S6Tree, profile: str, program: str) -> None:
        path = tree.directory(profile) / "gateway_state.json"
        self.process = subprocess.Popen([*as_user(USER), sys.executable, "-c", program, str(path)],
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout and self.process.stdout.readline() == "ready\n"

    def __enter__(self) -> ForeignWriter:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.poll() is None, "the foreign writer has died"
        self.process.kill()
        self.process.communicate()


def resolved(tree: S6Tree, profile: str) -> str | None:
    return tree.status(profile)["intent"]["desired_state"]


@pytest.mark.long
@pytest.mark.parametrize("program", [REWRITES_ITS_COPY, READS_AND_WRITES], ids=["own copy", "read and write"])
def test_a_stop_is_not_lost_to_a_writer_without_a_lock(user_tree: S6Tree, program: str) -> None:
    """Field report C3: 238 of 300 lost."""
    lost = []
    tree = user_tree
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    state = tree.directory("a") / "gateway_state.json"
    for i in range(TRIES // 2):
        tree.write(state, json.dumps({"gateway_state": "running", "desired_state": "running", "desired_generation": 1}))
        tree.write(tree.directory("a") / ".gateway-intent.json", '{"desired_state": "running", "generation": 1}')
        with ForeignWriter(tree, "a", program):
            tree.ctl("stop", "a", check=True)
        tree.ctl("stop", "--no-wait", "a", check=True)  # looks again, now that the writer is gone
        if resolved(tree, "a") != "stopped" or tree.state("a")["desired_state"] != "stopped":
            lost.append(i)
    assert not lost, f"{len(lost)} of {TRIES // 2} stops were lost"


@pytest.mark.long
def test_the_first_stop_ever_is_not_lost_to_the_gateway_itself(user_tree: S6Tree) -> None:
    """No generation tells the age of the gateway's copy: it is from before the tool knew this volume."""
    lost = []
    tree = user_tree
    directory = tree.profile("a")
    state = directory / "gateway_state.json"
    tree.part("a", f"--write-state {state} --write-state-every-ms 1 --drain-ms 5")
    tree.ctl("register", "a", check=True)
    tree.svstat("a")  # its supervisor listens a moment before it has a status that s6-svwait could read
    for i in range(TRIES // 6):
        (directory / ".gateway-intent.json").unlink(missing_ok=True)
        tree.write(state, '{"gateway_state": "running", "desired_state": "running"}')
        # The `finish` of the round before would end this life with its 125.
        tree.tool("s6-svwait", "-D", str(tree.slot("a")))
        tree.tool("s6-svc", "-wu", "-U", str(tree.slot("a")))
        wait_until(lambda: "pid" in tree.state("a"), what="the gateway's first write")
        tree.ctl("stop", "a", check=True)
        if resolved(tree, "a") != "stopped" or tree.state("a")["desired_state"] != "stopped":
            lost.append(i)
    assert not lost, f"{len(lost)} of {TRIES // 6} stops were lost"


def test_an_old_copy_written_back_later_loses_and_the_mirror_is_repaired(user_tree: S6Tree) -> None:
    tree = user_tree
    directory = tree.profile("a", state={"gateway_state": "running", "mine": [1, 2]})
    tree.ctl("start", "a", check=True)
    old = (directory / "gateway_state.json").read_text()
    tree.ctl("stop", "a", check=True)
    tree.write(directory / "gateway_state.json", old)
    assert resolved(tree, "a") == "stopped"
    assert "old desired_state" in " ".join(tree.status("a")["notes"])
    tree.ctl("stop", "a", check=True)
    assert tree.state("a")["desired_state"] == "stopped"
    assert tree.state("a")["mine"] == [1, 2]


def test_the_writer_of_the_gateway_itself_does_not_undo_its_stop(tree: S6Tree) -> None:
    """The real shape of it: the gateway writes its last state, from its old copy, while it is stopped."""
    directory = tree.profile("a", state={"gateway_state": "stopped", "desired_state": "stopped"})
    tree.part("a", f"--write-state {directory}/gateway_state.json --write-state-every-ms 1 --drain-ms 30")
    for _ in range(5):
        tree.ctl("start", "a", check=True)
        assert resolved(tree, "a") == "running"
        tree.ctl("stop", "a", check=True)
        assert resolved(tree, "a") == "stopped"
        assert tree.state("a")["desired_state"] == "stopped"
        assert tree.state("a")["gateway_state"] == "stopped"


def test_the_tools_own_writers_never_lose_each_others_intent(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a")
    tree.ctl("register", "a", check=True)
    before = 0
    running = [tree.begin(verb, "--no-wait", "a") for _ in range(20) for verb in ("start", "stop")]
    for process in running:
        _, said = process.communicate(timeout=180)
        assert process.returncode == 0, said
    assert tree.intent("a")["generation"] == before + 40
    last = tree.intent("a")["desired_state"]
    assert tree.state("a")["desired_state"] == last
    assert tree.state("a")["desired_generation"] == 40
    wanted = last == "running"
    wait_until(lambda: tree.svstat("a")["wantedup"] == wanted, what="the supervisor to agree with the last intent")
    assert (tree.slot("a") / "down").exists() != wanted


def test_unknown_keys_order_owner_and_mode_of_the_state_survive(tree: S6Tree) -> None:
    directory = tree.profile("a", state={"zeta": 1, "gateway_state": "running", "alpha": {"b": [None, 1.5], "a": "ü"},
                                         "updated_at": "2026-06-10T14:01:34+10:00", "argv": ["x"]})
    path = directory / "gateway_state.json"
    path.chmod(0o640)
    before = json.loads(path.read_text())
    tree.ctl("start", "a", check=True)
    tree.ctl("stop", "a", check=True)
    after = json.loads(path.read_text())
    assert [key for key in after if key in before] == list(before)
    assert {key: after[key] for key in before} == before
    assert list(after)[len(before):] == ["desired_state", "desired_generation", "belongs_to"]
    assert (path.stat().st_mode & 0o7777, path.stat().st_uid) == (0o640, USER)


def test_a_byte_order_mark_is_tolerated(user_tree: S6Tree) -> None:
    directory = user_tree.profile("a")
    (directory / "gateway_state.json").write_bytes(b"\xef\xbb\xbf" + b'{"gateway_state": "running"}')
    user_tree.own(directory / "gateway_state.json")
    user_tree.ctl("start", "a", check=True)
    assert json.loads((directory / "gateway_state.json").read_text(encoding="utf-8-sig"))["desired_state"] == "running"


@pytest.mark.parametrize("content", ["", "[1]", "{", "null", '{"a": ' * 5000])
def test_a_torn_state_file_costs_neither_stop_nor_intent(user_tree: S6Tree, content: str) -> None:
    tree = user_tree
    directory = tree.profile("a")
    tree.ctl("start", "a", check=True)
    tree.write(directory / "gateway_state.json", content)
    done = tree.ctl("stop", "a")
    assert done.returncode == 0
    assert "could not be mirrored" in done.stderr
    assert resolved(tree, "a") == "stopped"
    assert (directory / "gateway_state.json").read_text() == content


def test_a_state_file_that_is_a_symlink_is_never_followed(user_tree: S6Tree) -> None:
    tree = user_tree
    directory = tree.profile("a")
    victim = tree.write(tree.root / "victim", '{"precious": 1}')
    (directory / "gateway_state.json").symlink_to(victim)
    tree.ctl("start", "a", check=True)
    tree.ctl("stop", "a", check=True)
    assert victim.read_text() == '{"precious": 1}'
    assert (directory / "gateway_state.json").is_symlink()
    assert resolved(tree, "a") == "stopped"


def test_an_intent_file_that_is_a_symlink_is_neither_followed_nor_replaced(user_tree: S6Tree) -> None:
    """#52781: somebody has put it there; what cannot be recorded is not done."""
    tree = user_tree
    directory = tree.profile("a")
    victim = tree.write(tree.root / "victim", '{"precious": 1}')
    (directory / ".gateway-intent.json").symlink_to(victim)
    done = tree.ctl("start", "a")
    assert done.returncode == 77 and "not a regular file" in done.stderr
    assert victim.read_text() == '{"precious": 1}'
    assert (directory / ".gateway-intent.json").is_symlink()


def test_a_foreign_tools_knowing_change_counts(user_tree: S6Tree) -> None:
    tree = user_tree
    directory = tree.profile("a")
    tree.ctl("start", "a", check=True)
    state = tree.state("a")
    tree.write(directory / "gateway_state.json", json.dumps({**state, "desired_state": "stopped"}))
    assert resolved(tree, "a") == "stopped"


def test_the_intent_says_who_when_and_why(tree: S6Tree) -> None:
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    generation = tree.intent("a")["generation"]
    tree.ctl("stop", "a", check=True)
    intent = tree.intent("a")
    assert (intent["generation"], intent["uid"], intent["program"]) == (generation + 1, USER, "gatewayctl stop")
    assert intent["reason"] == "operator" and intent["pid"] > 0 and intent["changed_at"].endswith("+00:00")


@pytest.mark.parametrize("lock", [0o444, 0o660], ids=["no lock", "lock, but no intent"])
def test_a_volume_that_cannot_be_written_refuses_the_stop_and_says_so(user_tree: S6Tree, lock: int) -> None:
    """A stop that cannot be remembered would be undone by the next boot: it does not pretend."""
    tree = user_tree
    directory = tree.profile("a")
    tree.ctl("start", "a", check=True)
    pid = tree.wait_up("a")
    directory.chmod(0o555)
    (directory / ".gateway-operation.lock").chmod(lock)
    done = tree.ctl("stop", "a")
    directory.chmod(0o755)
    assert done.returncode == 77, done.stderr
    assert "the next boot would undo what is not recorded" in done.stderr
    assert f"next: df -h {directory}; ls -ld {directory}" in done.stderr
    assert tree.pid("a") == pid
    assert resolved(tree, "a") == "running"
    plainly = done.stderr.split("down until the next boot: ")[1].strip()
    tree.tool(*shlex.split(plainly))
    wait_until(lambda: is_gone(pid), what="the way that it names to work")


def test_root_who_stops_it_is_recorded_as_root_and_who_he_was_before(user_tree: S6Tree) -> None:
    tree = user_tree
    tree.profile("a")
    tree.ctl("start", "a", check=True)
    tree.ctl("stop", "a", "--reason", "too loud\x1b", user=0, env={"SUDO_UID": "12345"}, check=True)
    intent = tree.intent("a")
    assert (intent["uid"], intent["user"]) == (0, "root"), "whatever account the process became for it"
    assert (intent["login_uid"], intent["note"]) == (12345, "too loud\x1b")
    shown = tree.ctl("status", "a").stdout
    assert "by gatewayctl stop (uid 0 root, login 12345) at " in shown and ': operator, "too loud\\x1b"' in shown
    told = json.loads(tree.ctl("--json", "status", "a").stdout)["gateways"][0]["intent"]
    assert (told["uid"], told["author"], told["note"]) == (0, "uid 0 root, login 12345", "too loud\\x1b")


def test_a_marker_says_who_and_why(user_tree: S6Tree) -> None:
    tree = user_tree
    directory = tree.profile("a")
    tree.part("a", "--ignore-term", before=f"trap 'cp {directory}/.gateway-planned-stop.json {directory}/seen; exit' TERM; "
                                           f"touch {directory}/up; while :; do sleep 0.05; done; #")
    tree.ctl("start", "a", check=True)
    wait_until(lambda: (directory / "up").exists())
    tree.ctl("stop", "a", "--reason", "new key", user=0, check=True)
    marker = tree.read(directory / "seen")
    assert (marker["writer_uid"], marker["writer_user"], marker["reason"], marker["note"]) == (0, "root", "stop", "new key")


def test_an_intent_of_another_tool_does_not_name_the_operator(user_tree: S6Tree) -> None:
    tree = user_tree
    directory = tree.profile("a")
    tree.ctl("stop", "a")
    tree.ctl("start", "a", "--reason", "mine", check=True)
    state = tree.state("a")
    tree.write(directory / "gateway_state.json", json.dumps({**state, "desired_state": "stopped"}))
    told = json.loads(tree.ctl("--json", "status", "a").stdout)["gateways"][0]["intent"]
    assert (told["desired_state"], told["program"]) == ("stopped", "another tool, through gateway_state.json")
    assert (told["uid"], told["note"], told["reason"]) == (None, None, "foreign-writer")
    tree.ctl("reconcile")
    written = tree.intent("a")
    assert written["desired_state"] == "stopped" and written["reason"] == "foreign-writer"
    assert "uid" not in written and "note" not in written
