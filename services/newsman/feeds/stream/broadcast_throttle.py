"""Telling many readers in rounds: at once while there is time, together when there is little."""

import asyncio
import time
from collections.abc import Callable

REST = 1.0
"""How long it rests after a round, as a share of the processor time that the round took."""

Clock = Callable[[], float]


class BroadcastThrottle:
    """Begins a round when it is asked to, but only after it has rested from the last.

    A round ends when all that it made ready has run. What comes meanwhile waits for the next, so
    the more readers there are, the more frames one write to each of them carries.
    """

    def __init__(self, begin: Callable[[], None], *, clock: Clock = time.thread_time) -> None:
        self._begin = begin
        self._clock = clock
        self._is_due = False
        self._is_under_way = False

    def ask(self) -> None:
        """There is something to tell."""
        self._is_due = True
        if not self._is_under_way:
            self._is_under_way = True
            asyncio.get_running_loop().call_soon(self._go)

    def _go(self) -> None:
        self._is_due = False
        began = self._clock()
        self._begin()
        # Readers woken by this round are ahead of this call in the loop's queue.
        asyncio.get_running_loop().call_soon(self._rest, began)

    def _rest(self, began: float) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(REST * (self._clock() - began), self._end)

    def _end(self) -> None:
        self._is_under_way = False
        if self._is_due:
            self.ask()
