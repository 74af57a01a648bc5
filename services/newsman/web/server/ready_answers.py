"""Answers that are written as soon as their request is read, past the application."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

Fields = Sequence[tuple[bytes, bytes]]
"""Header fields, their names in small letters."""


class ReadyAnswer:
    """A whole answer to GET; its header is put together anew only when the server's fields, which
    hold the date, have changed."""

    def __init__(self, status: int, headers: Fields, body: bytes) -> None:
        self.status, self.body = status, body
        lines = [b"%b: %b\r\n" % field for field in headers]
        self._begins = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
        self._ends = b"".join(lines) + b"\r\n"
        self._of: Fields | None = None
        self._head = b""

    def head(self, servers: Fields) -> bytes:
        """Status line and header, those of the server first."""
        if servers is not self._of:
            fields = b"".join(b"%b: %b\r\n" % field for field in servers)
            self._of, self._head = servers, self._begins + fields + self._ends
        return self._head


class ReadyAnswers(Protocol):
    """Where ready answers are found."""

    def find(self, target: bytes, fields: Fields, /) -> ReadyAnswer | None:
        """The answer to a GET of this target (RFC 9112 section 3.2) with these fields; None if the
        application has to be asked."""


class _NothingReady:
    def find(self, _: bytes, __: Fields, /) -> ReadyAnswer | None:
        return None


NOTHING_READY = _NothingReady()
