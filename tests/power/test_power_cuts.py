"""A sample of the power cuts of tests/power/power_cuts.py; all of them are one command, dev/power --whole."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from proof import rows_in

SEED = random.SystemRandom().randrange(2**32)
CUTS = 80


@pytest.mark.long
def test_a_power_cut_takes_nothing_that_was_said() -> None:
    words = [sys.executable, "-B", str(Path(__file__).with_name("power_cuts.py")), "--seed", str(SEED), "--cuts", str(CUTS)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    assert [(row.tried, row.losses) for row in rows_in(done.stdout)] == [(CUTS, 0)]
    assert done.returncode == 0
