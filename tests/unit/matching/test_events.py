"""Events are named by what happened to an article, and asked for by name."""

from datetime import UTC, datetime

import pytest

from newsman.matching.events import event_name, wants
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import ARTICLE_EVENTS, Subscription

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("action", "told_as", "name"),
    [
        ("published", None, "article.published"),
        ("published", "released", "article.released"),
        ("updated", "corrected", "article.corrected"),
        ("killed", None, "article.killed"),
    ],
)
def test_a_change_has_one_name(action, told_as, name):
    event = ArticlePublished(
        event_id="e",
        occurred_at=NOW,
        action=action,
        told_as=told_as,
        revision=1,
        article_id="a" * 16,
        source="desk",
        uri="a",
        version=1,
    )
    assert event_name(event) == name
    assert name in ARTICLE_EVENTS


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("article.*",), True),
        (("article.killed", "article.updated"), True),
        (("article.published",), False),
        (("ranking.changed", "subscription.*"), False),
        ((), False),
    ],
)
def test_what_is_asked_for_by_name_or_kind_is_wanted(asked, expected):
    subscription = Subscription(
        id="a" * 16, owner="desk", kind="webhook", events=asked, created_at=NOW, changed_at=NOW
    )
    assert wants(subscription, "article.killed") is expected
