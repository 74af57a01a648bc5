"""Load over keep-alive connections, cheap enough to leave the processors to what is measured."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvloop

KEY, HOST = "demo-key", "bench.example"


@dataclass
class Outcome:
    """What a load met: answers by status, seconds per answer, seconds in all."""

    statuses: Counter[int] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Pushes taken per second."""
        return self.statuses[202] / self.seconds

    def percentile(self, percent: int) -> float:
        """So many percent were answered within this many ms."""
        return statistics.quantiles(self.delays, n=100)[percent - 1] * 1_000

    def must_be_taken(self, status: int = 202) -> "Outcome":
        """Itself; ends the run if anything was refused, which would make every figure a lie."""
        if set(self.statuses) != {status}:
            raise SystemExit(f"not every push was taken: {dict(self.statuses)}")
        return self


class Pusher(asyncio.Protocol):
    """One connection: a push, its answer, the next push."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answered: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def push(self, request: bytes) -> "asyncio.Future[int]":
        """The status, in time."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answered

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        if self._answered is not None and _is_whole(head.lower(), body):
            self._buffer = b""
            self._answered.set_result(int(head[9:12]))

    def connection_lost(self, _: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(0)


def _is_whole(head: bytes, body: bytes) -> bool:
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)


def at_most(url: str, content_type: str, bodies: Iterator[bytes], **limits: float) -> Outcome:
    """As fast as `connections` can, for `seconds` or until `pushes` are sent."""
    return uvloop.run(_at_most(url, content_type, bodies, **limits))


def at_rate(
    url: str,
    content_type: str,
    bodies: Iterator[bytes],
    *,
    connections: int,
    per_second: float,
    seconds: float,
) -> Outcome:
    """At a steady rate; a push counts from when it was due, however long it waits its turn."""
    return uvloop.run(_at_rate(url, content_type, bodies, connections, per_second, seconds))


async def _at_most(
    url: str,
    content_type: str,
    bodies: Iterator[bytes],
    *,
    connections: int,
    seconds: float = 3_600,
    pushes: float = float("inf"),
) -> Outcome:
    outcome = Outcome()
    began = time.perf_counter()
    left, head = pushes, _head(url, content_type)

    async def keep_pushing(pusher: Pusher) -> None:
        nonlocal left
        while left > 0 and time.perf_counter() - began < seconds:
            left -= 1
            sent_at = time.perf_counter()
            outcome.statuses[await pusher.push(_request(head, next(bodies)))] += 1
            outcome.delays.append(time.perf_counter() - sent_at)

    pushers = await _connect(url, connections)
    began = time.perf_counter()
    await asyncio.gather(*(keep_pushing(pusher) for pusher in pushers))
    outcome.seconds = time.perf_counter() - began
    _close(pushers)
    return outcome


async def _at_rate(
    url: str,
    content_type: str,
    bodies: Iterator[bytes],
    connections: int,
    per_second: float,
    seconds: float,
) -> Outcome:
    outcome, head = Outcome(), _head(url, content_type)
    pushers = await _connect(url, connections)
    free: asyncio.Queue[Pusher] = asyncio.Queue()
    for pusher in pushers:
        free.put_nowait(pusher)

    async def push(due_at: float) -> None:
        pusher = await free.get()
        outcome.statuses[await pusher.push(_request(head, next(bodies)))] += 1
        outcome.delays.append(time.perf_counter() - due_at)
        free.put_nowait(pusher)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(per_second * seconds)):
            due_at = began + number / per_second
            await asyncio.sleep(max(0.0, due_at - time.perf_counter()))
            tasks.create_task(push(due_at))
    outcome.seconds = time.perf_counter() - began
    _close(pushers)
    return outcome


async def _connect(url: str, connections: int) -> list[Pusher]:
    loop, where = asyncio.get_running_loop(), urlsplit(url)
    return [
        (await loop.create_connection(Pusher, where.hostname, where.port))[1]
        for _ in range(connections)
    ]


def _close(pushers: list[Pusher]) -> None:
    for pusher in pushers:
        pusher._transport.close()


def _head(url: str, content_type: str) -> bytes:
    """What each request begins with; its key is the name before the @ of the address, or KEY."""
    where = urlsplit(url)
    return (
        f"POST {where.path or '/v1/articles'} HTTP/1.1\r\nHost: {HOST}\r\n"
        f"Authorization: Bearer {where.username or KEY}\r\nContent-Type: {content_type}\r\n"
    ).encode()


def _request(head: bytes, body: bytes) -> bytes:
    return b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)
