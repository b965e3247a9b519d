"""A sample of tests/security/sweep.py; the whole of it is one command."""

from __future__ import annotations

import random

import sweep

SEED = random.SystemRandom().randrange(2**32)


def test_nothing_in_the_place_of_what_root_touches_harms() -> None:
    print(f"seed {SEED}")
    assert sweep.try_things(25, random.Random(SEED)) == 25


def test_no_swap_while_root_works_harms() -> None:
    print(f"seed {SEED}")
    assert sweep.try_swaps(40, random.Random(SEED)) > 1000


def test_the_worst_legal_files_do_not_stop_a_boot() -> None:
    """Beside plain ones it costs what the bytes that one pass reads cost, not what all of them would."""
    (plain, _), (worst, peak) = sweep.boot(400, worst=False), sweep.boot(400, worst=True)
    print(f"plain {plain:.2f} s, worst {worst:.2f} s, {peak} KiB")
    assert peak < 600_000
