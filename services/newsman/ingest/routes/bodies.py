"""Reading a request's body within bounds: raw and inflated bytes, time, and memory of strangers."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from newsman.ingest.reading.gzip_bounds import BadEncoding, UnpacksTooLarge, inflate, too_large

__all__ = [
    "BadEncoding",
    "BodyLimits",
    "BodyRoom",
    "NoRoom",
    "TooSlow",
    "UnpacksTooLarge",
    "read_body",
]

SLOWEST_BYTES_PER_SECOND = 10_000
"""A body that comes faster may take as long as it needs."""
GZIP = frozenset({"gzip", "x-gzip"})
PLAIN_ONLY: frozenset[str] = frozenset()


class TooSlow(Exception):
    """The client takes longer to send its body than it may."""


class NoRoom(Exception):
    """Too many bytes of senders who are not known yet are being read; it may be sent again."""


class BodyRoom:
    """Bounds the memory of bodies whose senders are not known yet, in all and per address."""

    def __init__(self, *, total_bytes: int, address_bytes: int) -> None:
        self._total_bytes = total_bytes
        self._address_bytes = address_bytes
        self._held: Counter[str] = Counter()
        self._held_bytes = 0

    def take(self, address: str, size: int) -> None:
        """Counts bytes that are kept from now on; raises NoRoom."""
        if self._held_bytes + size > self._total_bytes:
            raise NoRoom("too many bodies are being read")
        if self._held[address] + size > self._address_bytes:
            raise NoRoom("too many bodies of this address are being read")
        self._held[address] += size
        self._held_bytes += size

    def give_back(self, address: str, size: int) -> None:
        """Counts bytes as no longer kept."""
        self._held[address] -= size
        self._held_bytes -= size
        if self._held[address] <= 0:
            del self._held[address]


@dataclass(frozen=True)
class BodyLimits:
    """Bounds of one body."""

    body_bytes: int
    """As it is sent, and inflated."""
    patience_seconds: float
    """It may take so much longer than a slow line would."""
    codings: frozenset[str] = GZIP
    """Content codings that are inflated; others are refused (RFC 9110 section 8.4.1)."""
    room: BodyRoom | None = None
    """Counts the bytes while they are read, where the sender is not known yet."""


async def read_body(request: Request, limits: BodyLimits) -> bytes:
    """The whole body, inflated beside the event loop if it is compressed.

    Raises UnpacksTooLarge, TooSlow, BadEncoding or NoRoom.
    """
    coding = content_coding(request)
    check_coding(coding, limits)
    raw = await read_raw_body(request, limits)
    return await inflated(raw, coding, limits) if coding else raw


async def read_raw_body(request: Request, limits: BodyLimits) -> bytes:
    """The whole body as it was sent, for signatures are over these bytes."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limits.body_bytes:
        raise too_large(limits.body_bytes)
    address = request.client.host if request.client else ""
    began = asyncio.get_running_loop().time()
    body = bytearray()
    try:
        async with asyncio.timeout_at(began + limits.patience_seconds) as pace:
            while True:
                chunk, is_last = await _next_chunk(request)
                if len(body) + len(chunk) > limits.body_bytes:
                    raise too_large(limits.body_bytes)
                if limits.room:
                    limits.room.take(address, len(chunk))
                body += chunk
                if is_last:
                    return bytes(body)
                slowest_seconds = len(body) / SLOWEST_BYTES_PER_SECOND
                pace.reschedule(began + limits.patience_seconds + slowest_seconds)
    except TimeoutError as error:
        raise TooSlow(f"only {len(body)} bytes of the body came in time") from error
    finally:
        if limits.room:
            limits.room.give_back(address, len(body))


def content_coding(request: Request) -> str:
    """The body's coding in lower case; empty if it has none."""
    coding = request.headers.get("content-encoding", "").strip().lower()
    return "" if coding == "identity" else coding


def check_coding(coding: str, limits: BodyLimits) -> None:
    """Raises BadEncoding unless the coding is read here."""
    if coding and coding not in limits.codings:
        read = ", ".join(sorted(limits.codings)) or "only a plain body"
        raise BadEncoding(f"content coding {coding[:40]!r} is not read here; {read} is")


async def inflated(raw: bytes, coding: str, limits: BodyLimits) -> bytes:
    """The body that a content coding packed; the event loop goes on meanwhile."""
    check_coding(coding, limits)
    if not coding:
        return raw
    return await asyncio.to_thread(inflate, raw, limit_bytes=limits.body_bytes)


async def _next_chunk(request: Request) -> tuple[bytes, bool]:
    """A part of the body, and that it is the last one (ASGI, "Request")."""
    # Starlette's stream is a generator that would be left unfinished, and the event loop would
    # have to close it by a task of its own.
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), not message.get("more_body", False)
