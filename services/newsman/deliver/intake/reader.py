"""The reader of article-published: one group member's partitions into the queues."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from newsman.deliver import metrics
from newsman.deliver.intake.catch_up import CatchUp
from newsman.deliver.intake.distributor import Distributor
from newsman.deliver.intake.events import EventDecoder
from newsman.deliver.intake.patience import ToldToStop
from newsman.deliver.intake.place_keeper import PlaceKeeper
from newsman.deliver.intake.places import Places
from newsman.deliver.intake.recovery import Recovery
from newsman.deliver.intake.subscribed import Subscribed
from newsman.deliver.queue.inlet import Inlet, PutResult
from newsman.deliver.sending.notes import NoteReplaced
from newsman.kafka.log import CALM_MS
from newsman.kafka.offset_in_store import OffsetInStore, gaps_allowed
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.redis.patience import retry_while_redis_is_down
from newsman.runtime.health import Pulse

T = TypeVar("T")

POLL_MS = 200
"""Between two looks for changes of subscriptions, which end no wait for the log."""
CALM_SECONDS = 10.0
"""Without an event or a change, after which changes are looked for every CALM_MS."""
BATCH_EVENTS = 200
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Intake:
    """What the reader works with."""

    inlet: Inlet
    subscribed: Subscribed
    distributor: Distributor
    keeper: PlaceKeeper
    catch_up: CatchUp
    recovery: Recovery
    decoder: EventDecoder
    note_replaced: NoteReplaced


class PublishedReader:
    """Queues what is published; between two batches, what others are still behind with."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        intake: Intake,
        pulse: Pulse,
        watch: PartitionWatch,
        beat: Callable[[], None],
    ) -> None:
        """`beat` is called while Redis is away; what it raises ends a turn."""
        self._beat = beat
        self._consumer = consumer
        self._intake = intake
        self._pulse = pulse
        self._offsets = OffsetInStore(
            consumer, self._stored, gaps_allowed, pulse, watch, before_change=self._forget
        )
        self._looked_at = 0.0
        self._moved_at = time.monotonic()
        self._is_busy = False
        self._is_whole = True

    def subscribe(self, topic: str) -> None:
        """Joins the group; every assignment goes on from the offsets in Redis."""
        self._offsets.subscribe(topic)

    def close(self) -> None:
        """Leaves the group; everything that was read is in the queues."""
        self._offsets.close()

    def turn(self) -> None:
        """Polls once and queues what came; raises ToldToStop."""
        intake = self._intake
        changed = intake.subscribed.drain()
        if changed:
            self._with_redis(lambda: intake.keeper.take_up(changed, self._next_offsets()))
        if time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self._look()
        batches = self._offsets.poll(timeout_ms=self._patience_ms(), max_records=BATCH_EVENTS)
        if not self._is_whole:
            return  # told to stop before it was known who was told of what
        if batches or changed:
            self._moved_at = time.monotonic()
        for part, records in batches.items():
            self._take(part, records)
        self._is_busy = self._catch_up()
        self._pulse.beat()

    def _patience_ms(self) -> int:
        if self._is_busy:
            return 0
        return CALM_MS if time.monotonic() - self._moved_at > CALM_SECONDS else POLL_MS

    def _take(self, part: TopicPartition, records: Sequence[Any]) -> None:
        events = self._intake.decoder.decode_and_park(part, records)
        next_offset = records[-1].offset + 1
        before = self._offsets.expected[part]

        def queue() -> bool:
            places = self._intake.keeper.of(part.partition, before or 0)
            results = self._intake.distributor.follow(part.partition, events, places)
            self._answer(part.partition, results, before or 0)
            return self._intake.inlet.move_offset(
                part.partition, expected=before, next_offset=next_offset
            )

        if not self._with_redis(queue):
            # Redis returned to an older state or was flushed, or another member is further on.
            self._forget([part])
            self._offsets.resume(part)
            return
        self._offsets.finish(part, next_offset)
        # The offset in Redis counts; the group's only shows the lag.
        self._consumer.commit_async({part: OffsetAndMetadata(next_offset, "", -1)})

    def _answer(self, partition: int, results: Mapping[str, PutResult], next_offset: int) -> None:
        """Believes what Redis said of the places of those that something was put in for."""
        for ident, result in results.items():
            if result.moved_to is not None:
                self._intake.keeper.refused(partition, ident, result.moved_to, next_offset)
            elif result.full_at is not None:
                self._intake.keeper.take_up({ident}, {partition: next_offset})
                metrics.events.labels("overflowed").inc()
            metrics.events.labels("queued").inc(result.queued)
            metrics.replaced.inc(len(result.replaced))
            for reference in result.replaced:
                self._intake.note_replaced(ident, reference)

    def _catch_up(self) -> bool:
        """One batch of each partition for those behind; True while there is more to read."""
        was_busy = False
        for part, expected in list(self._offsets.expected.items()):
            at = expected or 0
            places = self._with_redis(partial(self._intake.keeper.of, part.partition, at))
            if places.behind:
                was_busy |= self._with_redis(partial(self._one_batch, part, at, places))
        return was_busy

    def _one_batch(self, part: TopicPartition, at: int, places: Places) -> bool:
        intake = self._intake
        was_busy = intake.catch_up.turn(part.partition, places, at)
        has_arrived = any(
            place.offset >= at and intake.subscribed.is_active(ident)
            for ident, place in places.behind.items()
        )
        if has_arrived and intake.inlet.move_offset(
            part.partition, expected=self._offsets.expected[part], next_offset=at
        ):
            self._offsets.expect(part, at)
            intake.keeper.go_live(part.partition, at)
        return was_busy

    def _look(self) -> None:
        """Recovers what was lost, and takes up the queues that were put elsewhere."""
        intake, offsets = self._intake, self._next_offsets()
        if not self._with_redis(intake.recovery.is_whole):
            self._recover()
            for part in list(self._offsets.expected):
                self._forget([part])
                self._offsets.resume(part)
            return
        moved = self._with_redis(lambda: intake.inlet.moved(list(offsets)))
        if moved:
            self._with_redis(lambda: intake.keeper.take_up(moved, offsets))
        for part, waiting in self._offsets.lag().items():
            metrics.lag.labels(str(part.partition)).set(waiting)
        intake.keeper.count()
        intake.subscribed.count()

    def _stored(self, part: TopicPartition) -> int | None:
        self._recover()
        with suppress(ToldToStop):
            if self._is_whole:
                return self._with_redis(lambda: self._intake.inlet.offset(part.partition))
        self._is_whole = False
        return None

    def _recover(self) -> None:
        self._is_whole = self._intake.recovery.ensure()

    def _next_offsets(self) -> dict[int, int]:
        return {part.partition: at or 0 for part, at in self._offsets.expected.items()}

    def _forget(self, parts: Sequence[TopicPartition]) -> None:
        self._intake.keeper.forget(part.partition for part in parts)

    def _with_redis(self, effect: Callable[[], T]) -> T:
        return retry_while_redis_is_down(effect, self._beat)
