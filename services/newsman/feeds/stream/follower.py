"""One reader's stream: what it missed, then what comes, and a sign of life when nothing does."""

import asyncio
import json
import logging
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from kafka.errors import KafkaError
from redis.exceptions import RedisError

from newsman.feeds import metrics
from newsman.feeds.stream.broadcaster import Broadcaster, Seen
from newsman.feeds.stream.channel import CHUNK_BYTES, StreamClient, wanted_in
from newsman.feeds.stream.frames import Frame, still_told, without
from newsman.feeds.stream.request import StreamRequest, TopicReplay
from newsman.feeds.stream.searches import Look, Searches, look_at_nothing
from newsman.kafka.positions import Named, Positions, encode_id, of_topics
from newsman.redis.articles import ArticleReader, StoreRebuilding
from newsman_schemas.subscriptions import Filter

log = logging.getLogger(__name__)

RETRY_MS = 2_000
OPENING = f":ok\n\nretry: {RETRY_MS}\n\n".encode()
HEARTBEAT = b": still here\n"
PING = b"event: ping\ndata: {}\n"
CATCH_UP_SECONDS = 5.0
CATCH_UP_POLL_SECONDS = 0.05

Published = Callable[[Iterable[str]], Awaitable[set[str]]]
"""Those of some articles that readers may see now."""


def published_in(articles: ArticleReader) -> Published:
    """Asks the store; raises StoreRebuilding while it is not there as a whole."""

    async def published(article_ids: Iterable[str]) -> set[str]:
        public_ids = await articles.published(article_ids)
        await articles.require_whole()
        return public_ids

    return published


