"""The live stream's frames and who gets them: one shared tail, frames encoded once."""

import asyncio
import json
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsman.feeds.core import Site, article_url
from newsman.feeds.selection import terms_of
from newsman_schemas.articles import ArticlePublished

RING_FRAMES = 5_000
REMEMBERED_ARTICLES = 50_000

# Server-sent events end lines at \r and \n alone, but many readers split at these as well.
_LINE_ENDS = str.maketrans({end: f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})

Positions = dict[int, int]
"""Partition -> the next offset to read."""


class BadPosition(Exception):
    """A Last-Event-ID that is not one."""


class UnknownTopic(Exception):
    """A Last-Event-ID that names a topic which this stream does not carry."""


@dataclass(frozen=True)
class Frame:
    """One event of the stream, without its id, which depends on who reads it."""

    partition: int
    offset: int
    article_id: str
    revision: int
    payload: bytes
    terms: frozenset[str] | None
    """What the article stands under; None when the event takes it away."""


def frame_of(event: ArticlePublished, partition: int, offset: int, site: Site) -> Frame:
    """The frame that tells of an event: what it is about, without the text."""
    article = event.article
    data: dict[str, Any] = {
        "id": event.article_id,
        "action": event.action,
        "revision": event.revision,
        "version": event.version,
        "at": event.occurred_at.isoformat(),
    }
    if article is not None:
        data |= {
            "headline": article.headline,
            "section": article.section,
            "source": article.source,
            "language": article.language,
            "url": article_url(site, article.id),
            "tags": [tag.name for tag in article.tags],
            "entities": [entity.name for entity in article.entities],
        }
    text = json.dumps(data, ensure_ascii=False).translate(_LINE_ENDS)
    payload = f"event: article.{event.action}\ndata: {text}\n\n".encode("utf-8", "replace")
    terms = None if article is None else frozenset(terms_of(article))
    return Frame(partition, offset, event.article_id, event.revision, payload, terms)


def still_told(frames: Sequence[Frame]) -> list[Frame]:
    """The frames of a replay up to now, but what they said of articles that were taken away."""
    told: list[Frame] = []
    gone: set[str] = set()
    for frame in reversed(frames):
        if frame.terms is None:
            gone.add(frame.article_id)
        if frame.terms is None or frame.article_id not in gone:
            told.append(frame)
    return told[::-1]


def encode_id(topic: str, positions: Mapping[int, int]) -> bytes:
    """The `id:` line: where to go on in every partition."""
    vector = [
        {"topic": topic, "partition": part, "offset": offset}
        for part, offset in sorted(positions.items())
    ]
    return f"id: {json.dumps(vector)}\n".encode()


def as_json_line(block: bytes) -> bytes:
    """A block of the stream as one line of NDJSON; a comment or a retry is an empty line."""
    fields = dict(
        line.split(b": ", 1) for line in block.splitlines() if b": " in line and line[0] != 58
    )
    if b"data" not in fields and b"id" not in fields:
        return b"\n"
    name = fields.get(b"event", b"position")
    parts = [b'"event": "' + name + b'"']
    parts += [b'"' + key + b'": ' + fields[key] for key in (b"id", b"data") if key in fields]
    return b"{" + b", ".join(parts) + b"}\n"


def decode_id(text: str, topic: str, partitions: Sequence[int]) -> Positions:
    """The positions in a Last-Event-ID; raises BadPosition or UnknownTopic."""
    try:
        vector = json.loads(text)
        entries = [(entry["topic"], entry["partition"], entry["offset"]) for entry in vector]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadPosition("Last-Event-ID is not the id of an event of this stream") from error
    if not entries:
        raise BadPosition("Last-Event-ID holds no position")
    for name, partition, offset in entries:
        if name != topic:
            raise UnknownTopic(f"this stream does not carry {name!r:.100}")
        if type(partition) is not int or type(offset) is not int or offset < 0:
            raise BadPosition("Last-Event-ID holds a position that is no number")
        if partition not in partitions:
            raise BadPosition(f"there is no partition {partition}")
    return {partition: offset for _, partition, offset in entries}


