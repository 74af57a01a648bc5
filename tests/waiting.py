"""Waiting inside an event loop, pacing a peer that is meant to be slow, and virtual time."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

LOOK_SECONDS = 0.02
PATIENCE, PROMISED_SECONDS = 2.5, 20
"""Limits from so many seconds on only end what would wait for ever, and so are that much longer on
a machine that is busy with other tests; shorter ones are promises."""


def patient(seconds: float) -> float:
    """So long a limit of so many seconds really is."""
    return seconds * PATIENCE if seconds >= PROMISED_SECONDS else seconds


async def until(condition: Callable[[], Any], *, timeout: float = 60.0) -> Any:
    """Looks until the condition is true and answers its value; raises TimeoutError."""
    async with asyncio.timeout(patient(timeout)):
        while not (value := condition()):
            await asyncio.sleep(LOOK_SECONDS)
        return value


def paced(items: Iterable[Any], every_seconds: float) -> Iterator[Any]:
    """The items at a pace, for tests whose subject is a slow peer; assert outcomes, not times."""
    for item in items:
        yield item
        time.sleep(every_seconds)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer, for tests of what happens when.

    Nothing real may be awaited on it: it never waits.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        select = self._selector.select

        def jump(timeout: float | None = None) -> Any:
            if timeout:
                self.advance(timeout)
            return select(0)

        self._selector.select = jump

    def time(self) -> float:
        """Seconds since the loop was made, as the test has spent them."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Lets time pass, as work does that takes so long."""
        self._now += seconds
