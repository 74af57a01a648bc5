"""Reading the streams' topics: one shared tail, and bounded readings of what was before."""

import asyncio
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from newsman.feeds.stream.broadcaster import Broadcaster
from newsman.feeds.stream.frames import Frame
from newsman.feeds.stream.positions import Part, Positions
from newsman.feeds.stream.registry import ToFrame
from newsman.kafka.clients import build_consumer
from newsman.kafka.progress.contiguity import FetchPositions, check_not_behind
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.records import Unprocessable
from newsman.runtime.crash import bugs_crash
from newsman.runtime.health import Pulse
from newsman.runtime.outage import Outage

log = logging.getLogger(__name__)

POLL_MS = 200
RETRY_SECONDS = 1.0
WARM_OFFSETS = 250
MAX_REPLAYED_FRAMES = 50_000
IDLE_POLLS_BEFORE_GIVING_UP = 50


class StreamLog:
    """The topics as feeds reads them, and how each one's messages become frames."""

    def __init__(self, bootstrap: str, framing: Mapping[str, ToFrame]) -> None:
        self._bootstrap = bootstrap
        self._framing = framing

    def tail(
        self,
        hub: Broadcaster,
        loop: asyncio.AbstractEventLoop,
        stopping: threading.Event,
        pulse: Pulse,
        watch: PartitionWatch,
    ) -> None:
        """Feeds the hub until told to stop; goes on where it was when Kafka was away."""
        outage = Outage(log, "the tail is cut off from Kafka")
        with bugs_crash():
            while not stopping.is_set():
                pulse.beat()
                try:
                    with closing(self._consumer()) as consumer:
                        self._go_on(consumer, hub, loop)
                        outage.over()
                        self._follow(_Tail(consumer, hub, loop, watch), stopping, pulse)
                except (KafkaError, OSError) as problem:
                    outage.failed(problem)
                    stopping.wait(RETRY_SECONDS)

    def read(self, start: Positions, end: Positions) -> list[Frame] | None:
        """The frames of the parts of `start`, or None where the log does not have them any more,
        or too many of them; raises KafkaError while Kafka is away."""
        parts = [TopicPartition(*part) for part in start]
        consumer = self._consumer()
        try:
            consumer.assign(parts)
            firsts = consumer.beginning_offsets(parts)
            if any(start[part] < firsts[part] for part in parts):
                return None
            if sum(end[part] - start[part] for part in parts) > MAX_REPLAYED_FRAMES:
                return None
            for part in parts:
                consumer.seek(part, start[part])
            return list(self._until(consumer, end))
        finally:
            consumer.close()

    def at(self, moments: Mapping[Part, int]) -> Positions:
        """The first offset of each partition at or after a Unix ms, its end where there is none;
        raises KafkaError while Kafka is away."""
        times = {TopicPartition(*part): moment for part, moment in moments.items()}
        consumer = self._consumer()
        try:
            ends = consumer.end_offsets(list(times))
            found = consumer.offsets_for_times(times)
            return {
                (part.topic, part.partition): first.offset if (first := found[part]) else ends[part]
                for part in times
            }
        finally:
            consumer.close()

    def _go_on(
        self, consumer: KafkaConsumer, hub: Broadcaster, loop: asyncio.AbstractEventLoop
    ) -> None:
        parts = list(_parts(consumer, self._framing))
        consumer.assign(parts)
        if not hub.positions:
            self._begin(consumer, parts, hub, loop)
            return
        for part in parts:
            consumer.seek(part, hub.positions[part])

    def _follow(self, tail: "_Tail", stopping: threading.Event, pulse: Pulse) -> None:
        tail.take()
        while not stopping.is_set():
            pulse.beat()
            tail.hand_over(self._poll(tail.consumer, tail.read))

    def _begin(
        self,
        consumer: KafkaConsumer,
        parts: list[TopicPartition],
        hub: Broadcaster,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        # A little of what was before, so that readers resume after a restart without Kafka
        # being read for each, and so that a second copy of a recent event is known as one.
        ends = _plain(consumer.end_offsets(parts))
        firsts = consumer.beginning_offsets(parts)
        starts = _plain({part: max(firsts[part], ends[part] - WARM_OFFSETS) for part in parts})
        for part in parts:
            consumer.seek(part, starts[part])
        frames = list(self._until(consumer, ends))
        for part in parts:
            consumer.seek(part, ends[part])
        loop.call_soon_threadsafe(hub.begin, starts, ends, frames)

    def _consumer(self) -> KafkaConsumer:
        return build_consumer(bootstrap=self._bootstrap, group=None, client_id="newsman-feeds-tail")

    def _until(self, consumer: KafkaConsumer, end: Positions) -> Iterator[Frame]:
        idle = 0
        while any(consumer.position(part) < end[part] for part in consumer.assignment()):
            frames = [f for f in self._poll(consumer, {}) if f.offset < end[f.topic, f.partition]]
            idle = 0 if frames else idle + 1
            if idle > IDLE_POLLS_BEFORE_GIVING_UP:
                raise KafkaError("the replay does not come to its end")
            yield from frames

    def _poll(self, consumer: KafkaConsumer, read: dict[TopicPartition, int]) -> Iterator[Frame]:
        """The frames of one poll; `read` is moved behind what came, whatever became of it."""
        at = {part: consumer.position(part) for part in consumer.assignment()}
        for part, records in consumer.poll(timeout_ms=POLL_MS).items():
            check_not_behind(part, records[0].offset, at[part])
            to_frame = self._framing[part.topic]
            for record in records:
                try:
                    yield to_frame(record.value, part.partition, record.offset)
                except Unprocessable as problem:
                    log.warning("not shown: %s@%s: %s", part, record.offset, problem)
            read[part] = records[-1].offset + 1


class _Tail:
    """One consumer of the tail, and where it is."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        hub: Broadcaster,
        loop: asyncio.AbstractEventLoop,
        watch: PartitionWatch,
    ) -> None:
        self.consumer = consumer
        self._hub = hub
        self._loop = loop
        self._watch = watch
        self._positions = FetchPositions(consumer)
        self.read = {part: consumer.position(part) for part in consumer.assignment()}

    def take(self) -> None:
        """Begins to be watched."""
        self._watch.take(self.read)
        self._positions.leave(self.read)

    def hand_over(self, polled: Iterator[Frame]) -> None:
        """Polls once, and gives the hub what came."""
        self._positions.check()
        if frames := list(polled):
            self._loop.call_soon_threadsafe(self._hub.publish, *frames)
        self._positions.leave(self.read)
        for part, next_offset in self.read.items():
            self._watch.finish(part, next_offset)


def _parts(consumer: KafkaConsumer, topics: Iterable[str]) -> Iterator[TopicPartition]:
    for topic in topics:
        numbers = consumer.partitions_for_topic(topic)
        if not numbers:
            raise KafkaError(f"the topic {topic} is not there")
        yield from (TopicPartition(topic, number) for number in sorted(numbers))


def _plain(offsets: Mapping[TopicPartition, int]) -> Positions:
    return {(part.topic, part.partition): offset for part, offset in offsets.items()}
