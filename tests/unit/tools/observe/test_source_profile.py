"""Usual behaviour learnt by the hour of the week, and what is told of it."""

from datetime import UTC, datetime, timedelta

import pytest

from newsman.tools.observe.source_profile import SourceProfile, changes, poisson_at_most

START = datetime(2026, 2, 2, tzinfo=UTC).timestamp()
HOUR, DAY, WEEK = 3_600, 86_400, 7 * 86_400
ARTICLE = {"headline": "H", "section": "Sport", "keywords": ["a"], "id": "x"}


def fed(*, until: float, per_hour: int = 12, weekends: bool = True) -> SourceProfile:
    """A source that sends evenly from the start on."""
    profile = SourceProfile()
    step = HOUR / per_hour
    for number in range(int((until - START) / step)):
        at = START + number * step
        if weekends or datetime.fromtimestamp(at, UTC).weekday() < 5:
            profile.take(at, "ninjs", ARTICLE)
    return profile


def kinds(profile: SourceProfile, now: float) -> list[str]:
    return [notice.kind for notice in profile.notices(now)]


def test_a_source_that_goes_on_is_usual():
    until = START + 2 * WEEK
    assert kinds(fed(until=until), until) == []


def test_a_source_is_silent_after_what_usually_comes_did_not():
    until = START + 2 * WEEK
    profile = fed(until=until)
    assert kinds(profile, until + 30 * 60) == []
    (notice,) = profile.notices(until + 50 * 60)
    assert (notice.kind, notice.seen) == ("silent", 0)
    assert notice.expected == pytest.approx(11, abs=1.1)
    assert notice.since.timestamp() == pytest.approx(until, abs=HOUR / 12)


def test_a_weekend_off_is_no_silence_once_a_week_is_known():
    until = START + 2 * WEEK + 5 * DAY
    profile = fed(until=until, weekends=False)
    assert kinds(profile, until + 30 * HOUR) == []
    assert kinds(profile, until + 2 * DAY + 2 * HOUR) == ["silent"]


def test_a_drop_and_a_jump_are_told_by_full_hours():
    until = START + 2 * WEEK
    for per_hour, kind in ((1, "dropped"), (60, "jumped")):
        profile = fed(until=until)
        for number in range(3 * per_hour):
            profile.take(until + number * HOUR / per_hour, "ninjs", ARTICLE)
        profile.take(until + 3 * HOUR, "ninjs", ARTICLE)
        assert kinds(profile, until + 3 * HOUR + 60) == [kind]


def test_fields_that_are_lost_and_another_format_are_told():
    profile = fed(until=START + DAY)
    at = START + DAY
    for number in range(20):
        profile.take(at + number * 300, "rss", {"headline": "H", "section": "Sport"})
    notices = {notice.kind: notice.detail for notice in profile.notices(at + 20 * 300)}
    assert notices["fields-lost"] == "no keywords in the last 20 articles"
    assert notices["format-changed"] == "rss comes in the place of ninjs"


def test_nothing_is_told_of_a_source_that_is_new():
    profile = fed(until=START + 6 * HOUR)
    assert kinds(profile, START + 18 * HOUR) == []


def test_old_hours_are_forgotten():
    profile = fed(until=START + DAY)
    profile.forget_before(START + 10 * WEEK)
    assert profile.expected(START + 10 * WEEK, START + 11 * WEEK) == 0


def test_each_change_is_told_once():
    profile = fed(until=START + 2 * WEEK)
    silent = [("desk", notice) for notice in profile.notices(START + 2 * WEEK + HOUR)]
    current, new, over = changes({}, silent)
    assert ([n.kind for _, n in new], over) == (["silent"], [])
    current, new, over = changes(current, silent)
    assert (new, over) == ([], [])
    _, new, over = changes(current, [])
    assert (new, [n.kind for _, n in over]) == ([], ["silent"])


@pytest.mark.parametrize(
    ("seen", "expected", "probability"),
    [(0, 8, 0.000335), (3, 3, 0.647), (0, 0, 1), (480, 600, 2.5e-7), (600, 600, 0.51)],
)
def test_probabilities_are_poissons(seen, expected, probability):
    assert poisson_at_most(seen, expected) == pytest.approx(probability, rel=0.6, abs=1e-6)


def test_times_are_of_the_log():
    profile = SourceProfile()
    profile.take(START, "json", ARTICLE)
    assert profile.last_at == START
    assert timedelta(seconds=profile.last_at - START) == timedelta()
