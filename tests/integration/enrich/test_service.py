"""The service on a real Kafka: everything in comes out, in order, whatever stands in between."""

import os
import signal
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaProducer
from tests.log import records_on

from newsman.kafka.records import decode, encode, header
from newsman_schemas.articles import Article, ArticleEnriched, ArticleReceived, article_id
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_RECEIVED, REJECTED

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TRACEPARENT = f"00-{'a' * 32}-{'b' * 16}-01"
ARTICLES = 200
KEYS = 20
POISON = [b"\x00\xff{not json", b"", b'{"event_id": "x"}', "\ufeff[]".encode()]


def received(number: int, **fields) -> ArticleReceived:
    uri = f"urn:{number % KEYS}"
    article = Article(
        id=article_id("desk", uri),
        source="desk",
        uri=uri,
        version=number,
        version_created=NOW,
        headline="Anna Berg in Oslo",
        slug="x",
        body_text="Anna Berg met the council in Oslo. Berg was pleased. " * 10,
        **fields,
    )
    return ArticleReceived(
        event_id=f"event-{number:032d}", occurred_at=NOW, article=article, format="native"
    )


def children(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def producer(kafka_bootstrap):
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all")
    yield producer
    producer.close()


@pytest.fixture
def send(producer, topics):
    topic = ARTICLE_RECEIVED.full_name(topics)

    def send(event: ArticleReceived) -> None:
        record = encode(event, traceparent=TRACEPARENT)
        producer.send(topic, key=record.key, value=record.value, headers=record.headers)

    return send


@pytest.fixture
def enriched(kafka_bootstrap, topics):
    topic = ARTICLE_ENRICHED.full_name(topics)
    return lambda: records_on(kafka_bootstrap, topic)


def test_all_come_out_in_order_with_poison_between_them_and_a_worker_killed(
    start_service, kafka_bootstrap, topics, producer, send, enriched, eventually
):
    service = start_service("enrich").wait_ready()
    for number in range(ARTICLES):
        send(received(number))
        if number % 50 == 25:
            poison = POISON[number // 50]
            producer.send(ARTICLE_RECEIVED.full_name(topics), key=b"p", value=poison)
    producer.flush()
    eventually(lambda: len(enriched()) >= 10, what="the first articles")
    (worker,) = children(service.pid)
    os.kill(worker, signal.SIGKILL)
    found = eventually(lambda: len(r := enriched()) >= ARTICLES and r, timeout=90)

    events = [decode(ArticleEnriched, record.value) for record in found]
    versions = defaultdict(list)
    for record, event in zip(found, events, strict=True):
        assert record.key == event.article.id.encode()
        assert header(record.headers, "traceparent") == TRACEPARENT
        assert event.trail[-1].service == "enrich"
        versions[event.article.uri].append(event.article.version)
    assert versions == {f"urn:{key}": list(range(key, ARTICLES, KEYS)) for key in range(KEYS)}

    # The killed worker may cost the one article that it had in hand, and no other.
    failed = [event for event in events if event.article.enrichment.status == "failed"]
    assert len(failed) <= 1
    for event in events:
        if event not in failed:
            assert {e.name for e in event.article.entities} == {"Anna Berg", "Oslo"}

    parked = eventually(
        lambda: (
            len(r := records_on(kafka_bootstrap, REJECTED.full_name(topics))) == len(POISON) and r
        )
    )
    assert sorted(record.value for record in parked) == sorted(POISON)
    assert {record.key for record in parked} == {b"p"}
    assert {header(record.headers, "newsman-stage") for record in parked} == {"enrich"}


def test_a_kill_passes_without_being_read(start_service, producer, send, enriched, eventually):
    start_service("enrich").wait_ready()
    send(received(1, pubstatus="canceled"))
    producer.flush()
    (record,) = eventually(enriched)
    article = decode(ArticleEnriched, record.value).article
    assert (article.enrichment.status, article.pubstatus, article.entities) == (
        "skipped",
        "canceled",
        (),
    )


def test_a_service_that_was_killed_leaves_no_worker_behind(start_service, eventually):
    service = start_service("enrich").wait_ready()
    (worker,) = children(service.pid)
    service.kill()
    eventually(lambda: not Path(f"/proc/{worker}").exists())
