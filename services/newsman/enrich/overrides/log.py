"""The log of editors' overrides: read from its beginning, and up to its end before each answer."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from newsman.enrich.overrides.overrides import NOTHING, Override
from newsman.kafka.log import TopicLog, build_log_consumer
from newsman.kafka.missing_records import ReadStalled, warn_gone
from newsman.kafka.records import Unprocessable, decode, encode
from newsman_schemas.editing import ArticleOverridden

log = logging.getLogger(__name__)

CLIENT_ID = "newsman-enrich-overrides"
SILENCE_SECONDS = 5.0
SEND_TIMEOUT_SECONDS = 30
PATIENCE_SECONDS = 0.5


class OverrideLog:
    """The overrides in force for each article; the topic has one partition, so its order is the
    order."""

    def __init__(self, topics: TopicLog, topic: str) -> None:
        self._topics = topics
        self._part = TopicPartition(topic, 0)
        self.overrides: dict[str, Override] = {}

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
            event = decode(ArticleOverridden, value)
        except Unprocessable as problem:
            log.warning("an override can't be read: %s", problem)
            return
        override = Override(added=event.added, removed=event.removed)
        if override == NOTHING:
            self.overrides.pop(event.article_id, None)
        else:
            self.overrides[event.article_id] = override


class Overrides:
    """Answers enrich's questions; waits for a Kafka that is away, since a human's word is at
    stake."""

    def __init__(self, open_log: Callable[[], OverrideLog]) -> None:
        self._open = open_log
        self._log: OverrideLog | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="overrides")
        self._problem: str | None = "editors' overrides are being read"

    def problem(self) -> str | None:
        """The problem that kept the log from being read to its end the last time, for readiness."""
        return self._problem

    async def get(self, *article_ids: str) -> Override:
        """The article's override, whoever has said it before this was asked; of an article that
        had other ids before, under the first that has one."""
        current = await asyncio.get_running_loop().run_in_executor(self._thread, self._current)
        while current is None:
            await asyncio.sleep(PATIENCE_SECONDS)
            current = await asyncio.get_running_loop().run_in_executor(self._thread, self._current)
        said = (current.overrides.get(article_id) for article_id in article_ids)
        return next(filter(None, said), NOTHING)

    async def read(self) -> None:
        """Reads the log for the first time."""
        await self.get("")

    def _current(self) -> OverrideLog | None:
        try:
            self._log = self._log or self._open()
            self._log.catch_up()
        except KafkaError as problem:
            log.warning("Kafka does not tell the overrides, trying again: %s", problem)
            self._problem = f"editors' overrides are not read to their end: {problem}"
            if self._log and isinstance(problem, ReadStalled):
                # The client makes no progress although the broker answers, so it is replaced.
                self._log.close()
                self._log = None
            return None
        self._problem = None
        return self._log


def open_log(bootstrap: str, topic: str) -> OverrideLog:
    """The log, nothing of it read yet; raises KafkaError."""
    consumer = build_log_consumer(bootstrap, client_id=CLIENT_ID)
    return OverrideLog(TopicLog(consumer, gone=warn_gone, silence_seconds=SILENCE_SECONDS), topic)


def say(producer: KafkaProducer, topic: str, event: ArticleOverridden) -> None:
    """Puts an override on the log, and returns once Kafka has it; raises KafkaError."""
    record = encode(event)
    sent = producer.send(topic, key=record.key, value=record.value, headers=record.headers)
    sent.get(timeout=SEND_TIMEOUT_SECONDS)
