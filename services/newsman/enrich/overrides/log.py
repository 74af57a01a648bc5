"""The log of editors' overrides: read from its beginning, and up to its end before each answer."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from newsman.enrich.overrides.overrides import NOTHING, Override
from newsman.kafka.clients import build_consumer
from newsman.kafka.records import Unprocessable, decode, encode
from newsman_schemas.editing import ArticleOverridden

log = logging.getLogger(__name__)

CLIENT_ID = "newsman-enrich-overrides"
WAIT_MS = 5_000
SEND_TIMEOUT_SECONDS = 30
PATIENCE_SECONDS = 0.5


class OverrideLog:
    """What holds of each article; the topic has one partition, so its order is the order."""

    def __init__(self, consumer: KafkaConsumer, topic: str) -> None:
        self._consumer = consumer
        self._part = TopicPartition(topic, 0)
        self.overrides: dict[str, Override] = {}
        consumer.assign([self._part])
        consumer.seek_to_beginning(self._part)

    def catch_up(self) -> None:
        """Takes in all that Kafka had acknowledged when it was called; raises KafkaError."""
        end = self._consumer.end_offsets([self._part], timeout_ms=WAIT_MS)[self._part]
        while (before := self._position()) < end:
            for records in self._consumer.poll(timeout_ms=WAIT_MS).values():
                for record in records:
                    self._take(record.value)
            if self._position() == before:
                raise KafkaTimeoutError("the log of overrides does not come to its end")

    def _position(self) -> int:
        return int(self._consumer.position(self._part, timeout_ms=WAIT_MS))

    def close(self) -> None:
        """Lets the consumer go."""
        self._consumer.close()

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
    """What enrich asks; it waits for a Kafka that is away, since a human's word is at stake."""

    def __init__(self, open_log: Callable[[], OverrideLog]) -> None:
        self._open = open_log
        self._log: OverrideLog | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="overrides")
        self.is_read = False
        """Whether the log has been read once."""

    async def get(self, article_id: str) -> Override:
        """The article's override, whoever has said it before this was asked."""
        current = await asyncio.get_running_loop().run_in_executor(self._thread, self._current)
        while current is None:
            await asyncio.sleep(PATIENCE_SECONDS)
            current = await asyncio.get_running_loop().run_in_executor(self._thread, self._current)
        return current.overrides.get(article_id, NOTHING)

    async def read(self) -> None:
        """Reads the log for the first time."""
        await self.get("")

    def _current(self) -> OverrideLog | None:
        try:
            self._log = self._log or self._open()
            self._log.catch_up()
        except KafkaError as problem:
            log.warning("Kafka does not tell the overrides, trying again: %s", problem)
            return None
        self.is_read = True
        return self._log


def open_log(bootstrap: str, topic: str) -> OverrideLog:
    """The log, nothing of it read yet; raises KafkaError."""
    return OverrideLog(build_consumer(bootstrap=bootstrap, group=None, client_id=CLIENT_ID), topic)


def say(producer: KafkaProducer, topic: str, event: ArticleOverridden) -> None:
    """Puts an override on the log, and returns once Kafka has it; raises KafkaError."""
    record = encode(event)
    sent = producer.send(topic, key=record.key, value=record.value, headers=record.headers)
    sent.get(timeout=SEND_TIMEOUT_SECONDS)
