"""What may count at all, and when a ranking is news."""

from datetime import UTC, datetime, timedelta

import pytest

from newsman.popularity.core import FUTURE_TOLERANCE_SECONDS, Batch, changed, judge, ranked
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


def test_a_view_older_than_every_window_is_late_whenever_it_is_read():
    assert verdict(occurred_at=LOGGED - timedelta(days=7) + timedelta(minutes=1)) == "count"
    assert verdict(occurred_at=LOGGED - timedelta(days=7)) == "late"


def test_a_batch_names_each_article_once_and_no_reader():
    batch = Batch()
    for reader in ("ann", "bob", "ann"):
        batch.add("a" * 16, reader, at_seconds=1, logged_seconds=2, resend_id=reader)
    batch.add("b" * 16, "ann", at_seconds=1, logged_seconds=2)
    assert batch.articles == "a" * 16 + "b" * 16
    assert len(batch) == 4
    assert (len(batch.views), len(batch.resends)) == (4 * 14, 3 * 14)
    assert b"ann" not in batch.views + batch.resends


def test_only_another_order_is_news():
    before = ranked([("a" * 16, 5, 3), ("b" * 16, 4, 4)])
    assert not changed(before, ranked([("a" * 16, 9, 3), ("b" * 16, 8, 4)]))
    assert changed(before, ranked([("b" * 16, 9, 3), ("a" * 16, 8, 4)]))
    assert changed(before, ranked([("a" * 16, 9, 3)]))
