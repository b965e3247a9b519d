"""Five hundred homes, made of a seed: what the boot pass says of each is what the documentation says."""

from __future__ import annotations

import json
import os
import random

import pytest
from container_command import ContainerCommand
from generated_homes import GeneratedHome, Verdict
from volume import Volume

HOMES, PER_TEST = 500, 25
# Another one each time: what it finds is found again with CHANGEOVER_SEED.
SEED = os.environ.get("CHANGEOVER_SEED", "") or str(random.SystemRandom().randrange(10**9))


def check(seed: str) -> None:
    home = GeneratedHome(seed)
    with Volume() as volume:
        home.lay(volume)
        wrapper = f"wrapper-{volume.root.name}"
        volume.config(json.dumps({"wrapper": wrapper, **home.choice.config}))
        with ContainerCommand(wrapper, *home.choice.command):
            done = volume.run("--json", "reconcile", env=home.choice.env)
            again = volume.run("--json", "plan", env=home.choice.env)
        report = json.loads(done.stdout)
        said = {one["profile"]: Verdict(one["goal"], one["reason"], one["prior_state"], one["prior_exit"]) for one in report["profiles"]}
        wrong = {name: (said.get(name), verdict) for name, verdict in home.expected().items() if said.get(name) != verdict}
        context = f"CHANGEOVER_SEED={SEED}, home {seed}: {wrong}\n{home.describe()}\n{done.stderr}"
        assert not wrong and said.keys() == home.expected().keys(), context
        assert volume.slots() == home.slots(home.expected()), context
        assert {one["name"] for one in report["invalid"]} == {repr(name)[1:-1] if name.isascii() else name for name in home.invalid}, context
        assert done.returncode == 0, context
        assert not json.loads(again.stdout)["changes"], f"{context}\n{again.stdout}"


@pytest.mark.long
@pytest.mark.parametrize("part", range(HOMES // PER_TEST))
def test_every_home_is_judged_by_the_rules(part: int) -> None:
    print(f"CHANGEOVER_SEED={SEED}")
    for index in range(part * PER_TEST, (part + 1) * PER_TEST):
        check(f"{SEED}/{index}")
