"""Tasks of asyncio that nobody waits for."""

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any

from newsman.runtime.crash import bugs_crash


class BackgroundTasks:
    """Tasks kept from garbage collection, which the event loop alone does not do.

    An exception that leaves one is a bug and ends the process. They end with the service: either
    `finish` or `cancel` is called before its loop is closed.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._counts: Counter[str] = Counter()

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Starts the work on the running loop; work of one kind has one name."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        self._counts[name] += 1
        task.add_done_callback(self._forget)

    def count(self, name: str) -> int:
        """The number of tasks of this name that are under way."""
        return self._counts[name]

    async def finish(self, *, limit_seconds: float) -> None:
        """Waits for all that is under way and what that starts, and cancels what takes longer
        than the limit."""
        deadline = time.monotonic() + limit_seconds
        while self._tasks and (left := deadline - time.monotonic()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
        await self.cancel()

    async def cancel(self) -> None:
        """Cancels all that is under way, and returns when it has ended."""
        under_way = set(self._tasks)
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._counts[task.get_name()] -= 1
        if not task.cancelled() and task.exception() is not None:
            with bugs_crash():
                task.result()
