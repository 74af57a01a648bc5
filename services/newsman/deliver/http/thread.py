"""The thread that serves the edge, with an event loop of its own."""

import asyncio
import logging
import threading
from concurrent.futures import Future
from contextlib import AsyncExitStack
from socket import socket

from starlette.types import ASGIApp, Receive, Scope, Send

from newsman.deliver.http.building import EdgeNeeds, open_edge
from newsman.deliver.http.web import AGAIN
from newsman.deliver.pull.window import EventWindow
from newsman.runtime.crash import bugs_crash
from newsman.runtime.watchdog import LoopWatch
from newsman.settings import DeliverSettings
from newsman.web.patient_stream import is_news
from newsman.web.problems import problem
from newsman.web.server.serve import Server, build_server

SHUTDOWN_SECONDS = 5
OPEN_SECONDS = 30.0
STOP_SECONDS = 8.0


class NotYet:
    """An application that answers 503 until another takes its place."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes requests on, once there is somewhere to pass them."""
        if self.app is not None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = problem(503, "deliver waits for Kafka or Redis", headers=AGAIN)
            await refusal(scope, receive, send)


class EdgeThread:
    """Serves on a socket that listens already, from the start of the process to its end."""

    def __init__(self, settings: DeliverSettings, listener: socket, watch: LoopWatch) -> None:
        self._settings = settings
        self._listener = listener
        self._watch = watch
        self._stopping = threading.Event()
        self._gate = NotYet()
        self._window = EventWindow()
        self._stack = AsyncExitStack()
        self._began: Future[tuple[asyncio.AbstractEventLoop, Server]] = Future()
        self._thread = threading.Thread(target=self._run, name="edge", daemon=True)

    def start(self) -> None:
        """Starts it; until it is opened it answers 503."""
        self._thread.start()
        self._began.result()

    def open(self, needs: EdgeNeeds) -> None:
        """Has it answer."""
        loop, _ = self._began.result()
        asyncio.run_coroutine_threadsafe(self._open(needs), loop).result(OPEN_SECONDS)

    def stop(self) -> None:
        """Ends it; what is open is answered or let go."""
        self._stopping.set()
        _, server = self._began.result()
        server.should_exit = True
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        with bugs_crash():
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        await self._watch.begin()
        logging.getLogger("uvicorn.error").addFilter(is_news)
        settings = self._settings
        server = build_server(
            self._gate,
            host=settings.host,
            port=settings.port,
            limits=settings.server_limits,
            trusted=settings.proxies,
            before_end=self._window.close,
            shutdown_seconds=SHUTDOWN_SECONDS,
        )
        async with self._stack:
            self._began.set_result((asyncio.get_running_loop(), server))
            await server.serve([self._listener])

    async def _open(self, needs: EdgeNeeds) -> None:
        self._gate.app = await open_edge(needs, self._window, self._stopping, self._stack)
