"""Reading a request's body without letting it grow beyond its limit."""

import asyncio
import zlib
from collections.abc import AsyncIterator

from starlette.requests import Request

SLOWEST_BYTES_PER_SECOND = 10_000
"""A body that comes faster may take as long as it needs."""
GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS


class TooLarge(Exception):
    """What was sent is larger than a limit; the text says which."""


class TooSlow(Exception):
    """The client takes longer to send its body than it may."""


class BadEncoding(Exception):
    """The body's content coding is unknown or broken."""


async def read_body(request: Request, *, limit_bytes: int, patience_seconds: float) -> bytes:
    """The whole body, inflated if it is gzip (RFC 9110 section 8.4.1.3).

    Raises TooSlow when it takes `patience_seconds` more than a slow line would.
    """
    inflater = _inflater(request.headers.get("content-encoding", "identity"))
    return await _read(request, limit_bytes, patience_seconds, inflater)


async def read_raw_body(request: Request, *, limit_bytes: int, patience_seconds: float) -> bytes:
    """The whole body as it was sent, for signatures are over these bytes."""
    return await _read(request, limit_bytes, patience_seconds, None)


def inflate(raw: bytes, *, coding: str, limit_bytes: int) -> bytes:
    """The body that a content coding packed."""
    inflater = _inflater(coding)
    if inflater is None:
        return raw
    plain = inflater.inflate(raw, limit_bytes + 1)
    if len(plain) > limit_bytes:
        raise _too_large(limit_bytes)
    if not inflater.is_whole:
        raise BadEncoding("the gzip stream is cut short")
    return plain


async def _read(
    request: Request, limit_bytes: int, patience_seconds: float, inflater: "_Inflater | None"
) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit_bytes:
        raise _too_large(limit_bytes)
    chunks: list[bytes] = []
    size = 0
    async for chunk in _in_time(request, patience_seconds):
        plain = inflater.inflate(chunk, limit_bytes + 1 - size) if inflater else chunk
        size += len(plain)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        chunks.append(plain)
    if inflater and not inflater.is_whole:
        raise BadEncoding("the gzip stream is cut short")
    return b"".join(chunks)


async def _in_time(request: Request, patience_seconds: float) -> AsyncIterator[bytes]:
    began, sent_bytes = asyncio.get_running_loop().time(), 0
    stream = request.stream()
    while True:
        try:
            slowest = began + patience_seconds + sent_bytes / SLOWEST_BYTES_PER_SECOND
            async with asyncio.timeout_at(slowest):
                chunk = await anext(stream, b"")
        except TimeoutError as error:
            raise TooSlow(f"only {sent_bytes} bytes of the body came in time") from error
        if not chunk:
            return
        sent_bytes += len(chunk)
        yield chunk


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit_bytes} bytes")


class _Inflater:
    """Inflates gzip, which may be several members in a row (RFC 1952 section 2.2)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=GZIP_WINDOW_BITS)

    @property
    def is_whole(self) -> bool:
        return self._member.eof

    def inflate(self, packed: bytes, room_bytes: int) -> bytes:
        """What the bytes hold, cut off at `room_bytes`."""
        plain = b""
        while packed and len(plain) < room_bytes:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=GZIP_WINDOW_BITS)
            try:
                plain += self._member.decompress(packed, room_bytes - len(plain))
            except zlib.error as error:
                raise BadEncoding(f"broken gzip: {error}") from error
            packed = self._member.unused_data if self._member.eof else b""
        return plain


def _inflater(coding: str) -> _Inflater | None:
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return None
    if coding in ("gzip", "x-gzip"):
        return _Inflater()
    raise BadEncoding(f"content coding {coding[:40]!r} is not read here; gzip is")
