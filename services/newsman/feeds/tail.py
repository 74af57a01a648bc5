"""Reading article-published: one shared tail, and bounded readings of what was before."""

import asyncio
import logging
import threading
from collections.abc import Iterator

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from newsman.crash import bugs_crash
from newsman.feeds.core import Site
from newsman.feeds.stream import Frame, Hub, Positions, frame_of
from newsman.kafka.clients import build_consumer
from newsman.kafka.records import Unprocessable, decode
from newsman.ops import Pulse
from newsman_schemas.articles import ArticlePublished

log = logging.getLogger(__name__)

POLL_MS = 200
RETRY_SECONDS = 1.0
WARM_OFFSETS = 250
MAX_REPLAYED_FRAMES = 50_000
IDLE_POLLS_BEFORE_GIVING_UP = 50


class Log:
    """The topic as feeds reads it."""

    def __init__(self, bootstrap: str, topic: str, site: Site) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._site = site

    def tail(
        self,
        hub: Hub,
        loop: asyncio.AbstractEventLoop,
        stopping: threading.Event,
        pulse: Pulse,
    ) -> None:
        """Feeds the hub until told to stop; goes on where it was when Kafka was away."""
        with bugs_crash():
            while not stopping.is_set():
                pulse.beat()
                try:
                    self._tail_once(hub, loop, stopping, pulse)
                except (KafkaError, OSError) as problem:
                    log.warning("the tail goes on in a second: %s", problem)
                    stopping.wait(RETRY_SECONDS)

    def read(self, start: Positions, end: Positions) -> list[Frame] | None:
        """The frames between two positions, or None where the log does not have them any more,
        or too many of them; raises KafkaError while Kafka is away."""
        consumer, parts = self._consumer()
        try:
            firsts = consumer.beginning_offsets(parts)
            total = 0
            for part in parts:
                wanted = start.get(part.partition, end[part.partition])
                if wanted < firsts[part]:
                    return None
                total += end[part.partition] - wanted
                consumer.seek(part, wanted)
            return list(self._until(consumer, end)) if total <= MAX_REPLAYED_FRAMES else None
        finally:
            consumer.close()

    def at(self, moment_ms: int) -> Positions:
        """The first offset of each partition at or after a Unix ms, its end where there is none;
        raises KafkaError while Kafka is away."""
        consumer, parts = self._consumer()
        try:
            ends = consumer.end_offsets(parts)
            found = consumer.offsets_for_times(dict.fromkeys(parts, moment_ms))
            return {
                part.partition: first.offset if (first := found[part]) else ends[part]
                for part in parts
            }
        finally:
            consumer.close()

    def _tail_once(
        self,
        hub: Hub,
        loop: asyncio.AbstractEventLoop,
        stopping: threading.Event,
        pulse: Pulse,
    ) -> None:
        consumer, parts = self._consumer()
        try:
            if hub.positions:
                for part in parts:
                    consumer.seek(part, hub.positions[part.partition])
            else:
                self._begin(consumer, parts, hub, loop)
            while not stopping.is_set():
                pulse.beat()
                for frame in self._poll(consumer):
                    loop.call_soon_threadsafe(hub.publish, frame)
        finally:
            consumer.close()

    def _begin(
        self,
        consumer: KafkaConsumer,
        parts: list[TopicPartition],
        hub: Hub,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        # A little of what was before, so that readers resume after a restart without Kafka
        # being read for each, and so that a second copy of a recent event is known as one.
        ends = {part.partition: last for part, last in consumer.end_offsets(parts).items()}
        firsts = consumer.beginning_offsets(parts)
        starts = {p.partition: max(firsts[p], ends[p.partition] - WARM_OFFSETS) for p in parts}
        for part in parts:
            consumer.seek(part, starts[part.partition])
        frames = list(self._until(consumer, ends))
        for part in parts:
            consumer.seek(part, ends[part.partition])
        loop.call_soon_threadsafe(hub.begin, starts, ends, frames)

    def _consumer(self) -> tuple[KafkaConsumer, list[TopicPartition]]:
        consumer = build_consumer(
            bootstrap=self._bootstrap, group=None, client_id="newsman-feeds-tail"
        )
        numbers = consumer.partitions_for_topic(self._topic)
        if not numbers:
            consumer.close()
            raise KafkaError(f"the topic {self._topic} is not there")
        parts = [TopicPartition(self._topic, number) for number in sorted(numbers)]
        consumer.assign(parts)
        return consumer, parts

    def _until(self, consumer: KafkaConsumer, end: Positions) -> Iterator[Frame]:
        idle = 0
        while any(consumer.position(p) < end[p.partition] for p in consumer.assignment()):
            frames = [f for f in self._poll(consumer) if f.offset < end[f.partition]]
            idle = 0 if frames else idle + 1
            if idle > IDLE_POLLS_BEFORE_GIVING_UP:
                raise KafkaError("the replay does not come to its end")
            yield from frames

    def _poll(self, consumer: KafkaConsumer) -> Iterator[Frame]:
        for part, records in consumer.poll(timeout_ms=POLL_MS).items():
            for record in records:
                try:
                    event = decode(ArticlePublished, record.value)
                except Unprocessable as problem:
                    log.warning("not shown: %s@%s: %s", part, record.offset, problem)
                    continue
                yield frame_of(event, part.partition, record.offset, self._site)
