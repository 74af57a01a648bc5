"""The ledger's reckoning: what must have become of each acknowledged version."""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from newsman.tools.simulate.expected import (
    StoryTraces,
    expected,
    fate,
    stories_of,
    twice,
    wrong_counts,
)
from newsman.tools.simulate.options import behaviours, rate
from newsman.tools.simulate.stories import BEHAVIOURS, NewsDesk, StoryTold, scripts

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LATER, EARLIER = (NOW + timedelta(hours=1)).isoformat(), (NOW - timedelta(hours=1)).isoformat()
FIRST, SECOND = StoryTold("urn:1", 1, "First"), StoryTold("urn:1", 2, "Second")
KILL = StoryTold("urn:1", 2, effect="kill")


@pytest.mark.parametrize(
    ("versions", "standing", "headline"),
    [
        ([FIRST], "shown", "First"),
        ([FIRST, SECOND], "shown", "Second"),
        ([SECOND, FIRST], "shown", "Second"),
        ([FIRST, KILL], "gone", "First"),
        ([KILL, FIRST], "gone", "First"),
        ([KILL], "gone", ""),
        ([KILL, StoryTold("urn:1", 3, "Third")], "shown", "Third"),
        ([StoryTold("urn:1", 1, "Held", "hold", LATER)], "held", "Held"),
        ([StoryTold("urn:1", 1, "Out", "hold", EARLIER)], "shown", "Out"),
        (
            [StoryTold("u", 1, "b", created="2"), StoryTold("u", 1, "a", created="1")],
            "shown",
            "b",
        ),
    ],
)
def test_a_story_ends_as_its_versions_say(versions, standing, headline):
    end = expected(versions, NOW)
    assert (end.standing, end.headline) == (standing, headline)


@pytest.mark.parametrize(
    ("told", "others", "headlines", "became"),
    [
        (FIRST, [], {"First"}, "published"),
        (FIRST, [SECOND], {"Second"}, "superseded"),
        (FIRST, [SECOND], {"First", "Second"}, "published"),
        (FIRST, [KILL], set(), "killed"),
        (KILL, [FIRST], {"First"}, "killed"),
        (SECOND, [FIRST], {"First"}, "lost"),
        (FIRST, [], set(), "lost"),
        (StoryTold("urn:1", 1, "Held", "hold", LATER), [], set(), "held"),
        (StoryTold("urn:1", 1, "Out", "hold", EARLIER), [], set(), "lost"),
    ],
)
def test_one_thing_becomes_of_each_version(told, others, headlines, became):
    seen = StoryTraces(ids={"a"}, headlines=headlines)
    assert fate(told, expected([told, *others], NOW), seen, NOW) == became


def test_what_is_rejected_is_not_lost():
    assert fate(FIRST, expected([FIRST], NOW), StoryTraces(rejected=True), NOW) == "rejected"


def test_a_story_is_published_again_only_after_it_was_taken_back():
    assert twice(StoryTraces(published=2))
    assert not twice(StoryTraces(published=2, withdrawn=1))


def test_counts_are_exact_but_for_views_that_nobody_answered():
    views = {"a": 3, "b": 2, "c": 1}
    assert wrong_counts(views, {"a": 3, "b": 3}, {"c"}) == {"b": (2, 3)}


def test_files_are_no_stories():
    assert set(stories_of([FIRST, StoryTold("picture", 1, effect="asset")])) == {"urn:1"}


def test_a_seed_tells_the_same_stories_and_every_behaviour():
    told = [list(islice(scripts(NewsDesk("a", 7, lambda: NOW), BEHAVIOURS), 60)) for _ in range(2)]
    assert told[0] == told[1]
    pushes = [push for script in told[0] for push in script]
    assert {push.path for push in pushes} == {"/v1/articles", "/push", "/push_binary"}
    assert {each.effect for push in pushes for each in push.tells} == {
        "show", "hold", "kill", "asset",
    }  # fmt: skip
    assert any(not push.tells for push in pushes)
    names = [script[0].tells[0].uri for script in told[0] if script[0].tells]
    assert len(names) == len(set(names))


def test_behaviours_and_rates_are_read():
    assert behaviours("kills, floods") == ("kills", "floods")
    assert (behaviours("none"), behaviours("all")) == ((), BEHAVIOURS)
    assert [rate(text) for text in ("20/s", "0.5", "500")] == [20, 0.5, 500]
    for read, wrong in ((behaviours, "earthquakes"), (rate, "fast"), (rate, "9" * 6 + "/s")):
        with pytest.raises(Exception, match=r"there is no|a number"):
            read(wrong)


def test_no_faults_are_ordinary_stories_alone():
    desk = NewsDesk("a", random.Random(0).randrange(9), lambda: NOW)
    assert all(len(script) == 1 and script[0].is_read for script in islice(scripts(desk, ()), 9))
