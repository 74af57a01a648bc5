"""A listener on every address of this machine that counts who comes."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from tests.ports import free_port

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PLAIN = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"


@dataclass
class Listener:
    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@contextlib.asynccontextmanager
async def listening(answer: bytes = PLAIN, *, talk: Talk | None = None) -> AsyncIterator[Listener]:
    """Answers every request with these bytes, or `talk`s with the client, and closes."""
    listener = Listener(free_port())
    talks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.connections += 1
        talks.add(asyncio.current_task())
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            listener.requests.append(await reader.readuntil(b"\r\n\r\n"))
            if talk:
                await talk(reader, writer)
            else:
                writer.write(answer)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    socks = [_bound(family, listener.port) for family in (socket.AF_INET, socket.AF_INET6)]
    servers = [await asyncio.start_server(serve, sock=sock) for sock in socks if sock]
    try:
        yield listener
    finally:
        for server in servers:
            server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks)


def _bound(family: int, port: int) -> socket.socket | None:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
    except OSError:
        sock.close()
        return None
    return sock
