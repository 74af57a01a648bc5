"""The consumer: article-viewed in, counts in Redis, offsets in the same step."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from newsman.kafka.quick_records import decode_quickly
from newsman.kafka.rebalance import Rebalanced
from newsman.kafka.records import Record, Unprocessable, decode
from newsman.kafka.rejects import RejectionGuard, park_message
from newsman.ops import Pulse
from newsman.popularity import metrics
from newsman.popularity.core import FILTERED, FUTURE_TOLERANCE_SECONDS, Batch, judge
from newsman.popularity.store import Counted, CountStore, Moved
from newsman.redis.patience import patiently
from newsman_schemas.popularity import ArticleViewed

log = logging.getLogger(__name__)

POLL_MS = 200
BATCH_EVENTS = 4_000
RUN_EVENTS = 500
"""Most events that are counted in one step, so that Redis is never held for long."""
ADVANCE_SECONDS = 1.0

Park = Callable[[list[Record]], None]
"""Puts records on the rejected topic and returns once they are acknowledged."""


@dataclass(frozen=True)
class _Run:
    """Events of one partition that are counted in one step."""

    part: TopicPartition
    batch: Batch
    noted: Counter[str]
    expected: int | None
    next_offset: int
    clock_seconds: int
    events: int


class ViewCounter:
    """Counts one group member's partitions of article-viewed."""

    def __init__(
        self, consumer: KafkaConsumer, store: CountStore, park: Park, pulse: Pulse
    ) -> None:
        self._consumer = decode_quickly(consumer)
        self._store = store
        self._park = park
        self._pulse = pulse
        self._next: dict[TopicPartition, int | None] = {}
        self._guard = RejectionGuard()
        self.events = 0
        """How many events this process has read and settled."""
        self._moved: set[TopicPartition] = set()
        self._joined = False
        self._advanced_at = 0.0
        self._running: tuple[_Run, Callable[[], Counted | Moved]] | None = None

    @property
    def joined(self) -> bool:
        """Whether the group has given this process its partitions (perhaps none)."""
        return self._joined

    def close(self) -> None:
        """Leaves the group; nothing is committed to Kafka, the offsets are in Redis."""
        self._settle()
        self._consumer.close(autocommit=False)

    def subscribe(self, topic: str) -> None:
        """Joins the group; every assignment goes on from the offsets in Redis."""
        self._consumer.subscribe([topic], listener=Rebalanced(self.take_over, self._let_go))

    def turn(self) -> None:
        """Polls once and counts what came."""
        polled = self._consumer.poll(timeout_ms=POLL_MS, max_records=BATCH_EVENTS)
        self._moved.clear()
        for part, records in polled.items():
            for start in range(0, len(records), RUN_EVENTS):
                if part in self._moved or part not in self._next:
                    break
                run = self._prepare(part, records[start : start + RUN_EVENTS])
                self._settle()
                # These records no longer follow on what is counted.
                if part in self._moved:
                    break
                self._begin(run)
        if not polled:
            self._settle()
        self._advance()
        self._pulse.beat()

    def take_over(self, assigned: list[TopicPartition]) -> None:
        """Goes on with these partitions where Redis says."""
        self._settle()
        self._joined = True
        for part in assigned:
            self._seek(part, patiently(partial(self._store.offset, part.partition)))

    def _let_go(self, revoked: list[TopicPartition]) -> None:
        self._settle()
        for part in revoked:
            self._next.pop(part, None)

    def _seek(self, part: TopicPartition, offset: int | None) -> None:
        if offset is None:
            self._consumer.seek_to_beginning(part)
        else:
            self._consumer.seek(part, offset)
        self._next[part] = offset

    def _prepare(self, part: TopicPartition, records: list[Any]) -> _Run:
        expected = self._next.get(part)
        if records[0].offset < (expected or 0):
            raise LogTruncated(
                f"{part.topic}[{part.partition}] goes on at {records[0].offset}, its counts at "
                f"{expected}: the log is another one; `newsman rebuild popularity` counts it again"
            )
        batch, parked, noted = self._judge_all(part, records)
        if parked:
            self._park(parked)
        # A log that is ahead of its time must not move the windows ahead.
        logged_ms = max(record.timestamp for record in records)
        clock_seconds = min(logged_ms // 1000, int(time.time()))
        next_offset = records[-1].offset + 1
        return _Run(part, batch, noted, expected, next_offset, clock_seconds, len(records))

    def _begin(self, run: _Run) -> None:
        # While Redis counts this run, the next one is read and validated.
        end = self._store.begin(
            run.part.partition,
            run.batch,
            expected=run.expected,
            next_offset=run.next_offset,
            clock_seconds=run.clock_seconds,
            real_seconds=int(time.time()),
        )
        self._next[run.part] = run.next_offset
        self._running = (run, end)

    def _settle(self) -> None:
        """Waits for the run that Redis is counting."""
        if self._running is None:
            return
        (run, end), self._running = self._running, None
        with metrics.wait_seconds.time():
            result = patiently(end)
        if isinstance(result, Moved):
            self._resume(run.part)
            return
        self.events += run.events
        _note(result, run.noted)

    def _resume(self, part: TopicPartition) -> None:
        # Redis fell back to an older state, was flushed, or another process has counted here.
        metrics.resumed.inc()
        self._moved.add(part)
        if part not in self._consumer.assignment():
            return
        offset = patiently(partial(self._store.offset, part.partition))
        log.warning("partition %s: going on from %s, as Redis says", part.partition, offset)
        self._seek(part, offset)

    def _judge_all(
        self, part: TopicPartition, records: list[Any]
    ) -> tuple[Batch, list[Record], Counter[str]]:
        batch, parked, noted, noted_to = Batch(), [], Counter[str](), 0
        for index, record in enumerate(records):
            logged = record.timestamp // 1000
            try:
                event = decode(ArticleViewed, record.value)
            except Unprocessable as problem:
                parked.append(_parked(part, record, problem))
                noted["unreadable"] += 1
                self._guard.note_good(index - noted_to)
                self._guard.note(was_rejected=True)
                noted_to = index + 1
                continue
            at = int(event.occurred_at.timestamp())
            verdict = judge(event, at, logged)
            if verdict == "count":
                batch.add(event.article_id, event.reader, at, logged, event.resend_id)
                batch.add_attention(event, at, verdict)
                continue
            noted[verdict] += 1
            if verdict == "leaving":
                batch.add_attention(event, at, verdict)
            if verdict in FILTERED:
                batch.add_filtered(event.article_id, verdict, at)
            if verdict == "future":
                parked.append(_parked(part, record, _future(event)))
        self._guard.note_good(len(records) - noted_to)
        return batch, parked, noted

    def _advance(self) -> None:
        now = time.monotonic()
        if now - self._advanced_at < ADVANCE_SECONDS:
            return
        self._advanced_at = now
        self._settle()
        for part, position in tuple(self._next.items()):
            end = self._consumer.highwater(part)
            if end is None:
                continue
            metrics.lag.labels(str(part.partition)).set(max(0, end - (position or 0)))
            # While it catches up, time is the log's, so that a recount ends the same.
            if position is not None and position < end:
                continue
            advance = partial(
                self._store.advance,
                part.partition,
                expected=position,
                clock_seconds=int(time.time()),
            )
            if not patiently(advance):
                self._resume(part)


class LogTruncated(Exception):
    """The log is not the one that the counts came from."""


@dataclass
class _ReadMessage:
    """A record with the place that it was read at."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


def _note(result: Counted, noted: Counter[str]) -> None:
    noted["counted"] += result.counted
    noted["duplicate"] += result.duplicates
    noted["late"] += result.past
    for outcome, number in noted.items():
        metrics.views.labels(outcome).inc(number)


def _future(event: ArticleViewed) -> Unprocessable:
    detail = f"viewed at {event.occurred_at.isoformat()}, over {FUTURE_TOLERANCE_SECONDS} s ahead"
    return Unprocessable("future", detail)


def _parked(part: TopicPartition, record: Any, problem: Unprocessable) -> Record:
    message = _ReadMessage(part.topic, part.partition, record.offset, record.key, record.value)
    return park_message(message, problem, stage="popularity", at=datetime.now(UTC))
