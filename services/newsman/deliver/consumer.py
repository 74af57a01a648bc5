"""The consumer: article-published in, webhooks into the queue, offsets in the same step."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from newsman.deliver import metrics
from newsman.deliver.core import Webhook, webhook_about
from newsman.deliver.queue import Intake
from newsman.kafka.offset_in_store import OffsetInStore, OffsetMoved, gaps_allowed
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.records import Record, Unprocessable, decode
from newsman.kafka.rejects import Park, RejectionGuard, park_message
from newsman.redis.patience import retry_while_redis_is_down
from newsman.runtime.health import Pulse
from newsman_schemas.articles import ArticlePublished

POLL_MS = 200
BATCH_EVENTS = 200

Compose = Callable[[ArticlePublished], Webhook | None]
"""The webhook about an event, or None when there is nobody to tell."""


def tell_subscriber(event: ArticlePublished) -> Webhook | None:
    """The webhook for the one subscriber; None if the event is not for it."""
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
        self._guard = RejectionGuard()
        self._offsets = OffsetInStore(consumer, intake.offset, gaps_allowed, pulse, watch)

    def subscribe(self, topic: str) -> None:
        """Joins the group; every assignment goes on from the offsets in Redis."""
        self._offsets.subscribe(topic)

    def close(self) -> None:
        """Leaves the group; everything that was read is in the queue."""
        self._offsets.close()

    def turn(self) -> int:
        """Polls once and queues what came; the number of events read."""
        batches = self._offsets.poll(timeout_ms=POLL_MS, max_records=BATCH_EVENTS)
        read = sum(self._queue(part, records) for part, records in batches.items())
        for part, waiting in self._offsets.lag().items():
            metrics.lag.labels(str(part.partition)).set(waiting)
        self._pulse.beat()
        return read

    def _queue(self, part: TopicPartition, records: list[Any]) -> int:
        webhooks, parked = self._compose_all(records)
        if parked:
            self._park(parked)
        next_offset = records[-1].offset + 1
        result = retry_while_redis_is_down(
            lambda: self._intake.put(
                part.partition,
                webhooks,
                expected=self._offsets.expected[part],
                next_offset=next_offset,
                now_ms=time.time_ns() // 1_000_000,
            ),
            self._pulse.beat,
        )
        if isinstance(result, OffsetMoved):
            # Redis returned to an older state or was flushed, or this step is already done.
            self._offsets.resume(part)
            return 0
        metrics.events.labels("queued").inc(result.queued)
        metrics.events.labels("dropped").inc(result.dropped)
        metrics.replaced.inc(result.replaced)
        self._offsets.finish(part, next_offset)
        # The queue's own offset counts; the group's only shows the lag.
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
