"""The consumer: article-viewed in, counts in Redis, offsets in the same step."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from newsman.kafka.rebalance import Rebalanced
from newsman.kafka.records import Record, Unprocessable, decode
from newsman.kafka.rejects import RejectionGuard, park_message
from newsman.ops import Pulse
from newsman.popularity import metrics
from newsman.popularity.core import FUTURE_TOLERANCE_SECONDS, View, judge, view_of
from newsman.popularity.store import Counted, CountStore, Moved
from newsman.redis.patience import patiently
from newsman_schemas.popularity import ArticleViewed

log = logging.getLogger(__name__)

POLL_MS = 200
BATCH_EVENTS = 2_000

Park = Callable[[list[Record]], None]
"""Puts records on the rejected topic and returns once they are acknowledged."""


class ViewCounter:
    """Counts one group member's partitions of article-viewed."""

    def __init__(
        self, consumer: KafkaConsumer, store: CountStore, park: Park, pulse: Pulse
    ) -> None:
        self._consumer = consumer
        self._store = store
        self._park = park
        self._pulse = pulse
        self._next: dict[TopicPartition, int | None] = {}
        self._guard = RejectionGuard()
        self._joined = False

    @property
    def joined(self) -> bool:
        """Whether the group has given this process its partitions (perhaps none)."""
        return self._joined

    def close(self) -> None:
        """Leaves the group; nothing is committed to Kafka, the offsets are in Redis."""
        self._consumer.close(autocommit=False)

    def subscribe(self, topic: str) -> None:
        """Joins the group; every assignment goes on from the offsets in Redis."""
        self._consumer.subscribe([topic], listener=Rebalanced(self._take_over, self._let_go))

    def turn(self) -> int:
        """Polls once and counts what came; the number of events read."""
        read = 0
        for part, records in self._consumer.poll(
            timeout_ms=POLL_MS, max_records=BATCH_EVENTS
        ).items():
            if part in self._next:
                read += self._count(part, records)
        self._advance()
        self._pulse.beat()
        return read

    def _take_over(self, assigned: list[TopicPartition]) -> None:
        self._joined = True
        for part in assigned:
            self._seek(part, patiently(partial(self._store.offset, part.partition)))

    def _let_go(self, revoked: list[TopicPartition]) -> None:
        for part in revoked:
            self._next.pop(part, None)

    def _seek(self, part: TopicPartition, offset: int | None) -> None:
        if offset is None:
            self._consumer.seek_to_beginning(part)
        else:
            self._consumer.seek(part, offset)
        self._next[part] = offset

    def _count(self, part: TopicPartition, records: list[Any]) -> int:
        began = time.perf_counter()
        views, parked = self._judge_all(records)
        if parked:
            self._park(parked)
        next_offset = records[-1].offset + 1
        result = patiently(
            lambda: self._store.count(
                part.partition,
                views,
                expected=self._next[part],
                next_offset=next_offset,
                clock_seconds=max(record.timestamp for record in records) // 1000,
            )
        )
        if isinstance(result, Moved):
            self._resume(part)
            return 0
        self._next[part] = next_offset
        _note(result)
        metrics.batch_seconds.observe(time.perf_counter() - began)
        return len(records)

    def _resume(self, part: TopicPartition) -> None:
        # Redis fell back to an older state, was flushed, or another process has counted here.
        metrics.resumed.inc()
        offset = patiently(partial(self._store.offset, part.partition))
        log.warning("partition %s: going on from %s, as Redis says", part.partition, offset)
        self._seek(part, offset)

    def _judge_all(self, records: list[Any]) -> tuple[list[View], list[Record]]:
        views: list[View] = []
        parked: list[Record] = []
        for record in records:
            logged = record.timestamp // 1000
            try:
                event = decode(ArticleViewed, record.value)
            except Unprocessable as problem:
                parked.append(_parked(record, problem))
                metrics.views.labels("unreadable").inc()
                self._guard.note(was_rejected=True)
                continue
            self._guard.note(was_rejected=False)
            verdict = judge(event, logged_seconds=logged)
            if verdict == "count":
                views.append(view_of(event, logged_seconds=logged))
                continue
            metrics.views.labels(verdict).inc()
            if verdict == "future":
                parked.append(_parked(record, _future(event)))
        return views, parked

    def _advance(self) -> None:
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


def _note(result: Counted) -> None:
    metrics.views.labels("counted").inc(result.counted)
    metrics.views.labels("duplicate").inc(result.duplicates)
    metrics.views.labels("late").inc(result.late)


def _future(event: ArticleViewed) -> Unprocessable:
    detail = f"viewed at {event.occurred_at.isoformat()}, over {FUTURE_TOLERANCE_SECONDS} s ahead"
    return Unprocessable("future", detail)


def _parked(record: Any, problem: Unprocessable) -> Record:
    return park_message(record, problem, stage="popularity", at=datetime.now(UTC))
