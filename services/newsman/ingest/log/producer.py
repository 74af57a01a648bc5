"""Kafka behind an event loop that must never wait for it: bounded in bytes and in time.

Pushes go to Kafka in groups, so that the threads of the producer and the loop change places once
for many of them: while some groups are under way, what comes meanwhile gathers for the next one.
"""

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Protocol

from kafka import KafkaProducer

from newsman.ingest import metrics
from newsman.ingest.log.producer_thread import Job, News, ProducerCommand, PushGroup, hand_over_all
from newsman.kafka.records import Record

MAX_GROUPS = 2
"""Under way at a time, for as long as Kafka is quick; one that is stuck holds up no others."""
GATHER_SECONDS = 0.02


class KafkaUnavailable(Exception):
    """Kafka did not take the records in time; they may be sent again."""


class RecordSender(Protocol):
    """The producer, as the web edge needs it."""

    async def send(self, topic: str, records: Sequence[Record]) -> None:
        """Returns once every record is acknowledged; raises KafkaUnavailable."""
        ...

    def problem(self) -> str | None:
        """The reason why pushes are refused right now, if they are."""
        ...

    async def close(self) -> None:
        """Sends what is queued and ends."""
        ...


class _State(Enum):
    STARTING = "no broker has answered yet"
    TAKING = "Kafka takes records"
    DOWN = "Kafka does not answer"
    TRYING = "Kafka answers again; one push at a time tries it"


class KafkaSender:
    """Sends through one idempotent producer.

    After a push that Kafka did not take, others are refused at once until a broker answers again:
    none waits for nothing. Bytes count as in flight until the producer is done with them, longer
    than the push waits; a push that is alone is never too large.
    """

    def __init__(
        self,
        build: Callable[[], KafkaProducer],
        *,
        timeout_seconds: float,
        max_in_flight_bytes: int,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._max_in_flight_bytes = max_in_flight_bytes
        self._loop = asyncio.get_running_loop()
        self._state = _State.STARTING
        self._trial: Job | None = None
        self._unsettled: set[Job] = set()
        self._in_flight_bytes = 0
        self._waiting: list[Job] = []
        self._groups_out = 0
        self._flushed_at = 0.0
        self._flush: asyncio.Handle | None = None
        self._commands: queue.SimpleQueue[ProducerCommand | PushGroup] = queue.SimpleQueue()
        self._news: deque[News] = deque()
        self._woken = False
        self._wake_lock = threading.Lock()
        self._thread = threading.Thread(
            target=hand_over_all,
            args=(build, self._commands, self._report, timeout_seconds),
            name="kafka-sender",
            daemon=True,
        )
        self._thread.start()

    async def send(self, topic: str, records: Sequence[Record]) -> None:
        """Returns once every record is acknowledged; raises KafkaUnavailable."""
        if not records:
            return
        job = Job(topic, records, self._loop.create_future())
        self._admit(job)
        began = self._loop.time()
        giving_up = self._loop.call_later(self._timeout_seconds, self._give_up, job)
        try:
            failure = await job.answer
        finally:
            giving_up.cancel()
            metrics.ack_seconds.observe(self._loop.time() - began)
        if failure is not None:
            raise KafkaUnavailable(failure)

    def problem(self) -> str | None:
        """The reason why pushes are refused right now, if they are."""
        # Only a push can end an outage, so the service must keep taking some.
        is_taking = self._state in (_State.TAKING, _State.TRYING)
        return None if is_taking else self._state.value

    async def close(self) -> None:
        """Sends what is queued and closes the producer."""
        self._flush_now()
        self._commands.put(ProducerCommand.END)
        await asyncio.to_thread(self._thread.join, self._timeout_seconds + 1)

    def _admit(self, job: Job) -> None:
        is_tried = self._trial is not None and not self._trial.answer.done()
        if self._state is _State.DOWN or (self._state is _State.TRYING and is_tried):
            raise KafkaUnavailable(self._state.value)
        wanted = self._in_flight_bytes + job.size_bytes
        if self._unsettled and wanted > self._max_in_flight_bytes:
            raise KafkaUnavailable("too much is waiting for Kafka already")
        self._trial = job if self._state is _State.TRYING else None
        self._unsettled.add(job)
        self._count_bytes(job.size_bytes)
        self._waiting.append(job)
        if self._flush is None:
            self._flush = self._loop.call_soon(self._flush_if_due)

    def _count_bytes(self, more: int) -> None:
        self._in_flight_bytes += more
        metrics.in_flight_bytes.set(self._in_flight_bytes)

    def _flush_if_due(self) -> None:
        self._flush = None
        due_in = self._flushed_at + GATHER_SECONDS - self._loop.time()
        if self._groups_out < MAX_GROUPS or due_in <= 0:
            self._flush_now()
        elif self._waiting:
            self._flush = self._loop.call_later(due_in, self._flush_if_due)

    def _flush_now(self) -> None:
        if self._waiting:
            self._commands.put(PushGroup(self._waiting))
            self._waiting = []
            self._groups_out += 1
            self._flushed_at = self._loop.time()

    def _give_up(self, job: Job) -> None:
        if not job.answer.done():
            job.answer.set_result("Kafka did not acknowledge in time")
            self._go_down()

    def _go_down(self) -> None:
        if self._state is _State.DOWN:
            return
        self._state = _State.DOWN
        self._commands.put(ProducerCommand.REPLACE)
        waiting, self._waiting = self._waiting, []
        for job in waiting:
            self._settle(job, self._state.value)

    def _go_on(self) -> None:
        if self._state is _State.DOWN:
            self._state = _State.TRYING
        elif self._state is _State.STARTING:
            self._state = _State.TAKING

    def _report(self, news: News) -> None:
        """Takes news from any thread; the loop is woken once for all that has arrived."""
        with self._wake_lock:
            self._news.append(news)
            if self._woken:
                return
            self._woken = True
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._hear)

    def _hear(self) -> None:
        with self._wake_lock:
            self._woken = False
            arrived, self._news = self._news, deque()
        for news in arrived:
            if isinstance(news, Job):
                self._settle(news, news.failure)
            elif isinstance(news, PushGroup):
                self._groups_out -= 1
            elif news is ProducerCommand.REPLACE:
                self._go_on()
            else:
                self._go_down()
        if self._waiting and self._groups_out < MAX_GROUPS:
            self._flush_now()

    def _settle(self, job: Job, failure: str | None) -> None:
        """Kafka has the job, or will never have more of it."""
        if job not in self._unsettled:
            return
        self._unsettled.discard(job)
        self._count_bytes(-job.size_bytes)
        if not job.answer.done():
            job.answer.set_result(failure)
        if failure is None and self._state is _State.TRYING:
            self._state = _State.TAKING
        elif failure is not None and not job.is_late:
            self._go_down()
