"""One volume, and two kinds of tool that take turns on it: a boot of either kind, stops and starts, lives of gateways,
copies, renames, a home that moves. After every boot the profiles that come up are those that a model says.

The Python implementation is played by tests/peer/hermes, whose functions do to the files what that program does; the other
turns are this program's own. There is no supervisor: what would be supervised is what a boot brings up.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import random
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from types import ModuleType

from places import TESTS
from volume import Volume

ALIVE = ("running", "draining", "degraded")


def load_peer() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("peer_hermes", str(TESTS / "peer/hermes"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@dataclass
class Model:
    """Of one profile."""

    word: str | None = None  # what its operator wants, whoever has written it down
    life: str | None = None  # gateway_state
    kept: str | None = None  # the word in this tool's own file
    has_state: bool = False
    is_copy: bool = False  # nobody has started or stopped it yet
    # What a boot of this tool has seen since: one that was renamed and moved to another disk, both before it, has neither
    # its name nor its directory any more.
    is_seen: bool = True  # since it was copied or renamed
    is_placed: bool = True  # since its home was moved
    is_old: bool = False  # its state file carries a generation of before: a word of Python's there cannot be told from it

    def comes_up(self) -> bool:
        return self.word == "running" if self.word else self.life in ALIVE and not self.is_copy


class Changeovers:
    def __init__(self, volume: Volume, seed: str) -> None:
        self.volume, self.rng, self.peer = volume, random.Random(seed), load_peer()
        self.models: dict[str, Model] = {"default": Model()}
        self.done: Counter[str] = Counter()
        self.told: list[str] = []
        self.names = (f"p{number}" for number in range(10**9))
        self.homes = 0
        for _ in range(3):
            self.create()

    # -- both ---------------------------------------------------------------------------------------------------

    def create(self) -> str:
        name = next(self.names)
        self.volume.profile(name)
        self.models[name] = Model()
        return name

    def profile(self, name: str) -> object:
        return self.peer.Profile(self.volume.directory(name))

    def own(self, name: str) -> None:
        for path in self.volume.directory(name).iterdir():
            if not path.is_dir() or path.name == "state":
                self.volume.own(path)

    # -- turns --------------------------------------------------------------------------------------------------

    def python_intent(self, name: str, word: str) -> None:
        model = self.models[name]
        if model.is_old:
            return
        if model.is_copy:
            # Its time is in whole seconds: a copy of this second cannot be told from what came with it.
            time.sleep(1 - time.time() % 1)
            model.is_copy = False
        self.profile(name).intend(word)
        model.word, model.has_state = word, True

    def python_start(self, name: str) -> None:
        self.python_intent(name, "running")

    def python_stop(self, name: str) -> None:
        self.python_intent(name, "stopped")

    def python_life(self, name: str) -> None:
        """One of its gateways writes where it is, and leaves the records of a life behind."""
        model = self.models[name]
        if model.is_copy:
            return
        life = self.rng.choice((*ALIVE, "stopped", "startup_failed", "starting"))
        if not model.has_state and model.word is not None:
            return  # it would write a file without the intent, as it always does
        gateway = self.peer.Gateway(self.profile(name), ["hermes", "gateway", "run"])
        gateway.record(gateway_state=life)
        gateway.lifecycle(self.rng.choice(({"phase": "running"}, {"phase": "exited", "exit_code": 1, "exited_at": self.peer.now()})))
        if self.rng.random() < 0.3:
            gateway.profile.clean_file.touch()
        state = self.volume.read(self.volume.state_file(name))
        state.pop("last_steady_state", None)  # of a life of the other kind
        self.volume.write(self.volume.state_file(name), state)
        model.life, model.has_state = life, True

    def python_forgets(self, name: str) -> None:
        """The state file is gone: what this tool keeps for itself answers."""
        model = self.models[name]
        if model.is_copy or model.word != model.kept:
            return
        self.volume.state_file(name).unlink(missing_ok=True)
        model.life, model.has_state = None, False

    def python_tears(self, name: str) -> None:
        model = self.models[name]
        if model.is_copy or model.kept is None or model.word != model.kept:
            return
        self.volume.write(self.volume.state_file(name), '{"gateway_state": "runn')
        model.life, model.has_state = None, False

    def python_writes_an_old_copy(self, name: str) -> None:
        """A gateway that has kept its state in memory since before a stop of this tool."""
        model = self.models[name]
        if model.is_copy or not model.has_state or self.volume.state(name).get("desired_generation") is None:
            return
        old = self.volume.state_file(name).read_bytes()
        if not self.our_stop(name):
            return
        self.volume.write(self.volume.state_file(name), old)
        self.models[name].has_state = False  # none that Python could trust, until a boot of this tool
        self.models[name].is_old = True

    def our_stop(self, name: str) -> bool:
        model = self.models[name]
        if name not in self.volume.slots() or model.is_copy:
            return False
        self.volume.run("--manager", "s6", "stop", name, "--no-wait", check=True)
        model.word = model.kept = "stopped"
        # One that is torn stays as it is, until a boot of this tool keeps it aside.
        with contextlib.suppress(json.JSONDecodeError):
            model.has_state = "desired_state" in self.volume.state(name)
        return True

    def our_life(self, name: str) -> None:
        """Of a gateway that records by `gatewayctl state`."""
        model = self.models[name]
        if model.is_copy:
            return
        with subprocess.Popen(["sleep", "60"], **self.volume.options()) as process:
            pid = ("--pid", str(process.pid))
            self.volume.run("-p", name, "state", "set", "running", *pid, check=True)
            model.life = "running"
            if self.rng.random() < 0.5:
                cause = self.rng.choice(("planned-stop", "unmarked-signal"))
                self.volume.run("-p", name, "state", "end", cause, *pid)
                model.life = "stopped" if cause == "planned-stop" else "running"
            process.kill()
        # One that was lost has no intent again before the next boot of this tool.
        model.has_state = model.has_state or model.word is None

    def copy(self, name: str) -> None:
        # What names nobody yet is not known for a copy.
        if name == "default" or "belongs_to" not in self.volume.intent(name) or len(self.models) > 8:
            return
        other = next(self.names)
        subprocess.run(["cp", self.rng.choice(("-a", "-r")), self.volume.directory(name), self.volume.directory(other)], check=True)
        self.volume.own_all()
        self.models[other] = Model(has_state=self.models[name].has_state, is_copy=True, is_seen=False)

    def rename(self, name: str) -> None:
        if name == "default" or self.models[name].is_copy or not self.models[name].is_placed:
            return
        other = next(self.names)
        self.models[name].is_seen = False
        self.volume.directory(name).rename(self.volume.directory(other))
        self.models[other] = self.models.pop(name)

    def delete(self, name: str) -> None:
        if name == "default" or len(self.models) < 4:
            return
        subprocess.run(["rm", "-r", self.volume.directory(name)], check=True)
        del self.models[name]

    def move(self, _name: str) -> None:
        """To another disk: under another path, and with other inodes."""
        if not all(model.is_seen for model in self.models.values()):
            return
        self.homes += 1
        new = self.volume.root / f"home-{self.homes}"
        subprocess.run(["cp", "-a", self.volume.home, new], check=True)
        subprocess.run(["rm", "-r", self.volume.home], check=True)
        subprocess.run(["rm", "-rf", *self.volume.scandir.glob("gateway-*")], check=True)  # a container of its own
        self.volume.home = new
        for model in self.models.values():
            model.is_placed = False

    # -- boots --------------------------------------------------------------------------------------------------

    def our_boot(self) -> None:
        done = self.volume.run("--json", "reconcile")
        report = {one["profile"]: one for one in json.loads(done.stdout)["profiles"]}
        said = {name: one["goal"] == "up" for name, one in report.items()}
        self.compare("gatewayctl reconcile", said, done.stdout + done.stderr)
        up = {name for name, word in self.volume.slots().items() if word == "up"}
        assert up == {name for name, model in self.models.items() if model.comes_up()}, self.context(str(up))
        for name, model in self.models.items():
            if model.word is None and model.comes_up():
                model.word, model.has_state = "running", True
            if not model.has_state and self.volume.state(name):
                model.has_state, model.life = True, self.volume.state(name).get("gateway_state")
            if self.volume.intent(name):
                model.kept = self.volume.intent(name)["desired_state"]
            model.is_copy, model.is_seen, model.is_placed, model.is_old = False, True, True, False

    def python_boot(self) -> None:
        if any(model.is_copy for model in self.models.values()):
            return self.our_boot()  # it would start the copies
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self.peer.reconcile(self.volume.home)
        lines = [json.loads(line) for line in out.getvalue().splitlines()]
        said = {one["profile"]: one["action"] == "started" for one in lines}
        for name, model in self.models.items():
            if not model.has_state:
                said[name] = model.comes_up()  # it does not know of the other file; the next boot of ours mends it
        self.compare("hermes reconcile", said, out.getvalue())

    def compare(self, who: str, said: dict[str, bool], words: str) -> None:
        expected = {name: model.comes_up() for name, model in self.models.items()}
        wrong = {name: (said.get(name), up) for name, up in expected.items() if said.get(name) != up}
        assert not wrong and said.keys() == expected.keys(), self.context(f"{who}: {wrong}\n{words}")

    def context(self, what: str) -> str:
        files = {name: (self.volume.read(self.volume.intent_file(name)), self.models[name]) for name in self.models}
        return f"{what}\n{files}\nturns: {self.told[-25:]}"

    # -- all ----------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """A few things happen, and then a boot of either kind: one changeover."""
        acts = (self.python_start, self.python_stop, self.python_life, self.python_life, self.python_forgets, self.python_tears,
                self.python_writes_an_old_copy, self.our_stop, self.our_life, self.copy, self.rename, self.delete, self.move)
        weights = (4, 4, 4, 4, 1, 1, 1, 2, 1, 1, 1, 1, 1)
        for act in self.rng.choices(acts, weights, k=self.rng.randint(1, 4)):
            name = self.rng.choice(sorted(self.models))
            time.sleep(0.008)  # two writes of one tick of the kernel's clock have one time
            self.tell(f"{act.__name__} {name}")
            act(name)
            if name in self.models:
                self.own(name)
        if len(self.models) < 4:
            self.create()
        boot = self.rng.choice((self.our_boot, self.our_boot, self.python_boot))
        self.tell(boot.__name__)
        boot()

    def tell(self, what: str) -> None:
        self.told.append(what)
        self.done[what.split()[0]] += 1


def run(seed: str, rounds: int) -> Counter[str]:
    with Volume() as volume:
        game = Changeovers(volume, seed)
        for index in range(rounds):
            try:
                game.turn()
            except AssertionError as failure:
                raise AssertionError(f"seed {seed}, changeover {index}: {failure}") from failure
        return game.done


