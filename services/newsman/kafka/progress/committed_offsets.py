"""A member of a group whose offsets are kept by Kafka: it begins where the group has committed, by
its own asking, and commits what is finished by its own reckoning."""

import logging
from collections.abc import Mapping
from typing import Any

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from newsman.kafka.progress.contiguity import check_contiguous
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.rebalance import Rebalanced

log = logging.getLogger(__name__)

ANSWER_LIMIT_MS = 5_000

Batches = Mapping[TopicPartition, list[Any]]


class CommittedPlaces:
    """The places of one member. A partition that nobody has committed is begun at its end.

    What comes from a poll in which the group gave partitions is left aside: it was read from
    wherever the client believed to be. The member then asks where the group is, and goes there.
    """

    def __init__(self, consumer: KafkaConsumer, watch: PartitionWatch) -> None:
        self._consumer = consumer
        self._watch = watch
        self._next: dict[TopicPartition, int] = {}
        self._given: set[TopicPartition] = set()
        self._is_new = False

    def subscribe(self, topic: str) -> None:
        """Joins the group."""
        self._consumer.subscribe([topic], listener=Rebalanced(self._take, self._let_go))

    def poll(self, timeout_ms: int) -> Batches:
        """The next records of the partitions that are held, without a gap; raises Gap."""
        batches = self._consumer.poll(timeout_ms=timeout_ms)
        if self._is_new:
            self._begin()
            return {}
        held = {part: records for part, records in batches.items() if part in self._next}
        for part, records in held.items():
            check_contiguous(self._consumer, part, records, self._next[part])
        return held

    def finish(self, batches: Batches) -> None:
        """Everything of these records is done: it is committed, unless the place was lost."""
        finished = {part: records[-1].offset + 1 for part, records in batches.items()}
        if not finished:
            return
        self._next |= finished
        for part, next_offset in finished.items():
            self._watch.finish(part, next_offset)
        self._commit(finished)

    def _take(self, given: list[TopicPartition]) -> None:
        self._given |= set(given)
        self._is_new = True

    def _let_go(self, lost: list[TopicPartition]) -> None:
        # Nothing is resumed from memory.
        self._given -= set(lost)
        for part in lost:
            self._next.pop(part, None)
        self._watch.let_go(lost)

    def _begin(self) -> None:
        """Goes to what is committed; tries again with the next poll when Kafka does not say."""
        given = sorted(self._given)
        try:
            committed = {
                part: self._consumer.committed(part, timeout_ms=ANSWER_LIMIT_MS) for part in given
            }
            fresh = [part for part, offset in committed.items() if offset is None]
            ends = self._consumer.end_offsets(fresh, timeout_ms=ANSWER_LIMIT_MS) if fresh else {}
        except KafkaError as problem:
            log.warning("where the group is could not be asked: %r", problem)
            return
        if set(given) != self._given:
            return  # The group has assigned other partitions meanwhile.
        # Otherwise the next member after a crash would start at a later end.
        if ends and not self._commit(dict(ends)):
            return
        self._next = {part: ends.get(part, committed[part]) for part in given}
        for part, offset in self._next.items():
            self._consumer.seek(part, offset)
        self._watch.take(self._next)
        self._is_new = False

    def _commit(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """True if the group has them now."""
        try:
            self._consumer.commit(
                {part: OffsetAndMetadata(offset, "", -1) for part, offset in offsets.items()},
                timeout_ms=ANSWER_LIMIT_MS,
            )
        except KafkaError as problem:
            # The new owner repeats these, which changes nothing; if the owner is
            # still this process, its next commit includes them.
            log.info("offsets were not kept: %r", problem)
            return False
        return True
