"""Views over time and as of a past minute, from rows that are written by hand."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsman.rankings import series
from newsman.rankings.core import Edit
from newsman.rankings.past import views_as_of
from newsman.rankings.series import AT_ONCE, SPAN_SECONDS, SeriesPoint

from .conftest import NOW, article

MINUTE = int(NOW.timestamp()) // 60
DAY = 1_440


def views(points: list[SeriesPoint]) -> list[int]:
    return [point.views for point in points]


@pytest.mark.parametrize("span", ["minute", "hour", "day"])
def test_a_series_ends_with_the_current_span_and_has_zeros_where_nobody_read(
    counts, with_rankings, span
):
    seconds = SPAN_SECONDS[span]
    newest = int(NOW.timestamp()) // seconds
    counts.span(span, newest, {"a": 3})
    counts.span(span, newest - 2, {"a": 5, "b": 7})
    counts.span(span, newest - 3, {"a": 99})
    points = with_rankings(lambda made: series.of_article(made, "a", span, 3, now=NOW))
    assert views(points) == [5, 0, 3]
    begins = [datetime.fromtimestamp((newest - n) * seconds, UTC) for n in (2, 1, 0)]
    assert [point.at for point in points] == begins


def test_each_span_begins_at_its_own_hour_of_utc_in_whatever_zone_it_is_asked_for(with_rankings):
    east = NOW.astimezone(datetime.strptime("+0530", "%z").tzinfo)
    for span in SPAN_SECONDS:
        here, there = (
            with_rankings(
                lambda made, span=span, now=now: series.of_article(made, "a", span, 2, now=now)
            )
            for now in (NOW, east)
        )
        assert here == there
    (_, today) = with_rankings(lambda made: series.of_article(made, "a", "day", 2, now=east))
    assert today.at == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Europe/Oslo", "America/St_Johns", "Asia/Kathmandu"])
def test_days_of_a_zone_begin_at_its_midnight_and_have_each_view_once(
    counts, with_rankings, store, name
):
    zone = ZoneInfo(name)
    midnight = datetime(2026, 3, 2, tzinfo=zone)
    one = store.put(article("one"))
    for minutes, times in ((-1, 2), (0, 3), (1_439, 5), (1_440, 7)):
        counts.viewed(one, int(midnight.timestamp()) // 60 + minutes, times)
    now = midnight + timedelta(hours=30)
    for read in (
        lambda made: series.of_article(made, one, "day", 3, now=now, zone=zone),
        lambda made: series.of_scope(made, "all", "day", 3, now=now, zone=zone),
    ):
        points = with_rankings(read)
        assert [point.at for point in points] == [
            midnight + timedelta(days=day) for day in (-1, 0, 1)
        ]
        assert views(points) == [2, 8, 7]


def test_a_series_longer_than_one_question_has_every_minute_once(counts, with_rankings):
    last = 2 * AT_ONCE + 1
    for ago in (0, AT_ONCE, last - 1):
        counts.span("minute", MINUTE - ago, {"a": ago + 1})
    points = with_rankings(lambda made: series.of_article(made, "a", "minute", last, now=NOW))
    assert len(points) == last
    told = {last - 1 - at: number for at, number in enumerate(views(points)) if number}
    assert told == {0: 1, AT_ONCE: AT_ONCE + 1, last - 1: last}
    steps = {after.at - before.at for before, after in itertools.pairwise(points)}
    assert steps == {timedelta(minutes=1)}


def test_several_articles_have_each_its_own_series(counts, with_rankings):
    counts.span("hour", MINUTE // 60, {"a": 1, "b": 2})
    found = with_rankings(lambda made: series.of_articles(made, ["b", "c"], "hour", 1, now=NOW))
    assert {one: views(points) for one, points in found.items()} == {"b": [2], "c": [0]}
    assert with_rankings(lambda made: series.of_articles(made, [], "hour", 1, now=NOW)) == {}


def test_a_scopes_series_has_the_views_of_what_may_be_seen_in_it_now(store, counts, with_rankings):
    sport = store.put(article("sport", section="Sport"))
    arts = store.put(article("arts", section="Arts"))
    killed = store.put(article("killed", section="Sport"), status="killed")
    counts.span("hour", MINUTE // 60, {sport: 1, arts: 10, killed: 100, "unknown": 1_000})

    def of(scope):
        return views(with_rankings(lambda made: series.of_scope(made, scope, "hour", 2, now=NOW)))

    assert of("section:sport") == [0, 1]
    assert of("source:desk") == [0, 11]
    assert of("all") == [0, 11]
    assert of("tag:none") == [0, 0]


@pytest.fixture
def as_of(with_rankings):
    def ask(window, *, ago=0, scope="all", limit=10):
        at = NOW - timedelta(minutes=ago)
        return with_rankings(
            lambda made: views_as_of(made, window, scope, at=at, now=NOW, limit=limit)
        )

    return ask


def test_a_past_window_begins_and_ends_to_the_minute(store, counts, as_of):
    one = store.put(article("one"))
    for ago, times in ((0, 1), (14, 10), (15, 100), (29, 1_000)):
        counts.viewed(one, MINUTE - ago, times)
    assert as_of("15m") == [(one, 11)]
    assert as_of("15m", ago=1) == [(one, 110)]
    assert as_of("15m", ago=15) == [(one, 1_100)]
    assert as_of("15m", ago=30) == []
    assert as_of("1h") == [(one, 1_111)]


def test_a_day_is_made_of_whole_hours_and_the_minutes_around_them(store, counts, as_of):
    one = store.put(article("one"))
    counts.viewed(one, MINUTE - DAY + 1, 1)
    counts.viewed(one, MINUTE - DAY, 10)
    counts.viewed(one, MINUTE - 600, 100)
    counts.viewed(one, MINUTE, 1_000)
    assert as_of("24h") == [(one, 1_101)]
    assert as_of("24h", ago=1) == [(one, 111)]


def test_all_time_as_of_then_is_that_of_now_without_what_came_later(store, counts, as_of):
    one, later = store.put(article("one")), store.put(article("later"))
    counts.window("all", {one: 50, later: 7})
    counts.viewed(one, MINUTE, 3)
    counts.viewed(one, MINUTE - 90, 4)
    counts.viewed(later, MINUTE - 5, 7)
    assert as_of("all") == [(one, 50), (later, 7)]
    assert as_of("all", ago=1) == [(one, 47), (later, 7)]
    # Who had no view yet stands in no ranking of then.
    assert as_of("all", ago=6) == [(one, 47)]
    assert as_of("all", ago=91) == [(one, 43)]


def test_the_past_is_of_what_may_be_seen_in_the_scope_now(store, counts, with_rankings, as_of):
    sport = store.put(article("sport", section="Sport"))
    arts = store.put(article("arts", section="Arts"))
    banned = store.put(article("banned", section="Sport"))
    killed = store.put(article("killed", section="Sport"), status="killed")
    for times, one in enumerate((sport, arts, banned, killed), start=1):
        counts.viewed(one, MINUTE, times)
    with_rankings(lambda made: made.edits.write({banned: Edit(banned=True)}, 1))
    assert as_of("1h") == [(arts, 2), (sport, 1)]
    assert as_of("1h", scope="section:sport") == [(sport, 1)]
    assert as_of("1h", limit=1) == [(arts, 2)]


def test_of_equal_views_the_later_id_stands_first_as_in_the_rankings_of_now(store, counts, as_of):
    ids = sorted(store.put(article(f"n{n}")) for n in range(4))
    for one in ids:
        counts.viewed(one, MINUTE, 2)
    assert [one for one, _ in as_of("1h")] == ids[::-1]
