"""Worker processes with a time limit: a text that hangs or kills its worker costs only itself."""

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsman.enrich import metrics
from newsman.enrich.core import Findings
from newsman_schemas.articles import Article

log = logging.getLogger(__name__)

LOAD_LIMIT_SECONDS = 120.0
LINE_LIMIT_BYTES = 64 * 1024 * 1024


class WorkerFailed(Exception):
    """The article cost its worker its life, or took longer than it may."""


class CannotStart(Exception):
    """A worker did not load: a bug or a broken installation, not a bad article."""


def worker_command(memory_mb: int, sections_model: Path | None = None) -> tuple[str, ...]:
    """How a real worker is started."""
    command = (sys.executable, "-m", "newsman.enrich.worker", str(memory_mb))
    return (*command, str(sections_model)) if sections_model else command


@dataclass
class _Worker:
    process: asyncio.subprocess.Process
    method: str


class Pool:
    """A fixed number of workers, each busy with one article at a time."""

    def __init__(self, command: Sequence[str], *, size: int, timeout_seconds: float) -> None:
        self._command = command
        self._size = size
        self._timeout_seconds = timeout_seconds
        self._idle: asyncio.Queue[_Worker | None] = asyncio.Queue()
        self.method = ""

    async def start(self) -> None:
        """Returns once every worker has loaded; raises CannotStart."""
        workers = await asyncio.gather(*(self._launch() for _ in range(self._size)))
        for worker in workers:
            self.method = worker.method
            self._idle.put_nowait(worker)

    async def look(self, article: Article) -> Findings:
        """What a worker finds in the article; raises WorkerFailed."""
        worker = await self._idle.get()
        # A place whose worker died is filled by whoever needs it next; one that was ended while
        # it waited (the kernel out of memory) must not cost the next article anything.
        if worker is None or worker.process.returncode is not None:
            worker = await self._launch()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._ask(worker, article)
        except BaseException as error:
            await _end(worker.process)
            self._idle.put_nowait(None)
            raise self._failure(error) from error
        self._idle.put_nowait(worker)
        return answer

    async def close(self) -> None:
        """Ends the workers that are idle; the others end with this process."""
        while not self._idle.empty():
            worker = self._idle.get_nowait()
            if worker is not None:
                await _end(worker.process)

    def _failure(self, error: BaseException) -> BaseException:
        if isinstance(error, TimeoutError):
            metrics.failures.labels("timeout").inc()
            return WorkerFailed(f"took longer than {self._timeout_seconds:g} s")
        if isinstance(error, (ConnectionError, EOFError, ValueError)):
            metrics.failures.labels("crash").inc()
            return WorkerFailed("its worker process died")
        return error

    async def _ask(self, worker: _Worker, article: Article) -> Findings:
        assert worker.process.stdin is not None
        assert worker.process.stdout is not None
        worker.process.stdin.write(article.model_dump_json().encode() + b"\n")
        await worker.process.stdin.drain()
        line = await worker.process.stdout.readline()
        if not line:
            raise EOFError
        return Findings.model_validate_json(line)

    async def _launch(self) -> _Worker:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT_BYTES,
        )
        assert process.stdout is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOAD_LIMIT_SECONDS):
                line = await process.stdout.readline()
                if line:
                    hello = json.loads(line)
                    return _Worker(process, hello["ready"])
        await _end(process)
        raise CannotStart("an NLP worker did not load; is newsman[nlp] installed?")


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has ended by itself
        process.kill()
    await process.wait()
