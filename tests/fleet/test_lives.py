"""The checker of overlaps sees what it must see."""

from __future__ import annotations

from pathlib import Path

import pytest
from lives import gaps, overlaps, read_lives
from members import Life


@pytest.mark.parametrize(("lives", "doubled"), [
    ([(0, 10), (11, 20), (21, 30)], 0),
    ([(0, 10), (10, 20)], 1),
    ([(0, 100), (10, 20), (30, 40)], 2),  # one long life beside two that have nothing to do with each other
    ([(0, 10), (5, 8), (9, 20)], 2),
    ([], 0),
])
def test_every_life_that_began_during_another_one_is_found(lives: list[tuple[int, int]], doubled: int) -> None:
    assert len(overlaps([Life(begin, last, "one") for begin, last in lives])) == doubled


def test_lives_are_read_by_profile_in_the_order_of_their_begin(tmp_path: Path) -> None:
    for name, line in (("mail.two.5", "5 9 12 two\n"), ("mail.one.1", "1 3 11 one\n"), ("chat.one.2", "2 2 13 one\n"), ("chat.one.3", "")):
        (tmp_path / name).write_text(line)
    assert read_lives(tmp_path) == {"mail": [Life(1, 3, "one"), Life(5, 9, "two")], "chat": [Life(2, 2, "one")]}
    assert gaps(read_lives(tmp_path)["mail"]) == [2e-6]
