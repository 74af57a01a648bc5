"""Fan-out of the tail's frames: the last ones, and the tail's position."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from cachetools import FIFOCache

from newsman.feeds import metrics
from newsman.feeds.stream.broadcast_throttle import BroadcastThrottle
from newsman.feeds.stream.channel import Carried, StreamChannel, StreamClient, Wants
from newsman.feeds.stream.frames import Frame, Products, without
from newsman.kafka.positions import Positions

RING_FRAMES = 5_000
REMEMBERED = 50_000


class Seen:
    """Tells the second copy of a revision from the first; bounded."""

    def __init__(self, capacity: int = REMEMBERED) -> None:
        self._revisions: FIFOCache[str, int] = FIFOCache(capacity)

    def last(self, key: str) -> int:
        """The last revision seen of the key; 0 if none is remembered."""
        return self._revisions.get(key, 0)

    def is_new(self, key: str, revision: int) -> bool:
        """True if this revision is newer than any seen of the key; remembers it."""
        if revision <= self.last(key):
            return False
        self._revisions[key] = revision
        return True


class Broadcaster:
    """Knows where the tail stands, keeps its last frames, and hands each on to everybody."""

    def __init__(
        self,
        *,
        buffer_events: int,
        ring: int = RING_FRAMES,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        """`heard` is called for news before anybody is told of it."""
        self._heard = heard
        self.positions: Positions = {}
        self.searches_version = 0
        """Everything from the positions on is looked at with the searches of this version."""
        self._looking: set[asyncio.Future[None]] = set()
        self._buffer_events = buffer_events
        self._ring: deque[Frame] = deque(maxlen=ring)
        self._ring_starts: Positions = {}
        self._seen = Seen()
        self._gone: FIFOCache[str, None] = FIFOCache(REMEMBERED)
        self._channels: dict[Carried, StreamChannel] = {}
        self._rounds = BroadcastThrottle(self._tell)
        self._is_closed = False

    @property
    def subscribers(self) -> int:
        """The number of open streams."""
        return sum(len(channel.subscribers) for channel in self._channels.values())

    def begin(self, starts: Positions, ends: Positions, frames: Sequence[Frame]) -> None:
        """The tail stands at the ends; the frames are what the log holds since the starts."""
        self._ring_starts = dict(starts)
        for frame in frames:
            self._keep(frame)
        self.positions = dict(ends)

    def publish(self, *frames: Frame) -> None:
        """New frames from the tail."""
        self._heard()
        for frame in frames:
            part = (frame.topic, frame.partition)
            if frame.offset < self.positions[part]:
                continue
            self.positions[part] = frame.offset + 1
            told_before = self._seen.last(frame.key)
            fresh = self._keep(frame)
            for channel in self._channels.values():
                if fresh is not None and frame.topic in channel.carried.topics:
                    channel.add(fresh.since(told_before), self.positions)
        self._rounds.ask()

    def has_looked(self, version: int) -> None:
        """Notes that all published from now on was looked at with the searches of a version."""
        self.searches_version = version
        for waiting in self._looking:
            if not waiting.done():
                waiting.set_result(None)

    async def looks_with(self, version: int) -> None:
        """Returns once what is published is looked at with the searches of a version."""
        while self.searches_version < version:
            waiting = asyncio.get_running_loop().create_future()
            self._looking.add(waiting)
            try:
                await waiting
            finally:
                self._looking.discard(waiting)

    def subscribe(self, carried: Carried, wants: Wants, products: Products = ()) -> StreamClient:
        """Everything from now on."""
        channel = self._channels.get(carried)
        if channel is None:
            channel = self._channels[carried] = StreamChannel(carried, self._buffer_events)
        subscriber = StreamClient(channel, wants, channel.end, self._is_closed, products)
        channel.subscribers.add(subscriber)
        return subscriber

    def unsubscribe(self, subscriber: StreamClient) -> None:
        """The stream has ended."""
        channel = subscriber.channel
        channel.subscribers.discard(subscriber)
        if not channel.subscribers and self._channels.get(channel.carried) is channel:
            del self._channels[channel.carried]

    def between(self, start: Positions, end: Positions) -> list[Frame] | None:
        """The frames from one position to another, or None when the ring does not go so far."""
        if any(offset < self._ring_starts[part] for part, offset in start.items()):
            return None
        return [
            frame
            for frame in self._ring
            if (part := (frame.topic, frame.partition)) in start
            and start[part] <= frame.offset < end[part]
        ]

    def ahead(self, positions: Positions) -> set[str]:
        """The topics in which these positions lie beyond the tail."""
        return {part[0] for part, offset in positions.items() if offset > self.positions[part]}

    def close(self) -> None:
        """Ends every stream."""
        self._is_closed = True
        for channel in self._channels.values():
            for subscriber in channel.subscribers:
                subscriber.end()

    def _keep(self, frame: Frame) -> Frame | None:
        if not self._seen.is_new(frame.key, frame.revision):
            return None
        self._note(frame)
        # A ranking may have been made before the kill, and come after it.
        frame = without(frame, self._gone.keys())
        if len(self._ring) == self._ring.maxlen:
            oldest = self._ring[0]
            self._ring_starts[oldest.topic, oldest.partition] = oldest.offset + 1
        self._ring.append(frame)
        return frame

    def _note(self, frame: Frame) -> None:
        if frame.terms is None:
            self._gone[frame.key] = None
        elif frame.ranking is None:
            self._gone.pop(frame.key, None)

    def _tell(self) -> Iterator[None]:
        for channel in tuple(self._channels.values()):
            for frames in channel.tell():
                metrics.stream_events.inc(frames)
                yield
