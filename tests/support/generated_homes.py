"""Homes as a volume may hold them, made of a seed: each with what a boot pass must say of every profile in it.

What is expected is formulated here a second time, from the documentation (docs/design.md, docs/migration.md) and not from
the sources, and from what was chosen, not from the files that were written.
"""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from volume import Volume

NOW = time.time()
LONG_AGO, PARKED, RECENT = NOW - 90_000, NOW - 3_000, NOW - 1_000
ALIVE = ("running", "draining", "degraded")
WORDS = ("running", "stopped")
UNREGISTERED_AT = 4  # the generation of the intent then


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


class Verdict(NamedTuple):
    """Of one profile, by the pass: `goal`, `reason`, `prior_state` and `prior_exit` of its report."""

    goal: str
    reason: str
    prior_state: str | None
    prior_exit: str


@dataclass
class Profile:
    """What was chosen; a choice is drawn in the order of the fields."""

    name: str
    state: str  # absent, corrupt, unreadable, ok
    life: str | None = None  # gateway_state
    restart: bool = False
    steady: str | None = None  # before `starting`
    mirror: Any = None  # desired_state; None: there is none
    mirror_generation: int | None = None
    state_is_newer: bool = True  # than the intent file
    intent: str = "absent"  # absent, corrupt, unreadable, or a word
    generation: int = 5
    belongs: str = "here"  # here, nobody, elsewhere: named in the files of ours
    parked: bool = False
    lifecycle: str = "none"  # none, running, clean, unclean, good, odd
    lifecycle_key: str = "ended_at"
    note: str = "none"  # none, empty, old
    markers: tuple[str, ...] = ()
    kept_aside: bool = False
    unregistered: bool = False

    @property
    def is_copy(self) -> bool:
        return self.belongs == "elsewhere"


@dataclass
class Choice:
    """Of the container."""

    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    multiplex_in: str | None = None  # configuration file
    config: dict[str, Any] = field(default_factory=dict)
    gateways_config: str | None = None


def draw_profile(rng: random.Random, name: str) -> Profile:
    state = rng.choices(("ok", "absent", "corrupt", "unreadable"), (12, 3, 2, 1))[0]
    one = Profile(name, state)
    if state == "ok":
        one.life = rng.choice((*ALIVE, "starting", "stopped", "startup_failed", "sleeping", None, "running"))
        one.restart = rng.random() < 0.2
        one.steady = rng.choice((None, "running", "stopped"))
        one.mirror = rng.choices((None, "running", "stopped", "paused"), (4, 3, 3, 1))[0]
        if one.mirror is not None:
            one.mirror_generation = rng.choice((None, 4, 5, 6))
    one.intent = rng.choices(("absent", "running", "stopped", "paused", "corrupt", "unreadable"), (6, 4, 4, 1, 1, 1))[0]
    one.state_is_newer = rng.random() < 0.5
    one.belongs = rng.choices(("here", "nobody", "elsewhere"), (5, 3, 1))[0]
    one.parked = rng.random() < 0.15
    one.lifecycle = rng.choice(("none", "running", "clean", "unclean", "good", "odd"))
    one.lifecycle_key = rng.choice(("ended_at", "exited_at"))
    one.note = rng.choice(("none", "empty", "old"))
    one.markers = tuple(kind for kind in ("planned-stop", "takeover") if rng.random() < 0.2)
    one.kept_aside = state == "absent" and rng.random() < 0.2
    one.unregistered = rng.random() < 0.07
    if one.belongs == "elsewhere" and (one.state not in ("ok", "absent") or one.intent in ("corrupt", "unreadable", "paused")):
        one.belongs = "here"  # what cannot be read names nobody
    return one


def draw_choice(rng: random.Random, names: list[str]) -> Choice:
    commands = [("idle",)] * 5 + [("gateway", "run"), ("hermes", "gateway", "run", "--replace"), ("-p", rng.choice(names), "gateway", "run"),
                                  ("gateway", "run", "--no-supervise"), ("dashboard",), ("hermes", "-p", "dashboard", "chat")]
    choice = Choice(rng.choice(commands))
    for name, words in (("GATEWAY_MULTIPLEX_PROFILES", ("true", "false", "")), ("HERMES_GATEWAY_NO_SUPERVISE", ("1", "0", "")),
                        ("HERMES_GATEWAY_BOOTSTRAP_STATE", ("running", "")), ("GATEWAYCTL_ROLE", ("none", "owner", ""))):
        if rng.random() < 0.15:
            choice.env[name] = rng.choice(words)
    if rng.random() < 0.15:
        choice.config["multiplex_profiles"] = rng.random() < 0.5
    if rng.random() < 0.1:
        choice.gateways_config = rng.choice(("multiplex_profiles: true\n", "gateway:\n  multiplex_profiles: true\n", "{: no yaml\n"))
    return choice


