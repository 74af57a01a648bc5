"""Clocks that are wrong: of readers, of ingest, of the machine that counts."""

import time

import pytest
from kafka.errors import InvalidTimestampError

from newsman.kafka.clients import build_producer
from newsman.redis.keys import PopularityKeys
from newsman_schemas.topics import ARTICLE_VIEWED

from .conftest import View, plain_numbers, stored_numbers
from .truth import allowed, produce

ARTICLE = "a" * 16
HOUR, DAY = 3_600, 86_400


def test_an_ingest_whose_clock_is_ahead_is_refused_by_the_topic(topics, kafka_bootstrap):
    topic = ARTICLE_VIEWED.full_name(topics)
    producer = build_producer(kafka_bootstrap, client_id="clocks")

    def send(*, seconds_ahead: int) -> None:
        at_ms = int(time.time() + seconds_ahead) * 1_000
        producer.send(topic, key=b"k", value=b"{}", timestamp_ms=at_ms).get(timeout=20)

    send(seconds_ahead=240)
    with pytest.raises(InvalidTimestampError):
        send(seconds_ahead=360)
    producer.close()


def test_whatever_the_clocks_say_the_numbers_are_those_of_the_rule(
    topics, kafka_bootstrap, redis_client, start_service, eventually
):
    now = int(time.time())
    views = [
        View(ARTICLE, "in time", now, now),
        View(ARTICLE, "hours late", now - 5 * HOUR, now),
        View(ARTICLE, "a week late", now - 7 * DAY - 60, now),
        View(ARTICLE, "a little ahead", now + 299, now),
        View(ARTICLE, "far ahead", now + 301, now),
        View(ARTICLE, "slow ingest", now - DAY, now - DAY),
        View(ARTICLE, "out of order", now - 2 * HOUR, now),
        View(ARTICLE, "out of order", now - 2 * HOUR - 1_799, now),
        View(ARTICLE, "out of order", now - 2 * HOUR - 1_800, now),
        View(ARTICLE, "the epoch", 0, now),
        View(ARTICLE, "fast ingest", now + 200, now + 200),
    ]
    produce(kafka_bootstrap, topics, views)
    start_service("popularity").wait_ready()
    keys = [PopularityKeys(topics, n).offset for n in range(ARTICLE_VIEWED.partitions)]

    def read() -> int:
        return sum(int(offset or 0) for offset in redis_client.mget(keys))

    eventually(lambda: read() == len(views), what="all are counted")
    fair = [view for view in allowed(views) if view.at > view.logged - 7 * DAY]
    eventually(
        lambda: stored_numbers(redis_client, topics) == plain_numbers(fair, now=int(time.time())),
        what="the numbers are those of the rule",
    )
