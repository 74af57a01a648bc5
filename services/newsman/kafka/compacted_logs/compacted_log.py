"""Compacted topics of one partition: the newest event of each key in memory, and writing them."""

import logging
from typing import Generic, TypeVar

from kafka import KafkaProducer, TopicPartition

from newsman.kafka.log import TopicLog, build_log_consumer
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.records import Unprocessable, decode, encode
from newsman_schemas.events import Event
from newsman_schemas.topics import Topic

log = logging.getLogger(__name__)

SILENCE_SECONDS = 5.0
BOOTSTRAP_TIMEOUT_MS = 5_000
SEND_TIMEOUT_SECONDS = 30

E = TypeVar("E", bound=Event)


class CompactedLog(Generic[E]):
    """The newest event of each key; the topic has one partition, so its order is the order.

    Tombstones are left out: brokers drop them after a day, and a process that has not looked for
    longer would miss them. An event says by itself that nothing is decided any more.
    """

    def __init__(self, topics: TopicLog, topic: str, event: type[E]) -> None:
        self._topics = topics
        self._part = TopicPartition(topic, 0)
        self._event = event
        self.newest: dict[str, E] = {}
        self.taken = 0
        """The number of events that were read."""

    def catch_up(self) -> None:
        """Takes in all that Kafka had acknowledged when it was called; raises KafkaError."""
        if not self._topics.next:
            parts = self._topics.partitions(self._part.topic)
            self._topics.start(self._topics.bounds(parts).start)
        for batches in self._topics.read_to(self._topics.ends([self._part])):
            for record in batches.get(self._part, ()):
                self._take(record.value)

    def close(self) -> None:
        """Lets the consumer go."""
        self._topics.close()

    def _take(self, value: bytes | None) -> None:
        try:
            event = decode(self._event, value)
        except Unprocessable as problem:
            log.warning("an event of %s can't be read: %s", self._part.topic, problem)
            return
        self.newest[event.key] = event
        self.taken += 1


def open_compacted(
    bootstrap: str, namespace: str, topic: Topic, event: type[E], *, client_id: str
) -> CompactedLog[E]:
    """The log, nothing of it read yet; raises KafkaError."""
    consumer = build_log_consumer(
        bootstrap, client_id=client_id, bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS
    )
    topics = TopicLog(consumer, gone=warn_gone, silence_seconds=SILENCE_SECONDS)
    return CompactedLog(topics, topic.full_name(namespace), event)


def say_all(producer: KafkaProducer, topic: str, *events: Event) -> None:
    """Puts events on a log, and returns once Kafka has them; raises KafkaError."""
    records = map(encode, events)
    sent = [
        producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        for record in records
    ]
    for future in sent:
        future.get(timeout=SEND_TIMEOUT_SECONDS)
