"""Bodies of requests, within bounds."""

from starlette.requests import Request

MOST_BYTES = 64 * 1024


class TooLarge(Exception):
    """A body over MOST_BYTES."""


class Packed(Exception):
    """A body with a content coding, which is not read here."""


async def read_body(request: Request) -> bytes:
    """The whole body; raises TooLarge or Packed. Its pace is the server's concern."""
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Packed("a body is read without content coding only")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > MOST_BYTES:
        raise TooLarge(f"a body may have {MOST_BYTES} bytes")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLarge(f"a body may have {MOST_BYTES} bytes")
    return bytes(body)
