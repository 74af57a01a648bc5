"""What a webhook says, and what follows from an answer."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from newsman.deliver.core import (
    MAX_BODY_BYTES,
    AttemptResult,
    Delivered,
    Disable,
    Park,
    Retry,
    decide,
    retry_after_seconds,
    webhook_about,
)
from newsman_schemas.articles import ArticlePublished, EnrichedArticle, Enrichment

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ARTICLE = "a" * 16


def published(action="published", *, revision=1, **fields) -> ArticlePublished:
    article = EnrichedArticle(
        id=ARTICLE,
        source="harbour",
        uri="urn:harbour:1",
        version_created=NOW,
        headline="The night ferry returns",
        slug="the-night-ferry-returns",
        enrichment=Enrichment(status="done", method="none", duration_ms=0),
        **fields,
    )
    return ArticlePublished(
        event_id=f"event-{revision}",
        occurred_at=NOW,
        action=action,
        revision=revision,
        article_id=ARTICLE,
        source="harbour",
        uri="urn:harbour:1",
        version=1,
        article=article if action in ("published", "updated") else None,
    )


def judged(answer: AttemptResult, attempt: int = 1, jitter: float = 0.0):
    return decide(answer, attempt=attempt, jitter=jitter, now=NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_delivery(status):
    assert judged(AttemptResult(status), attempt=10) == Delivered()


@pytest.mark.parametrize("status", [None, 301, 302, 400, 401, 404, 429, 500, 502, 503, 504])
def test_anything_else_is_tried_again_redirects_too(status):
    assert judged(AttemptResult(status)) == Retry(wait_seconds=5, hold_seconds=0)


def test_410_ends_it_for_this_subscriber():
    assert judged(AttemptResult(410)) == Disable()


def test_the_schedule_is_that_of_standard_webhooks_and_ends_after_ten_attempts():
    verdicts = [judged(AttemptResult(500), attempt) for attempt in range(1, 11)]
    hour = 3_600
    assert [v.wait_seconds for v in verdicts[:-1]] == [
        *(5, 300, 1_800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour)
    ]
    assert verdicts[-1] == Park()


def test_jitter_lengthens_the_wait_by_up_to_a_tenth():
    assert judged(AttemptResult(500), 2, jitter=0.5).wait_seconds == pytest.approx(315)
    assert judged(AttemptResult(500), 2, jitter=1.0).wait_seconds == pytest.approx(330)


def test_a_longer_retry_after_wins_over_the_schedule_and_holds_everything():
    assert judged(AttemptResult(503, "120")) == Retry(wait_seconds=120, hold_seconds=120)


def test_a_shorter_retry_after_does_not_shorten_the_schedule():
    assert judged(AttemptResult(429, "60"), attempt=2) == Retry(wait_seconds=300, hold_seconds=60)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("90", 90),
        (" 90 ", 90),
        ("99999999999999999999", 86_400),
        ("Mon, 02 Mar 2026 12:01:00 GMT", 60),
        ("Mon, 02 Mar 2026 12:01:00 -0000", 60),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("Fri, 02 Mar 2040 12:00:00 GMT", 86_400),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_never_over_a_day(value, seconds):
    assert retry_after_seconds(value, now=NOW) == seconds


def test_the_body_names_what_happened_when_and_to_which_article():
    event = published("updated", revision=3, body_text="It sails on Monday.")
    webhook = webhook_about(event)
    message = json.loads(webhook.body)
    assert (message["type"], message["timestamp"]) == ("article.updated", NOW.isoformat())
    data = message["data"]
    assert (data["id"], data["revision"], data["complete"]) == (ARTICLE, 3, True)
    assert data["article"]["body_text"] == "It sails on Monday."
    assert (webhook.article_id, webhook.revision) == (ARTICLE, 3)


@pytest.mark.parametrize("action", ["killed", "withdrawn"])
def test_a_killed_or_withdrawn_article_is_named_and_not_shown(action):
    message = json.loads(webhook_about(published(action)).body)
    assert message["type"] == f"article.{action}"
    assert message["data"]["id"] == ARTICLE
    assert "article" not in message["data"]


def test_a_large_article_is_sent_thin_and_says_so():
    event = published(body_text="ferry " * 5_000, extra={"desk": "x" * 100}, section="Transport")
    webhook = webhook_about(event)
    data = json.loads(webhook.body)["data"]
    assert len(webhook.body.encode()) <= MAX_BODY_BYTES
    assert data["complete"] is False
    assert data["article"]["headline"] == "The night ferry returns"
    assert data["article"]["section"] == "Transport"
    assert "body_text" not in data["article"]


def test_even_an_article_with_endless_keywords_stays_under_the_limit():
    event = published(keywords=tuple(f"{'k' * 1_000}{n}" for n in range(100)))
    webhook = webhook_about(event)
    assert len(webhook.body.encode()) <= MAX_BODY_BYTES
    assert json.loads(webhook.body)["data"]["article"]["headline"] == "The night ferry returns"


def test_the_same_event_always_makes_the_same_webhook():
    assert webhook_about(published()) == webhook_about(published())
    assert webhook_about(published()).id != webhook_about(published(revision=2)).id


def test_the_moment_of_the_change_is_kept_for_the_latency():
    moment = NOW + timedelta(milliseconds=250)
    event = published().model_copy(update={"occurred_at": moment})
    assert webhook_about(event).occurred_at_ms == int(NOW.timestamp() * 1000) + 250
