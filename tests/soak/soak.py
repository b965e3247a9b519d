#!/usr/bin/python3
"""A container's whole life, again and again: boots, whatever an operator types, and everything killed that can be.

    dev/soak [--boots 200] [--operations 2000] [--profiles 6] [--seed N] [--seconds S]

A real s6-svscan is PID 1 in a pid namespace of its own (pids begin anew at each boot), the volume stays. Beside it
stands a model: of each profile the latest accepted intent, whether it is registered, its variables. Where a caller was
killed in the middle both answers are right, and what is found then is what counts from there on. After each operation
that has settled, and after each boot, the volume, the supervisor and the processes are compared with the model:

    lost intents        desired_state, its generation, and what the supervisor wants
    doubled gateways    never two of one profile
    leftovers           temporary files after a pass, stage slots
    false verdicts      clean after a kill, unclean after an orderly end
    lost records        the keys of the gateway in its state file, port, variables, a boot line for each profile

The last lines say how much was tried. A failure names the seed, the operation and the last ones before it.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from box import Box  # noqa: E402
from gateway_image import binary  # noqa: E402
from home import Home  # noqa: E402
import proof  # noqa: E402
from places import REPOSITORY  # noqa: E402
from poll import is_gone, wait_until  # noqa: E402

FOREIGN = {"kind": "hermes-gateway", "active_agents": 2, "platforms": {"telegram": {"state": "connected"}}}
SETTLE_SECONDS = 120  # a pause after deaths is at most 30 s; the rest is for a busy machine
TEMPORARY = re.compile(r"^\..+\.tmp-[0-9a-f]{16}$")  # a file that is being replaced


class Fault(AssertionError):
    """What was found is not what the model says."""


@dataclass
class Model:
    """What is known of one profile. More than one value: a caller was killed, and either is right."""

    intent: set[str | None] = field(default_factory=lambda: {None})
    registered: set[bool] = field(default_factory=lambda: {True})
    variable: set[str | None] = field(default_factory=lambda: {None})
    generation: int = 0
    port: int | None = None
    held: bool = False  # registered, which is no start: its slot is down until a start or a pass
    killed: bool = False  # something of it was killed since it was last asked for: a pause may go on
    moving: bool = False  # the last verb did not wait: which life an end of the container meets is not known
    end: str | None = None  # how its last life must have ended: clean, unclean; None: not known


class Soak:
    def __init__(self, seed: int, profiles: int) -> None:
        self.seed, self.dice = seed, random.Random(seed)
        self.names = [f"p{index}" for index in range(profiles)]
        self.models = {name: Model() for name in self.names}
        self.trace: collections.deque[str] = collections.deque(maxlen=60)
        self.counts: collections.Counter[str] = collections.Counter()
        self.scratch = Path(tempfile.mkdtemp(prefix="soak-"))
        self.scratch.chmod(0o755)
        self.home = Home(self.scratch / "volume")
        for name in self.names:
            self.home.profile(name, {**FOREIGN, "gateway_state": "stopped"})
        self.box = self._box()

    def _box(self) -> Box:
        command = ["gatewayctl", "run", "--ready-after", "20", "--", "test-gateway", "--event-log",
                   "/opt/data/events-{profile}", "--drain-ms", "100"]
        config = {"command": command, "default_command": command, "drain_timeout": "5", "death_budget": 1_000_000}
        hooks = {f"/etc/{directory}/{hook.name}": hook for directory in ("cont-init.d", "cont-finish.d")
                 for hook in (REPOSITORY / directory).iterdir()}
        tools = {f"/usr/local/bin/{tool}": binary(tool) for tool in ("gatewayctl", "test-gateway")}
        return Box(self.home.home, overlay={**hooks, **tools, "/etc/gatewayctl.yaml": json.dumps(config)},
                   command=("sleep", "infinity"), grace_ms=100)

    def close(self) -> None:
        self.box.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    # -- looking ----------------------------------------------------------------------------------------

    def processes(self) -> dict[int, list[str]]:
        """Of the box, by pid outside: the words of those that live."""
        found = {}
        for pid in self.box.pids().values():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
            except OSError:
                continue
            if words and not is_gone(pid):
                found[pid] = words
        return found

    def of(self, name: str, program: str) -> list[int]:
        """`gateway`, `run`, `supervise` or `logger` of a profile."""
        is_it: dict[str, Callable[[list[str]], bool]] = {
            "gateway": lambda w: w[0].endswith("test-gateway") and f"/opt/data/events-{name}" in w,
            "run": lambda w: w[0].endswith("gatewayctl") and "run" in w[:4] and f"/opt/data/events-{name}" in w,
            "supervise": lambda w: w == ["s6-supervise", f"gateway-{name}"],
            "logger": lambda w: w == ["s6-supervise", f"gateway-{name}/log"],
        }
        return [pid for pid, words in self.processes().items() if is_it[program](words)]

    def slot(self, name: str) -> Path:
        return self.box.root / f"run/service/gateway-{name}"

    def wanted(self, name: str) -> bool | None:
        """What the supervisor wants; None: there is none."""
        done = self.box.run(["s6-svstat", "-o", "wantedup", f"/run/service/gateway-{name}"])
        return done.stdout.strip() == "true" if done.returncode == 0 else None

    def ctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.box.run(["gatewayctl", *words], timeout=300)

    # -- the model ----------------------------------------------------------------------------------------

    def expect(self, good: bool, name: str, what: str, *seen: Any) -> None:
        if not good:
            raise Fault(f"{name}: {what}; seen {seen}; model {self.models.get(name)}")

    def check_volume(self, name: str) -> None:
        model, intent, state = self.models[name], self.home.intent(name), self.home.state(name)
        word, generation = intent.get("desired_state"), intent.get("generation", 0)
        self.expect(word in model.intent, name, "its intent is lost", word)
        self.expect(generation >= model.generation, name, "its generation went back", generation)
        model.intent, model.generation = {word}, generation
        kept = {key: state.get(key) for key in FOREIGN}
        self.expect(kept == FOREIGN, name, "keys of the gateway are lost", state)
        service = self.home.read(self.home.service_file(name))
        if service.get("port") is not None:
            self.expect(model.port in (None, service["port"]), name, "its port has changed", service)
            model.port = service["port"]
        variable = service.get("env", {}).get("V")
        self.expect(variable in model.variable, name, "its variable is lost", service)
        model.variable = {variable}
        record = service.get("unregistered")
        # A start that was killed after its intent counts at the next pass: the intent is later than the record.
        unregistered = bool(record) and not (word == "running" and generation > record["generation"])
        self.expect((not unregistered) in model.registered, name, "its registration is lost", service)
        model.registered = {not unregistered}

    def is_settled(self, name: str) -> bool:
        model = self.models[name]
        gateways = self.of(name, "gateway")
        self.expect(len(gateways) <= 1, name, "two gateways", gateways)
        if model.registered == {False}:
            return not self.slot(name).exists() and not gateways
        wants = self.wanted(name)
        if model.intent == {"running"} and not (model.held and not gateways):
            return wants is True and (bool(gateways) or model.killed)
        return wants is False and not gateways

    def check_pass(self) -> None:
        """A pass has made everything agree, and leaves nothing behind."""
        for model in self.models.values():
            model.held = False
        self.check()
        # One that is being written just now is gone in a moment.
        wait_until(lambda: not self.leftovers(), 10, f"the end of {self.leftovers()}")

    def check(self, *names: str) -> None:
        """At a settled point."""
        for name in names or self.names:
            self.check_volume(name)
            try:
                wait_until(lambda name=name: self.is_settled(name), SETTLE_SECONDS, f"{name} to settle")
            except Fault:
                raise
            except AssertionError:
                raise Fault(f"{name}: not what was asked for: wanted {self.wanted(name)}, gateways "
                            f"{self.of(name, 'gateway')}, slot {self.slot(name).exists()}; model {self.models[name]}\n"
                            + self.ctl("status", name).stdout) from None
        self.counts["checks"] += 1

    def leftovers(self) -> list[str]:
        scandir = self.box.root / "run/service"
        slots = [path.name for path in scandir.iterdir() if path.name.startswith(".gateway-")]
        return slots + [str(path) for path in self.home.home.rglob(".*") if TEMPORARY.match(path.name)]

    # -- operations ---------------------------------------------------------------------------------------

    def record(self, text: str) -> None:
        self.trace.append(text)

    def verb(self, name: str, words: list[str], model: dict[str, Any], cut: float | None) -> None:
        """Types it; with `cut` the caller is killed after so many seconds, and either answer is right."""
        mine = self.models[name]
        if cut is None:
            done = self.ctl(*words)
            self.record(f"{' '.join(words)} -> {done.returncode} {done.stdout.strip()} {done.stderr.strip()[:300]}")
            if done.returncode == 0:
                for key, value in model.items():
                    setattr(mine, key, {value})
            elif done.returncode == 75 or "ended at once" in done.stderr:
                for key, value in model.items():
                    getattr(mine, key).add(value)
            else:
                self.counts["refused"] += 1
        else:
            caller = self.box.popen(["gatewayctl", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                code = caller.wait(cut)
            except subprocess.TimeoutExpired:
                caller.kill()
                caller.wait()
                code = None
            self.record(f"{' '.join(words)} -> {'cut after %.3f s' % cut if code is None else code}")
            self.counts["callers killed"] += code is None
            for key, value in model.items():
                if code is None or code == 75:
                    getattr(mine, key).add(value)
                elif code == 0:
                    setattr(mine, key, {value})

    def operate(self) -> None:
        name = self.dice.choice(self.names)
        model = self.models[name]
        kind = self.dice.choices(
            ["start", "stop", "restart", "register", "unregister", "reconcile", "kill"],
            [20, 14, 14, 8, 6, 8, 20])[0]
        cut = self.dice.uniform(0, 0.08) if self.dice.random() < 0.25 else None
        self.counts[kind] += 1
        if kind == "kill":
            return self.kill(name)
        if kind == "reconcile":
            self.verb(name, ["reconcile"], {}, cut)
            if cut is not None:
                self.verb(name, ["reconcile"], {}, None)
            return self.check_pass()
        waits = [] if self.dice.random() < 0.4 else ["--no-wait"]
        value = str(self.dice.randrange(10**6))
        was_registered = set(model.registered)
        if kind in ("stop", "restart") and was_registered != {True}:
            kind = "start"
        words = {"start": ["start", *waits, name], "stop": ["stop", *waits, name], "restart": ["restart", *waits, name],
                 "register": ["register", name, "--env", f"V={value}"], "unregister": ["unregister", name]}[kind]
        wishes: dict[str, dict[str, Any]] = {
            "start": {"intent": "running", "registered": True}, "stop": {"intent": "stopped"},
            "restart": {"intent": "running"}, "register": {"variable": value, "registered": True},
            "unregister": {"registered": False}}
        model.moving = bool(waits) or cut is not None
        self.verb(name, words, wishes[kind], cut)
        if kind in ("start", "restart") and cut is None:
            model.killed = model.held = False
        if cut is not None:
            if kind == "stop":
                # Killed between its intent and its command: a pass leaves alone what runs, and status advises this.
                self.verb(name, words, wishes[kind], None)
            self.finish(name)
        if kind == "register" and cut is None and was_registered != {True}:
            model.held = True
        self.check(name)

    def finish(self, name: str) -> None:
        """What a killed caller left half done, the next pass completes: slot, volume and intent agree then."""
        self.check_volume(name)
        self.verb(name, ["reconcile"], {}, None)
        self.check_pass()

    def kill(self, name: str) -> None:
        program = self.dice.choice(["gateway", "run", "supervise", "logger"])
        pids = self.of(name, program)
        self.record(f"kill -9 {program} of {name}: {pids}")
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            self.models[name].killed = True
            self.models[name].end = None
            self.counts[f"kill -9 {program}"] += 1
        self.check(name)

    # -- boots --------------------------------------------------------------------------------------------

    def kill_a_boot(self) -> None:
        """In the middle of it: what the next one finds is of no known kind, but nothing of it is lost."""
        self.record("boot killed")
        self.box.start(wait=False, seconds=240)
        time.sleep(self.dice.uniform(0, 0.5))  # the moment is what is random here
        self.box.kill()
        self.counts["boots killed"] += 1
        for model in self.models.values():
            model.end = None

    def boot(self) -> None:
        if self.dice.random() < 0.1:
            self.kill_a_boot()
        lines = len(self.home.boot_log())
        self.record("boot")
        self.box.start(seconds=240)
        self.counts["boots"] += 1
        new = self.home.boot_log()[lines:] or self.home.boot_log()  # it may have been rotated
        for name in self.names:
            model = self.models[name]
            mine = [line for line in new if f" profile={name} " in line]
            self.expect(bool(mine), name, "the boot has no line about it")
            if model.end:
                self.expect(f"prior_exit={model.end} " in mine[-1] + " ", name, f"not {model.end}", mine[-1])
                self.counts[f"verdicts {model.end}"] += 1
            model.end, model.killed, model.moving = None, False, False
        self.check_pass()

    def end_of_container(self) -> None:
        # A life counts from its record on, which `run` writes when its command has started.
        up = {name for name in self.names if self.of(name, "gateway") and self.models[name].intent == {"running"}
              and self.home.lifecycle(name).get("phase") == "running"}
        if self.dice.random() < 0.5:
            self.record("container stop")
            self.box.stop(240)
            self.counts["container stops"] += 1
            end = "clean"
        else:
            verb = self.dice.choice([None, "start", "stop", "restart", "reconcile", "unregister", "register"])
            in_flight = self.dice.choice(self.names)
            if verb and not (verb in ("stop", "restart") and self.models[in_flight].registered != {True}):
                words = [verb] if verb == "reconcile" else [verb, in_flight]
                words += ["--env", "V=flight"] if verb == "register" else []
                self.box.popen(["gatewayctl", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                wishes: dict[str, list[tuple[str, Any]]] = {
                    "start": [("intent", "running"), ("registered", True)], "stop": [("intent", "stopped")],
                    "restart": [("intent", "running")], "unregister": [("registered", False)],
                    "register": [("variable", "flight"), ("registered", True)]}
                for key, value in wishes.get(verb, []):
                    getattr(self.models[in_flight], key).add(value)
                up.discard(in_flight)
            time.sleep(self.dice.uniform(0, 0.1))  # the moment is what is random here
            self.record(f"container killed during {verb} {in_flight}")
            self.box.kill()
            self.counts["container kills"] += 1
            end = "unclean"
        for name in up:
            if not self.models[name].killed and not self.models[name].moving:
                self.models[name].end = end
                if end == "clean":
                    state = self.home.state(name)
                    comes_back = state.get("gateway_state") == "running" or state.get("restart_requested") is True
                    self.expect(comes_back, name, "a container stop is no stop", state)

    # -- all of it ----------------------------------------------------------------------------------------

    def run(self, boots: int, operations: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for boot in range(boots):
            self.boot()
            for _ in range(operations * (boot + 1) // boots - operations * boot // boots):
                if time.monotonic() >= deadline:
                    break
                self.operate()
                self.counts["operations"] += 1
            if time.monotonic() >= deadline:
                break
            self.end_of_container()


def soak(seed: int, *, boots: int, operations: int, profiles: int = 6, seconds: float = float("inf")) -> collections.Counter[str]:
    """Raises Fault; answers with how much was tried."""
    one = Soak(seed, profiles)
    try:
        one.run(boots, operations, seconds)
    except BaseException:
        print(f"seed {seed}, boots {one.counts['boots']}, operations {one.counts['operations']}; before it:",
              *one.trace, sep="\n  ", file=sys.stderr)
        print("the console:\n" + one.box.console()[-4000:], file=sys.stderr)
        raise
    finally:
        one.close()
    return one.counts


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--boots", type=int, default=200)
    options.add_argument("--operations", type=int, default=2000)
    options.add_argument("--profiles", type=int, default=6)
    options.add_argument("--seconds", type=float, default=float("inf"))
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    begin = time.monotonic()
    counts = soak(chosen.seed, boots=chosen.boots, operations=chosen.operations, profiles=chosen.profiles,
                  seconds=chosen.seconds)
    for what, count in sorted(counts.items()):
        print(f"{what}: {count}")
    print(f"0 lost intents, 0 doubled gateways, 0 leftovers, 0 false verdicts, 0 lost records; {time.monotonic() - begin:.0f} s")
    proof.tell("boots in the soak", counts["boots"], 0, chosen.seed)
    proof.tell("operations and kills in the soak", counts["operations"], 0, chosen.seed)


if __name__ == "__main__":
    os.umask(0o022)
    main()
