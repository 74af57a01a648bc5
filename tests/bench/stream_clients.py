"""Many readers of one live stream in a process of their own: `stream_clients.py URL CLIENTS`.

Says `open` once all of them are let in, reads until its input ends, and then says as JSON what they
met. A frame tells in its headline when it was sent (`at` and monotonic ns).
"""

import asyncio
import json
import re
import resource
import sys
import time
from urllib.parse import urlsplit

import uvloop

SENT = re.compile(rb"Number \d+ at (\d+)")
AT_ONCE = 100


class Reader(asyncio.Protocol):
    """One open stream; counts frames and notes how late each is."""

    def __init__(self, request: bytes, delays: list[int]) -> None:
        self._request = request
        self._delays = delays
        self._rest = b""
        self.frames = 0
        self.is_open = asyncio.get_running_loop().create_future()
        self.has_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        whole, _, self._rest = (self._rest + data).rpartition(b"\n\n")
        sent = SENT.findall(whole)
        self.frames += len(sent)
        self._delays += [now - int(moment) for moment in sent]
        if b"\n:" in data and not self.is_open.done():  # the comment that every stream begins with
            self.is_open.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        self.has_ended = True


async def read(url: str, clients: int) -> dict[str, float]:
    """What so many readers meet."""
    loop, where = asyncio.get_running_loop(), urlsplit(url)
    target = f"{where.path}?{where.query}"
    request = f"GET {target} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"
    delays: list[int] = []
    readers: list[Reader] = []

    async def connect() -> None:
        _, reader = await loop.create_connection(
            lambda: Reader(request.encode(), delays), where.hostname, where.port
        )
        readers.append(reader)
        await reader.is_open

    for begun in range(0, clients, AT_ONCE):
        await asyncio.gather(*(connect() for _ in range(min(AT_ONCE, clients - begun))))
    print("open", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    delays.sort()
    return {
        "p50": delays[len(delays) // 2] / 1e6,
        "p99": delays[int(len(delays) * 0.99)] / 1e6,
        "frames": len(delays),
        "least": min(reader.frames for reader in readers),
        "ended": sum(reader.has_ended for reader in readers),
        "cpu": sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(read(sys.argv[1], int(sys.argv[2])))))
