"""Reading article-published for the catalogue."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from newsman.feeds.catalogue.index import Catalogue, LoggedEvent
from newsman.kafka.clients import build_consumer
from newsman.kafka.progress.contiguity import check_not_behind
from newsman.kafka.records import Unprocessable, decode
from newsman_schemas.articles import ArticlePublished

log = logging.getLogger(__name__)

POLL_MS = 200
Positions = dict[int, int]
"""Partition -> the next offset to read."""


class LogReader:
    """The topic of one installation."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._bootstrap = bootstrap
        self._topic = topic

    @contextmanager
    def consumer(self) -> Iterator[KafkaConsumer]:
        """A consumer with all partitions; raises KafkaError while the topic is not there."""
        consumer = build_consumer(
            bootstrap=self._bootstrap, group=None, client_id="newsman-feeds-catalogue"
        )
        try:
            numbers = consumer.partitions_for_topic(self._topic)
            if not numbers:
                raise KafkaError(f"the topic {self._topic} is not there")
            consumer.assign([TopicPartition(self._topic, number) for number in sorted(numbers)])
            yield consumer
        finally:
            consumer.close()

    def fill(self, catalogue: Catalogue, stopping: threading.Event) -> Iterator[tuple[int, int]]:
        """Reads the log from where the catalogue stands to where it ends now, and says how many
        events are done and of how many; raises KafkaError."""
        with self.consumer() as consumer:
            ends, begin = ends_of(consumer), begin_at(consumer, {})
            positions = begin_at(consumer, catalogue.positions())
            total = sum(ends[part] - begin[part] for part in ends)
            while not stopping.is_set():
                done = sum(min(positions[part], ends[part]) - begin[part] for part in ends)
                yield done, total
                if done == total:
                    return
                catalogue.write(poll(consumer, positions), positions)


def ends_of(consumer: KafkaConsumer) -> Positions:
    """Where the log ends now."""
    found = consumer.end_offsets(list(consumer.assignment()))
    return {part.partition: end for part, end in found.items()}


def begin_at(consumer: KafkaConsumer, known: Positions) -> Positions:
    """Seeks to known positions, to the beginning of what is not known; answers where it stands."""
    parts = sorted(consumer.assignment())
    firsts = consumer.beginning_offsets(parts)
    for part in parts:
        consumer.seek(part, max(known.get(part.partition, 0), firsts[part]))
    return {part.partition: consumer.position(part) for part in parts}


def poll(consumer: KafkaConsumer, positions: Positions) -> list[LoggedEvent]:
    """The next events; moves the positions behind them."""
    told = []
    for part, records in consumer.poll(timeout_ms=POLL_MS).items():
        check_not_behind(part, records[0].offset, positions[part.partition])
        for record in records:
            try:
                event = decode(ArticlePublished, record.value)
            except Unprocessable as problem:
                log.warning("not catalogued: %s@%s: %s", part, record.offset, problem)
                continue
            told.append(LoggedEvent(part.partition, record.offset, event))
        # By what came, not by where the client would go on: that is to be noticed if it loses any.
        positions[part.partition] = records[-1].offset + 1
    return told
