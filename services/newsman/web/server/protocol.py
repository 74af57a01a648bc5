"""HTTP/1.1 connections within bounds: uvicorn's protocol bounds only how long one may be idle."""

import asyncio
import struct
from socket import IPPROTO_TCP, SO_LINGER, SOL_SOCKET, TCP_USER_TIMEOUT
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from newsman.web.limits import ServerLimits
from newsman.web.server.access_log import NoteReady
from newsman.web.server.connections import Admission, ConnectionTable
from newsman.web.server.direct_writes import CONNECTION, EXTENSION
from newsman.web.server.message_bounds import MessageBounds
from newsman.web.server.plain_answers import plain_answer
from newsman.web.server.ready_answers import NOTHING_READY, ReadyAnswers

FEED_BYTES = 16 * 1024
"""The parser is given so much at once, and then asked what it has cost."""
BACKSTOP_SECONDS = 1.0
"""Whoever reads a body watches its pace, and knows better how to refuse it."""
LINGER_SECONDS = 2.0
"""For so long a refused client's bytes are taken and dropped, lest a reset overtake the answer."""

_RESET = struct.pack("ii", 1, 0)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds on bytes, time and requests."""

    limits: ClassVar[ServerLimits]
    table: ClassVar[ConnectionTable]
    ready: ClassVar[ReadyAnswers]
    note_ready: ClassVar[NoteReady | None]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._bounds = MessageBounds(self.limits)
        self._is_receiving = False
        """A message has begun and is not complete."""
        self._waits_since: float | None = self.loop.time()
        self._writes_since: float | None = None
        self._body_since: float | None = None
        self._lingers_since: float | None = None
        self._answered_now: RequestResponseCycle | None = None
        self._is_answered = False
        """The message is being received that a ready answer was written for."""
        self._idle_since: float | None = None
        """When the last ready answer was written, if nothing has come since."""

    # Connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # A connection closed with unread data would otherwise stay in the kernel for minutes.
        timeout_ms = int(self.limits.patience_seconds * 1_000)
        transport.get_extra_info("socket").setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, timeout_ms)
        if self.table.admit(self, self.client[0] if self.client else "") is Admission.OPEN:
            self.table.waits(self)
            return
        self._bounds.refuse(503)
        self.transport.write(plain_answer(503))
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.table.leave(self)
        if self.scope is not None:
            # Else the two would keep each other until garbage is looked for.
            self.scope.pop("extensions", None)
        super().connection_lost(exc)
        # uvicorn informs only the newest of several pipelined requests.
        for cycle in (self._answered_now, *(waiting for waiting, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends no more (RFC 9293 section 3.6); it may still wait for its answer."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or self._is_receiving:
            return False
        cycle.keep_alive = False
        return True

    def give_way(self) -> None:
        """Ends the connection, whose client has sent nothing that could be answered."""
        self.transport.abort()

    # Incoming data

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._idle_since = None
        for start in range(0, len(data), FEED_BYTES):
            if self._bounds.refusal is not None:
                break
            self._feed(data if len(data) <= FEED_BYTES else data[start : start + FEED_BYTES])
        if self._bounds.refusal is not None:
            self._answer_refusal()

    def _feed(self, piece: bytes) -> None:
        self._bounds.came(len(piece))
        while piece:
            try:
                self.parser.feed_data(piece)
                break
            except httptools.HttpParserUpgrade as upgrade:
                # A refused upgrade leaves the connection unchanged (RFC 9110 section 7.8).
                piece = piece[upgrade.args[0] or len(piece) :]
            except httptools.HttpParserError:
                self._bounds.refuse(400)
                break
        self._bounds.check_framing()

    def on_message_begin(self) -> None:
        self._bounds.begin()
        if len(self.pipeline) >= self.limits.pipelined:
            self._bounds.refuse(503)
        if self._bounds.refusal is None:
            super().on_message_begin()
            self._is_receiving = True
            if not self._is_answering:
                self._waits_since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        self._bounds.url(len(url))
        if self._bounds.refusal is None:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._bounds.field(len(name) + len(value))
        # Trailer fields are not request headers (RFC 9110 section 6.5.1).
        if self._bounds.refusal is None and self._body_since is None:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._bounds.refusal is not None:
            return
        self._bounds.end_section()
        if self._answers_at_once():
            return
        # The reader of the body checks its speed.
        self._waits_since = None
        self._body_since = self.loop.time()
        self.table.works(self)
        super().on_headers_complete()
        self.scope["extensions"] = {EXTENSION: {CONNECTION: self}}

    def on_chunk_header(self) -> None:
        self._bounds.chunk()

    def on_body(self, body: bytes) -> None:
        self._bounds.body(len(body))
        if self._bounds.refusal is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._bounds.end_section()
        if self._bounds.refusal is None:
            self._is_receiving = False
            self._body_since = None
            if not self._is_answered:
                super().on_message_complete()
            self._is_answered = False

    # Outgoing data

    def _answers_at_once(self) -> bool:
        """True if the answer stood ready, and is written."""
        if self._is_answering or self.flow.write_paused or not self._is_plain_get():
            return False
        ready = self.ready.find(self.url, self.headers)
        if ready is None:
            return False
        self.transport.write(ready.head(self.server_state.default_headers))
        if ready.body:
            self.transport.write(ready.body)
        if (note := type(self).note_ready) is not None:
            note(self.client[0] if self.client else "-", self.headers, self.url, ready.status)
        self.server_state.total_requests += 1
        self._is_answered = True
        self._waits_since = self._idle_since = self.loop.time()
        self.table.works(self)
        self.table.waits(self)
        return True

    def _is_plain_get(self) -> bool:
        parser = self.parser
        return (
            parser.get_method() == b"GET"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not self.transport.is_closing()
        )

    @property
    def _is_answering(self) -> bool:
        return self._answered_now is not None and not self._answered_now.response_complete

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered_now = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_answering:  # the next one of the pipeline
            return
        # The next request, or the unread rest of a body.
        self._waits_since = self.loop.time()
        self.table.waits(self)
        if self._bounds.refusal is not None:
            self._answer_refusal()

    def write_now(self, piece: bytes) -> bool:
        """Writes a chunk of the answer that is under way; see DirectWriter."""
        if self.flow.write_paused or self.transport.is_closing():
            return False
        self.transport.write(piece)
        return True

    def pause_writing(self) -> None:
        self._writes_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._writes_since = None
        super().resume_writing()

    # Refusals

    def _answer_refusal(self) -> None:
        """Says what was wrong once everything before it is answered, and ends."""
        if self.transport.is_closing() or self._lingers_since is not None:
            return
        cycle = self._answered_now
        is_its_body = cycle is self.cycle and self._body_since is not None
        if self._is_answering and not is_its_body:
            self.flow.pause_reading()
            return  # on_response_complete comes here again
        if not (cycle and is_its_body and cycle.response_started):
            self.transport.write(plain_answer(self._bounds.refusal or 400))
        self._disconnect(cycle)
        self._linger()

    def _disconnect(self, cycle: RequestResponseCycle | None) -> None:
        """Tells the request that is being answered, if any, that its client is gone."""
        if cycle and self._is_answering:
            cycle.disconnected = True
            cycle.message_event.set()

    def _linger(self) -> None:
        self._lingers_since = self.loop.time()
        try:
            self.transport.write_eof()
        except OSError:  # the client has reset it, and the loop has not heard of that yet
            self.transport.abort()
        else:
            self.flow.resume_reading()

    # Time limits

    def close_if_stale(self, now: float) -> None:
        """Ends the connection when it has been the client's turn for too long."""
        patience = self.limits.patience_seconds
        if self._writes_since is None and self.transport.is_closing():
            self._writes_since = now  # it waits until the rest is written
        if _is_over(self._writes_since, now, patience):
            self._reset()
        elif _is_over(self._lingers_since, now, LINGER_SECONDS) or _is_over(
            self._idle_since, now, self.timeout_keep_alive
        ):
            self.transport.close()
        elif _is_over(self._waits_since, now, patience):
            if self._is_receiving and self._body_since is None:
                self._bounds.refuse(408)
                self._answer_refusal()
            else:
                self.transport.close()
        elif self._body_is_late(now):
            self._bounds.refuse(408)
            self._answer_refusal()

    def _reset(self) -> None:
        # Otherwise the kernel would keep unread data.
        self.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
        self.transport.abort()

    def _body_is_late(self, now: float) -> bool:
        if self._body_since is None or not self._is_answering:
            return False
        if self.flow.read_paused:  # it is the server's turn
            self._body_since = now - self._bounds.body_bytes / self.limits.body_bytes_per_second
            return False
        paced = self._bounds.body_bytes / self.limits.body_bytes_per_second
        patience = self.limits.patience_seconds + BACKSTOP_SECONDS + paced
        return _is_over(self._body_since, now, patience)


def _is_over(since: float | None, now: float, patience_seconds: float) -> bool:
    return since is not None and now - since > patience_seconds


def bounded_protocol(
    limits: ServerLimits,
    table: ConnectionTable,
    ready: ReadyAnswers = NOTHING_READY,
    note_ready: NoteReady | None = None,
) -> type[BoundedProtocol]:
    """The protocol of one server."""
    note = staticmethod(note_ready) if note_ready else None
    members = {"limits": limits, "table": table, "ready": ready, "note_ready": note}
    return type("BoundedProtocol", (BoundedProtocol,), members)
