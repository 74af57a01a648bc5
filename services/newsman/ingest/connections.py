"""Connections whose clients are slow, stuck or gone: closed within a bounded time.

uvicorn bounds only how long a kept-alive connection may stay silent. Bodies that are being read
have a limit of their own (`bodies.py`), which is answered with 408.
"""

import asyncio
import struct
from collections.abc import Iterable
from socket import IPPROTO_TCP, SO_LINGER, SOL_SOCKET, TCP_USER_TIMEOUT
from typing import Any, ClassVar

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

SWEEP_SECONDS = 0.5

_RESET = struct.pack("ii", 1, 0)

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, and since when it has been the client's turn."""

    patience_seconds: ClassVar[float]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._is_receiving = False
        """A message has begun and is not complete."""
        self._waits_since: float | None = self.loop.time()
        self._writes_since: float | None = None
        self._answered_now: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # What is closed but not read to its end would otherwise stay in the kernel for minutes.
        timeout_ms = int(self.patience_seconds * 1_000)
        transport.get_extra_info("socket").setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, timeout_ms)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_receiving = True
        self._waits_since = self.loop.time()

    def on_headers_complete(self) -> None:
        # Whoever reads the body watches how fast it comes.
        self._waits_since = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_receiving = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # The next request, or the rest of a body that nobody wanted.
        self._waits_since = None if self.pipeline else self.loop.time()

    def pause_writing(self) -> None:
        self._writes_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._writes_since = None
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered_now = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # uvicorn tells only the newest of several pipelined requests.
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

    def close_if_stale(self, now: float) -> None:
        """Ends the connection when it has been the client's turn for too long."""
        if self._writes_since is None and self.transport.is_closing():
            self._writes_since = now  # it waits until the rest is written
        if self._is_over(self._writes_since, now):
            # Without a reset the kernel would keep what nobody reads.
            self.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
            self.transport.abort()
        elif self._is_over(self._waits_since, now):
            if self._is_receiving and (self.cycle is None or self.cycle.scope is not self.scope):
                self.transport.write(_TOO_SLOW)
            self.transport.close()

    def _is_over(self, since: float | None, now: float) -> bool:
        return since is not None and now - since > self.patience_seconds


def patient_protocol(patience_seconds: float) -> type[PatientProtocol]:
    """The protocol of a server that waits so long for its clients."""
    return type("PatientProtocol", (PatientProtocol,), {"patience_seconds": patience_seconds})


async def close_stale(connections: Iterable[Any], patience_seconds: float) -> None:
    """Looks after all connections for ever."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(min(SWEEP_SECONDS, patience_seconds / 4))
        now = loop.time()
        for connection in tuple(connections):
            connection.close_if_stale(now)
