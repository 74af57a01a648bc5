"""Reading article-published into the catalogue, from where it stands."""

import logging
import threading

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from newsman.crash import bugs_crash
from newsman.feeds.catalogue import Catalogue, Told
from newsman.kafka.clients import build_consumer
from newsman.kafka.records import Unprocessable, decode
from newsman_schemas.articles import ArticlePublished

log = logging.getLogger(__name__)

POLL_MS = 200
RETRY_SECONDS = 1.0


def keep_catalogue(
    catalogue: Catalogue, bootstrap: str, topic: str, stopping: threading.Event
) -> None:
    """Feeds the catalogue until told to stop; goes on where it was when Kafka was away."""
    with bugs_crash():
        while not stopping.is_set():
            try:
                _keep_once(catalogue, bootstrap, topic, stopping)
            except (KafkaError, OSError) as problem:
                log.warning("the catalogue goes on in a second: %s", problem)
                stopping.wait(RETRY_SECONDS)


def _keep_once(catalogue: Catalogue, bootstrap: str, topic: str, stopping: threading.Event) -> None:
    consumer = build_consumer(bootstrap=bootstrap, group=None, client_id="newsman-feeds-catalogue")
    try:
        numbers = consumer.partitions_for_topic(topic)
        if not numbers:
            raise KafkaError(f"the topic {topic} is not there")
        parts = [TopicPartition(topic, number) for number in sorted(numbers)]
        consumer.assign(parts)
        ends = {part.partition: end for part, end in consumer.end_offsets(parts).items()}
        positions = _begin(catalogue, consumer, parts, ends)
        while not stopping.is_set():
            told = _poll(consumer, positions)
            if told or catalogue.positions() != positions:
                catalogue.write(told, positions)
            if not catalogue.is_whole:
                catalogue.is_whole = all(positions[part] >= end for part, end in ends.items())
    finally:
        consumer.close()


def _begin(
    catalogue: Catalogue,
    consumer: KafkaConsumer,
    parts: list[TopicPartition],
    ends: dict[int, int],
) -> dict[int, int]:
    known = catalogue.positions()
    if any(at > ends.get(part, 0) for part, at in known.items()):
        log.warning("the catalogue is of another log and is made anew")
        catalogue.clear()
        known = {}
    firsts = consumer.beginning_offsets(parts)
    for part in parts:
        consumer.seek(part, max(known.get(part.partition, 0), firsts[part]))
    return {part.partition: consumer.position(part) for part in parts}


def _poll(consumer: KafkaConsumer, positions: dict[int, int]) -> list[Told]:
    told = []
    for part, records in consumer.poll(timeout_ms=POLL_MS).items():
        for record in records:
            try:
                event = decode(ArticlePublished, record.value)
            except Unprocessable as problem:
                log.warning("not catalogued: %s@%s: %s", part, record.offset, problem)
                continue
            told.append(Told(part.partition, record.offset, event))
    for part in consumer.assignment():
        positions[part.partition] = consumer.position(part)
    return told
