"""The consumer: article-viewed in, counts in Redis, offsets in the same step.

Both versions of article-viewed are counted together. Of a partition the first version's log comes
first: while some of it waits, the second's is not read, so that a recount meets the views in the
order in which they were logged.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from newsman.kafka.offset_in_store import Batches, OffsetInStore
from newsman.kafka.progress.contiguity import LogTruncated, check_contiguous, fetch_position
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.quick_records import decode_quickly
from newsman.kafka.rejects import Park, RejectionGuard
from newsman.popularity import metrics
from newsman.popularity.core import version_on
from newsman.popularity.counting.count_store import CountStore
from newsman.popularity.counting.judging import CountedViews, PendingBatch
from newsman.redis.patience import retry_while_redis_is_down
from newsman.runtime.health import Pulse
from newsman_schemas.topics import ARTICLE_VIEWED, ARTICLE_VIEWED_V1

POLL_MS, CALM_MS = 200, 1_000
CALM_SECONDS = 10.0
"""Without a view, after which one is waited for longer, and windows are moved on more seldom."""
POLL_EVENTS = 4_000
RUN_EVENTS = 500
"""So many events are read and judged between two steps of Redis, each of about a millisecond."""
COMMIT_EVENTS = 100_000
COMMIT_SECONDS, CATCHING_UP_SECONDS = 0.25, 2.0
"""What is gathered of a partition is counted after so many events or seconds, since the views of
one article cost Redis as much together as one."""
MOST_WAITING = 200
"""With more pieces on their way into the rows nothing is added before some are there."""
ASK_SECONDS, ASK_LIMIT_MS = 5.0, 2_000
ADVANCE_SECONDS, CALMLY_ADVANCE_SECONDS = 1.0, 5.0


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
        self._watch = watch
        self._offsets = OffsetInStore(
            consumer, self._stored, check_contiguous, pulse, watch, before_change=self._drop
        )
        self._gathered: dict[TopicPartition, PendingBatch] = {}
        self._guard = RejectionGuard()
        self.events = 0
        """How many events this process has read and settled."""
        self._advanced_at = 0.0
        self._viewed_at = time.monotonic()
        self._moved: set[TopicPartition] = set()
        self._running: Callable[[], None] | None = None
        self._asked: dict[TopicPartition, tuple[float, int | None]] = {}
        """Ends of partitions, and when they were asked for."""

    def close(self) -> None:
        """Counts what is gathered and leaves the group; nothing is committed to Kafka, the
        offsets are in Redis."""
        self._settle()
        while self._gathered:
            self._count(min(self._gathered))
            self._settle()
        self._offsets.close()

    def subscribe(self, *topics: str) -> None:
        """Joins the group; every assignment goes on from the offsets in Redis."""
        self._offsets.subscribe(*topics)

    def turn(self) -> None:
        """Polls once, and counts what is due."""
        polled = self._poll()
        if polled:
            self._viewed_at = time.monotonic()
        self._moved.clear()
        for part, records in polled.items():
            for start in range(0, len(records), RUN_EVENTS):
                # After a failure of Redis the rest no longer continues from the stored count.
                if part in self._moved or part not in self._offsets.expected:
                    break
                self._gather(part, records[start : start + RUN_EVENTS])
                self._work()
                self._pulse.beat()
        while self._work() and not polled:
            pass
        self._advance()
        self._pulse.beat()

    def _stored(self, part: TopicPartition) -> int | None:
        return self._store.offset(part.partition, version=version_on(part.topic))

    def _poll(self) -> Batches:
        self._hold_back()
        try:
            polled = self._offsets.poll(timeout_ms=self._patience_ms(), max_records=POLL_EVENTS)
        except LogTruncated as problem:
            raise LogTruncated(f"{problem}; `newsman rebuild popularity` counts it") from problem
        if held := self._offsets.expected:
            # During a rebalance no partition is assigned; most of them will return.
            self._store.keep({part.partition for part in held})
        # The first version's before the second's.
        return {part: polled[part] for part in sorted(polled) if not self._is_early(part, polled)}

    def _is_early(self, part: TopicPartition, polled: Batches) -> bool:
        """True for what the second version's log gave although some of the first still waits."""
        first = self._first_of(part)
        if first is None or self._is_drained(first):
            return False
        self._offsets.give_back(part, polled[part][0].offset)
        return True

    def _first_of(self, part: TopicPartition) -> TopicPartition | None:
        """The partition of the first version's log that comes before one of the second's."""
        if version_on(part.topic) == 1:
            return None
        topic = part.topic.removesuffix(ARTICLE_VIEWED.name) + ARTICLE_VIEWED_V1.name
        return TopicPartition(topic, part.partition)

    def _hold_back(self) -> None:
        """Lets the second version's log come where nothing of the first waits."""
        paused, held = self._consumer.paused(), self._offsets.expected
        firsts = {part: first for part in held if (first := self._first_of(part)) is not None}
        waiting = {part for part, first in firsts.items() if not self._is_drained(first)}
        for part in waiting - paused:
            self._consumer.pause(part)
        for part in (firsts.keys() - waiting) & paused:
            self._consumer.resume(part)
        self._watch.hold_back(part for part in waiting if firsts[part] in held)

    def _is_drained(self, part: TopicPartition) -> bool:
        """True if all of a partition of this member has been polled, as far as is known."""
        if part not in self._offsets.expected:
            return False
        position, end = fetch_position(self._consumer, part), self._consumer.highwater(part)
        if position is None or end is None:
            position, end = self._offsets.expected[part] or 0, self._asked_end(part)
        else:
            self._asked.pop(part, None)
        return end is not None and bool(position >= end)

    def _asked_end(self, part: TopicPartition) -> int | None:
        """The end as the broker says it, asked for now and then while the client does not know it:
        one that cannot fetch a partition, for whatever reason, never would."""
        now = time.monotonic()
        asked_at, end = self._asked.get(part, (now, None))
        if now - asked_at >= ASK_SECONDS:
            asked_at = now
            with suppress(KafkaError):
                end = self._consumer.end_offsets([part], timeout_ms=ASK_LIMIT_MS)[part]
        self._asked[part] = (asked_at, end)
        return end

    def _patience_ms(self) -> float:
        if any(self._store.waiting(part.partition) for part in self._offsets.expected):
            return 0
        if self._gathered:
            return COMMIT_SECONDS * 1_000 / 2
        return CALM_MS if self._is_calm() else POLL_MS

    def _is_calm(self) -> bool:
        return time.monotonic() - self._viewed_at > CALM_SECONDS

    def take_over(self, assigned: list[TopicPartition]) -> None:
        """Goes on with these partitions where Redis says."""
        self._offsets.take_over(assigned)

    def _drop(self, changing: Sequence[TopicPartition]) -> None:
        # Their collected views are read again by their next owner.
        self._settle()
        for part in changing:
            self._gathered.pop(part, None)
            self._asked.pop(part, None)

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
                self._count_in_order(part)
                return True
        for part in self._offsets.expected:
            if self._store.waiting(part.partition):
                self._go_on(part)
                return True
        return False

    def _count_in_order(self, part: TopicPartition) -> None:
        """Counts what is gathered of a partition, the first version's before the second's."""
        while self._store.waiting(part.partition) > MOST_WAITING:
            self._go_on(part)
            self._settle()
        first = self._first_of(part)
        if first in self._gathered:
            self._count(first)
            self._settle()
        if part in self._gathered:
            self._count(part)

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
        version = version_on(part.topic)
        state = self._store.state(part.partition, self._offsets.expected[part], version=version)
        if state is None:
            self._surprised(part)
            return
        now = int(time.time())
        # Timestamps in the future must not advance the windows.
        judged = state.judge(gathered.batch, clock_seconds=min(gathered.logged_seconds, now))
        end = self._store.begin(
            part.partition,
            judged,
            next_offset=gathered.next_offset,
            real_seconds=now,
            version=version,
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
        for each in [each for each in self._offsets.expected if each.partition == part.partition]:
            self._moved.add(each)
            self._gathered.pop(each, None)
            self._offsets.resume(each)

    def _advance(self) -> None:
        now = time.monotonic()
        pause = CALMLY_ADVANCE_SECONDS if self._is_calm() else ADVANCE_SECONDS
        if now - self._advanced_at < pause:
            return
        self._advanced_at = now
        self._settle()
        waiting: Counter[int] = Counter()
        for part, events in self._offsets.lag().items():
            waiting[part.partition] += events
        for number, events in waiting.items():
            metrics.lag.labels(str(number)).set(events)
            metrics.pairs.labels(str(number)).set(self._store.pairs(number))
            parts = [part for part in self._offsets.expected if part.partition == number]
            # While it catches up, time is the log's, so that a recount ends the same.
            if all(self._is_drained(part) and part not in self._gathered for part in parts):
                self._advance_each(parts)

    def _advance_each(self, parts: Sequence[TopicPartition]) -> None:
        """Takes off what has left the windows of a partition, whose logs these are."""
        for part in parts[1:]:
            expected, version = self._offsets.expected[part], version_on(part.topic)
            state = partial(self._store.state, part.partition, expected, version=version)
            if retry_while_redis_is_down(state, self._pulse.beat) is None:
                self._surprised(part)
        for part in parts[:1]:
            advance = partial(
                self._store.advance,
                part.partition,
                expected=self._offsets.expected.get(part),
                clock_seconds=int(time.time()),
                version=version_on(part.topic),
            )
            if not retry_while_redis_is_down(advance, self._pulse.beat):
                self._surprised(part)


def _note(result: CountedViews, noted: Counter[str]) -> None:
    noted["counted"] += result.counted
    noted["duplicate"] += result.duplicates
    noted["late"] += result.past
    for outcome, number in noted.items():
        metrics.views.labels(outcome).inc(number)
