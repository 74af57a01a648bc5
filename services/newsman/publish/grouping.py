"""Doing in groups what is cheaper together."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

ENOUGH = 64
QUIET_TURNS = 8


class Groups(Generic[T, R]):
    """Works on all that has come meanwhile at the same time, then on what has come since.

    What begins together asks Redis together, and what ends together goes to Kafka together: a
    round trip costs more than most of what is asked in it.
    """

    def __init__(self, work: Callable[[T], Awaitable[R]]) -> None:
        self._work = work
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._worker: asyncio.Task[None] | None = None

    def do(self, item: T) -> "asyncio.Future[R]":
        """What will come of the work on it; raises what the work on it raises."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._worker is None:
            self._worker = asyncio.ensure_future(self._work_off())
        return done

    async def _gather(self) -> None:
        # Of a backlog one comes in every few turns of the loop.
        turns = 0
        while turns < QUIET_TURNS and len(self._waiting) < ENOUGH:
            known = len(self._waiting)
            await asyncio.sleep(0)
            turns = turns + 1 if len(self._waiting) == known else 0

    async def _work_off(self) -> None:
        while self._waiting:
            await self._gather()
            group, self._waiting = self._waiting, []
            found = await asyncio.gather(
                *(self._work(item) for item, _ in group), return_exceptions=True
            )
            for (_, done), result in zip(group, found, strict=True):
                if done.done():
                    continue
                if isinstance(result, BaseException):
                    done.set_exception(result)
                else:
                    done.set_result(result)
        self._worker = None
