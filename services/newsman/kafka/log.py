"""Topics read without a group: their partitions, their bounds, from one offset to another, and on.

The offsets of Kafka's consumer groups have no part in it, so reading changes nothing.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, LogTruncationError, OffsetOutOfRangeError

from newsman.kafka.clients import build_consumer
from newsman.kafka.missing_records import Gone, ReadStalled, TopicMissing, refuse_gone
from newsman.kafka.progress.contiguity import (
    FetchPositions,
    LogTruncated,
    check_gapless,
    check_not_behind,
    fetch_position,
)
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.progress.reckoning import partition_name
from newsman_schemas.topics import TOPICS

AWAY = (KafkaError, OSError)
"""Errors of a reader while Kafka is away."""
POLL_MS = 200
CALM_MS = 1_000
"""For threads that nobody waits for at the end, and that do nothing but read."""
CALMLY = {"fetch_max_wait_ms": 5_000}
"""For consumers that are not sent elsewhere: a broker with nothing new answers this seldom."""
SILENCE_SECONDS = 30.0
"""Longer than a broker takes to come back after a crash, with the elections of a cluster."""

_COMPACTED = tuple(f".{topic.name}" for topic in TOPICS if topic.compacted)

Offsets = dict[TopicPartition, int]
"""The next offset to read of each partition."""
Batches = Mapping[TopicPartition, list[Any]]


@dataclass(frozen=True)
class LogBounds:
    """The first offset that each partition still holds, and the one after its last."""

    start: Offsets
    end: Offsets


class TopicLog:
    """A reader of topics with one consumer, which has no group and no policy for resets.

    Records of a topic that is not compacted come one by one, otherwise RecordGap is raised. A
    record that comes again, and an offset beyond the end, are another log: LogTruncated.
    Transactions are read uncommitted; a plain topic must have none.
    """

    def __init__(
        self,
        consumer: KafkaConsumer,
        *,
        gone: Gone = refuse_gone,
        silence_seconds: float = SILENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumer = consumer
        self._gone = gone
        self._silence_seconds = silence_seconds
        self._limit_ms = round(silence_seconds * 1_000)
        self._clock = clock
        self._positions = FetchPositions(consumer)
        self.next: Offsets = {}
        """The offset behind the last record that came of each partition."""

    def close(self) -> None:
        """Closes the consumer."""
        self._consumer.close()

    def topics(self) -> set[str]:
        """Every topic on the broker; raises KafkaError."""
        return set(self._consumer.topics())

    def partitions(self, *topics: str) -> list[TopicPartition]:
        """All partitions of the topics, in order; raises TopicMissing."""
        parts: list[TopicPartition] = []
        for topic in topics:
            numbers = self._consumer.partitions_for_topic(topic)
            if not numbers:
                raise TopicMissing(f"the topic {topic} is not there; `newsman topics` creates it")
            parts += [TopicPartition(topic, number) for number in sorted(numbers)]
        return parts

    def bounds(self, parts: Iterable[TopicPartition]) -> LogBounds:
        """The bounds of the partitions now; raises KafkaError without an answer in time."""
        asked = list(parts)
        begins = self._consumer.beginning_offsets(asked, timeout_ms=self._limit_ms)
        return LogBounds(dict(begins), self.ends(asked))

    def ends(self, parts: Iterable[TopicPartition]) -> Offsets:
        """The offsets behind the last records now; raises KafkaError without an answer in time."""
        return dict(self._consumer.end_offsets(list(parts), timeout_ms=self._limit_ms))

    def at_times(self, moments: Mapping[TopicPartition, int]) -> Offsets:
        """The first offset of each partition at or after a Unix ms, its end where there is none."""
        # In this order, so that records appended in between are read rather than skipped.
        ends = self.ends(moments)
        firsts = self._consumer.offsets_for_times(dict(moments), timeout_ms=self._limit_ms)
        return {part: firsts[part].offset if firsts.get(part) else ends[part] for part in moments}

    def start(self, at: Mapping[TopicPartition, int]) -> None:
        """Goes to these offsets, of these partitions alone."""
        for part in self.next:
            self._positions.forget(part)
        self._consumer.assign(list(at))
        self.next = {}
        for part, offset in at.items():
            self._seek(part, offset)

    def poll(self, *, timeout_ms: int = POLL_MS, max_records: int | None = None) -> Batches:
        """The next records of each partition, none if none came in time."""
        self._positions.check()
        try:
            batches: Batches = self._consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
        except OffsetOutOfRangeError as problem:
            self._leave_out(problem.args[0])
            return {}
        except LogTruncationError as problem:
            raise LogTruncated(str(problem)) from problem
        for part, records in batches.items():
            if is_compacted(part.topic):
                check_not_behind(part, records[0].offset, self.next[part])
            else:
                check_gapless(part, records, self.next[part])
            self.next[part] = records[-1].offset + 1
        self._positions.leave(self.next)
        return batches

    def read_to(self, end: Mapping[TopicPartition, int]) -> Iterator[Batches]:
        """All that comes until the partitions have reached these offsets, with what lies beyond.

        Raises ReadStalled when none of those that are short of theirs has moved for too long. Only
        time in which this process ran and waited for Kafka counts.
        """
        silent_seconds = 0.0
        while missing := self._short_of(end):
            began = self._clock()
            batches = self.poll()
            if self._short_of(end) != missing:
                silent_seconds = 0.0
            else:
                silent_seconds += min(self._clock() - began, 2 * POLL_MS / 1_000)
            if silent_seconds >= self._silence_seconds:
                raise ReadStalled(_missing(missing, end, silent_seconds))
            yield batches

    def read(
        self, start: Mapping[TopicPartition, int], end: Mapping[TopicPartition, int]
    ) -> Iterator[Any]:
        """The records between two offsets of each partition, those of a partition in order."""
        self.start({part: start[part] for part in end if start[part] < end[part]})
        for batches in self.read_to({part: end[part] for part in self.next}):
            for part, records in batches.items():
                yield from (record for record in records if record.offset < end[part])

    def read_all(self, *topics: str) -> Iterator[Any]:
        """The records that the topics hold now."""
        bounds = self.bounds(self.partitions(*topics))
        yield from self.read(bounds.start, bounds.end)

    def follow(self, watch: PartitionWatch, *, poll_ms: int = POLL_MS) -> Iterator[Batches]:
        """Records without end and as soon as they come; none after so many ms without any.

        The watch takes what was yielded for finished once the next is asked for.
        """
        watch.take(self.next)
        while True:
            yield self.poll(timeout_ms=poll_ms)
            for part, offset in self.next.items():
                watch.finish(part, offset)

    def _short_of(self, end: Mapping[TopicPartition, int]) -> Offsets:
        """Where those partitions stand that have not reached these offsets.

        By where the next fetch begins: behind the last record there may be a transaction's marker,
        or nothing that compaction left.
        """
        positions = {part: self._position(part) for part in end}
        return {part: position for part, position in positions.items() if position < end[part]}

    def _position(self, part: TopicPartition) -> int:
        position = fetch_position(self._consumer, part)
        return self.next[part] if position is None else position

    def _seek(self, part: TopicPartition, offset: int) -> None:
        self._positions.forget(part)
        self._consumer.seek(part, offset)
        self.next[part] = offset

    def _leave_out(self, asked: Mapping[TopicPartition, int]) -> None:
        """Goes to where the log begins, if it begins later than what was asked for."""
        bounds = self.bounds(asked)
        for part, offset in asked.items():
            if offset < bounds.start[part]:
                self._gone(part, offset, bounds.start[part])
                self._seek(part, bounds.start[part])
            elif offset > bounds.end[part]:
                raise LogTruncated(
                    f"{partition_name(part)} ends at {bounds.end[part]}, but is to be read from "
                    f"{offset} on: the log is another one"
                )


def is_compacted(topic: str) -> bool:
    """True for the full name of a topic of Newsman that is compacted, so that gaps are normal."""
    return topic.endswith(_COMPACTED)


@contextmanager
def open_log(
    bootstrap: str,
    *,
    client_id: str,
    gone: Gone = refuse_gone,
    silence_seconds: float = SILENCE_SECONDS,
    **overrides: Any,
) -> Iterator[TopicLog]:
    """A reader that is closed at the end; raises KafkaError while Kafka is away."""
    topics = TopicLog(
        build_log_consumer(bootstrap, client_id=client_id, **overrides),
        gone=gone,
        silence_seconds=silence_seconds,
    )
    try:
        yield topics
    finally:
        topics.close()


def build_log_consumer(bootstrap: str, *, client_id: str, **overrides: Any) -> KafkaConsumer:
    """A consumer for a TopicLog: an offset that the log does not hold is an error, not a reset."""
    return build_consumer(
        bootstrap=bootstrap,
        group=None,
        client_id=client_id,
        **{"auto_offset_reset": "none", **overrides},
    )


def _missing(at: Offsets, end: Mapping[TopicPartition, int], silent_seconds: float) -> str:
    parts = "; ".join(
        f"{partition_name(part)} stands at {offset}, {end[part] - offset} are missing up to "
        f"{end[part]}"
        for part, offset in sorted(at.items())
    )
    return f"no records came for {silent_seconds:.0f} s: {parts}"
