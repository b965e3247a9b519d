"""A sample of tests/sweep/verb_sweep.py; the whole of it is one command, dev/sweep --whole."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from proof import rows_in

SEED = random.SystemRandom().randrange(2**32)


@pytest.mark.long
@pytest.mark.parametrize("action", ["kill", "errno"])
def test_a_verb_that_is_killed_or_refused_something_loses_nothing(action: str) -> None:
    words = [sys.executable, "-B", str(Path(__file__).with_name("verb_sweep.py")), "--seed", str(SEED)]
    done = subprocess.run([*words, "--action", action, "--cases", "24", "--jobs", "2"], stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    rows = rows_in(done.stdout)
    assert [(row.tried, row.losses) for row in rows] == [(24, 0)]
    assert done.returncode == 0
