"""A server with bounds in a thread, and raw connections to it."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from newsman.web.addresses import Networks
from newsman.web.limits import ServerLimits
from newsman.web.server.serve import Server, build_server
from newsman.web.slash_redirects import redirect_slashes

LARGE = b"x" * 8_000_000
ENDLESS_LINE_SECONDS = 0.05
STALLED = threading.Event()
"""Set while the event loop stands still in `/stall`."""
GO_ON = threading.Event()
"""Ends the stall."""


async def _echo(request: Request) -> Response:
    return Response(await request.body())


async def _client(request: Request) -> Response:
    return PlainTextResponse(request.client.host)


async def _fields(request: Request) -> Response:
    return PlainTextResponse(str(len(request.headers)))


async def _large(_: Request) -> Response:
    return Response(LARGE)


async def _page(_: Request) -> Response:
    return HTMLResponse("<p>page")


async def _endless(_: Request) -> Response:
    async def lines():
        while True:
            yield b"line\n"
            await asyncio.sleep(ENDLESS_LINE_SECONDS)

    return StreamingResponse(lines())


async def _stall(_: Request) -> Response:
    STALLED.set()
    GO_ON.wait(20)
    return PlainTextResponse("stalled")


def application() -> Starlette:
    return redirect_slashes(
        Starlette(
            routes=[
                Route("/echo", _echo, methods=["GET", "POST"]),
                Route("/client", _client),
                Route("/fields", _fields, methods=["GET", "POST"]),
                Route("/large", _large),
                Route("/page", _page),
                Route("/endless", _endless),
                Route("/stall", _stall),
                Route("/folder/", _page),
            ]
        )
    )


@contextlib.contextmanager
def serving(limits: ServerLimits, trusted: str = "") -> Iterator[int]:
    """The port of a server with these limits."""
    with running(limits, trusted) as server:
        yield port_of(server)


@contextlib.contextmanager
def running(limits: ServerLimits, trusted: str = "", **options: Any) -> Iterator[Server]:
    """A server with these limits, and with `options` of `build_server`."""
    server = build_server(
        application(),
        host="127.0.0.1",
        port=0,
        limits=limits,
        trusted=Networks(trusted),
        **options,
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
        yield server
    finally:
        server.should_exit = server.force_exit = True
        thread.join(20)


def port_of(server: Server) -> int:
    """Where it listens."""
    return server.servers[0].sockets[0].getsockname()[1]


def connect(port: int, sent: bytes = b"", *, own_address: str = "127.0.0.1") -> socket.socket:
    """A connection, from an address of this machine."""
    client = socket.create_connection(("127.0.0.1", port), 10, source_address=(own_address, 0))
    client.sendall(sent)
    return client


def answer_of(client: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    came = b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65_536):
            came += part
    return came


def statuses(came: bytes) -> list[int]:
    """The status of every answer in what came."""
    return [int(part.split(b" ", 1)[0]) for part in came.split(b"HTTP/1.1 ")[1:]]
