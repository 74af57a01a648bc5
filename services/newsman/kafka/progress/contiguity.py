"""Continuity of what a kafka-python consumer hands over, checked where records enter."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition

log = logging.getLogger(__name__)


class RecordGap(Exception):
    """Records of a partition are missing between the last one that came and these."""


class LogTruncated(Exception):
    """The log is another one than what was finished of it came from."""


class PositionMoved(Exception):
    """The consumer would go on from elsewhere than where it was left or sent."""


def check_contiguous(
    consumer: KafkaConsumer, part: TopicPartition, records: Sequence[Any], expected: int
) -> None:
    """Raises RecordGap or LogTruncated unless the records follow on what was expected, one by one.

    For topics that are neither compacted nor transactional. What the log no longer holds is left
    out, and said to be.
    """
    first = records[0].offset
    check_not_behind(part, first, expected)
    if first == expected:
        check_gapless(part, records, expected)
        return
    begins = consumer.beginning_offsets([part])[part]
    check_gapless(part, records, first if first <= begins else expected)
    log.error("%s begins at %s: what lay behind %s was never read", _name(part), begins, expected)


def check_gapless(part: TopicPartition, records: Sequence[Any], expected: int) -> None:
    """Raises RecordGap or LogTruncated unless the records follow on the offset, one by one."""
    first, last = records[0].offset, records[-1].offset
    check_not_behind(part, first, expected)
    if last - first + 1 != len(records):
        raise RecordGap(f"{_name(part)}: {len(records)} records came of {first} to {last}")
    if first > expected:
        raise RecordGap(f"{_name(part)}: offset {first} came where {expected} was expected")


def check_not_behind(part: TopicPartition, first: int, expected: int) -> None:
    """Raises LogTruncated when a record comes again that was finished before."""
    if first < expected:
        raise LogTruncated(
            f"{_name(part)} goes on at {first}, but is finished up to {expected}: the log is "
            "another one"
        )


class FetchPositions:
    """A consumer's positions between two polls, for topics whose compaction leaves gaps.

    There an offset says nothing of what is missing; but the consumer has to fetch from where the
    last poll ended, or from where it was sent.
    """

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer
        self._left_at: dict[TopicPartition, int] = {}

    def forget(self, part: TopicPartition) -> None:
        """The partition is given away, or sent elsewhere."""
        self._left_at.pop(part, None)

    def check(self) -> None:
        """To be called before a poll; raises PositionMoved unless all are where they were left."""
        for part, left_at in self._left_at.items():
            position = fetch_position(self._consumer, part)
            if position != left_at:
                raise PositionMoved(
                    f"{_name(part)} was left at {left_at} and would go on at {position}"
                )

    def leave(self, parts: Mapping[TopicPartition, object]) -> None:
        """To be called after a poll with the partitions that are held."""
        positions = {part: fetch_position(self._consumer, part) for part in parts}
        self._left_at = {part: at for part, at in positions.items() if at is not None}


def fetch_position(consumer: KafkaConsumer, part: TopicPartition) -> int | None:
    """The offset of the next fetch, None while that is being found out; never asks the broker."""
    state = consumer._subscription.assignment.get(part)
    position = state.position if state is not None else None
    return None if position is None else int(position.offset)


def _name(part: TopicPartition) -> str:
    return f"{part.topic}[{part.partition}]"
