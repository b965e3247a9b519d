"""Verbs about one gateway, beside the s6 tool that does the same, or the C program that leaves the same files (floor_stop.c).

Three gateways in a tree of their user's own, which exit at once; every command is started by the user, without a shell.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rows import BUILD, GATEWAYCTL, Row, in_turns

from s6_tree import PATH, USER, Finish, S6Tree, Supervisor

# What a stop leaves, in the order in which it is written, and how it is flushed.
WRITTEN = {".gateway-intent.json": ":f", "gateway_state.json": ":d", ".gateway-planned-stop.json": ":d", ".gateway-planned-end.json": ""}
OF_THAT_SIZE = '{"requested_at":"2026-11-26T12:25:08.066613+00:00","target_pid":12345,"filler":"' + "x" * 200 + '"}\n'


class One:
    def __init__(self, tree: S6Tree) -> None:
        self.tree, self.slot = tree, str(tree.slot("a"))
        self.env = {"PATH": PATH, "HERMES_HOME": str(tree.home), "S6_PROFILE_GATEWAY_SCANDIR": str(tree.scandir),
                    "GATEWAYCTL_MANAGER": "s6"}
        self.model = Path(tempfile.mkdtemp(prefix="bench-model-", dir=tree.root))
        for name in ("a", "b", "c"):
            tree.profile(name)
            tree.part(name, before="trap 'exit 0' TERM")  # then the test gateway, which exits at once too
            tree.ctl("start", name, check=True)
        self.up()

    def took(self, *words: str) -> float:
        """Milliseconds."""
        begin = time.perf_counter()
        done = subprocess.run(words, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              user=USER, group=USER, extra_groups=[])
        took = time.perf_counter() - begin
        assert done.returncode == 0, (words, done.stderr)
        return took * 1000

    def ours(self, *words: str) -> float:
        return self.took(str(GATEWAYCTL), *words)

    def up(self) -> None:
        # Until `finish` has ended, it would undo the start.
        self.tree.tool("s6-svwait", "-t", "60000", "-D", self.slot) if self.tree.pid("a") < 0 else None
        self.tree.tool("s6-svc", "-U", self.slot)
        self.tree.wait_up("a")

    def from_up(self, action: Callable[[], float]) -> float:
        self.up()
        return action()

    def learn_stop(self) -> None:
        """The floor leaves what a stop of ours left. The slot's finish takes some of it at once."""
        self.from_up(lambda: self.ours("stop", "a"))
        for name in WRITTEN:
            source = self.tree.directory("a") / name
            (self.model / name).write_text(source.read_text() if source.exists() else OF_THAT_SIZE)

    def floor_stop(self) -> float:
        return self.took(str(BUILD / "bench/floor_stop"), self.slot, str(self.tree.directory("a")), str(self.model),
                         *(name + flush for name, flush in WRITTEN.items()))


def rows(short: bool) -> Iterator[Row]:
    rounds = 10 if short else 60
    with S6Tree(Supervisor.OWN, Finish.WHOLE) as tree:
        one = One(tree)
        one.model.chmod(0o755)
        looks = in_turns({"svstat": lambda: one.took("/usr/bin/s6-svstat", one.slot), "status": lambda: one.ours("status", "a"),
                          "health": lambda: one.ours("health", "a"), "all": lambda: one.ours("health"),
                          "true": lambda: one.took("/bin/true"), "version": lambda: one.ours("version")}, rounds)
        yield Row("one", "a process: gatewayctl version, /bin/true", looks["version"], looks["true"], "ms", None)
        yield Row("one", "status a, s6-svstat", looks["status"], looks["svstat"], "ms", 1.5)
        yield Row("one", "health a, s6-svstat", looks["health"], looks["svstat"], "ms", 1.5)
        yield Row("one", "health of all three, s6-svstat", looks["all"], looks["svstat"], "ms", None)
        one.learn_stop()
        stops = in_turns({"ours": lambda: one.from_up(lambda: one.ours("stop", "a")),
                          "floor": lambda: one.from_up(one.floor_stop),
                          "s6": lambda: one.from_up(lambda: one.took("/usr/bin/s6-svc", "-wd", "-D", one.slot))}, rounds // 2)
        yield Row("one", "stop a, C with the same effects", stops["ours"], stops["floor"], "ms", 1.3)
        yield Row("one", "stop a, s6-svc -wd -D", stops["ours"], stops["s6"], "ms", None)
        one.up()
        restarts = in_turns({"ours": lambda: one.ours("restart", "a"),
                             "s6": lambda: one.took("/usr/bin/s6-svc", "-wr", "-r", one.slot)}, 3 if short else 5)
        yield Row("one", "restart a, s6-svc -wr -r", restarts["ours"], restarts["s6"], "ms", None)
