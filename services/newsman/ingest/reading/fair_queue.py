"""A fair queue for few places: each source in its turn, within bounds."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

CAREFUL_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 20.0


class Overloaded(Exception):
    """Too much waits already; it may be sent again later."""


@dataclass(frozen=True)
class _Waiting:
    granted: "asyncio.Future[None]"
    size_bytes: int


class FairQueue:
    """Places that sources take in turn, however many pushes of one of them wait.

    All that wait are at most `most_waiting` pushes of `most_bytes`; one source may have half of
    that.
    """

    def __init__(
        self,
        places: int,
        *,
        most_waiting: int,
        most_bytes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._free = places
        self._most_waiting = most_waiting
        self._most_bytes = most_bytes
        self._clock = clock
        self._waiting: dict[str, deque[_Waiting]] = {}
        self._busy: Counter[str] = Counter()
        self._careful_until: dict[str, float] = {}

    @property
    def count_waiting(self) -> int:
        """Pushes that wait."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def turn(self, source: str, size_bytes: int) -> AsyncIterator[None]:
        """A place, once it is this source's turn; raises Overloaded."""
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await self._enter(source, size_bytes)
        except TimeoutError:
            raise Overloaded(f"not read within {LONGEST_WAIT_SECONDS:g} s") from None
        try:
            yield
        finally:
            self._leave(source)

    def be_careful(self, source: str) -> None:
        """Lets the source have one place at a time for a while."""
        self._careful_until[source] = self._clock() + CAREFUL_SECONDS

    async def _enter(self, source: str, size_bytes: int) -> None:
        self._refuse_too_much(source, size_bytes)
        waiting = _Waiting(asyncio.get_running_loop().create_future(), size_bytes)
        self._waiting.setdefault(source, deque()).append(waiting)
        self._grant()
        try:
            await waiting.granted
        except asyncio.CancelledError:
            if waiting.granted.cancelled():
                self._forget(source, waiting)
            else:
                self._leave(source)
            raise

    def _refuse_too_much(self, source: str, size_bytes: int) -> None:
        own = self._waiting.get(source, ())
        if not own and self._free:
            return
        everyone = [each for queue in self._waiting.values() for each in queue]
        for waiting, share in ((everyone, 1), (own, 2)):
            held = size_bytes + sum(each.size_bytes for each in waiting)
            if len(waiting) >= self._most_waiting // share or held > self._most_bytes // share:
                raise Overloaded("too much waits to be read")

    def _grant(self) -> None:
        while self._free and (source := self._next()):
            waiting = self._waiting[source].popleft()
            self._to_the_end(source)
            if waiting.granted.cancelled():
                continue
            self._free -= 1
            self._busy[source] += 1
            waiting.granted.set_result(None)

    def _next(self) -> str | None:
        return next((source for source in self._waiting if self._may_go_on(source)), None)

    def _may_go_on(self, source: str) -> bool:
        if self._clock() >= self._careful_until.get(source, 0.0):
            self._careful_until.pop(source, None)
            return True
        return not self._busy[source]

    def _to_the_end(self, source: str) -> None:
        left = self._waiting.pop(source)
        if left:
            self._waiting[source] = left

    def _forget(self, source: str, waiting: _Waiting) -> None:
        left = self._waiting.get(source)
        if left and waiting in left:
            left.remove(waiting)
            if not left:
                del self._waiting[source]

    def _leave(self, source: str) -> None:
        self._free += 1
        self._busy[source] -= 1
        if not self._busy[source]:
            del self._busy[source]
        self._grant()
