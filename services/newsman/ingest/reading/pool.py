"""Processes beside the event loop that read what senders wrote, and one more that stands ready.

What costs more than it may is refused; its process was ended, and the next takes its place.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, Protocol, TypeVar

from newsman.ingest import metrics
from newsman.ingest.reading.fair_queue import FairQueue
from newsman.ingest.reading.frames import Task
from newsman.ingest.reading.process import Died, ReadingLimits, ReadingProcess, TooCostly
from newsman.runtime.background import BackgroundTasks

log = logging.getLogger(__name__)

LARGE_BODY_BYTES = 64 * 1024
"""JSON that is larger is read, hashed and prepared elsewhere: the loop has others to serve."""
PLACES = 2
ATTEMPTS = 2
"""A process may have died of nothing that was pushed."""
MOST_WAITING, MOST_WAITING_BYTES = 1_024, 96 * 1024 * 1024
RESTART_SECONDS = 0.5

Given = ParamSpec("Given")
Result = TypeVar("Result")


class ProcessLost(Exception):
    """The process died twice before it had read the push, which may be sent again."""


class BodyReader(Protocol):
    """Does work on what a source sent, elsewhere or here."""

    async def do(
        self,
        source: str,
        more_seconds: float,
        work: Callable[Given, Result],
        /,
        *args: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        """The work's result; raises what the work raises, TooCostly, Overloaded and ProcessLost.

        It has `more_seconds` of processor time than the limit says.
        """
        ...


class ReadingHere:
    """Does the work at once, however much it is."""

    async def do(
        self,
        _source: str,
        _more_seconds: float,
        work: Callable[Given, Result],
        /,
        *args: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        """The work's result; raises what the work raises."""
        return work(*args, **named)


class ReadingPool:
    """The processes of one service; made within its event loop."""

    def __init__(
        self,
        limits: ReadingLimits,
        start: Callable[[ReadingLimits], Awaitable[ReadingProcess]] = ReadingProcess.start,
    ) -> None:
        self._limits = limits
        self._start = start
        self._turns = FairQueue(PLACES, most_waiting=MOST_WAITING, most_bytes=MOST_WAITING_BYTES)
        self._queue: asyncio.Queue[ReadingProcess] = asyncio.Queue()
        self._ready: set[ReadingProcess] = set()
        self._alive: set[ReadingProcess] = set()
        self._starting = 0
        self._background = BackgroundTasks()
        self._keep_one_ready()

    async def do(
        self,
        source: str,
        more_seconds: float,
        work: Callable[Given, Result],
        /,
        *args: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        """The work's result; raises what the work raises, TooCostly, Overloaded and ProcessLost."""
        task = Task(work, args, named, cpu_seconds=self._limits.cpu_seconds + more_seconds)
        metrics.readings_waiting.set(self._turns.count_waiting)
        async with self._turns.turn(source, task.size_bytes):
            try:
                result: Result = await self._done(task)
            except TooCostly as error:
                metrics.readings_refused.labels(error.reason).inc()
                self._turns.be_careful(source)
                raise
            return result

    async def close(self) -> None:
        """Ends the processes, and returns when they are gone."""
        processes = list(self._alive)
        await self._background.cancel()
        for process in processes:
            process.kill()
        for process in processes:
            await process.ended()

    async def _done(self, task: Task) -> Any:
        deaths = 0
        while deaths < ATTEMPTS:
            process = await self._one_ready()
            try:
                return await process.do(task)
            except Died as error:
                deaths += not error.is_retired
                if error.is_crash and deaths == ATTEMPTS:
                    raise TooCostly("crash", "reading it brought the parser down") from None
                if not error.is_retired:
                    log.error("%s", error)
            finally:
                self._give_back(process)
        raise ProcessLost("the process that read it ended")

    async def _one_ready(self) -> ReadingProcess:
        while True:
            process = await self._queue.get()
            self._ready.discard(process)
            self._keep_one_ready()
            if process.is_usable:
                return process

    def _give_back(self, process: ReadingProcess) -> None:
        if process.is_usable:
            self._ready.add(process)
            self._queue.put_nowait(process)

    def _keep_one_ready(self) -> None:
        if not self._ready and len(self._alive) + self._starting <= PLACES:
            self._starting += 1
            self._background.start(self._start_one(), name="start-reader")

    async def _start_one(self) -> None:
        while True:
            try:
                process = await self._start(self._limits)
                break
            except Died as error:
                log.error("%s", error)
                await asyncio.sleep(RESTART_SECONDS)
        self._starting -= 1
        self._alive.add(process)
        self._background.start(self._watch(process), name="watch-reader")
        self._give_back(process)

    async def _watch(self, process: ReadingProcess) -> None:
        """Forgets a process that has ended, and has another take its place."""
        await process.ended()
        self._alive.discard(process)
        self._ready.discard(process)
        self._keep_one_ready()
