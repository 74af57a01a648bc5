"""Reading article-published: one shared tail, and bounded readings of what was before."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from newsman.feeds.core import Site
from newsman.feeds.stream import Frame, Hub, Positions, frame_of
from newsman.kafka.clients import build_consumer
from newsman.kafka.records import Unprocessable, decode
from newsman_schemas.articles import ArticlePublished

log = logging.getLogger(__name__)

POLL_MS = 200
RETRY_SECONDS = 1.0
MAX_REPLAYED_FRAMES = 100_000
IDLE_POLLS_BEFORE_GIVING_UP = 50


class Log:
    """The topic as feeds reads it."""

    def __init__(self, bootstrap: str, topic: str, site: Site) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._site = site

    def tail(self, hub: Hub, loop: asyncio.AbstractEventLoop, stopping: threading.Event) -> None:
        """Feeds the hub until told to stop; goes on where it was when Kafka was away."""
        while not stopping.is_set():
            try:
                self._tail_once(hub, loop, stopping)
            except (KafkaError, OSError) as problem:
                log.warning("the tail goes on in a second: %s", problem)
                stopping.wait(RETRY_SECONDS)

    def read(self, start: Positions, end: Positions) -> list[Frame] | None:
        """The frames between two positions, or None where the log no longer has them."""
        consumer, parts = self._consumer()
        try:
            firsts, lasts = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
            for part in parts:
                wanted = start.get(part.partition, end[part.partition])
                if not firsts[part] <= wanted <= lasts[part]:
                    return None
                consumer.seek(part, wanted)
            return list(self._between(consumer, parts, end))
        finally:
            consumer.close()

    def _tail_once(
        self, hub: Hub, loop: asyncio.AbstractEventLoop, stopping: threading.Event
    ) -> None:
        consumer, parts = self._consumer()
        try:
            if hub.positions:
                for part in parts:
                    consumer.seek(part, hub.positions[part.partition])
            else:
                ends = consumer.end_offsets(parts)
                for part in parts:
                    consumer.seek(part, ends[part])
                _on(loop, hub.begin, {part.partition: ends[part] for part in parts})
            while not stopping.is_set():
                for frame in self._poll(consumer):
                    _on(loop, hub.publish, frame)
        finally:
            consumer.close()

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

    def _between(
        self, consumer: KafkaConsumer, parts: list[TopicPartition], end: Positions
    ) -> Iterator[Frame]:
        idle = 0
        taken = 0
        while any(consumer.position(part) < end[part.partition] for part in parts):
            frames = [f for f in self._poll(consumer) if f.offset < end[f.partition]]
            idle = 0 if frames else idle + 1
            taken += len(frames)
            if idle > IDLE_POLLS_BEFORE_GIVING_UP or taken > MAX_REPLAYED_FRAMES:
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


def _on(loop: asyncio.AbstractEventLoop, call: Callable[[Any], None], argument: Any) -> None:
    loop.call_soon_threadsafe(call, argument)
