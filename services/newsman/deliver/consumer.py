"""The consumer: article-published in, webhooks into the queue, offsets in the same step."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from newsman.deliver import metrics
from newsman.deliver.core import Webhook, webhook_about
from newsman.deliver.queue import Intake, QueueOffsetMoved
from newsman.kafka.progress.contiguity import FetchPositions, check_not_behind
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.rebalance import Rebalanced
from newsman.kafka.records import Record, Unprocessable, decode
from newsman.kafka.rejects import RejectionGuard, park_message
from newsman.redis.patience import retry_while_redis_is_down
from newsman.runtime.health import Pulse
from newsman_schemas.articles import ArticlePublished

log = logging.getLogger(__name__)

POLL_MS = 200
BATCH_EVENTS = 200
CLOSE_MS = 5_000

Park = Callable[[list[Record]], None]
"""Puts records on the rejected topic and returns once they are acknowledged."""
Compose = Callable[[ArticlePublished], Webhook | None]
"""The webhook about an event, or None when there is nobody to tell."""


def tell_subscriber(event: ArticlePublished) -> Webhook | None:
    """What goes to the one subscriber."""
    return webhook_about(event)


def tell_nobody(_: ArticlePublished) -> Webhook | None:
    """No subscriber is set: events are read and let go."""
    return None


class PublishedReader:
    """Queues what one group member's partitions of article-published say."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        intake: Intake,
        compose: Compose,
        park: Park,
        pulse: Pulse,
        watch: PartitionWatch,
    ) -> None:
        self._consumer = consumer
        self._intake = intake
        self._compose = compose
        self._park = park
        self._pulse = pulse
        self._next: dict[TopicPartition, int | None] = {}
        self._guard = RejectionGuard()
        self._watch = watch
        self._positions = FetchPositions(consumer)

    def subscribe(self, topic: str) -> None:
        """Joins the group; every assignment goes on from the offsets in Redis."""
        self._consumer.subscribe([topic], listener=Rebalanced(self._take_over, self._let_go))

    def close(self) -> None:
        """Leaves the group; everything that was read is in the queue."""
        self._consumer.close(autocommit=False, timeout_ms=CLOSE_MS)

    def turn(self) -> int:
        """Polls once and queues what came; the number of events read."""
        read = 0
        self._positions.check()
        polled = self._consumer.poll(timeout_ms=POLL_MS, max_records=BATCH_EVENTS)
        for part, records in polled.items():
            if part in self._next:
                check_not_behind(part, records[0].offset, self._next[part] or 0)
                read += self._queue(part, records)
        self._positions.leave(self._next)
        for part, position in self._next.items():
            end = self._consumer.highwater(part)
            if end is not None and position is not None:
                metrics.lag.labels(str(part.partition)).set(max(0, end - position))
        self._pulse.beat()
        return read

    def _take_over(self, assigned: list[TopicPartition]) -> None:
        for part in assigned:
            offset = retry_while_redis_is_down(
                partial(self._intake.offset, part.partition), self._pulse.beat
            )
            self._seek(part, offset)
        self._watch.take({part: self._next[part] for part in assigned})

    def _let_go(self, revoked: list[TopicPartition]) -> None:
        for part in revoked:
            self._next.pop(part, None)
            self._positions.forget(part)
        self._watch.let_go(revoked)

    def _seek(self, part: TopicPartition, offset: int | None) -> None:
        self._positions.forget(part)
        if offset is None:
            self._consumer.seek_to_beginning(part)
        else:
            self._consumer.seek(part, offset)
        self._next[part] = offset

    def _queue(self, part: TopicPartition, records: list[Any]) -> int:
        webhooks, parked = self._compose_all(records)
        if parked:
            self._park(parked)
        next_offset = records[-1].offset + 1
        result = retry_while_redis_is_down(
            lambda: self._intake.put(
                part.partition,
                webhooks,
                expected=self._next[part],
                next_offset=next_offset,
                now_ms=time.time_ns() // 1_000_000,
            ),
            self._pulse.beat,
        )
        if isinstance(result, QueueOffsetMoved):
            # Redis fell back to an older state or was flushed, or the step was done already.
            log.warning("partition %s: going on from %s", part.partition, result.offset)
            self._seek(part, result.offset)
            self._watch.take({part: result.offset})
            return 0
        metrics.events.labels("queued").inc(result.queued)
        metrics.events.labels("dropped").inc(result.dropped)
        metrics.replaced.inc(result.replaced)
        self._next[part] = next_offset
        self._watch.finish(part, next_offset)
        # The queue's own offset counts; the group's is there for whoever watches the lag.
        self._consumer.commit_async({part: OffsetAndMetadata(next_offset, "", -1)})
        return len(records)

    def _compose_all(self, records: list[Any]) -> tuple[list[Webhook], list[Record]]:
        webhooks: list[Webhook] = []
        parked: list[Record] = []
        for record in records:
            if record.value is None:
                metrics.events.labels("tombstone").inc()
                continue
            try:
                webhook = self._compose(decode(ArticlePublished, record.value))
            except Unprocessable as problem:
                parked.append(park_message(record, problem, stage="deliver", at=datetime.now(UTC)))
                metrics.events.labels("rejected").inc()
                self._guard.note(was_rejected=True)
                continue
            self._guard.note(was_rejected=False)
            if webhook is None:
                metrics.events.labels("nowhere").inc()
                continue
            webhooks.append(webhook)
        return webhooks, parked
