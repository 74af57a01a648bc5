"""The service's end of the process that holds the models, and of the workers that it forks."""

import asyncio
import contextlib
import json
import signal
import socket
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from newsman.enrich.workers.fork_server import COMMAND, FORK

LOAD_LIMIT_SECONDS = 120.0
LINE_LIMIT_BYTES = 64 * 1024 * 1024


class CannotStart(Exception):
    """The models did not load: a bug or a broken installation, not a bad article."""


class ModelsEnded(Exception):
    """The process that holds the models has ended, and its workers with it."""


@dataclass
class Worker:
    """One forked process, and the socket that leads to it; `ended` holds its exit status, negative
    for a signal, None where nobody knows."""

    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ended: "asyncio.Future[int | None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    async def ask(self, question: bytes) -> bytes:
        """The answer to one line; raises EOFError or OSError when the worker has died."""
        self.writer.write(question + b"\n")
        await self.writer.drain()
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line

    def has_ended(self, status: int | None) -> None:
        """Notes how it ended."""
        self.writer.close()
        self.ended.set_result(status)


class ModelProcess:
    """A running fork server; made by `start_models`."""

    def __init__(
        self, process: asyncio.subprocess.Process, control: socket.socket, method: str
    ) -> None:
        self._process = process
        self._control = control
        self.method = method
        self._asked: deque[asyncio.Future[int]] = deque()
        self._workers: dict[int, Worker] = {}
        self._listening = asyncio.ensure_future(self._listen())

    @property
    def pid(self) -> int:
        """The process that holds the models."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """True if it is gone; its workers are too, then."""
        return self._listening.done()

    async def fork(self) -> Worker:
        """A new worker; raises ModelsEnded."""
        if self.has_ended:
            raise ModelsEnded
        ours, theirs = socket.socketpair()
        forked: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._asked.append(forked)
        with theirs:
            try:
                socket.send_fds(self._control, [COMMAND.pack(FORK)], [theirs.fileno()])
            except OSError as error:
                raise ModelsEnded from error
        reader, writer = await asyncio.open_connection(sock=ours, limit=LINE_LIMIT_BYTES)
        try:
            worker = Worker(await forked, reader, writer)
        except BaseException:
            writer.close()
            raise
        return self._workers.setdefault(worker.pid, worker)

    async def end(self, worker: Worker) -> int | None:
        """Ends a worker at once; answers how it ended, if it had not ended by itself before."""
        worker.writer.close()
        if not worker.ended.done():
            with contextlib.suppress(OSError):  # The server has ended, and so does its worker.
                self._control.sendall(COMMAND.pack(worker.pid))
        return await worker.ended

    async def close(self) -> None:
        """Ends the process and all of its workers."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                self._process.send_signal(signal.SIGKILL)
        workers = tuple(self._workers.values())
        await self._listening
        self._control.close()
        for worker in workers:
            with contextlib.suppress(OSError):
                await worker.writer.wait_closed()

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            facts = json.loads(line)
            if "forked" in facts:
                self._asked.popleft().set_result(facts["forked"])
            elif worker := self._workers.pop(facts["ended"], None):
                worker.has_ended(facts["status"])
        await self._process.wait()
        for worker in self._workers.values():
            worker.has_ended(None)
        for forked in self._asked:
            forked.set_exception(ModelsEnded())


async def start_models(command: Sequence[str]) -> ModelProcess:
    """Returns once everything has loaded; raises CannotStart."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=theirs.fileno(), stdout=asyncio.subprocess.PIPE
        )
    assert process.stdout is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOAD_LIMIT_SECONDS):
            if line := await process.stdout.readline():
                return ModelProcess(process, ours, json.loads(line)["ready"])
    ours.close()
    with contextlib.suppress(ProcessLookupError):  # it has ended by itself
        process.kill()
    await process.wait()
    raise CannotStart("the NLP models did not load; is newsman[nlp] installed?")
