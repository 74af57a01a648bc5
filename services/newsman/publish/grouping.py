"""Doing in groups what is cheaper together."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

ENOUGH = 64
"""A group of so many begins without waiting for more."""
AT_ONCE = 2
"""So many groups are at work."""
QUIET_TURNS = 8
"""Of the event loop, without anything new, until a group begins."""


class Groups(Generic[T, R]):
    """Works on all that has come meanwhile at the same time, then on what has come since.

    What begins together asks Redis together, and what ends together goes to Kafka together: a
    round trip costs more than most of what is asked in it. While one group waits for an answer
    another may be at work.
    """

    def __init__(self, work: Callable[[T], Awaitable[R]]) -> None:
        self._work = work
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._workers: set[asyncio.Task[None]] = set()
        self._is_gathering = False

    def do(self, item: T) -> "asyncio.Future[R]":
        """What will come of the work on it; raises what the work on it raises."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if not self._is_gathering and len(self._workers) < AT_ONCE:
            self._is_gathering = True
            self._workers.add(asyncio.ensure_future(self._work_off()))
        return done

    async def _work_off(self) -> None:
        while self._waiting:
            self._is_gathering = True
            await self._gather()
            group, self._waiting = self._waiting, []
            self._is_gathering = False
            found = await asyncio.gather(
                *(self._work(item) for item, _ in group), return_exceptions=True
            )
            for (_, done), result in zip(group, found, strict=True):
                _tell(done, result)
            if self._is_gathering:
                break
        # Not a turn later: whatever comes next may need another.
        self._workers.remove(_this_task())

    async def _gather(self) -> None:
        # Of a backlog one comes in every few turns of the loop.
        turns = 0
        while turns < QUIET_TURNS and len(self._waiting) < ENOUGH:
            known = len(self._waiting)
            await asyncio.sleep(0)
            turns = turns + 1 if len(self._waiting) == known else 0


def _this_task() -> asyncio.Task[None]:
    task = asyncio.current_task()
    assert task is not None, "runs in one"
    return task


def _tell(done: "asyncio.Future[R]", result: R | BaseException) -> None:
    if done.done():
        return
    if isinstance(result, BaseException):
        done.set_exception(result)
    else:
        done.set_result(result)
