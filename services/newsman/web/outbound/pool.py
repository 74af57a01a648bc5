"""Connections that are kept for the next request to the same place."""

import asyncio
import time
from functools import partial

from newsman.web.outbound.connection import OutboundConnection
from newsman.web.outbound.reply import ClosedEarly
from newsman.web.outbound.requests import ServerPlace
from newsman.web.outbound.sockets import Sockets

KEPT_SECONDS = 4.0
"""Shorter than common servers keep an idle connection, so that none closes as it is used again."""
LOOK_SECONDS = 0.25
"""Between two looks for what has taken too long; a timer for each request would cost more."""


class Connections:
    """Hands out idle connections, the last used first, and opens others."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        self._loop = asyncio.get_running_loop()
        self._idle: dict[ServerPlace, dict[OutboundConnection, float]] = {}
        """Since when, by `time.monotonic`; the one that has been idle for longest comes first."""
        self._open: set[OutboundConnection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._is_closed = False

    def idle(self, place: ServerPlace) -> OutboundConnection | None:
        """A connection that waits for a request, if there is one."""
        idle = self._idle.get(place)
        while idle:
            connection, _ = idle.popitem()
            if connection.is_open:
                return connection
        return None

    async def connect(self, place: ServerPlace) -> OutboundConnection:
        """A new connection; raises OSError or ValueError."""
        connection = OutboundConnection(partial(self._keep, place), partial(self._drop, place))
        await self._sockets.connect(place, connection)
        if self._is_closed or not connection.is_open:
            connection.give_up()
            raise ClosedEarly
        self._open.add(connection)
        self._look_later()
        return connection

    async def close(self) -> None:
        """Closes every connection."""
        self._is_closed = True
        if self._sweep:
            self._sweep.cancel()
        for connection in tuple(self._open):
            connection.give_up()
        await self._sockets.close()

    def _keep(self, place: ServerPlace, connection: OutboundConnection) -> None:
        self._idle.setdefault(place, {})[connection] = time.monotonic()

    def _drop(self, place: ServerPlace, connection: OutboundConnection) -> None:
        self._open.discard(connection)
        self._idle.get(place, {}).pop(connection, None)

    def _look_later(self) -> None:
        if self._sweep is None and not self._is_closed:
            self._sweep = self._loop.call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._sweep, now = None, time.monotonic()
        for connection in tuple(self._open):
            connection.look(now)
        for place, idle in tuple(self._idle.items()):
            for connection in [one for one, since in idle.items() if since < now - KEPT_SECONDS]:
                del idle[connection]
                connection.give_up()
            if not idle:
                del self._idle[place]
        if self._open:
            self._look_later()
