"""The log of what editors and rules have said, read from its beginning and followed."""

import logging
from collections.abc import Callable

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from newsman.kafka.records import Unprocessable, decode, encode
from newsman.rankings.core import NO_EDIT, Edit, edited
from newsman_schemas.popularity import RankingEdited

log = logging.getLogger(__name__)

SEND_TIMEOUT_SECONDS = 30
RULE, RULES_ID_CHARACTERS = "newsman", 26


class EditLog:
    """Holds what is valid now; the topic has one partition, so its order is the order."""

    def __init__(self, consumer: KafkaConsumer, topic: str) -> None:
        self._consumer = consumer
        self._part = TopicPartition(topic, 0)
        self._end: int | None = None
        self.edits: dict[str, Edit] = {}
        self.events: list[RankingEdited] = []
        self.position = 0
        consumer.assign([self._part])
        consumer.seek_to_beginning(self._part)

    def follow(self) -> bool:
        """Takes in what is new, without waiting; whether it has ever reached the end."""
        if self._end is None:
            self._end = self._consumer.end_offsets([self._part])[self._part]
        for records in self._consumer.poll(timeout_ms=0, max_records=1_000).values():
            for record in records:
                self.position = record.offset + 1
                self._take(record.value)
        return self.position >= self._end

    def _take(self, value: bytes | None) -> None:
        try:
            event = decode(RankingEdited, value)
        except Unprocessable as problem:
            log.warning("an edit of the rankings can't be read: %s", problem)
            return
        self.events.append(event)
        if is_of_a_rule(event):
            return
        edit = edited(self.edits.get(event.article_id, NO_EDIT), event)
        self.edits[event.article_id] = edit
        log.info("%s %s by %s: %s", event.action, event.article_id, event.by, event.reason)


def is_of_a_rule(event: RankingEdited) -> bool:
    """Whether a rule has said it, as rules once did: its reason has passed.

    An operator may be called newsman, too, but the ids of what operators say are longer.
    """
    return event.by == RULE and len(event.event_id) == RULES_ID_CHARACTERS


Say = Callable[[RankingEdited], None]
"""Puts an edit on the log, and returns once Kafka has it."""


def saying(producer: KafkaProducer, topic: str) -> Say:
    """What puts edits on the log."""

    def say(event: RankingEdited) -> None:
        record = encode(event)
        sent = producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        sent.get(timeout=SEND_TIMEOUT_SECONDS)

    return say
