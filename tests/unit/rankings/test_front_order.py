"""Which story leads the front page, and why."""

import pytest

from newsman.rankings.core import Edit, FrontPin, front_pins
from newsman.rankings.front_order import FrontCandidate, front_order

HOUR = 3_600.0


def candidate(name: str, urgency: int | None = None, hours: float = 1, views: int = 0):
    return FrontCandidate(name, urgency, hours * HOUR, views)


def order(*candidates: FrontCandidate, pins: dict[str, FrontPin] | None = None) -> list[str]:
    return [name for name, _ in front_order(candidates, pins or {})]


def test_what_is_urgent_new_or_read_leads():
    assert order(candidate("usual"), candidate("urgent", urgency=1)) == ["urgent", "usual"]
    assert order(candidate("old", hours=9), candidate("new", hours=1)) == ["new", "old"]
    assert order(candidate("quiet"), candidate("read", views=90)) == ["read", "quiet"]
    assert order(candidate("yesterday's flash", 1, hours=30), candidate("new", 2)) == [
        "new",
        "yesterday's flash",
    ]


def test_the_points_of_each_say_why():
    ((_, flash), (_, other)) = front_order(
        [candidate("flash", urgency=1, hours=6, views=50), candidate("other", views=25)], {}
    )
    assert (flash.urgency, flash.recency, flash.attention) == (5, 2, 3)
    assert (other.urgency, other.attention) == (1, 1.5)
    assert flash.total == 10


def test_a_pinned_story_has_its_place_and_the_others_go_on_around_it():
    stories = [candidate(name, urgency=n) for n, name in enumerate("abcd", 1)]
    assert order(*stories, pins={"d": FrontPin(1)}) == ["d", "a", "b", "c"]
    assert order(*stories, pins={"d": FrontPin(2), "a": FrontPin(9)}) == ["b", "d", "c", "a"]
    assert order(*stories, pins={"gone": FrontPin(1)}) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("now", "is_there"), [(9, False), (10, True), (19, True), (20, False)])
def test_a_pin_holds_from_its_beginning_until_its_end(now, is_there):
    edits = {"a": Edit(front=FrontPin(1, 10, 20)), "b": Edit(pins=(("all", 1),))}
    assert set(front_pins(edits, now)) == ({"a"} if is_there else set())
