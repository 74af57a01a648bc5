"""The state of the article store, asked once for all who want to know at the same moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError

FRESH_SECONDS = 0.05
"""How long one answer holds: so long one exit of a process may lag behind another. On a busy
machine Redis takes 10 ms to answer."""
AHEAD = 0.1
"""After this share of it the next answer is asked for, so that nobody who reads on has to wait."""

Clock = Callable[[], float]
Ask = Callable[[], Awaitable[int | None]]


class StoreWatch:
    """Asks one question at a time, however many wait for it; a failure is told to all of them."""

    def __init__(
        self, ask: Ask, *, fresh_seconds: float = FRESH_SECONDS, clock: Clock = time.monotonic
    ) -> None:
        self._ask = ask
        self._fresh_seconds = fresh_seconds
        self._clock = clock
        self._changes: int | None = None
        self._failure: Exception | None = None
        self._known_at = self._failed_at = self._forgotten_at = float("-inf")
        self._question: asyncio.Future[None] | None = None

    async def now(self) -> int | None:
        """The changes as of at most `fresh_seconds` ago, None without a whole store; raises what
        failed since then."""
        called_at = self._clock()
        oldest = max(called_at - self._fresh_seconds, self._forgotten_at)
        if self._known_at < called_at - self._fresh_seconds * AHEAD:
            self._asking()
        while self._known_at < oldest:
            if self._failure is not None and self._failed_at >= oldest:
                raise self._failure
            await asyncio.shield(self._asking())
        return self._changes

    def at_once(self) -> int | None:
        """Like `now` without waiting; None also where only waiting would tell."""
        called_at = self._clock()
        if self._known_at < called_at - self._fresh_seconds * AHEAD:
            self._asking()
        is_known = self._known_at >= max(called_at - self._fresh_seconds, self._forgotten_at)
        return self._changes if is_known else None

    def forget(self) -> None:
        """Something has changed: whoever comes from now on is to know it."""
        self._forgotten_at = self._clock()

    def _asking(self) -> "asyncio.Future[None]":
        if self._question is None or self._question.done():
            self._question = asyncio.ensure_future(self._look())
        return self._question

    async def _look(self) -> None:
        # Redis may read the counter at once, so the answer is as old as the question.
        began_at = self._clock()
        try:
            changes = await self._ask()
        except RedisError as failure:
            self._failure, self._failed_at = failure, self._clock()
            return
        self._failure, self._changes, self._known_at = None, changes, began_at
