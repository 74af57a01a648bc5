"""Kafka behind an event loop that must never wait for it.

kafka-python blocks while it has no metadata, so a thread of its own sends; acknowledgements come
back in bunches, waking the loop once for all that have arrived.
"""

import asyncio
import contextlib
import gc
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kafka import KafkaProducer
from kafka.errors import KafkaError

from newsman.crash import bugs_crash
from newsman.ingest import metrics
from newsman.kafka.records import Record


class KafkaUnavailable(Exception):
    """Kafka did not take the records in time; they may be sent again."""


class Sender(Protocol):
    """What the web edge needs of Kafka."""

    async def send(self, topic: str, records: Sequence[Record]) -> None:
        """Returns once every record is acknowledged; raises KafkaUnavailable."""
        ...


@dataclass
class _Job:
    topic: str
    records: Sequence[Record]
    done: "asyncio.Future[None]"
    size_bytes: int
    left: int = 0
    failure: Exception | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class KafkaSender:
    """Sends through one idempotent producer; bounded in bytes and in time."""

    def __init__(
        self,
        build: Callable[[], KafkaProducer],
        *,
        timeout_seconds: float,
        max_in_flight_bytes: int,
    ) -> None:
        self._build = build
        self._timeout_seconds = timeout_seconds
        self._max_in_flight_bytes = max_in_flight_bytes
        self._loop = asyncio.get_running_loop()
        self._in_flight_bytes = 0
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._arrived: deque[_Job] = deque()
        self._woken = False
        self._producer: KafkaProducer | None = None
        self._is_suspect = threading.Event()
        self._wake_lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="kafka-sender", daemon=True)
        self._thread.start()

    async def send(self, topic: str, records: Sequence[Record]) -> None:
        """Returns once every record is acknowledged; raises KafkaUnavailable."""
        size_bytes = sum(len(record.value) for record in records)
        if self._in_flight_bytes + size_bytes > self._max_in_flight_bytes > 0:
            raise KafkaUnavailable("too much is waiting for Kafka already")
        job = _Job(topic, records, self._loop.create_future(), size_bytes, left=len(records))
        self._in_flight_bytes += size_bytes
        metrics.in_flight_bytes.set(self._in_flight_bytes)
        self._jobs.put(job)
        try:
            with metrics.ack_seconds.time():
                await asyncio.wait_for(job.done, self._timeout_seconds)
        except TimeoutError as error:
            raise KafkaUnavailable("Kafka did not acknowledge in time") from error
        finally:
            self._in_flight_bytes -= size_bytes
            metrics.in_flight_bytes.set(self._in_flight_bytes)

    async def close(self) -> None:
        """Sends what is queued and closes the producer."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join, self._timeout_seconds + 1)

    def _run(self) -> None:
        with bugs_crash():
            while (job := self._jobs.get()) is not None:
                if job.done.done():
                    continue  # its sender has given up already
                self._drop_suspect()
                try:
                    self._producer = self._producer or self._build()
                    self._hand_over(self._producer, job)
                except (KafkaError, OSError) as error:
                    self._is_suspect.set()
                    self._fail(job, error)
                    # One that found no broker keeps nine descriptors in a reference cycle.
                    gc.collect()
            if self._producer is not None:
                _close(self._producer, self._timeout_seconds)

    def _drop_suspect(self) -> None:
        if not self._is_suspect.is_set():
            return
        suspect, self._producer = self._producer, None
        self._is_suspect.clear()
        if suspect is not None:
            # What it still holds may yet be stored within its time, so the end waits for that.
            waiting = threading.Thread(
                target=_close, args=(suspect, self._timeout_seconds), daemon=True
            )
            waiting.start()

    def _hand_over(self, producer: KafkaProducer, job: _Job) -> None:
        for record in job.records:
            future = producer.send(
                job.topic, key=record.key, value=record.value, headers=record.headers
            )
            future.add_callback(lambda _metadata: self._count_down(job, None))
            future.add_errback(lambda error: self._count_down(job, error, producer))

    def _count_down(
        self, job: _Job, failure: Exception | None, producer: KafkaProducer | None = None
    ) -> None:
        with job.lock:
            job.left -= 1
            job.failure = job.failure or failure
            # Late failures of one that was replaced already say nothing about its successor.
            if failure is not None and producer is self._producer:
                self._is_suspect.set()
            if job.left > 0:
                return
        self._report(job)

    def _fail(self, job: _Job, error: Exception) -> None:
        job.failure = job.failure or error
        self._report(job)

    def _report(self, job: _Job) -> None:
        with self._wake_lock:
            self._arrived.append(job)
            if self._woken:
                return
            self._woken = True
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._wake_lock:
            self._woken = False
            arrived, self._arrived = self._arrived, deque()
        for job in arrived:
            if job.done.done():
                continue
            if job.failure is None:
                job.done.set_result(None)
            else:
                job.done.set_exception(KafkaUnavailable(str(job.failure)))


def _close(producer: KafkaProducer, timeout_seconds: float) -> None:
    """Closes a producer for good, whatever state it is in, within about twice the time.

    `close` gives up without ending the producer's thread when something can't be sent, and that
    thread would look for the broker for ever.
    """
    try:
        producer.close(timeout=timeout_seconds)
    except KafkaError:
        producer._sender.force_close()
        producer._sender.join(timeout_seconds)
        with contextlib.suppress(KafkaError):
            producer.close(timeout=0)
