"""Looking hosts up beside the event loop; slow name servers hold up their own names only."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult

THREADS = 32
THREADS_OF_ONE_SITE = 4
"""Lookups of names with the same last two labels, which the same name servers may answer."""

LookUp: TypeAlias = Callable[..., list[Any]]
"""Called and answering as `socket.getaddrinfo`."""


class Lookups(AbstractResolver):
    """Asks the system for the addresses of hosts in threads of its own."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="lookup")
        self._under_way: Counter[str] = Counter()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of a host; raises OSError."""
        site = ".".join(host.rstrip(".").lower().split(".")[-2:])
        if self._under_way[site] >= THREADS_OF_ONE_SITE:
            raise socket.gaierror(socket.EAI_AGAIN, "too many names of this site are looked up")
        self._under_way[site] += 1
        loop = asyncio.get_running_loop()
        lookup = self._threads.submit(
            self._look_up, host, port, family=family, type=socket.SOCK_STREAM
        )
        lookup.add_done_callback(lambda done: self._ended(loop, site, done))
        found = await asyncio.wrap_future(lookup)
        return [_result(host, port, info) for info in found]

    async def close(self) -> None:
        """Waits for nothing: lookups end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ended(self, loop: asyncio.AbstractEventLoop, site: str, _: "Future[Any]") -> None:
        # The thread is busy until then, whoever still waits for it.
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._forget, site)

    def _forget(self, site: str) -> None:
        self._under_way[site] -= 1
        if not self._under_way[site]:
            del self._under_way[site]


def _result(host: str, port: int, info: tuple[Any, ...]) -> ResolveResult:
    family, _, proto, _, address = info
    zone = f"%{address[3]}" if family == socket.AF_INET6 and address[3] else ""
    return ResolveResult(
        hostname=host,
        host=f"{address[0]}{zone}" if "%" not in address[0] else address[0],
        port=port,
        family=family,
        proto=proto,
        flags=socket.AI_NUMERICHOST,
    )
