"""Connections of http.client with limits on time and size."""

import http.client
from collections.abc import Mapping
from urllib.parse import SplitResult

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
CHUNK_BYTES = 64 * 1024


class TooLong(http.client.HTTPException):
    """The answer's body is larger than what is read."""


def connect(parts: SplitResult) -> http.client.HTTPConnection:
    """An open connection to the host of an http or https address."""
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
    connection.connect()
    if connection.sock is not None:
        connection.sock.settimeout(ANSWER_SECONDS)
    return connection


def read_body(response: http.client.HTTPResponse, limit_bytes: int) -> bytes:
    """The whole body; raises TooLong, or IncompleteRead when it was cut short."""
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read(CHUNK_BYTES):
        size += len(chunk)
        if size > limit_bytes:
            raise TooLong(f"the answer is larger than {limit_bytes} bytes")
        chunks.append(chunk)
    # Only read() without an amount notices a missing rest by itself.
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(chunks)


def headers_of(response: http.client.HTTPResponse) -> Mapping[str, str]:
    """The header fields under small names; repeated ones are joined (RFC 9110 section 5.3)."""
    found: dict[str, str] = {}
    for name, value in response.getheaders():
        low = name.lower()
        found[low] = f"{found[low]}, {value}" if low in found else value
    return found


def failure_text(error: Exception) -> str:
    """What went wrong, for people."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer was cut short"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
