"""Compacted topics of one partition in memory: the newest event of each key, read to the end of the
log before each answer."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from newsman.kafka.log import TopicLog, build_log_consumer
from newsman.kafka.missing_records import ReadStalled, warn_gone
from newsman.kafka.records import Unprocessable, decode, encode
from newsman_schemas.events import Event
from newsman_schemas.topics import Topic

log = logging.getLogger(__name__)

SILENCE_SECONDS = 5.0
BOOTSTRAP_TIMEOUT_MS = 5_000
SEND_TIMEOUT_SECONDS = 30
PATIENCE_SECONDS = 0.5

E = TypeVar("E", bound=Event)
T = TypeVar("T")


class CompactedLog(Generic[E]):
    """The newest event of each key; the topic has one partition, so its order is the order.

    Tombstones are left out: brokers drop them after a day, and a process that has not looked for
    longer would miss them. An event says by itself that nothing is decided any more.
    """

    def __init__(self, topics: TopicLog, topic: str, event: type[E]) -> None:
        self._topics = topics
        self._part = TopicPartition(topic, 0)
        self._event = event
        self.newest: dict[str, E] = {}
        self.taken = 0
        """The number of events that were read."""

    def catch_up(self) -> None:
        """Takes in all that Kafka had acknowledged when it was called; raises KafkaError."""
        if not self._topics.next:
            parts = self._topics.partitions(self._part.topic)
            self._topics.start(self._topics.bounds(parts).start)
        for batches in self._topics.read_to(self._topics.ends([self._part])):
            for record in batches.get(self._part, ()):
                self._take(record.value)

    def close(self) -> None:
        """Lets the consumer go."""
        self._topics.close()

    def _take(self, value: bytes | None) -> None:
        try:
            event = decode(self._event, value)
        except Unprocessable as problem:
            log.warning("an event of %s can't be read: %s", self._part.topic, problem)
            return
        self.newest[event.key] = event
        self.taken += 1


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


def open_compacted(
    bootstrap: str, namespace: str, topic: Topic, event: type[E], *, client_id: str
) -> CompactedLog[E]:
    """The log, nothing of it read yet; raises KafkaError."""
    consumer = build_log_consumer(
        bootstrap, client_id=client_id, bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS
    )
    topics = TopicLog(consumer, gone=warn_gone, silence_seconds=SILENCE_SECONDS)
    return CompactedLog(topics, topic.full_name(namespace), event)


def say_all(producer: KafkaProducer, topic: str, *events: Event) -> None:
    """Puts events on a log, and returns once Kafka has them; raises KafkaError."""
    records = map(encode, events)
    sent = [
        producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        for record in records
    ]
    for future in sent:
        future.get(timeout=SEND_TIMEOUT_SECONDS)
