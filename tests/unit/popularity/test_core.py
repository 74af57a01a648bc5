"""What may count at all, and when a ranking is news."""

from datetime import UTC, datetime, timedelta

import pytest

from newsman.popularity.core import (
    FUTURE_TOLERANCE_SECONDS,
    changed,
    gone,
    judge,
    standings,
)
from newsman.rankings.core import RankingRow
from newsman_schemas.popularity import ArticleViewed

LOGGED = datetime(2026, 3, 2, 12, tzinfo=UTC)


def viewed(**changes: object) -> ArticleViewed:
    fields = {
        "event_id": "1",
        "occurred_at": LOGGED,
        "article_id": "a" * 16,
        "reader": "r1",
    }
    return ArticleViewed.model_validate({**fields, **changes})


def verdict(**changes: object) -> str:
    event = viewed(**changes)
    at = int(event.occurred_at.timestamp())
    return judge(event, at_seconds=at, logged_seconds=int(LOGGED.timestamp()))


def test_a_readers_view_may_count():
    assert verdict() == "count"


@pytest.mark.parametrize("agent", ["crawler", "prefetch"])
def test_machines_do_not_count(agent):
    assert verdict(agent=agent) == agent


def test_a_view_from_the_far_future_is_refused():
    tolerated = timedelta(seconds=FUTURE_TOLERANCE_SECONDS)
    assert verdict(occurred_at=LOGGED + tolerated) == "count"
    assert verdict(occurred_at=LOGGED + tolerated + timedelta(seconds=1)) == "future"


def test_a_view_that_comes_hours_late_may_count():
    assert verdict(occurred_at=LOGGED - timedelta(hours=5)) == "count"


def test_a_view_that_comes_a_week_late_is_late_whenever_it_is_read():
    assert verdict(occurred_at=LOGGED - timedelta(days=7) + timedelta(minutes=1)) == "count"
    assert verdict(occurred_at=LOGGED - timedelta(days=7)) == "late"


def rows(*ids: str, views: int = 5) -> list[RankingRow]:
    return [RankingRow(one * 16, views, 3, float(views)) for one in ids]


def test_only_another_order_is_news():
    before = standings(rows("a", "b"), ())
    assert not changed(before, standings(rows("a", "b", views=9), before))
    assert changed(before, standings(rows("b", "a"), before))
    assert changed(before, standings(rows("a"), before))


def test_each_row_says_where_it_stood_before_and_who_left_is_named():
    before = standings(rows("a", "b", "c"), ())
    after = standings(rows("b", "d", "a"), before)
    assert [(row.rank, row.was) for row in after] == [(1, 2), (2, None), (3, 1)]
    assert gone(before, after) == ("c" * 16,)


def test_one_who_leaves_was_counted_on_coming():
    assert verdict(leaving=True) == "leaving"
    assert verdict(leaving=True, agent="crawler") == "crawler"


@pytest.mark.parametrize("reason", ["rate", "datacentre"])
def test_what_the_intake_filtered_does_not_count_for_its_reason(reason):
    assert verdict(agent="crawler", filtered=reason) == reason


@pytest.mark.parametrize("reason", ["address", "agents", "network", "untokened"])
def test_what_came_without_a_key_beyond_a_bound_does_not_count_for_its_reason(reason):
    assert verdict(agent="crawler", discounted=reason, token="missing") == reason


@pytest.mark.parametrize("token", ["valid", "missing", "expired", "wrong"])
def test_a_token_alone_decides_nothing(token):
    assert verdict(token=token) == "count"
