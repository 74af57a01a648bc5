"""Worker processes with limits: a text that hangs or kills its worker costs only itself."""

import asyncio
import logging
import signal
from collections.abc import Sequence

from newsman.enrich import metrics
from newsman.enrich.core import Findings
from newsman.enrich.own_names.index import NOTHING_FOUND, FoundNames
from newsman.enrich.workers.process import ModelProcess, ModelsEnded, Worker, start_models
from newsman.enrich.workers.question import Question
from newsman.runtime.awake import within
from newsman_schemas.articles import Article

log = logging.getLogger(__name__)


class WorkerFailed(Exception):
    """The article cost its worker its life, or took longer than it may."""


class Pool:
    """A fixed number of workers, each busy with one article at a time.

    The kernel ends a worker that has used up the processor time of its article. `silence_seconds`
    is for one that hangs without using any; time in which this process was frozen does not count.
    """

    def __init__(
        self, command: Sequence[str], *, size: int, cpu_seconds: float, silence_seconds: float
    ) -> None:
        self._command = command
        self._size = size
        self._cpu_seconds = cpu_seconds
        self._silence_seconds = silence_seconds
        self._idle: asyncio.Queue[Worker | None] = asyncio.Queue()
        self._loading = asyncio.Lock()
        self._models: ModelProcess | None = None
        self.method = ""

    async def start(self) -> None:
        """Returns once the workers are there; raises CannotStart."""
        workers = [await self._fork() for _ in range(self._size)]
        for worker in workers:
            self._idle.put_nowait(worker)

    async def look(self, article: Article, found: FoundNames = NOTHING_FOUND) -> Findings:
        """The findings of a worker in the article, in which the newsroom's own names were `found`
        already; raises WorkerFailed."""
        worker = await self._idle.get()
        # A worker killed while idle (out of memory) must not count against the next
        # article.
        if worker is None or worker.ended.done():
            worker = await self._fork()
        try:
            question = Question(article=article, found=found).model_dump_json().encode()
            answer = await within(worker.ask(question), seconds=self._silence_seconds)
            findings = Findings.model_validate_json(answer)
        except BaseException as error:
            failure = await self._replace(worker, error)
            raise failure from error
        self._idle.put_nowait(worker)
        return findings

    async def close(self) -> None:
        """Ends all workers, and the process that they come from."""
        if self._models is not None:
            await self._models.close()

    async def _fork(self) -> Worker:
        while True:
            try:
                return await (await self._loaded()).fork()
            except ModelsEnded:
                log.warning("the process that holds the models has ended; they are loaded again")

    async def _loaded(self) -> ModelProcess:
        async with self._loading:
            if self._models is None or self._models.has_ended:
                self._models = await start_models(self._command)
                self.method = self._models.method
            return self._models

    async def _replace(self, worker: Worker, error: BaseException) -> BaseException:
        """Ends the worker, frees its place, and says what is to be raised."""
        assert self._models is not None
        status = await self._models.end(worker)
        self._idle.put_nowait(None)
        if isinstance(error, TimeoutError):
            metrics.failures.labels("silence").inc()
            return WorkerFailed(f"gave no answer within {self._silence_seconds:g} s")
        if not isinstance(error, (OSError, EOFError, ValueError)):
            return error
        if status == -signal.SIGPROF:
            metrics.failures.labels("timeout").inc()
            return WorkerFailed(f"took longer than {self._cpu_seconds:g} s of processor time")
        metrics.failures.labels("crash").inc()
        return WorkerFailed("its worker process died")
