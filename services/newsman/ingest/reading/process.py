"""The service's end of a process that reads what senders wrote."""

import asyncio
import contextlib
import os
import pickle
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from newsman.ingest.reading.frames import Task, read_answer
from newsman.ingest.reading.worker import MEMORY_EXIT

START_LIMIT_SECONDS = 60.0
FROZEN_SECONDS = 60.0
"""A task that is not done by then stands still: its processor time would have run out long ago."""
BUFFER_BYTES = 4 * 1024 * 1024
_CRASHES = frozenset((-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL))


@dataclass(frozen=True)
class ReadingLimits:
    """Bounds of one task."""

    cpu_seconds: float = 2.0
    memory_mb: int = 128


class TooCostly(Exception):
    """Reading took more than it may, and would again; `reason` is a word for metrics."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Died(Exception):
    """The process ended in the middle of a task, or before it was ready."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"a process that reads ended with status {status}")
        self.is_crash = status in _CRASHES
        """A parser brought it down; else somebody killed it, or the kernel lacked memory."""
        self.is_retired = status == 0
        """It had ended by itself before it saw the task."""


class ReadingProcess:
    """One process: it is given a task, and the next one when it has answered."""

    def __init__(self, process: Process, limits: ReadingLimits) -> None:
        self._process = process
        self._limits = limits
        self._is_killed = False

    @property
    def is_usable(self) -> bool:
        """True if it may be given a task."""
        return not self._is_killed and self._process.returncode is None

    @classmethod
    async def start(cls, limits: ReadingLimits) -> "ReadingProcess":
        """A process that has loaded everything; raises Died."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "newsman.ingest.reading.worker",
            str(limits.memory_mb),
            stdin=PIPE,
            stdout=PIPE,
            limit=BUFFER_BYTES,
        )
        started = cls(process, limits)
        try:
            await started._in_time(started._receive, START_LIMIT_SECONDS)
        except BaseException:
            await started.ended()
            raise
        return started

    async def do(self, task: Task) -> Any:
        """The work's result; raises what the work raises, TooCostly or Died."""

        async def exchange() -> bytes:
            await self._send(task)
            return await self._receive()

        try:
            answer = await self._in_time(exchange, FROZEN_SECONDS)
        except Died:
            raise self._judged(task) from None
        result, error = pickle.loads(answer)  # noqa: S301 - from our own process
        if error is not None:
            raise error
        return result

    async def ended(self) -> None:
        """Returns when the process and its pipes are gone."""
        await self._process.wait()
        if self._process.stdout is not None:
            with contextlib.suppress(RuntimeError):  # whoever asks it now reads it to its end
                await self._process.stdout.read()
        if self._process.stdin is not None:
            self._process.stdin.close()
            with contextlib.suppress(ConnectionError):
                await self._process.stdin.wait_closed()

    def kill(self) -> None:
        """Ends it at once."""
        self._is_killed = True
        # Not the library's own wait, which may consume the exit status for another caller.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def _in_time(self, work: Callable[[], Any], limit_seconds: float) -> bytes:
        """The answer of the process; whatever else happens, it is over with it."""
        try:
            async with asyncio.timeout(limit_seconds):
                answer: bytes = await work()
                return answer
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            self.kill()
            raise Died(await self._process.wait()) from None
        except BaseException:
            self.kill()  # otherwise the next request would get this answer
            raise

    def _judged(self, task: Task) -> Exception:
        status, limits = self._process.returncode, self._limits
        if status == -signal.SIGPROF:
            detail = f"reading it took more than {task.cpu_seconds:g} s of processor time"
            return TooCostly("processor", detail)
        if status == MEMORY_EXIT:
            return TooCostly(
                "memory", f"reading it took more than {limits.memory_mb} MiB of memory"
            )
        return Died(status)

    async def _send(self, task: Task) -> None:
        assert self._process.stdin is not None
        for piece in task.pieces():
            self._process.stdin.write(piece)
        await self._process.stdin.drain()

    async def _receive(self) -> bytes:
        assert self._process.stdout is not None
        return await read_answer(self._process.stdout.readexactly)
