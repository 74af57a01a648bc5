"""GET /v1/stream: server-sent events (WHATWG HTML, section 9.2) with exact resumption."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Protocol

from kafka.errors import KafkaError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds import metrics
from newsman.feeds.parameters import BadParameter, read_moment
from newsman.feeds.patient_stream import PatientStream
from newsman.feeds.selection import select
from newsman.feeds.stream import (
    BadPosition,
    Frame,
    Hub,
    Positions,
    Seen,
    Subscriber,
    UnknownTopic,
    as_json_line,
    decode_id,
    encode_id,
    still_told,
)
from newsman.problems import problem

log = logging.getLogger(__name__)

RETRY_MS = 2_000
HEARTBEAT = b": still here\n"
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
NDJSON = "application/x-ndjson"
PING = b"event: ping\ndata: {}\n"
CATCH_UP_SECONDS = 5.0
CATCH_UP_POLL_SECONDS = 0.05
STALLED_SECONDS = 30.0


@dataclass(frozen=True)
class Heartbeat:
    """What is said after so many seconds of silence."""

    seconds: float
    said: bytes


class Past(Protocol):
    """Reads what was on the topic between two positions."""

    def read(self, start: Positions, end: Positions) -> list[Frame] | None:
        """The frames, or None where the log no longer has them; blocks."""
        ...

    def at(self, moment_ms: int) -> Positions:
        """Where each partition stood at a Unix ms; blocks."""
        ...


def stream_routes(hub: Hub, past: Past, *, heartbeat_seconds: float) -> list[Route]:
    """The route of the live stream."""

    async def stream(request: Request) -> Response:
        if not hub.positions:
            return problem(503, "the live stream is not there yet", headers={"Retry-After": "2"})
        last_id = request.headers.get("last-event-id") or request.query_params.get("lastEventId")
        since = request.query_params.get("since")
        try:
            start = decode_id(last_id, hub.topic, list(hub.positions)) if last_id else None
            if start is None and since is not None:
                start = await asyncio.to_thread(past.at, read_moment("since", since))
        except KafkaError:
            return problem(503, "the log is away for a moment", headers={"Retry-After": "2"})
        except BadParameter as error:
            return problem(400, str(error), errors=[(f"/{error.name}", error.detail)])
        except BadPosition as error:
            return problem(400, str(error))
        except UnknownTopic as error:
            return problem(404, str(error))
        pings = PING if "ping" in request.query_params else HEARTBEAT
        beat = Heartbeat(heartbeat_seconds, pings)
        frames = _frames(hub, past, start, frozenset(_wants(request)), beat)
        is_lines = NDJSON in request.headers.get("accept", "")
        return PatientStream(
            _as_lines(frames) if is_lines else frames,
            what="the live stream",
            patience_seconds=STALLED_SECONDS,
            media_type=NDJSON if is_lines else "text/event-stream",
            headers=HEADERS,
        )

    return [Route("/v1/stream", stream)]


def _wants(request: Request) -> Iterator[str]:
    selection = select(request.query_params)
    return (term for term in selection.terms if selection.filters)


async def _as_lines(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for block in frames:
        yield as_json_line(block)


async def _frames(
    hub: Hub,
    past: Past,
    start: Positions | None,
    wants: frozenset[str],
    beat: Heartbeat,
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
        async for sent in _live(hub, subscriber, beat):
            yield sent
    except KafkaError as error:
        # The reader comes back by itself, with the last id it has.
        log.warning("a replay was broken off: %s", error)
    finally:
        hub.unsubscribe(subscriber)
        metrics.streams.dec()


async def _live(hub: Hub, subscriber: Subscriber, beat: Heartbeat) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(beat.seconds):
                waiting = await subscriber.queue.get()
        except TimeoutError:
            # Nothing waits, so the id may move past what the filters left out.
            moved = encode_id(hub.topic, hub.positions) if subscriber.wants else b""
            yield beat.said + moved + b"\n"
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
    for frame in still_told(frames):
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
