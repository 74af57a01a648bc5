"""A Faust stream in groups: what came meanwhile is worked on together, finished in order.

A message that is worked on by itself costs tasks, queues and wake-ups of the event loop, which is
more than most services do with it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from faust.types import EventT, StreamT

from newsman.crash import run_together
from newsman.kafka.progress import Progress
from newsman.kafka.streams import unacknowledged

T = TypeVar("T")
Group = list[EventT]
Start = Callable[[Group], Awaitable[T]]
Finish = Callable[[Group, T], Awaitable[Awaitable[Any]]]

ENOUGH = 64
"""A group of so many begins without waiting for more."""
AT_ONCE = 2
"""So many groups are started."""
UNFINISHED = 4
"""So many groups are not acknowledged yet."""
QUIET_TURNS = 8
"""Of the event loop, without anything new, until a group begins."""


async def in_groups(
    stream: StreamT[Any], start: Start[T], finish: Finish[T], *, progress: Progress
) -> None:
    """Runs `start` on what came meanwhile and `finish` on each group in the order of arrival.

    While one group waits for an answer another may be started. `finish` returns an awaitable (the
    broker's acknowledgements): the events are acknowledged once that has come, again in order.
    Anything unexpected ends the process: nothing that was not finished is acknowledged, so the
    next process takes it up again.
    """
    groups = _Groups(stream, start, finish, progress)
    await run_together(
        groups.take_in, groups.start_each, groups.finish_each, groups.acknowledge_each
    )


class _Groups(Generic[T]):
    def __init__(
        self, stream: StreamT[Any], start: Start[T], finish: Finish[T], progress: Progress
    ) -> None:
        self._stream = stream
        self._start = start
        self._finish = finish
        self._progress = progress
        self._arrivals = Arrivals()
        self._hands = asyncio.Semaphore(AT_ONCE)
        self._room = asyncio.Semaphore(UNFINISHED)
        self._started: asyncio.Queue[tuple[Group, asyncio.Future[T]]] = asyncio.Queue()
        self._finished: asyncio.Queue[tuple[Group, Awaitable[Any]]] = asyncio.Queue()

    async def take_in(self) -> None:
        async for event in unacknowledged(self._stream):
            await self._arrivals.put(event)

    async def start_each(self) -> None:
        while True:
            await self._room.acquire()
            await self._hands.acquire()
            group = await self._arrivals.next_group()
            work = asyncio.ensure_future(self._start(group))
            work.add_done_callback(lambda _: self._hands.release())
            await self._started.put((group, work))

    async def finish_each(self) -> None:
        while True:
            group, work = await self._started.get()
            await self._finished.put((group, await self._finish(group, await work)))

    async def acknowledge_each(self) -> None:
        while True:
            group, acknowledged = await self._finished.get()
            await acknowledged
            for event in group:
                await self._stream.ack(event)
                self._progress.finish(event.message.tp, event.message.offset + 1)
            self._room.release()


class Arrivals:
    """What has come and is in no group yet; who brings more waits while it is enough for one."""

    def __init__(self) -> None:
        self._waiting: Group = []
        self._came = asyncio.Event()
        self._taken = asyncio.Event()

    async def put(self, event: EventT) -> None:
        """Adds an event, once there is room for it."""
        while len(self._waiting) >= ENOUGH:
            self._taken.clear()
            await self._taken.wait()
        self._waiting.append(event)
        self._came.set()

    async def next_group(self) -> Group:
        """All that has come, as soon as nothing more follows or it is enough."""
        await self._came.wait()
        # Of a backlog one comes in every few turns of the loop.
        turns = 0
        while turns < QUIET_TURNS and len(self._waiting) < ENOUGH:
            known = len(self._waiting)
            await asyncio.sleep(0)
            turns = turns + 1 if len(self._waiting) == known else 0
        group, self._waiting = self._waiting, []
        self._came.clear()
        self._taken.set()
        return group
