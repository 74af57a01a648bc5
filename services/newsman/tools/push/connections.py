"""Exchanges with one server over urllib3, with limits on time and size."""

import socket
import ssl
from collections.abc import Callable, Mapping
from http.client import IncompleteRead
from typing import Any
from urllib.parse import SplitResult

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    HTTPError,
    NewConnectionError,
    ProtocolError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as NoAnswer

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
CHUNK_BYTES = 64 * 1024
Connected = Callable[[socket.socket], None]


class TooLong(HTTPError):
    """The answer's body is larger than what is read."""


class _Connection(HTTPConnection):
    """Tells of its socket before anything is sent over it."""

    def __init__(self, *arguments: Any, connected: Connected, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._connected = connected

    def connect(self) -> None:
        super().connect()
        # urllib3 would give the whole body no more time than it has to connect.
        self.sock.settimeout(ANSWER_SECONDS)
        self._connected(self.sock)


class _SecureConnection(_Connection, HTTPSConnection):
    """A connection over TLS."""


class _Plain(HTTPConnectionPool):
    ConnectionCls = _Connection


class _Secure(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def open_pool(parts: SplitResult, connected: Connected = lambda _: None) -> HTTPConnectionPool:
    """Keeps a connection to the host of an http or https address open; certificates are checked.

    `connected` is called with each new socket, and may raise.
    """
    options: dict[str, Any] = {
        "host": parts.hostname or "",
        "port": parts.port,
        "timeout": Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
        "maxsize": 1,
        "retries": False,
        "connected": connected,
    }
    if parts.scheme == "https":
        return _Secure(**options, ssl_context=ssl.create_default_context())
    return _Plain(**options)


def request(
    pool: HTTPConnectionPool,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> BaseHTTPResponse:
    """The answer, of which the head is read; redirects are not followed. Raises HTTPError."""
    return pool.urlopen(
        method,
        target,
        body,
        headers,
        redirect=False,
        preload_content=False,
        decode_content=False,
    )


def headers_of(response: BaseHTTPResponse) -> Mapping[str, str]:
    """The header fields under small names; repeated ones are joined (RFC 9110 section 5.3)."""
    return {name.lower(): value for name, value in response.headers.itermerged()}


def read_body(response: BaseHTTPResponse, limit_bytes: int) -> bytes:
    """The whole body, as it is packed; raises TooLong, or another HTTPError."""
    chunks: list[bytes] = []
    size = 0
    for chunk in response.stream(CHUNK_BYTES, decode_content=False):
        size += len(chunk)
        if size > limit_bytes:
            response.close()
            raise TooLong(f"the answer is larger than {limit_bytes} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def failure_text(error: Exception) -> str:
    """The error in words for people."""
    cause = _cause(error)
    if isinstance(cause, (TimeoutError, NoAnswer)):
        return "no answer in time"
    if isinstance(cause, IncompleteRead):
        return "the answer was cut short"
    if isinstance(cause, ConnectionResetError) and cause.errno is None:
        return "the connection was closed without an answer"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__


def _cause(error: Exception) -> Exception:
    """The error that urllib3 tells of."""
    if isinstance(error, NewConnectionError) and isinstance(error.__cause__, OSError):
        return error.__cause__
    inner = error.args[-1] if isinstance(error, (ProtocolError, SSLError)) and error.args else None
    return inner if isinstance(inner, Exception) else error
