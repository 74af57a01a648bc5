"""Targets of files: what is no storage is refused, and ends nothing where a log holds it."""

import asyncio
from datetime import UTC, datetime

import pytest

from newsman.deliver.channels.channel import BadSubscription, Delivery
from newsman.deliver.channels.s3 import S3Channel
from newsman_schemas.subscriptions import OPERATOR, Subscription

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
NO_STORAGE = ["http://", "https://news.example/in", "ftp://a/b", "data:,x", "zip://x::https://a/b"]
NO_STORAGE += ["x://y", "file://x", "file:///a\0b", "s3://", "://", "simplecache::s3://bucket"]


def subscription(target: str) -> Subscription:
    return Subscription(
        id="a" * 16,
        owner=OPERATOR,
        kind="s3",
        target=target,
        created_at=NOW,
        changed_at=NOW,
    )


@pytest.mark.parametrize("target", NO_STORAGE)
def test_a_target_that_is_no_storage_is_refused(target):
    with pytest.raises(BadSubscription) as refused:
        S3Channel().check(subscription(target))
    assert refused.value.pointer == "/url"


@pytest.mark.parametrize("target", NO_STORAGE)
def test_a_subscription_to_one_gets_an_answer_that_says_so(target):
    delivery = Delivery(
        id="msg_a",
        event="article.published",
        article_id="b" * 16,
        revision=1,
        version=1,
        occurred_at=NOW,
        attempt=1,
        body=b"{}",
        media_type="application/json",
        article=None,
    )
    (answer,) = asyncio.run(S3Channel().send(subscription(target), [delivery]))
    assert answer.status is None
    assert answer.detail