# -- what is expected ---------------------------------------------------------------------------------------------


def wanted(one: Profile) -> tuple[str, bool]:
    """The intent: its word, or none, unknown, unreadable; and whether another tool has set it since ours."""
    mirror, intent = one.mirror, one.intent
    if one.is_copy:
        return "none", False
    if intent in ("absent", "corrupt", "unreadable"):
        if mirror is not None:
            # Of a broken file it is not known what it said: the word is another tool's.
            return mirror, intent == "corrupt" and mirror in WORDS
        return {"absent": "none", "corrupt": "unknown", "unreadable": "unreadable"}[intent], False
    if mirror is None:
        return intent, False
    wins = one.state_is_newer if one.mirror_generation is None else one.mirror_generation >= one.generation
    if not wins:
        return intent, False
    return mirror, mirror in WORDS and (mirror, one.mirror_generation) != (intent, one.generation)


def is_parked(one: Profile, foreign: bool) -> bool:
    """A parking holds until something newer: an intent of another tool, a life that came further, or ended well."""
    return one.parked and not (one.is_copy or (foreign and one.state_is_newer) or one.lifecycle == "good")


def exit_before(one: Profile) -> str:
    lifecycle = "none" if one.is_copy else one.lifecycle
    return {"none": "unknown", "running": "unclean", "clean": "clean", "unclean": "unclean", "good": "clean", "odd": "unknown"}[lifecycle]


def comes_back(one: Profile) -> bool:
    return (one.life in ALIVE or (one.life == "stopped" and one.restart)
            or (one.life == "starting" and one.steady == "running"))


def is_on(choice: Choice) -> bool:
    """Multiplex: the variable, then our configuration, then that of the gateways; blank and broken ones fall through."""
    if variable := choice.env.get("GATEWAY_MULTIPLEX_PROFILES"):
        return variable == "true"
    if "multiplex_profiles" in choice.config:
        return bool(choice.config["multiplex_profiles"])
    return choice.gateways_config is not None and "true" in choice.gateways_config


def seeded(choice: Choice, name: str) -> str | None:
    """Why a profile without any state comes up."""
    words = [word for word in choice.command if word != "hermes"]
    target = words[1] if words[:1] == ["-p"] else "default"
    words = words[2:] if words[:1] == ["-p"] else words
    opted_out = "--no-supervise" in words or choice.env.get("HERMES_GATEWAY_NO_SUPERVISE") == "1"
    if words[:2] == ["gateway", "run"] and not opted_out and name == target:
        return "legacy-command"
    return "first-boot-seed" if name == "default" and choice.env.get("HERMES_GATEWAY_BOOTSTRAP_STATE") == "running" else None


def by_table(choice: Choice, one: Profile, word: str, foreign: bool) -> tuple[str, str]:
    absent = one.state == "absent" or one.is_copy
    broken = "corrupt" if one.kept_aside else one.state
    answers = word not in ("none", "unreadable")
    has_file = one.intent in (*WORDS, "paused")
    later = foreign or max(one.mirror_generation or 0, one.generation if has_file else 0) > UNREGISTERED_AT
    if one.unregistered and not one.is_copy and not (word == "running" and later):
        return "absent", "unregistered"
    if choice.env.get("GATEWAYCTL_ROLE") == "none" or choice.command == ("dashboard",):
        return "untouched", "role"
    if is_on(choice) and one.name != "default":
        return "down", "multiplexed"
    if (one.state == "unreadable" and not answers) or word == "unreadable":
        return "down", "unreadable"
    if broken == "corrupt" and not answers:
        return "down", "corrupt"
    if is_parked(one, foreign):
        return "down", "parked"
    if word in WORDS:
        return ("up" if word == "running" else "down"), "intent"
    if word != "none":
        return "down", "intent-unknown"
    if not absent:
        return ("up" if comes_back(one) else "down"), "last-state"
    if why := seeded(choice, one.name):
        return "up", why
    return "down", "no-state"


def expected(choice: Choice, one: Profile) -> Verdict:
    word, foreign = wanted(one)
    goal, reason = by_table(choice, one, word, foreign)
    if word in ("none", "unreadable"):
        life = None if one.is_copy else one.life
        prior = "running" if life in ALIVE else life
    else:
        prior = "(corrupt intent file)" if word == "unknown" else word
    return Verdict(goal, reason, prior, exit_before(one))


# -- how it lies on the volume ------------------------------------------------------------------------------------


