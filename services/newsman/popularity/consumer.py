"""The consumer: article-viewed in, counts in Redis, offsets in the same step."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from newsman.kafka.offset_in_store import Batches, OffsetInStore
from newsman.kafka.progress.contiguity import LogTruncated, check_contiguous
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.quick_records import decode_quickly
from newsman.kafka.rejects import Park, RejectionGuard
from newsman.popularity import metrics
from newsman.popularity.counting.count_store import CountStore
from newsman.popularity.counting.judging import CountedViews, PendingBatch
from newsman.redis.patience import retry_while_redis_is_down
from newsman.runtime.health import Pulse

POLL_MS = 200
POLL_EVENTS = 4_000
RUN_EVENTS = 500
"""So many events are read and judged between two steps of Redis, each of about a millisecond."""
COMMIT_EVENTS = 100_000
COMMIT_SECONDS, CATCHING_UP_SECONDS = 0.25, 2.0
"""What is gathered of a partition is counted after so many events or seconds, since the views of
one article cost Redis as much together as one."""
MOST_WAITING = 200
"""With more pieces on their way into the rows nothing is added before some are there."""
ADVANCE_SECONDS = 1.0


class ViewCounter:
    """Counts one group member's partitions of article-viewed."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        store: CountStore,
        park: Park,
        pulse: Pulse,
        watch: PartitionWatch,
    ) -> None:
        self._consumer = decode_quickly(consumer)
        self._store = store
        self._park = park
        self._pulse = pulse
        self._offsets = OffsetInStore(
            consumer, store.offset, check_contiguous, pulse, watch, before_change=self._drop
        )
        self._gathered: dict[TopicPartition, PendingBatch] = {}
        self._guard = RejectionGuard()
        self.events = 0
        """How many events this process has read and settled."""
        self._advanced_at = 0.0
        self._moved: set[TopicPartition] = set()
        self._running: Callable[[], None] | None = None

    def close(self) -> None:
        """Counts what is gathered and leaves the group; nothing is committed to Kafka, the
        offsets are in Redis."""
        self._settle()
        while self._gathered:
            self._count(next(iter(self._gathered)))
            self._settle()
        self._offsets.close()

    def subscribe(self, topic: str) -> None:
        """Joins the group; every assignment goes on from the offsets in Redis."""
        self._offsets.subscribe(topic)

    def turn(self) -> None:
        """Polls once, and counts what is due."""
        polled = self._poll()
        self._moved.clear()
        for part, records in polled.items():
            for start in range(0, len(records), RUN_EVENTS):
                # After a failure of Redis the rest no longer continues from the stored count.
                if part in self._moved or part not in self._offsets.expected:
                    break
                self._gather(part, records[start : start + RUN_EVENTS])
                self._work()
        while self._work() and not polled:
            pass
        self._advance()
        self._pulse.beat()

    def _poll(self) -> Batches:
        try:
            polled = self._offsets.poll(timeout_ms=self._patience_ms(), max_records=POLL_EVENTS)
        except LogTruncated as problem:
            raise LogTruncated(f"{problem}; `newsman rebuild popularity` counts it") from problem
        if held := self._offsets.expected:
            # During a rebalance no partition is assigned; most of them will return.
            self._store.keep({part.partition for part in held})
        return polled

    def _patience_ms(self) -> float:
        if any(self._store.waiting(part.partition) for part in self._offsets.expected):
            return 0
        return COMMIT_SECONDS * 1_000 / 2 if self._gathered else POLL_MS

    def take_over(self, assigned: list[TopicPartition]) -> None:
        """Goes on with these partitions where Redis says."""
        self._offsets.take_over(assigned)

    def _drop(self, changing: Sequence[TopicPartition]) -> None:
        # Their collected views are read again by their next owner.
        self._settle()
        for part in changing:
            self._gathered.pop(part, None)

    def _gather(self, part: TopicPartition, records: list[Any]) -> None:
        gathered = self._gathered.get(part)
        if gathered is None:
            gathered = self._gathered[part] = PendingBatch(time.monotonic())
        gathered.add(part, records, self._guard)

    def _work(self) -> bool:
        """Ends the step that Redis is at and begins the next, while which more is read; False if
        there is none."""
        self._settle()
        for part, gathered in self._gathered.items():
            if self._is_due(part, gathered):
                while self._store.waiting(part.partition) > MOST_WAITING:
                    self._go_on(part)
                    self._settle()
                if part in self._gathered:
                    self._count(part)
                return True
        for part in self._offsets.expected:
            if self._store.waiting(part.partition):
                self._go_on(part)
                return True
        return False

    def _is_due(self, part: TopicPartition, gathered: PendingBatch) -> bool:
        age = time.monotonic() - gathered.began
        if gathered.events >= COMMIT_EVENTS or age >= CATCHING_UP_SECONDS:
            return True
        return age >= COMMIT_SECONDS and gathered.next_offset >= (
            self._consumer.highwater(part) or 0
        )

    def _count(self, part: TopicPartition) -> None:
        """Judges what is gathered by what counted before, and begins to write what counts with
        the offset in one step of Redis."""
        gathered = self._gathered.pop(part)
        if gathered.parked:
            self._park(gathered.parked)
        state = self._store.state(part.partition, self._offsets.expected[part])
        if state is None:
            self._surprised(part)
            return
        now = int(time.time())
        # Timestamps in the future must not advance the windows.
        judged = state.judge(gathered.batch, clock_seconds=min(gathered.logged_seconds, now))
        end = self._store.begin(
            part.partition, judged, next_offset=gathered.next_offset, real_seconds=now
        )
        self._offsets.expect(part, gathered.next_offset)

        def settle() -> None:
            if not retry_while_redis_is_down(end, self._pulse.beat):
                self._surprised(part)
                return
            self.events += gathered.events
            self._offsets.finish(part, gathered.next_offset)
            _note(judged.counted, gathered.noted)

        self._running = settle

    def _go_on(self, part: TopicPartition) -> None:
        end = self._store.go_on(part.partition, real_seconds=int(time.time()))

        def settle() -> None:
            if not retry_while_redis_is_down(end, self._pulse.beat):
                self._surprised(part)

        self._running = settle

    def _settle(self) -> None:
        """Waits for the step that Redis is at."""
        if self._running is None:
            return
        running, self._running = self._running, None
        with metrics.wait_seconds.time():
            running()

    def _surprised(self, part: TopicPartition) -> None:
        # Redis returned to an older state, was flushed, or another process counted this partition.
        metrics.resumed.inc()
        self._moved.add(part)
        self._gathered.pop(part, None)
        self._offsets.resume(part)

    def _advance(self) -> None:
        now = time.monotonic()
        if now - self._advanced_at < ADVANCE_SECONDS:
            return
        self._advanced_at = now
        self._settle()
        for part, waiting in self._offsets.lag().items():
            counted = self._offsets.expected.get(part)
            metrics.lag.labels(str(part.partition)).set(waiting)
            metrics.pairs.labels(str(part.partition)).set(self._store.pairs(part.partition))
            # While it catches up, time is the log's, so that a recount ends the same.
            if part in self._gathered or (counted is not None and waiting):
                continue
            advance = partial(
                self._store.advance,
                part.partition,
                expected=counted,
                clock_seconds=int(time.time()),
            )
            if not retry_while_redis_is_down(advance, self._pulse.beat):
                self._surprised(part)


def _note(result: CountedViews, noted: Counter[str]) -> None:
    noted["counted"] += result.counted
    noted["duplicate"] += result.duplicates
    noted["late"] += result.past
    for outcome, number in noted.items():
        metrics.views.labels(outcome).inc(number)
