"""Telling many readers in rounds: at once while there is time, together when there is little."""

import asyncio
import time
from collections.abc import Callable, Iterator

REST = 0.25
"""How long it rests after a round, as a share of the processor time that the round took."""
SMALL_SECONDS = 0.005
"""After a round of less processor time it does not rest."""

Clock = Callable[[], float]


class BroadcastThrottle:
    """Begins a round when it is asked to, but only after it has rested from the last.

    A round ends when all that it made ready has run. What comes meanwhile waits for the next, so
    the more readers there are, the more frames one write to each of them carries.
    """

    def __init__(
        self, begin: Callable[[], Iterator[None]], *, clock: Clock = time.thread_time
    ) -> None:
        """`begin` begins a round; between its steps the loop does whatever else there is."""
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
        self._step(self._begin(), self._clock())

    def _step(self, steps: Iterator[None], began: float) -> None:
        loop = asyncio.get_running_loop()
        for _ in steps:
            # Readers woken by this step are ahead of this call in the loop's queue.
            loop.call_soon(self._step, steps, began)
            return
        loop.call_soon(self._rest, began)

    def _rest(self, began: float) -> None:
        took = self._clock() - began
        if took < SMALL_SECONDS:
            self._end()
        else:
            asyncio.get_running_loop().call_later(REST * took, self._end)

    def _end(self) -> None:
        self._is_under_way = False
        if self._is_due:
            self.ask()
