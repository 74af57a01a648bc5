"""Reading a request's body without letting it grow beyond its limit."""

import zlib

from starlette.requests import Request

GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS


class TooLarge(Exception):
    """The body is larger than the limit."""


class BadEncoding(Exception):
    """The body's content coding is unknown or broken."""


async def read_body(request: Request, *, limit_bytes: int) -> bytes:
    """The whole body, inflated if it is gzip (RFC 9110 section 8.4.1.3)."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit_bytes:
        raise TooLarge
    inflater = _inflater(request.headers.get("content-encoding", "identity"))
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        plain = _inflate(inflater, chunk, limit_bytes - size) if inflater else chunk
        size += len(plain)
        if size > limit_bytes or (inflater and inflater.unconsumed_tail):
            raise TooLarge
        chunks.append(plain)
    if inflater and not inflater.eof:
        raise BadEncoding("the gzip stream is cut short")
    return b"".join(chunks)


def _inflater(coding: str) -> "zlib._Decompress | None":
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return None
    if coding in ("gzip", "x-gzip"):
        return zlib.decompressobj(wbits=GZIP_WINDOW_BITS)
    raise BadEncoding(f"content coding {coding[:40]!r} is not read here; gzip is")


def _inflate(inflater: "zlib._Decompress", chunk: bytes, room_bytes: int) -> bytes:
    try:
        return inflater.decompress(chunk, room_bytes + 1)
    except zlib.error as error:
        raise BadEncoding(f"broken gzip: {error}") from error
