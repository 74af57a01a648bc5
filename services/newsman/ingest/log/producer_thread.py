"""The thread beside the event loop that hands pushes to the Kafka producer.

kafka-python blocks while it has no metadata, and while it looks for a broker.
"""

import asyncio
import contextlib
import gc
import queue
import threading
from collections.abc import Callable, Sequence
from enum import Enum

from kafka import KafkaProducer
from kafka.errors import KafkaError

from newsman.kafka.clients import close_producer
from newsman.kafka.records import Record
from newsman.runtime.crash import bugs_crash

RETRY_SECONDS = 0.2
"""Between two attempts to reach a broker."""


class ProducerCommand(Enum):
    """A command to the thread beside the groups; REPLACE comes back once a broker has answered."""

    REPLACE = "replace the producer"
    DOWN = "no broker answered"
    END = "end"


class Job:
    """One push: its records, and the future of its answer (None, or what failed)."""

    __slots__ = ("answer", "failure", "group", "is_late", "left", "records", "size_bytes", "topic")

    def __init__(
        self, topic: str, records: Sequence[Record], answer: "asyncio.Future[str | None]"
    ) -> None:
        self.topic = topic
        self.records = records
        self.answer = answer
        self.size_bytes = sum(len(record.value) for record in records)
        self.left = len(records)
        self.failure: str | None = None
        self.is_late = False
        """Its producer was replaced already when it failed, so it says nothing about the next."""


class PushGroup:
    """Pushes that go to the producer together."""

    __slots__ = ("jobs", "left", "lock")

    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        self.left = len(jobs)
        self.lock = threading.Lock()


News = Job | PushGroup | ProducerCommand
"""A job that is settled, a group all of whose jobs are, a broker that answers or does not."""


def hand_over_all(
    build: Callable[[], KafkaProducer],
    commands: "queue.SimpleQueue[ProducerCommand | PushGroup]",
    report: Callable[[News], None],
    timeout_seconds: float,
) -> None:
    """Hands over groups until the command to end; crashes the process on anything unexpected."""
    with bugs_crash():
        _Handover(build, commands, report, timeout_seconds).run()


class _Handover:
    def __init__(
        self,
        build: Callable[[], KafkaProducer],
        commands: "queue.SimpleQueue[ProducerCommand | PushGroup]",
        report: Callable[[News], None],
        timeout_seconds: float,
    ) -> None:
        self._build = build
        self._commands = commands
        self._report = report
        self._timeout_seconds = timeout_seconds
        self._producer: KafkaProducer | None = None
        self._groups: set[PushGroup] = set()
        """What this producer has and is not done with."""

    def run(self) -> None:
        command: ProducerCommand | PushGroup = ProducerCommand.REPLACE
        while command is not ProducerCommand.END:
            if isinstance(command, PushGroup):
                self._hand_over(command)
            else:
                self._drop()
                self._try_to_build()
            command = self._next()
        if self._producer is not None:
            close_producer(self._producer, self._timeout_seconds)

    def _next(self) -> ProducerCommand | PushGroup:
        while self._producer is None:
            with contextlib.suppress(queue.Empty):
                return self._commands.get(timeout=RETRY_SECONDS)
            self._try_to_build()
        return self._commands.get()

    def _try_to_build(self) -> None:
        try:
            self._producer = self._build()
        except (KafkaError, OSError):
            # A client that found no broker keeps nine descriptors in a reference cycle.
            gc.collect()
            self._report(ProducerCommand.DOWN)
        else:
            self._report(ProducerCommand.REPLACE)

    def _drop(self) -> None:
        suspect, groups = self._producer, self._groups
        self._producer, self._groups = None, set()
        if suspect is not None:
            # Its remaining records may still be stored in time, so closing waits for them.
            threading.Thread(target=self._end, args=(suspect, groups), daemon=True).start()

    def _end(self, suspect: KafkaProducer, groups: set[PushGroup]) -> None:
        with bugs_crash():
            close_producer(suspect, self._timeout_seconds)
            for group in tuple(groups):
                for job in group.jobs:
                    self._settle(group, job, job.left, "the producer ended before")

    def _hand_over(self, group: PushGroup) -> None:
        producer = self._producer
        self._groups.add(group)
        for job in group.jobs:
            if producer is None or job.answer.done():  # its sender timed out
                self._settle(group, job, job.left, "Kafka does not answer")
            else:
                self._send(producer, group, job)

    def _send(self, producer: KafkaProducer, group: PushGroup, job: Job) -> None:
        def stored(_: object) -> None:
            self._settle(group, job, 1, None)

        def failed(error: Exception) -> None:
            job.is_late = producer is not self._producer
            self._settle(group, job, 1, str(error))

        for sent, record in enumerate(job.records):
            try:
                future = producer.send(
                    job.topic, key=record.key, value=record.value, headers=record.headers
                )
            except (KafkaError, OSError) as error:
                self._settle(group, job, len(job.records) - sent, str(error))
                return
            future.add_callback(stored)
            future.add_errback(failed)

    def _settle(self, group: PushGroup, job: Job, records: int, failure: str | None) -> None:
        with group.lock:
            if job.left == 0:
                return
            job.left -= records
            job.failure = job.failure or failure
            if job.left:
                return
            group.left -= 1
            is_last = group.left == 0
        self._report(job)
        if is_last:
            self._groups.discard(group)
            self._report(group)