class Seen:
    """Tells the second copy of a revision from the first; bounded."""

    def __init__(self, capacity: int = REMEMBERED_ARTICLES) -> None:
        self._capacity = capacity
        self._revisions: OrderedDict[str, int] = OrderedDict()

    def is_new(self, article_id: str, revision: int) -> bool:
        """Whether this revision is newer than any seen of the article; remembers it."""
        if revision <= self._revisions.get(article_id, 0):
            return False
        self._revisions[article_id] = revision
        self._revisions.move_to_end(article_id)
        if len(self._revisions) > self._capacity:
            self._revisions.popitem(last=False)
        return True


@dataclass(eq=False)
class Subscriber:
    """One open stream: what waits for it, or None at its end."""

    queue: "asyncio.Queue[tuple[Frame, bytes] | None]"
    wants: frozenset[str] = frozenset()

    def is_for(self, frame: Frame) -> bool:
        """Whether the frame passes the filters; what takes an article away always does."""
        return frame.terms is None or self.wants <= frame.terms


class Hub:
    """Knows where the tail stands, keeps its last frames, and hands each on to everybody."""

    def __init__(
        self,
        topic: str,
        *,
        buffer_events: int,
        ring: int = RING_FRAMES,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self.topic = topic
        self._heard = heard
        self.positions: Positions = {}
        self._buffer_events = buffer_events
        self._ring: deque[Frame] = deque(maxlen=ring)
        self._ring_starts: Positions = {}
        self._seen = Seen()
        self._subscribers: set[Subscriber] = set()
        self._is_closed = False

    @property
    def subscribers(self) -> int:
        """How many streams are open."""
        return len(self._subscribers)

    def begin(self, starts: Positions, ends: Positions, frames: Sequence[Frame]) -> None:
        """The tail stands at the ends; the frames are what the log holds since the starts."""
        self._ring_starts = dict(starts)
        for frame in frames:
            self._keep(frame)
        self.positions = dict(ends)

    def publish(self, frame: Frame) -> None:
        """A new frame from the tail."""
        if frame.offset < self.positions[frame.partition]:
            return
        self.positions[frame.partition] = frame.offset + 1
        self._heard()
        if not self._keep(frame):
            return
        encoded = encode_id(self.topic, self.positions) + frame.payload
        for subscriber in tuple(self._subscribers):
            self._hand_to(subscriber, frame, encoded)

    def subscribe(self, wants: frozenset[str] = frozenset()) -> Subscriber:
        """Everything from now on."""
        subscriber = Subscriber(asyncio.Queue(self._buffer_events), wants)
        if self._is_closed:
            subscriber.queue.put_nowait(None)
        self._subscribers.add(subscriber)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """The stream has ended."""
        self._subscribers.discard(subscriber)

    def between(self, start: Positions, end: Positions) -> list[Frame] | None:
        """The frames from one position to another, or None when the ring does not go so far."""
        if any(start.get(part, last) < self._ring_starts[part] for part, last in end.items()):
            return None
        return [
            frame
            for frame in self._ring
            if start.get(frame.partition, end[frame.partition])
            <= frame.offset
            < end[frame.partition]
        ]

    def has_reached(self, positions: Positions) -> bool:
        """Whether the tail stands at these positions or beyond."""
        return all(self.positions[part] >= offset for part, offset in positions.items())

    def close(self) -> None:
        """Ends every stream."""
        self._is_closed = True
        for subscriber in tuple(self._subscribers):
            self._end(subscriber)

    def _keep(self, frame: Frame) -> bool:
        if not self._seen.is_new(frame.article_id, frame.revision):
            return False
        if len(self._ring) == self._ring.maxlen:
            oldest = self._ring[0]
            self._ring_starts[oldest.partition] = oldest.offset + 1
        self._ring.append(frame)
        return True

    def _hand_to(self, subscriber: Subscriber, frame: Frame, encoded: bytes) -> None:
        if subscriber.queue.full():
            # A reader that does not read is let go, so that the others don't feel it.
            self._subscribers.discard(subscriber)
            self._end(subscriber)
            return
        subscriber.queue.put_nowait((frame, encoded))

    def _end(self, subscriber: Subscriber) -> None:
        # What still waits is not sent: an id after a gap would make the reader skip it for ever.
        while not subscriber.queue.empty():
            subscriber.queue.get_nowait()
        subscriber.queue.put_nowait(None)
