"""What counts as a time in which somebody could have had a gateway that ran nowhere."""

from __future__ import annotations

from members import Life
from ownerless import US, History, longest

END = 100 * US


def history(*holders: tuple[int, str | None]) -> History:
    """Somebody could always have had it."""
    made = History()
    made.could_be(0, True)
    made.holders["mail"] += [(second * US, member) for second, member in holders]
    return made


def lives(*spans: tuple[int, int]) -> dict[str, list[Life]]:
    return {"mail": [Life(begin * US, last * US, "one") for begin, last in spans]}


def seconds(of: History, *spans: tuple[int, int]) -> float:
    return longest(of, lives(*spans), END)[0]


def test_the_time_between_two_lives_counts_and_that_after_the_last_one() -> None:
    assert seconds(history(), (0, 10), (17, 100)) == 7
    assert seconds(history(), (0, 10), (12, 90)) == 10
    assert seconds(history(), (0, 60), (50, 100)) == 0


def test_nothing_counts_while_nobody_could_have_it() -> None:
    of = history()
    of.could_be(11 * US, False)
    of.could_be(40 * US, True)
    assert seconds(of, (0, 10), (43, 100)) == 3


def test_nothing_counts_while_it_is_not_wanted() -> None:
    of = history()
    of.want(10 * US, "mail", False)
    of.want(80 * US, "mail", True)
    assert seconds(of, (0, 10), (82, 100)) == 2


def test_who_is_harmed_with_a_place_has_its_whole_lease_to_lose_it() -> None:
    of = history((0, "one"), (16, None), (17, "two"))
    of.harmed["one"].append(10 * US)  # had it
    of.harmed["three"].append(14 * US)  # had nothing to do with it
    assert seconds(of, (0, 10), (20, 100)) == 10
    of.harmed["two"].append(18 * US)
    assert seconds(of, (0, 10), (20, 100)) == 8


def test_whoever_is_asked_for_something_else_begins_anew() -> None:
    of = history()
    of.asked.append(15 * US)
    assert seconds(of, (0, 10), (22, 100)) == 7
