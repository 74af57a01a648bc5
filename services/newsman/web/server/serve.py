"""The one way to serve HTTP: uvicorn with bounds, on every port of every service."""

import asyncio
import contextlib
import resource
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from socket import AF_INET, AF_INET6, create_server, socket
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from newsman.runtime.crash import bugs_crash
from newsman.runtime.settings_error import SettingsError
from newsman.web import metrics
from newsman.web.addresses import Networks
from newsman.web.client import KnownClients
from newsman.web.limits import OPS_LIMITS, ServerLimits
from newsman.web.security_headers import SecurityHeaders
from newsman.web.server.access_log import logged, ready_log
from newsman.web.server.connections import Admission, ConnectionTable
from newsman.web.server.protocol import bounded_protocol
from newsman.web.server.ready_answers import NOTHING_READY, ReadyAnswers
from newsman.web.server.unfinished import UnfinishedRequests

BACKLOG = 2_048
SWEEP_SECONDS = 0.5
TICK_SECONDS = 1.0
"""The time in answers is that of the last tick."""
SHUTDOWN_SECONDS = 5
KEEP_ALIVE_SECONDS = 10
"""Longer than HTTP clients keep idle connections (httpx 5 s): they shall close them, not we."""
FILES_BESIDE_CONNECTIONS = 256
STOP_SECONDS = 5.0


class Server(uvicorn.Server):
    """A server that looks after its connections, and ends its streams before it waits for them.

    Between two ticks it sleeps until it is told to end; uvicorn looks ten times a second.
    """

    _wake: Callable[[], object] | None = None

    def __init__(
        self, config: uvicorn.Config, patience_seconds: float, before_end: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._patience_seconds = patience_seconds
        self._before_end = before_end
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def should_exit(self) -> bool:
        """True once it is to end; may be set from any thread and in a signal handler."""
        return self._should_exit

    @should_exit.setter
    def should_exit(self, value: bool) -> None:
        self._should_exit = value
        if value and self._wake is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._wake()

    def handle_exit(self, sig: int, _: FrameType | None) -> None:
        """Ends the server; what comes after it runs, since uvicorn does not raise this again."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def main_loop(self) -> None:
        """Returns once it is to end."""
        is_told = asyncio.Event()
        self._wake = partial(asyncio.get_running_loop().call_soon_threadsafe, is_told.set)
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(is_told.wait(), TICK_SECONDS)
        self._wake = None

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Opens the port."""
        await super().startup(sockets)
        connections = self.server_state.connections
        self._sweeping = asyncio.create_task(_close_stale(connections, self._patience_seconds))

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Closes the port, and the connections once they are answered."""
        self._before_end()
        await super().shutdown(sockets)
        if self._sweeping:
            self._sweeping.cancel()


def build_server(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    limits: ServerLimits,
    trusted: Networks,
    ready: ReadyAnswers = NOTHING_READY,
    before_end: Callable[[], None] = lambda: None,
    shutdown_seconds: int = SHUTDOWN_SECONDS,
) -> Server:
    """A server of the application; `trusted` are the proxies whose word on addresses counts, and
    what is ready never reaches the application."""
    table = ConnectionTable(_within_files(limits), trusted, _count_refused)
    is_public = limits is not OPS_LIMITS
    served = logged(app) if is_public else app
    note_ready = ready_log(trusted) if is_public else None
    config = uvicorn.Config(
        SecurityHeaders(UnfinishedRequests(KnownClients(served, trusted))),
        host=host,
        port=port,
        http=bounded_protocol(limits, table, ready, note_ready),
        ws="none",
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=shutdown_seconds,
    )
    return Server(config, limits.patience_seconds, before_end)


def serve_in_thread(app: ASGIApp, *, host: str, port: int, variable: str) -> Callable[[], None]:
    """Serves health and metrics from a thread of its own; returns what stops it.

    Raises SettingsError, naming the variable, if nothing can listen there.
    """
    listener = listen(host, port, variable=variable)
    server = build_server(app, host=host, port=port, limits=OPS_LIMITS, trusted=Networks(""))
    thread = threading.Thread(target=server.run, args=([listener],), name="ops", daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join(timeout=STOP_SECONDS)

    return stop


def listen(host: str, port: int, *, variable: str) -> socket:
    """A socket that takes connections; raises SettingsError, naming the variable."""
    family = AF_INET6 if ":" in host else AF_INET
    try:
        return create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"{variable}: {host}:{port} can't be listened on: {error.strerror}"
        ) from error


def _count_refused(why: Admission) -> None:
    metrics.refused_connections.labels(why.value).inc()


def _within_files(limits: ServerLimits) -> ServerLimits:
    """The limits, with no more connections than this process may have files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + FILES_BESIDE_CONNECTIONS
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return replace(
        limits, connections=min(limits.connections, max(1, soft - FILES_BESIDE_CONNECTIONS))
    )


async def _close_stale(connections: Iterable[Any], patience_seconds: float) -> None:
    """Looks after all connections for ever."""
    loop = asyncio.get_running_loop()
    with bugs_crash():
        while True:
            await asyncio.sleep(min(SWEEP_SECONDS, patience_seconds / 4))
            now = loop.time()
            for connection in tuple(connections):
                connection.close_if_stale(now)
