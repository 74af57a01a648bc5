"""The log of what editors and rules have said, read from its beginning and followed."""

import logging
from collections.abc import Callable

from kafka import KafkaProducer, TopicPartition

from newsman.kafka.log import Batches, TopicLog
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.records import Unprocessable, decode, encode
from newsman.rankings.core import NO_EDIT, Edit, edited
from newsman.runtime.logs import about
from newsman_schemas.popularity import RankingEdited

log = logging.getLogger(__name__)

SEND_TIMEOUT_SECONDS = 30
RULE, RULES_ID_CHARACTERS = "newsman", 26


class EditLog:
    """Holds what is valid now; the topic has one partition, so its order is the order."""

    def __init__(self, topics: TopicLog, topic: str) -> None:
        self._topics = topics
        self._part = TopicPartition(topic, 0)
        self._end: int | None = None
        self.edits: dict[str, Edit] = {}
        self.events: list[RankingEdited] = []

    @property
    def position(self) -> int:
        """The offset behind the last edit that was taken in."""
        return self._topics.next.get(self._part, 0)

    def read(self) -> None:
        """Takes in all that the log holds now; raises KafkaError, among them ReadStalled."""
        for batches in self._topics.read_to({self._part: self._begun()}):
            self._take_all(batches)

    def follow(self, watch: PartitionWatch) -> bool:
        """Takes in what is new, without waiting; True once it has reached the first end."""
        is_first = self._end is None
        end = self._begun()
        if is_first:
            watch.take(self._topics.next)
        self._take_all(self._topics.poll(timeout_ms=0, max_records=1_000))
        watch.finish(self._part, self.position)
        return self.position >= end

    def _begun(self) -> int:
        """The end as it stood when reading began, which is now if it has not yet."""
        if self._end is None:
            bounds = self._topics.bounds(self._topics.partitions(self._part.topic))
            self._topics.start(bounds.start)
            self._end = bounds.end[self._part]
        return self._end

    def _take_all(self, batches: Batches) -> None:
        for records in batches.values():
            for record in records:
                self._take(record.value)

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
        subject = about(event.article_id, event=event.type_name())
        told = (event.action, event.article_id, event.by, event.reason)
        log.info("%s %s by %s: %s", *told, extra=subject)


def is_of_a_rule(event: RankingEdited) -> bool:
    """True if a rule has said it, as rules once did: its reason has passed.

    An operator may be called newsman, too, but the ids of what operators say are longer.
    """
    return event.by == RULE and len(event.event_id) == RULES_ID_CHARACTERS


Say = Callable[[RankingEdited], None]
"""Puts an edit on the log, and returns once Kafka has it."""


def saying(producer: KafkaProducer, topic: str) -> Say:
    """The function that puts edits on the log."""

    def say(event: RankingEdited) -> None:
        record = encode(event)
        sent = producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        sent.get(timeout=SEND_TIMEOUT_SECONDS)

    return say
