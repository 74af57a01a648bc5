"""The HTTP client for addresses that strangers named.

What decides is the address that a socket is about to connect to: a name is looked up once, each
address found is judged, and the connection goes to that very address.
"""

import asyncio
import socket
import time
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Self

from newsman.web.outbound.connection import OutboundConnection
from newsman.web.outbound.lookups import LookUp
from newsman.web.outbound.policy import OutboundPolicy
from newsman.web.outbound.pool import Connections
from newsman.web.outbound.reply import ClosedEarly, NoAnswer, Reply, in_words
from newsman.web.outbound.requests import BODILESS, Addressed, request_bytes, target_of
from newsman.web.outbound.sockets import Sockets

MOST_BYTES = 64 * 1024
REMEMBERED_URLS = 20_000


class OutboundSession:
    """Sends requests; keeps connections open, but no cookies, and asks no proxy."""

    def __init__(self, policy: OutboundPolicy, look_up: LookUp) -> None:
        self._refusal = lru_cache(maxsize=REMEMBERED_URLS)(policy.refusal)
        self._target = lru_cache(maxsize=REMEMBERED_URLS)(target_of)
        self._pool = Connections(Sockets(policy, look_up))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes every connection."""
        await self._pool.close()

    async def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float,
        most_bytes: int = MOST_BYTES,
    ) -> Reply:
        """One request, answered within so many seconds as a whole; raises NoAnswer.

        Once the status has come it is the answer, even where the body breaks off.
        """
        if refusal := self._refusal(url):
            raise NoAnswer(refusal)
        try:
            target = self._target(url)
            request = request_bytes(method, target, headers or {}, body)
            return await self._send(method, target, request, time.monotonic() + seconds, most_bytes)
        except (OSError, ValueError) as error:
            raise NoAnswer(in_words(error)) from error

    async def _send(
        self, method: str, target: Addressed, request: bytes, deadline: float, most_bytes: int
    ) -> Reply:
        while connection := self._pool.idle(target.place):
            try:
                return await _ask(connection, method, request, deadline, most_bytes)
            except (ClosedEarly, ConnectionError):
                # It was closed as it was used again. Only what asks may be repeated unasked.
                if method not in BODILESS:
                    raise
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + _left(deadline)):
            connection = await self._pool.connect(target.place)
        return await _ask(connection, method, request, deadline, most_bytes)


def build_outbound_session(
    policy: OutboundPolicy, *, look_up: LookUp = socket.getaddrinfo
) -> OutboundSession:
    """A client that reaches what the policy allows; call it in a running event loop."""
    return OutboundSession(policy, look_up)


async def _ask(
    connection: OutboundConnection, method: str, request: bytes, deadline: float, most_bytes: int
) -> Reply:
    try:
        return await connection.ask(
            request, is_head=method == "HEAD", deadline=deadline, most_bytes=most_bytes
        )
    except asyncio.CancelledError:
        connection.give_up()
        raise


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())
