"""GET /v1/stream: server-sent events (WHATWG HTML, section 9.2) with exact resumption."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from kafka.errors import KafkaError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from newsman.feeds import metrics
from newsman.feeds.stream import (
    BadPosition,
    Frame,
    Hub,
    Positions,
    Seen,
    Subscriber,
    UnknownTopic,
    decode_id,
    encode_id,
)
from newsman.problems import problem

RETRY_MS = 2_000
HEARTBEAT = b": still here\n\n"
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
FILTERS = ("section", "tag", "entity")


class Past(Protocol):
    """Reads what was on the topic between two positions."""

    def read(self, start: Positions, end: Positions) -> list[Frame] | None:
        """The frames, or None where the log no longer has them; blocks."""
        ...


def stream_routes(hub: Hub, past: Past, *, heartbeat_seconds: float) -> list[Route]:
    """The route of the live stream."""

    async def stream(request: Request) -> Response:
        if not hub.positions:
            return problem(503, "the live stream is not there yet", headers={"Retry-After": "2"})
        last_id = request.headers.get("last-event-id") or request.query_params.get("lastEventId")
        try:
            start = decode_id(last_id, hub.topic, list(hub.positions)) if last_id else None
        except BadPosition as error:
            return problem(400, str(error))
        except UnknownTopic as error:
            return problem(404, str(error))
        subscriber = hub.subscribe(_wants(request))
        metrics.streams.set(hub.subscribers)
        frames = _frames(hub, past, subscriber, start, heartbeat_seconds)
        return StreamingResponse(frames, media_type="text/event-stream", headers=HEADERS)

    return [Route("/v1/stream", stream)]


def _wants(request: Request) -> frozenset[str]:
    chosen = ((name, request.query_params.get(name)) for name in FILTERS)
    return frozenset(f"{name}:{value.casefold()}" for name, value in chosen if value)


async def _frames(
    hub: Hub,
    past: Past,
    subscriber: Subscriber,
    start: Positions | None,
    heartbeat_seconds: float,
) -> AsyncIterator[bytes]:
    try:
        yield b":ok\n\nretry: " + str(RETRY_MS).encode() + b"\n\n"
        if start is not None:
            # What is published from here on waits in the subscriber's queue.
            async for frame in _missed(hub, past, subscriber, start, dict(hub.positions)):
                yield frame
        while True:
            try:
                async with asyncio.timeout(heartbeat_seconds):
                    waiting = await subscriber.queue.get()
            except TimeoutError:
                yield HEARTBEAT
                continue
            if waiting is None:
                return
            if subscriber.is_for(waiting[0]):
                metrics.stream_events.inc()
                yield waiting[1]
    finally:
        hub.unsubscribe(subscriber)
        metrics.streams.set(hub.subscribers)


async def _missed(
    hub: Hub, past: Past, subscriber: Subscriber, start: Positions, end: Positions
) -> AsyncIterator[bytes]:
    frames = hub.since(start)
    if frames is None:
        try:
            frames = await asyncio.to_thread(past.read, start, end)
        except KafkaError:
            frames = None
    if frames is None:
        yield b"event: resync\n" + encode_id(hub.topic, end) + b"data: {}\n\n"
        return
    position, seen = {**end, **start}, Seen()
    for frame in frames:
        position[frame.partition] = frame.offset + 1
        if seen.is_new(frame.article_id, frame.revision) and subscriber.is_for(frame):
            metrics.stream_events.inc()
            yield encode_id(hub.topic, position) + frame.payload
