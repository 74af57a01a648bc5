"""Reading the log for those who fetch: one shared tail, and bounded readings of what was before."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

from kafka import KafkaConsumer

from newsman.deliver.pull.window import LogEntry
from newsman.kafka.log import AWAY, CALM_MS, CALMLY, TopicLog, build_log_consumer
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.positions import BadPosition, Named, Part, Positions, to_offsets, to_positions
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.quick_records import decode_quickly
from newsman.runtime.health import Pulse
from newsman.runtime.outage import Outage
from newsman_schemas.topics import ARTICLE_PUBLISHED, RANKING_CHANGED

log = logging.getLogger(__name__)

CLIENT_ID = "newsman-deliver-pull"
TOPICS = (ARTICLE_PUBLISHED, RANKING_CHANGED)
WARM_OFFSETS = 250
"""Of each partition so much of what was before is taken into memory at the start."""
SILENCE_SECONDS = 10.0
MOST_RECORDS = 1_000
MOST_BYTES = 16 * 1024 * 1024
"""Of one reading of the log."""

Take = Callable[[list[LogEntry], Positions], None]
"""Receives what has come, and the positions behind it."""
Begin = Callable[[Positions], None]


class FetchLog:
    """The topics that may be fetched from."""

    def __init__(self, bootstrap: str, namespace: str) -> None:
        self._bootstrap = bootstrap
        self._names = tuple(topic.full_name(namespace) for topic in TOPICS)
        self._next: Positions = {}

    def follow(
        self,
        begin: Begin,
        take: Take,
        stopping: threading.Event,
        pulse: Pulse,
        watch: PartitionWatch,
    ) -> None:
        """Hands over what comes until told to stop; the body of a thread of its own."""
        outage = Outage(log, "those who fetch are cut off from Kafka")

        def read() -> None:
            pulse.beat()
            consumer = build_log_consumer(self._bootstrap, client_id=CLIENT_ID, **CALMLY)
            with closing(_topics(decode_quickly(consumer))) as topics:
                self._start(topics, begin)
                outage.over()
                for batches in topics.follow(watch, poll_ms=CALM_MS):
                    entries = [
                        _entry((part.topic, part.partition), record)
                        for part, records in batches.items()
                        for record in records
                    ]
                    self._next = to_positions(topics.next)
                    if entries:
                        take(entries, dict(self._next))
                    pulse.beat()
                    if stopping.is_set():
                        return

        outage.try_until(stopping, read, AWAY)

    def read(self, start: Positions, end: Positions) -> tuple[list[LogEntry], Positions]:
        """Some of what lies between two positions, and the positions behind it; blocks, and raises
        KafkaError while Kafka is away."""
        entries: list[LogEntry] = []
        reached, size = dict(start), 0
        with self._open() as topics:
            for record in topics.read(to_offsets(start), to_offsets(end)):
                entry = _entry((record.topic, record.partition), record)
                entries.append(entry)
                reached[entry.part] = entry.offset + 1
                size += len(entry.value)
                if len(entries) >= MOST_RECORDS or size >= MOST_BYTES:
                    return entries, reached
        return entries, {part: max(offset, end[part]) for part, offset in reached.items()}

    def resolve(self, named: Named) -> Positions:
        """The positions that somebody named; blocks. Raises BadPosition for one that lies beyond
        the end of the log, KafkaError while Kafka is away."""
        with self._open() as topics:
            moments = to_offsets(named.moments)
            found = to_positions(topics.at_times(moments)) if moments else {}
            ends = topics.ends(to_offsets(named.offsets)) if named.offsets else {}
        for part, end in to_positions(ends).items():
            if named.offsets[part] > end:
                raise BadPosition(f"it lies beyond the end of {part[0]}: the log is another one")
        return {**named.offsets, **found}

    def parts(self) -> list[Part]:
        """All partitions that may be fetched from; blocks, and raises KafkaError."""
        with self._open() as topics:
            return [(part.topic, part.partition) for part in topics.partitions(*self._names)]

    def _open(self) -> "closing[TopicLog]":
        return closing(_topics(build_log_consumer(self._bootstrap, client_id=CLIENT_ID)))

    def _start(self, topics: TopicLog, begin: Begin) -> None:
        if not self._next:
            bounds = topics.bounds(topics.partitions(*self._names))
            warm = {p: max(bounds.start[p], end - WARM_OFFSETS) for p, end in bounds.end.items()}
            self._next = to_positions(warm)
            begin(dict(self._next))
        topics.start(to_offsets(self._next))


class BoundedReads:
    """Readings of the log beside the event loop, a few at a time."""

    def __init__(self, past: FetchLog, *, at_once: int = 4) -> None:
        self._past = past
        self._room = asyncio.Semaphore(at_once)

    async def read(self, start: Positions, end: Positions) -> tuple[list[LogEntry], Positions]:
        """Some of what lies between two positions; raises KafkaError."""
        async with self._room:
            return await asyncio.to_thread(self._past.read, start, end)

    async def resolve(self, named: Named) -> Positions:
        """The positions that somebody named; raises BadPosition or KafkaError."""
        async with self._room:
            return await asyncio.to_thread(self._past.resolve, named)


def _topics(consumer: KafkaConsumer) -> TopicLog:
    return TopicLog(consumer, gone=warn_gone, silence_seconds=SILENCE_SECONDS)


def _entry(part: Part, record: Any) -> LogEntry:
    return LogEntry(part, record.offset, bytes(record.value or b""))
