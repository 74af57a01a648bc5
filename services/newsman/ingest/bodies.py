"""Reading a request's body without letting it grow beyond its limit."""

import zlib

from starlette.requests import Request

GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS


class TooLarge(Exception):
    """What was sent is larger than a limit; the text says which."""


class BadEncoding(Exception):
    """The body's content coding is unknown or broken."""


async def read_body(request: Request, *, limit_bytes: int) -> bytes:
    """The whole body, inflated if it is gzip (RFC 9110 section 8.4.1.3)."""
    inflater = _inflater(request.headers.get("content-encoding", "identity"))
    return await _read(request, limit_bytes, inflater)


async def read_raw_body(request: Request, *, limit_bytes: int) -> bytes:
    """The whole body as it was sent, for signatures are over these bytes."""
    return await _read(request, limit_bytes, None)


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


async def _read(request: Request, limit_bytes: int, inflater: "_Inflater | None") -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit_bytes:
        raise _too_large(limit_bytes)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        plain = inflater.inflate(chunk, limit_bytes + 1 - size) if inflater else chunk
        size += len(plain)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        chunks.append(plain)
    if inflater and not inflater.is_whole:
        raise BadEncoding("the gzip stream is cut short")
    return b"".join(chunks)


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
