"""A Faust stream in groups: what came meanwhile is worked on together, finished in order.

A message that is worked on by itself costs tasks, queues and wake-ups of the event loop, which is
more than most services do with it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from faust.types import TP, EventT, StreamT

from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.kafka.streams import Entered, acknowledge, unacknowledged
from newsman.runtime.crash import run_together

T = TypeVar("T")
Group = list[EventT]
Came = list[Entered]
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
    stream: StreamT[Any], start: Start[T], finish: Finish[T], *, progress: ConsumerProgress[TP]
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
        self,
        stream: StreamT[Any],
        start: Start[T],
        finish: Finish[T],
        progress: ConsumerProgress[TP],
    ) -> None:
        self._stream = stream
        self._start = start
        self._finish = finish
        self._progress = progress
        self._arrivals = Arrivals()
        self._hands = asyncio.Semaphore(AT_ONCE)
        self._room = asyncio.Semaphore(UNFINISHED)
        self._started: asyncio.Queue[tuple[Came, asyncio.Future[T]]] = asyncio.Queue()
        self._finished: asyncio.Queue[tuple[Came, Awaitable[Any]]] = asyncio.Queue()

    async def take_in(self) -> None:
        async for entered in unacknowledged(self._stream, self._progress):
            await self._arrivals.put(entered)

    async def start_each(self) -> None:
        while True:
            await self._room.acquire()
            await self._hands.acquire()
            came = await self._next_held()
            work = asyncio.ensure_future(self._start(_events(came)))
            work.add_done_callback(lambda _: self._hands.release())
            await self._started.put((came, work))

    async def _next_held(self) -> Came:
        """The next group without what lost its place while it waited."""
        while True:
            came = await self._arrivals.next_group()
            if held := [entered for entered in came if entered.place.is_held]:
                return held

    async def finish_each(self) -> None:
        while True:
            came, work = await self._started.get()
            await self._finished.put((came, await self._finish(_events(came), await work)))

    async def acknowledge_each(self) -> None:
        while True:
            came, acknowledged = await self._finished.get()
            await acknowledged
            for entered in came:
                await acknowledge(self._stream, entered)
            self._room.release()


def _events(came: Came) -> Group:
    return [entered.event for entered in came]


class Arrivals:
    """Messages in no group yet; producers wait while there are enough for one."""

    def __init__(self) -> None:
        self._waiting: Came = []
        self._came = asyncio.Event()
        self._taken = asyncio.Event()

    async def put(self, entered: Entered) -> None:
        """Adds an event, once there is room for it."""
        while len(self._waiting) >= ENOUGH:
            self._taken.clear()
            await self._taken.wait()
        self._waiting.append(entered)
        self._came.set()

    async def next_group(self) -> Came:
        """All that has come, as soon as nothing more follows or it is enough."""
        await self._came.wait()
        # From a backlog one arrives every few turns of the loop.
        turns = 0
        while turns < QUIET_TURNS and len(self._waiting) < ENOUGH:
            before = len(self._waiting)
            await asyncio.sleep(0)
            turns = turns + 1 if len(self._waiting) == before else 0
        came, self._waiting = self._waiting, []
        self._came.clear()
        self._taken.set()
        return came
