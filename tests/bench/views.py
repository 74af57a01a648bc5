"""Views counted into Redis."""

import random
import statistics
import sys
from datetime import UTC, datetime

from kafka import KafkaConsumer, TopicPartition
from stack import seconds

from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.records import decode, encode
from newsman.kafka.topics import ensure_topics
from newsman.local.kafka import Broker
from newsman.local.valkey import Valkey
from newsman.ops import Pulse
from newsman.popularity.counter import ViewCounter
from newsman.popularity.store import CountStore
from newsman.redis.client import build_client
from newsman_schemas.articles import article_id
from newsman_schemas.popularity import ArticleViewed
from newsman_schemas.topics import ARTICLE_VIEWED

VIEWS, ARTICLES, READERS, ROUNDS = 300_000, 5_000, 70_000, 3


def views_into_redis(broker: Broker, valkey: Valkey) -> str:
    """Views counted per second, against a consumer that only polls and validates."""
    ensure_topics(broker.bootstrap, "bench", replication=1)
    produce_views(broker.bootstrap)
    bare, counted = [], []
    for number in range(ROUNDS):
        bare.append(VIEWS / seconds(lambda: read_bare(broker.bootstrap)))
        counted.append(VIEWS / seconds(lambda n=number: count(broker.bootstrap, valkey.url, n)))
        print(f"  round {number + 1}: {bare[-1]:,.0f}/s, {counted[-1]:,.0f}/s", file=sys.stderr)
    client = build_client(valkey.url)
    memory = client.info("memory")["used_memory"] / ROUNDS / VIEWS * 1_000_000 / 1024**2
    ratio = statistics.median(c / b for b, c in zip(bare, counted, strict=True))
    return "\n".join(
        [
            f"| views ({VIEWS:,}, {ARTICLES:,} articles, {READERS:,} readers) | per second |",
            "| --- | --- |",
            f"| bare consumer, validated with Pydantic | {statistics.median(bare):,.0f} |",
            f"| counted into Redis with their offsets | {statistics.median(counted):,.0f} |",
            f"| ratio, median of {ROUNDS} pairs | {ratio:.2f} |",
            f"| Redis memory per million events | {memory:.0f} MiB |",
            "",
        ]
    )


def produce_views(bootstrap: str) -> None:
    """A Zipf-like stream of views."""
    rng = random.Random(3)
    producer = build_producer(bootstrap, client_id="bench", linger_ms=20)
    ids = [article_id("bench", str(n)) for n in range(ARTICLES)]
    weights = [1 / (rank + 1) for rank in range(ARTICLES)]
    topic, now = ARTICLE_VIEWED.full_name("bench"), datetime.now(UTC)
    for number, article in enumerate(rng.choices(ids, weights, k=VIEWS)):
        event = ArticleViewed(
            event_id=str(number),
            occurred_at=now,
            article_id=article,
            reader=f"reader-{rng.randrange(READERS)}",
        )
        record = encode(event)
        producer.send(topic, key=record.key, value=record.value, headers=record.headers)
    producer.flush()
    producer.close()


def read_bare(bootstrap: str) -> None:
    """Polls and validates, and nothing else."""
    consumer: KafkaConsumer = build_consumer(bootstrap=bootstrap, group=None, client_id="bare")
    topic = ARTICLE_VIEWED.full_name("bench")
    consumer.assign([TopicPartition(topic, n) for n in range(ARTICLE_VIEWED.partitions)])
    consumer.seek_to_beginning()
    read = 0
    while read < VIEWS:
        for records in consumer.poll(timeout_ms=200, max_records=2_000).values():
            for record in records:
                decode(ArticleViewed, record.value)
            read += len(records)
    consumer.close()


def count(bootstrap: str, redis_url: str, number: int) -> None:
    """The service's own loop, from the beginning, into fresh keys."""
    name = f"bench{number}"
    consumer = build_consumer(bootstrap=bootstrap, group=name, client_id=name)
    store = CountStore(build_client(redis_url), name, window_seconds=1_800)
    counter = ViewCounter(consumer, store, lambda _: None, Pulse(limit_seconds=60))
    counter.subscribe(ARTICLE_VIEWED.full_name("bench"))
    read = 0
    while read < VIEWS:
        read += counter.turn()
    counter.close()
