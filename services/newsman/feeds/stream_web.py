"""GET /v1/stream: server-sent events (WHATWG HTML, section 9.2) with exact resumption."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Protocol

from kafka.errors import KafkaError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds import metrics
from newsman.feeds.patient_stream import PatientStream
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
from newsman.slugs import slugify

log = logging.getLogger(__name__)

RETRY_MS = 2_000
HEARTBEAT = b": still here\n"
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
FILTERS = ("section", "tag", "entity")
CATCH_UP_SECONDS = 5.0
CATCH_UP_POLL_SECONDS = 0.05
STALLED_SECONDS = 30.0


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
        frames = _frames(hub, past, start, _wants(request), heartbeat_seconds)
        return PatientStream(
            frames,
            what="the live stream",
            patience_seconds=STALLED_SECONDS,
            media_type="text/event-stream",
            headers=HEADERS,
        )

    return [Route("/v1/stream", stream)]


def _wants(request: Request) -> frozenset[str]:
    chosen = ((name, request.query_params.get(name)) for name in FILTERS)
    return frozenset(f"{name}:{slugify(value)}" for name, value in chosen if value)


async def _frames(
    hub: Hub,
    past: Past,
    start: Positions | None,
    wants: frozenset[str],
    heartbeat_seconds: float,
) -> AsyncIterator[bytes]:
    known = start is None or await _is_reached(hub, start)
    # Nothing may happen between these two: what the queue gets begins where `end` stands.
    subscriber, end = hub.subscribe(wants), dict(hub.positions)
    metrics.streams.inc()
    try:
        yield b":ok\n\nretry: " + str(RETRY_MS).encode() + b"\n\n"
        if not known:
            yield _resync(hub, end)
        elif start is not None:
            async for sent in _missed(hub, past, subscriber, start, end):
                yield sent
        else:
            yield encode_id(hub.topic, end) + b"\n"
        async for sent in _live(hub, subscriber, heartbeat_seconds):
            yield sent
    except KafkaError as error:
        # The reader comes back by itself, with the last id it has.
        log.warning("a replay was broken off: %s", error)
    finally:
        hub.unsubscribe(subscriber)
        metrics.streams.dec()


async def _live(hub: Hub, subscriber: Subscriber, heartbeat_seconds: float) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(heartbeat_seconds):
                waiting = await subscriber.queue.get()
        except TimeoutError:
            # Nothing waits, so the id may move past what the filters left out.
            yield HEARTBEAT + (encode_id(hub.topic, hub.positions) if subscriber.wants else b"")
            yield b"\n"
            continue
        if waiting is None:
            return
        if subscriber.is_for(waiting[0]):
            metrics.stream_events.inc()
            yield waiting[1]


async def _missed(
    hub: Hub, past: Past, subscriber: Subscriber, start: Positions, end: Positions
) -> AsyncIterator[bytes]:
    frames = hub.between(start, end)
    if frames is None:
        frames = await asyncio.to_thread(past.read, start, end)
    if frames is None:
        yield _resync(hub, end)
        return
    position, seen = {**end, **start}, Seen()
    for frame in frames:
        position[frame.partition] = frame.offset + 1
        if seen.is_new(frame.article_id, frame.revision) and subscriber.is_for(frame):
            metrics.stream_events.inc()
            yield encode_id(hub.topic, position) + frame.payload


async def _is_reached(hub: Hub, start: Positions) -> bool:
    # Another process may have shown its reader what this one is about to read.
    loop = asyncio.get_running_loop()
    deadline = loop.time() + CATCH_UP_SECONDS
    while not hub.has_reached(start) and loop.time() < deadline:
        await asyncio.sleep(CATCH_UP_POLL_SECONDS)
    return hub.has_reached(start)


def _resync(hub: Hub, end: Positions) -> bytes:
    return b"event: resync\n" + encode_id(hub.topic, end) + b"data: {}\n\n"
