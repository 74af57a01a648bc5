"""The frames of some topics, encoded once, and readers that keep but their place among them."""

import asyncio
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from newsman.feeds.stream.frames import Frame, Products, as_json_line
from newsman.feeds.subscribers.told import ToldVersion
from newsman.kafka.positions import Positions, encode_id, of_topics
from newsman.web.server.direct_writes import DirectWriter, as_chunk

CHUNK_BYTES = 64 * 1024
SLICE_READERS = 250
"""So many are told before whatever else the loop has to do."""

Wants = dict[str, frozenset[str]]
"""Topic -> the terms that a frame of it must all stand under."""


@dataclass(frozen=True)
class Carried:
    """The topics that a channel carries, and in which form."""

    topics: frozenset[str]
    as_lines: bool = False

    def form(self, block: bytes) -> bytes:
        """A block of the stream in this form."""
        return as_json_line(block) if self.as_lines else block


@dataclass(frozen=True)
class Chunk:
    """Frames that are sent together, how many, where the next one begins, and what they tell."""

    sent: bytes
    frames: int
    end: int
    told: tuple[ToldVersion, ...] = ()

    @cached_property
    def framed(self) -> bytes:
        """The bytes for a connection that is written to directly."""
        return as_chunk(self.sent)


NOTHING = Chunk(b"", 0, 0)


class StreamChannel:
    """The last frames of some topics, encoded, and all who follow just these in one form."""

    def __init__(self, carried: Carried, buffer_events: int) -> None:
        self.carried = carried
        self.subscribers: set[StreamClient] = set()
        self._buffer_events = buffer_events
        self._frames: list[Frame] = []
        """With ids, in the channel's form."""
        self._begins = 0
        self._chunks: dict[Hashable, Chunk] = {}

    @property
    def end(self) -> int:
        """The number of the next frame."""
        return self._begins + len(self._frames)

    def add(self, frame: Frame, positions: Positions) -> None:
        """One more frame, and where a reader stands who has read it."""
        frame_id = encode_id(of_topics(positions, self.carried.topics))
        payload = self.carried.form(frame_id + frame.payload)
        moved = self.carried.form(frame_id + frame.moved) if frame.left else b""
        self._frames.append(replace(frame, payload=payload, moved=moved))
        self._chunks.clear()
        surplus = len(self._frames) - self._buffer_events
        # Not one by one: each deletion moves all that follows it.
        if surplus >= self._buffer_events:
            del self._frames[:surplus]
            self._begins += surplus

    def tell(self) -> Iterator[int]:
        """Tells everybody that there is more, some at a time; the frames that were sent by that.
        Who lags too far behind is let go."""
        everybody = iter(tuple(self.subscribers))
        while some := tuple(islice(everybody, SLICE_READERS)):
            yield sum(map(self._tell, some))

    def _tell(self, subscriber: "StreamClient") -> int:
        if self.has_lost(subscriber.place):
            # A reader that falls behind is disconnected, so that the others are not affected.
            subscriber.end()
            self.subscribers.discard(subscriber)
            return 0
        return subscriber.tell()

    def has_lost(self, place: int) -> bool:
        """True if what follows a place is kept no longer."""
        return self.end - place > self._buffer_events

    def chunk(self, client: "StreamClient") -> Chunk:
        """The frames after a reader's place, as far as they fit; made once for all who stand there
        and want the same."""
        key = (client.place, client.chosen)
        chunk = self._chunks.get(key)
        if chunk is None:
            chunk = self._chunk(client.place, client.wants, client.products)
            self._chunks[key] = chunk
        return chunk

    def _chunk(self, place: int, wants: Wants, products: Products) -> Chunk:
        parts: list[bytes] = []
        told: list[ToldVersion] = []
        size = 0
        while place < self.end and size < CHUNK_BYTES:
            frame = self._frames[place - self._begins]
            place += 1
            payload = frame.payload_for(wanted_in(wants, frame.topic), products)
            if payload is not None:
                parts.append(payload)
                size += len(payload)
                if (one := frame.told_by(payload)) is not None:
                    told.append(one)
        return Chunk(b"".join(parts), len(parts), place, tuple(told))


def wanted_in(wants: Wants, topic: str) -> frozenset[str]:
    """The terms that frames of a topic must stand under for a reader."""
    return wants.get(topic, frozenset())


@dataclass(eq=False)
class StreamClient:
    """One open stream: its place among the frames of its channel."""

    channel: StreamChannel
    wants: Wants
    place: int
    has_ended: bool = False
    products: Products = ()
    direct: DirectWriter | None = None
    """Its connection, where that may be written to while it waits."""
    told_at: float = 0.0
    """When that was done last, by the loop's clock."""
    _waiting: "asyncio.Future[None] | None" = field(default=None, repr=False)

    @cached_property
    def chosen(self) -> Hashable:
        """Its filters, and those of what it may see."""
        return (frozenset(self.wants.items()), self.products)

    def take(self) -> Chunk:
        """The frames that have come since, perhaps none; nothing at all once it has ended."""
        if self.has_ended or self.channel.has_lost(self.place):
            self.end()
            return NOTHING
        chunk = self.channel.chunk(self)
        self.place = chunk.end
        return chunk

    async def wait(self, until: float) -> None:
        """Returns when there is more, at the end, or at a time of the loop's clock."""
        if self.has_ended or self.place < self.channel.end:
            return
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        timer = loop.call_at(until, self.wake)
        try:
            await self._waiting
        finally:
            timer.cancel()
            self._waiting = None

    def tell(self) -> int:
        """Has it told what has come: at once where it can be, else by whoever waits. The number of
        frames that were sent at once."""
        if self.direct is None or self._waiting is None or self.has_ended:
            self.wake()
            return 0
        frames = 0
        while self.place < self.channel.end:
            chunk = self.channel.chunk(self)
            if chunk.frames and not self.direct.write_now(chunk.framed):
                self.wake()
                break
            self.place = chunk.end
            frames += chunk.frames
        if frames:
            self.told_at = asyncio.get_running_loop().time()
        return frames

    def wake(self) -> None:
        """Ends the waiting."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def end(self) -> None:
        """Nothing more will come."""
        self.has_ended = True
        self.wake()
