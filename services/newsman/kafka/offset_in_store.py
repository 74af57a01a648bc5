"""A group member whose offsets lie in the store of its effects, which moves both in one step.

Kafka's group only says who has which partitions. A member that lost one meanwhile, or a store that
fell back, shows in the offset: the store refuses the step, and the member goes on where it says.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from newsman.kafka.progress.contiguity import FetchPositions, check_not_behind
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.progress.reckoning import partition_name
from newsman.kafka.rebalance import Rebalanced
from newsman.redis.patience import retry_while_redis_is_down
from newsman.runtime.health import Pulse

log = logging.getLogger(__name__)

CLOSE_MS = 5_000

Batches = Mapping[TopicPartition, list[Any]]
Stored = Callable[[TopicPartition], int | None]
"""The next offset of a partition as the store has it, None to begin at the beginning."""
Order = Callable[[KafkaConsumer, TopicPartition, Sequence[Any], int], None]
"""Raises when records do not follow on the expected offset."""


@dataclass(frozen=True)
class OffsetMoved:
    """The outcome of a step that the store refused: the offset in it is not the expected one."""


def gaps_allowed(
    _: KafkaConsumer, part: TopicPartition, records: Sequence[Any], expected: int
) -> None:
    """The order of a compacted topic: nothing comes again."""
    check_not_behind(part, records[0].offset, expected)


def _nothing_to_end(_: Sequence[TopicPartition]) -> None:
    """For members that keep nothing of a partition between two polls."""


class OffsetInStore:
    """The partitions of one member, each at the offset that the store is expected to hold."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        stored: Stored,
        order: Order,
        pulse: Pulse,
        watch: PartitionWatch,
        *,
        before_change: Callable[[Sequence[TopicPartition]], None] = _nothing_to_end,
    ) -> None:
        """`before_change` ends what is under way and drops what was read of some partitions,
        before they are given to this member or taken from it."""
        self._consumer = consumer
        self._stored = stored
        self._order = order
        self._pulse = pulse
        self._watch = watch
        self._before_change = before_change
        self._positions = FetchPositions(consumer)
        self._next: dict[TopicPartition, int] = {}
        self.expected: dict[TopicPartition, int | None] = {}
        """What the store should hold of each partition of this member."""

    def subscribe(self, *topics: str) -> None:
        """Joins the group; every assignment goes on from the offsets in the store."""
        self._consumer.subscribe(list(topics), listener=Rebalanced(self.take_over, self.let_go))

    def close(self) -> None:
        """Leaves the group and commits nothing."""
        self._consumer.close(autocommit=False, timeout_ms=CLOSE_MS)

    def poll(self, *, timeout_ms: float, max_records: int) -> Batches:
        """The next records of the partitions that are held, in order."""
        self._positions.check()
        polled = self._consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
        batches = {part: records for part, records in polled.items() if part in self.expected}
        for part, records in batches.items():
            self._order(self._consumer, part, records, self._next[part])
            self._next[part] = records[-1].offset + 1
        self._positions.leave(self.expected)
        return batches

    def lag(self) -> dict[TopicPartition, int]:
        """The number of messages behind what the store should hold, where the end is known."""
        ends = {part: self._consumer.highwater(part) for part in self.expected}
        return {
            part: max(0, end - (self.expected[part] or 0))
            for part, end in ends.items()
            if end is not None
        }

    def expect(self, part: TopicPartition, next_offset: int) -> None:
        """A step has begun that moves the store to this offset."""
        if part in self.expected:
            self.expected[part] = next_offset

    def finish(self, part: TopicPartition, next_offset: int) -> None:
        """The store holds this offset, and the effects of all before it."""
        self.expect(part, next_offset)
        self._watch.finish(part, next_offset)

    def resume(self, part: TopicPartition) -> None:
        """Goes on where the store says: it refused a step, since it holds another offset."""
        # A partition revoked meanwhile no longer belongs to this member.
        if part not in self.expected or part not in self._consumer.assignment():
            return
        self._go_to_stored(part)
        self._watch.take({part: self.expected[part]})
        log.warning("%s goes on from %s, as Redis says", partition_name(part), self.expected[part])

    def give_back(self, part: TopicPartition, offset: int) -> None:
        """Polls a partition again from this offset on, which came too early."""
        self._positions.forget(part)
        self._consumer.seek(part, offset)
        self._next[part] = offset

    def take_over(self, given: list[TopicPartition]) -> None:
        """Goes on with these partitions where the store says."""
        self._before_change(given)
        for part in given:
            self._go_to_stored(part)
        self._watch.take({part: self.expected[part] for part in given})
        places = ", ".join(
            f"{partition_name(part)} at {self.expected[part] or 0}" for part in sorted(given)
        )
        log.info("begins with %s", places or "no partition")

    def let_go(self, lost: list[TopicPartition]) -> None:
        """Forgets these partitions; what was read of them is read again by whoever has them."""
        self._before_change(lost)
        for part in lost:
            self.expected.pop(part, None)
            self._next.pop(part, None)
            self._positions.forget(part)
        self._watch.let_go(lost)

    def _go_to_stored(self, part: TopicPartition) -> None:
        offset = retry_while_redis_is_down(partial(self._stored, part), self._pulse.beat)
        self._positions.forget(part)
        if offset is None:
            self._consumer.seek_to_beginning(part)
        else:
            self._consumer.seek(part, offset)
        self.expected[part], self._next[part] = offset, offset or 0
