"""Looking hosts up beside the event loop; slow name servers hold up their own names only."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

from aiohappyeyeballs import AddrInfoType
from cachetools import TTLCache

THREADS = 32
THREADS_OF_ONE_SITE = 4
"""Lookups of names with the same last two labels, which the same name servers may answer."""
KEPT_SECONDS = 30.0
MOST_KEPT = 10_000

LookUp: TypeAlias = Callable[..., list[Any]]
"""Called and answering as `socket.getaddrinfo`."""
_Place: TypeAlias = tuple[str, int]


class Lookups:
    """Asks the system for the addresses of hosts in threads of its own, and keeps them a while."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="lookup")
        self._under_way: Counter[str] = Counter()
        self._kept: TTLCache[_Place, list[AddrInfoType]] = TTLCache(
            MOST_KEPT, KEPT_SECONDS, timer=time.monotonic
        )
        self._asked: dict[_Place, asyncio.Task[list[AddrInfoType]]] = {}

    async def resolve(self, host: str, port: int) -> list[AddrInfoType]:
        """Every address of a host, the same for all who ask meanwhile; raises OSError."""
        place = host, port
        kept = self._kept.get(place)
        if kept is not None:
            return kept
        task = self._asked.get(place)
        if task is None:
            task = self._asked[place] = asyncio.create_task(self._ask(host, port))
            task.add_done_callback(lambda done: self._answered(place, done))
        return await asyncio.shield(task)

    def close(self) -> None:
        """Waits for nothing: lookups end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, host: str, port: int) -> list[AddrInfoType]:
        site = ".".join(host.rstrip(".").lower().split(".")[-2:])
        if self._under_way[site] >= THREADS_OF_ONE_SITE:
            raise socket.gaierror(socket.EAI_AGAIN, "too many names of this site are looked up")
        self._under_way[site] += 1
        loop = asyncio.get_running_loop()
        lookup = self._threads.submit(
            self._look_up, host, port, family=socket.AF_UNSPEC, type=socket.SOCK_STREAM
        )
        lookup.add_done_callback(lambda done: self._ended(loop, site, done))
        found = await asyncio.wrap_future(lookup)
        return [_address(port, info) for info in found]

    def _answered(self, place: _Place, task: "asyncio.Task[list[AddrInfoType]]") -> None:
        del self._asked[place]
        if not task.cancelled() and task.exception() is None:
            self._kept[place] = task.result()

    def _ended(self, loop: asyncio.AbstractEventLoop, site: str, _: "Future[Any]") -> None:
        # The thread is busy until then, whoever still waits for it.
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._forget, site)

    def _forget(self, site: str) -> None:
        self._under_way[site] -= 1
        if not self._under_way[site]:
            del self._under_way[site]


def _address(port: int, info: tuple[Any, ...]) -> AddrInfoType:
    family, _, proto, _, address = info
    if family != socket.AF_INET6:
        return family, socket.SOCK_STREAM, proto, "", (address[0], port)
    zone = f"%{address[3]}" if address[3] and "%" not in address[0] else ""
    return family, socket.SOCK_STREAM, proto, "", (f"{address[0]}{zone}", port, 0, 0)
