"""Answers from a compacted log in an event loop, each once the log is read to its end."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from kafka.errors import KafkaError

from newsman.kafka.compacted_logs.compacted_log import CompactedLog
from newsman.kafka.missing_records import ReadStalled
from newsman_schemas.events import Event

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.5

E = TypeVar("E", bound=Event)
T = TypeVar("T")


class NewestEvents(Generic[E]):
    """Answers from a compacted log, in a thread of its own."""

    def __init__(self, open_log: Callable[[], CompactedLog[E]], *, what: str) -> None:
        self._open = open_log
        self._what = what
        self._log: CompactedLog[E] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=what)
        self._problem: str | None = f"{what} are being read"

    def problem(self) -> str | None:
        """The problem that kept the log from being read to its end the last time, for readiness."""
        return self._problem

    async def ask(self, take: Callable[[CompactedLog[E]], T]) -> T:
        """The answer of `take`, once the log is read to its end; raises KafkaError."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, take)

    async def ask_patiently(self, take: Callable[[CompactedLog[E]], T]) -> T:
        """As `ask`, but waits for a Kafka that is away, since a human's word is at stake."""
        while True:
            try:
                return await self.ask(take)
            except KafkaError:
                await asyncio.sleep(PATIENCE_SECONDS)

    def _ask(self, take: Callable[[CompactedLog[E]], T]) -> T:
        try:
            self._log = self._log or self._open()
            self._log.catch_up()
        except KafkaError as problem:
            log.warning("Kafka does not tell %s, trying again: %s", self._what, problem)
            self._problem = f"{self._what} are not read to their end: {problem}"
            if self._log and isinstance(problem, ReadStalled):
                # The client makes no progress although the broker answers, so it is replaced.
                self._log.close()
                self._log = None
            raise
        self._problem = None
        return take(self._log)