def lay(volume: Volume, one: Profile) -> None:
    directory = volume.profile(one.name)
    place = {**volume.place(one.name)}
    if one.is_copy:
        place |= {"name": "original", "path": "/nowhere/profiles/original", "directory": {"device": 1, "inode": 1}}
    named: dict[str, Any] = {} if one.belongs == "nobody" else {"belongs_to": place}
    if one.state == "ok":
        state = {"gateway_state": one.life, "pid": 4_000_000, "start_time": 1, "restart_requested": one.restart,
                 "last_steady_state": one.steady, "platforms": {"x": 1}, "updated_at": stamp(LONG_AGO), "desired_state": one.mirror,
                 "desired_generation": one.mirror_generation, **named}
        write(volume, one, "gateway_state.json", {key: value for key, value in state.items() if value is not None})
    elif one.state != "absent":
        spoil(volume, one, "gateway_state.json", one.state)
    if one.kept_aside:
        write(volume, one, "gateway_state.json.corrupt-20260101T000000Z", "{")
    if one.intent in ("corrupt", "unreadable"):
        spoil(volume, one, ".gateway-intent.json", one.intent)
    elif one.intent != "absent":
        write(volume, one, ".gateway-intent.json", {**named, "desired_state": one.intent, "generation": one.generation})
    lay_records(volume, one, named)
    times = {"gateway_state.json": RECENT if one.state_is_newer else LONG_AGO, ".gateway-intent.json": LONG_AGO + 1}
    for name, moment in times.items():
        if (directory / name).exists():
            os.utime(directory / name, (moment, moment))


def lay_records(volume: Volume, one: Profile, named: dict[str, Any]) -> None:
    if one.parked:
        write(volume, one, "state/gateway.parked.json", {**named, "reason": "ten deaths", "since": stamp(PARKED), "count": 10})
    ended = RECENT if one.lifecycle == "good" else LONG_AGO
    record = {"none": None, "running": {"phase": "running"}, "clean": {"phase": "exited", "exit_code": 1, "clean": True},
              "unclean": {"phase": "exited", "exit_code": 1, "clean": False}, "good": {"phase": "exited", "exit_code": 0},
              "odd": {"phase": "dreaming"}}[one.lifecycle]
    if record is not None:
        write(volume, one, "state/gateway.lifecycle.json", {**record, "pid": 4_000_000, one.lifecycle_key: stamp(ended), **named})
    if one.note != "none":
        note = write(volume, one, ".clean_shutdown", "" if one.note == "empty" else "drained\n")
        os.utime(note, (LONG_AGO, LONG_AGO))
    for kind in one.markers:
        write(volume, one, f".gateway-{kind}.json", {"target_pid": 4_000_000, "target_start_time": 1, "written_at": stamp(RECENT)})
    if one.unregistered:
        write(volume, one, ".gateway-service.json", {"port": None, "env": {}, "unregistered": {"at": stamp(RECENT), "generation": UNREGISTERED_AT}, **named})


def write(volume: Volume, one: Profile, name: str, content: Any) -> Any:
    return volume.write(volume.directory(one.name) / name, content)


def spoil(volume: Volume, one: Profile, name: str, how: str) -> None:
    if how == "corrupt":
        write(volume, one, name, '{"gateway_state": "runn')
    else:
        (volume.directory(one.name) / name).mkdir()
        volume.own(volume.directory(one.name) / name)


class GeneratedHome:
    def __init__(self, seed: str) -> None:
        rng = random.Random(seed)
        names = ["default", *rng.sample(["a", "b-2", "c_3", "0", "dashboard", "x" * 240, "gateway", "z"], rng.randint(0, 4))]
        self.profiles = [draw_profile(rng, name) for name in names]
        self.invalid = rng.sample(["Upper", "with blank", "-dash", "umlaut-ä", "x" * 241], rng.randint(0, 2))
        self.reserved = rng.random() < 0.1
        self.choice = draw_choice(rng, names)

    def lay(self, volume: Volume) -> None:
        for one in self.profiles:
            lay(volume, one)
        for name in self.invalid:
            volume.write(volume.home / "profiles" / name / "SOUL.md", "# soul\n")
        if self.reserved:
            volume.write(volume.home / "profiles/default/SOUL.md", "# soul\n")
        if self.choice.gateways_config is not None:
            volume.write(volume.home / "config.yaml", self.choice.gateways_config)

    def expected(self) -> dict[str, Verdict]:
        return {one.name: expected(self.choice, one) for one in self.profiles}

    def slots(self, verdicts: dict[str, Verdict]) -> dict[str, str]:
        return {name: verdict.goal for name, verdict in sorted(verdicts.items()) if verdict.goal in ("up", "down")}

    def describe(self) -> str:
        return json.dumps([vars(self.choice), *map(vars, self.profiles)], indent=1)
