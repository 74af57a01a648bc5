"""Writing pieces of a streamed answer to their connection, past every layer above it."""

from typing import Protocol

from starlette.types import Scope

EXTENSION, CONNECTION = "newsman.direct", "connection"
"""The extension of an ASGI scope, and its member, under which a request finds its connection."""


class DirectWriter(Protocol):
    """A connection that takes pieces of the answer that is under way on it."""

    def write_now(self, piece: bytes) -> bool:
        """Writes a piece framed by `as_chunk`; False, and nothing is written, where the client
        does not read or has gone."""


def as_chunk(piece: bytes) -> bytes:
    """A piece of an answer as HTTP/1.1 frames it (RFC 9112 section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def direct_writer(scope: Scope) -> DirectWriter | None:
    """The connection of a GET; None where the server gives none, or the answer has no chunks."""
    if scope["method"] != "GET" or scope["http_version"] != "1.1":
        return None
    writer: DirectWriter | None = scope.get("extensions", {}).get(EXTENSION, {}).get(CONNECTION)
    return writer
