"""One HTTP/1.1 connection (RFC 9112): requests one after the other, answers read by llhttp."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from multidict import CIMultiDict

from newsman.web.outbound.reply import ClosedEarly, NoHttp, Reply

MOST_HEAD_BYTES = 32 * 1024
MOST_HEADERS = 128
CHUNKED_BYTES = 8
"""Of what comes, for each byte of a body: one that is sent in chunks of a byte takes six."""
SWITCHING = 101


@dataclass(slots=True)
class _Answer:
    """One answer, as far as it has come."""

    done: "asyncio.Future[Reply]"
    most_bytes: int
    is_head: bool
    deadline: float
    status: int = 0
    """0 until the head of the final answer is whole."""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    head_bytes: int = 0
    raw_bytes: int = 0
    body: list[bytes] = field(default_factory=list)
    body_bytes: int = 0
    is_over: bool = False
    """Nothing more is to be read: the answer is whole, or as long as it may be."""
    is_whole: bool = False
    ends_by_closing: bool = False

    def reply(self) -> Reply:
        """The answer, as far as it has come."""
        headers = CIMultiDict(
            (name.decode("latin-1"), value.decode("utf-8", "surrogateescape"))
            for name, value in self.headers
        )
        return Reply(self.status, headers, b"".join(self.body), self.is_whole)


class OutboundConnection(asyncio.Protocol):
    """A connection that is asked one thing at a time, and kept between if both sides want that."""

    def __init__(self, freed: "Freed", ended: "Freed") -> None:
        """`freed` is called when the connection may be asked again, `ended` when it is closed."""
        self._loop = asyncio.get_running_loop()
        self._freed = freed
        self._ended = ended
        self._parser = HttpResponseParser(self)
        self._answer: _Answer | None = None
        self._keeps_alive = False
        self._is_between = True
        """True while no answer has begun that is not over."""

    @property
    def is_open(self) -> bool:
        """False once it is closed or about to be."""
        return not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The peer has been reached."""
        self._transport = cast(asyncio.Transport, transport)

    def ask(
        self, request: bytes, *, is_head: bool, deadline: float, most_bytes: int
    ) -> "asyncio.Future[Reply]":
        """Sends a request, head and body. The answer, or ClosedEarly, another OSError, NoHttp or,
        when `look` finds the deadline over, TimeoutError; call `give_up` if it is not wanted."""
        done: asyncio.Future[Reply] = self._loop.create_future()
        self._answer = _Answer(done, most_bytes, is_head, deadline)
        self._keeps_alive = False
        self._transport.write(request)
        return done

    def give_up(self) -> None:
        """Closes it at once; what is asked gets no answer."""
        self._answer = None
        self._transport.abort()

    def look(self, now: float) -> None:
        """Ends what has taken too long; `now` is of the clock that deadlines are of."""
        if self._answer and self._answer.deadline <= now:
            self._break_off(self._answer, TimeoutError())

    def data_received(self, data: bytes) -> None:
        """More of an answer, or of what nobody has asked for."""
        answer = self._answer
        if answer is None:
            self._transport.abort()
            return
        answer.raw_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as problem:
            self._misread(answer, problem)
            return
        if answer.is_over:
            self._finish(answer)
        elif _is_too_long(answer):
            self._break_off(answer, NoHttp("too much of it"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer has closed it, or this side."""
        self._ended(self)
        del self._parser  # it refers to this connection
        answer, self._answer = self._answer, None
        if answer is None:
            return
        answer.is_whole = answer.ends_by_closing and exc is None
        self._tell(answer, exc if isinstance(exc, OSError) else ClosedEarly())

    def on_message_begin(self) -> None:
        """Called by the parser: an answer begins, perhaps one too many."""
        self._is_between = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser; raises what makes it stop where there are too many."""
        answer = self._answer
        if answer is None or answer.is_over:
            return
        answer.head_bytes += len(name) + len(value)
        if len(answer.headers) >= MOST_HEADERS or answer.head_bytes > MOST_HEAD_BYTES:
            raise NoHttp("too many headers")
        if not answer.status:
            answer.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Called by the parser: the head is whole."""
        answer, status = self._answer, self._parser.get_status_code()
        if answer is None or answer.is_over:
            return
        if status < 200 and status != SWITCHING:
            answer.headers.clear()
            return
        answer.status = status
        answer.ends_by_closing = _ends_by_closing(answer.headers)
        if answer.is_head:
            answer.is_over = answer.is_whole = True

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        answer = self._answer
        if answer is None or answer.is_over:
            return
        left = answer.most_bytes - answer.body_bytes
        if len(data) > left:
            data, answer.is_over = data[:left], True
        answer.body.append(data)
        answer.body_bytes += len(data)

    def on_message_complete(self) -> None:
        """Called by the parser: the answer is whole."""
        answer = self._answer
        if answer is not None and answer.status and not answer.is_over:
            self._is_between = answer.is_over = answer.is_whole = True
            self._keeps_alive = self._parser.should_keep_alive()

    def _finish(self, answer: _Answer) -> None:
        self._answer = None
        is_sent = not self._transport.get_write_buffer_size()
        if answer.is_whole and self._keeps_alive and self._is_between and is_sent and self.is_open:
            self._freed(self)
        else:
            self._transport.abort()
        if not answer.done.done():
            answer.done.set_result(answer.reply())

    def _misread(self, answer: _Answer, problem: Exception) -> None:
        """An answer that cannot be read is none, unless it was whole before that."""
        if answer.is_over:
            self._keeps_alive = False
            self._finish(answer)
        else:
            answer.status = 0
            self._break_off(answer, NoHttp(str(problem)))

    def _break_off(self, answer: _Answer, problem: Exception) -> None:
        self._answer = None
        self._transport.abort()
        self._tell(answer, problem)

    def _tell(self, answer: _Answer, problem: Exception) -> None:
        """The status is the answer once it has come."""
        if answer.done.done():
            return
        if answer.status:
            answer.done.set_result(answer.reply())
        else:
            answer.done.set_exception(problem)


Freed = Callable[[OutboundConnection], None]


def _ends_by_closing(headers: list[tuple[bytes, bytes]]) -> bool:
    """True where neither a length nor chunks tell the end of the body (RFC 9112 section 6.3)."""
    names = {name.lower() for name, _ in headers}
    return b"content-length" not in names and b"transfer-encoding" not in names


def _is_too_long(answer: _Answer) -> bool:
    """True for heads without end, and bodies in chunks that are mostly extensions."""
    most = MOST_HEAD_BYTES + (answer.most_bytes * CHUNKED_BYTES if answer.status else 0)
    return answer.raw_bytes > most
