"""`newsman observe` on a real Kafka: a source that falls silent is told, and that it is back."""

import json
import time
from contextlib import closing

import httpx
from tests.log import records_on

from newsman.kafka.clients import build_producer
from newsman_schemas.noticing import SourceNoticed
from newsman_schemas.topics import ARTICLE_RECEIVED, SOURCE_NOTICED

EVERY_SECONDS = 900
DAYS, SILENT_HOURS = 9, 4


def test_a_source_that_falls_silent_and_comes_back_is_told(
    start_service, topics, kafka_bootstrap, eventually
):
    def send(producer, at: float) -> None:
        article = {"source": "desk", "headline": "H", "section": "Sport"}
        value = json.dumps({"format": "json", "article": article}).encode()
        topic, stamp = ARTICLE_RECEIVED.full_name(topics), int(at * 1_000)
        producer.send(topic, key=b"k", value=value, partition=0, timestamp_ms=stamp)

    def told() -> list[SourceNoticed]:
        records = records_on(kafka_bootstrap, SOURCE_NOTICED.full_name(topics))
        return [SourceNoticed.model_validate_json(record.value) for record in records]

    now = time.time()
    last = now - SILENT_HOURS * 3_600
    with closing(build_producer(kafka_bootstrap, client_id="test")) as producer:
        for number in range(DAYS * 86_400 // EVERY_SECONDS, -1, -1):
            send(producer, last - number * EVERY_SECONDS)
        producer.flush(timeout=60)
        observe = start_service("observe").wait_ready()
        (silent,) = eventually(told, what="the silence")
        assert (silent.source, silent.kind, silent.seen) == ("desk", "silent", 0)
        assert abs(silent.since.timestamp() - last) < 1
        assert 14 < silent.expected < 18
        metrics = httpx.get(f"{observe.url}/metrics", timeout=30).text
        assert 'newsman_source_noticed{kind="silent",source="desk"} 1.0' in metrics
        assert 'newsman_lag_events{partition="0",service="enrich"' in metrics

        send(producer, time.time())
        producer.flush(timeout=60)
    _, back = eventually(lambda: found if len(found := told()) > 1 else None, what="the return")
    assert (back.kind, back.detail, back.since) == ("recovered", "silent", silent.since)