class Follower:
    """Opens streams for readers."""

    def __init__(
        self,
        hub: Broadcaster,
        past: TopicReplay,
        published: Published,
        names: Mapping[str, str],
        *,
        searches: Searches,
        heartbeat_seconds: float,
    ) -> None:
        """`names` has the name of each topic's stream; the tail looks with the searches."""
        self._searches = searches
        self._hub = hub
        self._past = past
        self._published = published
        self._names = names
        self._heartbeat_seconds = heartbeat_seconds

    async def resolve(self, named: Named) -> Positions:
        """The positions that a reader named; raises KafkaError while Kafka is away."""
        if not named.moments:
            return named.offsets
        return named.offsets | await asyncio.to_thread(self._past.at, named.moments)

    def follow(self, asked: StreamRequest) -> AsyncGenerator[bytes, None]:
        """The stream, as pieces that hold whole frames."""
        return self._follow(asked) if asked.search is None else self._look(asked, asked.search)

    async def _look(self, asked: StreamRequest, search: Filter) -> AsyncGenerator[bytes, None]:
        """The stream of what passes a search."""
        term, version = self._searches.open(search)
        try:
            alone = self._searches.replay(term, search)
            # What comes before the tail looks with it is read from the log.
            now = of_topics(self._hub.positions, asked.carried.topics)
            if await self._is_looked_with(version):
                looked = replace(asked.wanting(term), start=now | asked.start, look=alone.look)
                caught_up = partial(self._searches.remember, alone)
                async with aclosing(self._follow(looked, caught_up)) as pieces:
                    async for piece in pieces:
                        yield piece
        finally:
            self._searches.close(search)

    async def _is_looked_with(self, version: int) -> bool:
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await self._hub.looks_with(version)
        except TimeoutError:
            log.warning("a search is broken off: the tail stands still")
            return False
        return True

    async def _follow(
        self, asked: StreamRequest, caught_up: Callable[[], None] = lambda: None
    ) -> AsyncGenerator[bytes, None]:
        """The stream; `caught_up` is called once what was missed is told."""
        lost = await self._not_reached(asked.start)
        # Nothing may happen between these two: the reader's place is where `end` stands.
        subscriber = self._hub.subscribe(asked.carried, asked.wants, asked.audience.products)
        end = of_topics(self._hub.positions, asked.carried.topics)
        metrics.streams.inc()
        try:
            yield asked.carried.form(OPENING)
            async for sent in self._before(asked, lost, end):
                yield sent
            caught_up()
            async for sent in self._live(asked, subscriber):
                yield sent
        except (KafkaError, RedisError, StoreRebuilding) as error:
            # The reader reconnects by itself with its last id.
            log.warning("a replay was broken off: %s", error)
        finally:
            self._hub.unsubscribe(subscriber)
            metrics.streams.dec()

    async def _before(
        self, asked: StreamRequest, lost: set[str], end: Positions
    ) -> AsyncIterator[bytes]:
        frames: list[Frame] = []
        for topic in sorted({topic for topic, _ in asked.start} - lost):
            missed = await self._missed(of_topics(asked.start, {topic}), end, asked.look)
            if missed is None:
                lost.add(topic)
            else:
                frames += missed
        position = end | {part: at for part, at in asked.start.items() if part[0] not in lost}
        if lost:
            yield asked.carried.form(self._resync(lost, position))
        elif not asked.start or asked.is_new:
            yield asked.carried.form(encode_id(position) + b"\n")
        for piece in _pieces(_replayed(frames, position, asked)):
            yield piece

    def _resync(self, lost: set[str], position: Positions) -> bytes:
        """The event that names the streams of which something may have been missed."""
        names = [self._names[topic] for topic in sorted(lost)]
        data = f"data: {json.dumps({'streams': names})}\n\n".encode()
        return b"event: resync\n" + encode_id(position) + data

    async def _missed(
        self, start: Positions, end: Positions, look: Look | None
    ) -> list[Frame] | None:
        if all(end[part] <= offset for part, offset in start.items()):
            return []
        frames = self._hub.between(start, end) if look is None else None
        if frames is None:
            read = partial(self._past.read, start, end, look or look_at_nothing)
            frames = await asyncio.to_thread(read)
        if frames is None:
            return None
        listed = frozenset[str]().union(*(frame.articles for frame in frames))
        gone = listed - await self._published(listed) if listed else listed
        return [without(frame, gone) for frame in still_told(frames)]

    async def _live(self, asked: StreamRequest, subscriber: StreamClient) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        subscriber.direct = asked.direct
        silent_until = loop.time() + self._heartbeat_seconds
        while not subscriber.has_ended and asked.audience.is_known():
            chunk = subscriber.take()
            if chunk.frames:
                metrics.stream_events.inc(chunk.frames)
                asked.audience.sends(chunk.told)
                yield chunk.sent
            elif (told_until := subscriber.told_at + self._heartbeat_seconds) > silent_until:
                silent_until = told_until
                continue
            elif loop.time() >= silent_until:
                asked.audience.sends(())
                yield self._sign_of_life(asked)
            else:
                await subscriber.wait(silent_until)
                continue
            silent_until = loop.time() + self._heartbeat_seconds

    def _sign_of_life(self, asked: StreamRequest) -> bytes:
        sign = PING if asked.pings else HEARTBEAT
        if any(asked.wants.values()) or asked.audience.products:
            # Nothing waits, so the id may move past what the filters left out.
            sign += encode_id(of_topics(self._hub.positions, asked.carried.topics))
        return asked.carried.form(sign + b"\n")

    async def _not_reached(self, start: Positions) -> set[str]:
        # Another process may have shown its reader what this one is about to read.
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CATCH_UP_SECONDS
        while self._hub.ahead(start) and loop.time() < deadline:
            await asyncio.sleep(CATCH_UP_POLL_SECONDS)
        return self._hub.ahead(start)


def _replayed(
    frames: Sequence[Frame], position: Positions, asked: StreamRequest
) -> Iterator[bytes]:
    seen = Seen()
    for frame in frames:
        position[frame.topic, frame.partition] = frame.offset + 1
        told_before = seen.last(frame.key)
        if not seen.is_new(frame.key, frame.revision):
            continue
        audience, wanted = asked.audience, wanted_in(asked.wants, frame.topic)
        payload = frame.since(told_before).payload_for(wanted, audience.products)
        if payload is not None:
            metrics.stream_events.inc()
            if (told := frame.told_by(payload)) is not None:
                audience.sends((told,))
            yield asked.carried.form(encode_id(position) + payload)


def _pieces(encoded: Iterator[bytes]) -> Iterator[bytes]:
    piece: list[bytes] = []
    size = 0
    for frame in encoded:
        piece.append(frame)
        size += len(frame)
        if size >= CHUNK_BYTES:
            yield b"".join(piece)
            piece, size = [], 0
    if piece:
        yield b"".join(piece)
