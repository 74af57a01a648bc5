"""Reading the streams' topics: one shared tail, and bounded readings of what was before."""

import asyncio
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from newsman.feeds.stream.broadcaster import Broadcaster
from newsman.feeds.stream.frames import Frame
from newsman.feeds.stream.registry import ToFrame
from newsman.feeds.stream.searches import Look, Searches, look_at_nothing
from newsman.kafka.log import AWAY, Batches, TopicLog, open_log
from newsman.kafka.missing_records import Gone, RecordsGone, refuse_gone, warn_gone
from newsman.kafka.positions import Part, Positions, to_offsets, to_positions
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.records import Unprocessable
from newsman.runtime.health import Pulse
from newsman.runtime.outage import Outage

log = logging.getLogger(__name__)

CLIENT_ID = "newsman-feeds-tail"
WARM_OFFSETS = 250
MAX_REPLAYED_FRAMES = 50_000
SILENCE_SECONDS = 10.0
"""Nobody waits for what is past any longer: a stream's reader comes back, the tail tries again."""


class StreamLog:
    """The topics as feeds reads them, and how each one's messages become frames."""

    def __init__(self, bootstrap: str, framing: Mapping[str, ToFrame], searches: Searches) -> None:
        """`searches` are those that the tail looks with."""
        self._bootstrap = bootstrap
        self._framing = framing
        self._searches = searches

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

        def read() -> None:
            pulse.beat()
            with self._open(warn_gone) as topics:
                self._go_on(topics, hub, loop)
                outage.over()
                for batches in topics.follow(watch):
                    version = self._searches.version
                    if frames := list(self._frames(batches)):
                        loop.call_soon_threadsafe(hub.publish, *frames)
                    if version != hub.searches_version:
                        loop.call_soon_threadsafe(hub.has_looked, version)
                    pulse.beat()
                    if stopping.is_set():
                        return

        outage.try_until(stopping, read, AWAY)

    def read(
        self, start: Positions, end: Positions, look: Look = look_at_nothing
    ) -> list[Frame] | None:
        """The frames of the parts of `start`, or None where the log does not have them any more,
        or too many of them; raises KafkaError while Kafka is away."""
        starts, ends = to_offsets(start), to_offsets({part: end[part] for part in start})
        if sum(ends[part] - offset for part, offset in starts.items()) > MAX_REPLAYED_FRAMES:
            return None
        with self._open(refuse_gone) as topics:
            try:
                return [
                    frame
                    for record in topics.read(starts, ends)
                    if (frame := self._frame(record, look)) is not None
                ]
            except RecordsGone:
                return None

    def at(self, moments: Mapping[Part, int]) -> Positions:
        """The first offset of each partition at or after a Unix ms, its end where there is none;
        raises KafkaError while Kafka is away."""
        with self._open(refuse_gone) as topics:
            return to_positions(topics.at_times(to_offsets(moments)))

    def _open(self, gone: Gone) -> AbstractContextManager[TopicLog]:
        return open_log(
            self._bootstrap, client_id=CLIENT_ID, gone=gone, silence_seconds=SILENCE_SECONDS
        )

    def _go_on(self, topics: TopicLog, hub: Broadcaster, loop: asyncio.AbstractEventLoop) -> None:
        if hub.positions:
            topics.start(to_offsets(hub.positions))
            return
        # A little of what was before, so that readers resume after a restart without Kafka
        # being read for each, and so that a second copy of a recent event is known as one.
        bounds = topics.bounds(topics.partitions(*self._framing))
        starts = {
            part: max(bounds.start[part], end - WARM_OFFSETS) for part, end in bounds.end.items()
        }
        read = topics.read(starts, bounds.end)
        frames = [f for r in read if (f := self._frame(r, look_at_nothing)) is not None]
        topics.start(bounds.end)
        loop.call_soon_threadsafe(hub.begin, to_positions(starts), to_positions(bounds.end), frames)

    def _frames(self, batches: Batches) -> Iterator[Frame]:
        for records in batches.values():
            for record in records:
                if (frame := self._frame(record, self._searches.look)) is not None:
                    yield frame

    def _frame(self, record: Any, look: Look) -> Frame | None:
        frame = self._framing[record.topic]
        try:
            return frame(record.value, record.partition, record.offset, look)
        except Unprocessable as problem:
            where = f"{record.topic}[{record.partition}]@{record.offset}"
            log.warning("not shown: %s: %s", where, problem)
            return None
