"""The edge of deliver over HTTP on a real Valkey, with a Kafka in memory: as quick as that is."""

import threading
from collections import defaultdict
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from kafka.errors import KafkaTimeoutError

from newsman.deliver.pull.log import FetchLog
from newsman.deliver.pull.window import LogEntry
from newsman.kafka.positions import BadPosition
from newsman.kafka.records import decode
from newsman.subscribers.registry import Registry
from newsman_schemas.subscriptions import SubscriberChanged, SubscriptionChanged
from newsman_schemas.topics import (
    ARTICLE_PUBLISHED,
    RANKING_CHANGED,
    SUBSCRIBER_CHANGED,
    SUBSCRIPTION_CHANGED,
)

PARTITIONS = 2
LOOK_SECONDS = 0.01


@dataclass
class MemoryKafka:
    """A producer whose records are on the log at once, and in the registry."""

    namespace: str
    registry: Registry
    records: dict[str, list[list[bytes]]] = field(default_factory=dict)
    is_away: threading.Event = field(default_factory=threading.Event)
    begins: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, topic: str, *, key: bytes, value: bytes | None, headers: Any = None) -> Any:
        future: Future[Any] = Future()
        if self.is_away.is_set():
            future.set_exception(KafkaTimeoutError("away"))
        else:
            with self._lock:
                future.set_result(SimpleNamespace(offset=self._append(topic, key, value)))
        return SimpleNamespace(get=lambda timeout: future.result(timeout))

    def close(self, timeout: float = 0) -> None:
        """As a producer has it."""

    def of(self, topic: str) -> list[bytes]:
        """Every value of a topic."""
        return [value for part in self.records.get(topic, []) for value in part]

    def _append(self, topic: str, key: bytes, value: bytes | None) -> int:
        parts = self.records.setdefault(topic, [[] for _ in range(PARTITIONS)])
        is_single = topic.endswith((SUBSCRIBER_CHANGED.name, SUBSCRIPTION_CHANGED.name))
        part = parts[0 if is_single else sum(key) % PARTITIONS]
        part.append(value or b"")
        name = topic.removeprefix(f"{self.namespace}.")
        if name == SUBSCRIBER_CHANGED.name:
            event = decode(SubscriberChanged, value) if value else None
            self.registry.take_subscriber(key.decode(), event)
        elif name == SUBSCRIPTION_CHANGED.name:
            changed = decode(SubscriptionChanged, value) if value else None
            self.registry.take_subscription(key.decode(), changed)
        self.registry.reach({name: len(part)}, is_whole=True)
        return len(part) - 1


class MemoryLog(FetchLog):
    """What may be fetched from a Kafka in memory; readings are counted."""

    def __init__(self, kafka: MemoryKafka) -> None:
        super().__init__("unused:1", kafka.namespace)
        self._kafka = kafka
        self.readings = 0

    def follow(self, begin, take, stopping, pulse, watch) -> None:
        watch.take({})
        position = self._ends()
        begin(dict(position))
        while not stopping.wait(LOOK_SECONDS):
            pulse.beat()
            ends = self._ends()
            if entries := self._between(position, ends):
                position = ends
                take(entries, dict(ends))

    def read(self, start, end):
        self.readings += 1
        self._check()
        return self._between(start, end)[:50], self._reached(start, end)

    def resolve(self, named):
        self._check()
        ends = self._ends()
        if any(offset > ends[part] for part, offset in named.offsets.items()):
            raise BadPosition("it lies beyond the end of the log: the log is another one")
        return {**named.offsets, **dict.fromkeys(named.moments, 0)}

    def _reached(self, start, end):
        reached = dict(start)
        entries = self._between(start, end)
        for entry in entries[:50]:
            reached[entry.part] = entry.offset + 1
        return reached if len(entries) > 50 else {**start, **end}

    def _between(self, start, end) -> list[LogEntry]:
        return [
            LogEntry((topic, number), offset, self._part(topic, number)[offset])
            for (topic, number), begin in start.items()
            for offset in range(begin, end[topic, number])
        ]

    def _ends(self):
        topics = [t.full_name(self._kafka.namespace) for t in (ARTICLE_PUBLISHED, RANKING_CHANGED)]
        return {
            (topic, number): len(self._part(topic, number))
            for topic in topics
            for number in range(PARTITIONS)
        }

    def _part(self, topic: str, number: int) -> list[bytes]:
        return self._kafka.records.setdefault(topic, [[] for _ in range(PARTITIONS)])[number]

    def _check(self) -> None:
        if self._kafka.is_away.is_set():
            raise KafkaTimeoutError("away")


class NoWatch:
    """A watch over a loop that nothing needs to watch."""

    async def begin(self) -> None:
        """Watches nothing."""
