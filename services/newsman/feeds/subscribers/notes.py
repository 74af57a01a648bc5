"""Noting in the ledger what subscribers fetched: from a thread beside, for what there is room."""

import hashlib
import logging
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from cachetools import LRUCache
from kafka import KafkaProducer

from newsman.feeds import metrics
from newsman.feeds.subscribers.told import ToldVersion
from newsman.kafka.clients import close_producer
from newsman.kafka.log import AWAY
from newsman.kafka.records import encode
from newsman.runtime.crash import bugs_crash
from newsman.runtime.outage import Outage
from newsman_schemas.subscriptions import DeliveryNoted

log = logging.getLogger(__name__)

MOST_WAITING = 10_000
REMEMBERED = 50_000
"""So many articles of subscribers are known to be noted already."""
LOOK_SECONDS = 0.5
AGAIN_SECONDS = 1.0
MOST_TARGET_CHARACTERS = 300

Channel = Literal["feed", "stream"]


@dataclass(frozen=True, slots=True)
class FetchedVersion:
    """Something that a subscriber was told, when, and at which address."""

    subscriber: str
    channel: Channel
    target: str
    told: ToldVersion
    at: datetime


class FetchNotes:
    """Takes notes from any thread without ever waiting, and writes them from its own.

    What finds no room, or what Kafka does not take in time, is lost and counted; it is noted when
    it is fetched again. What was noted at a revision is not noted again, as far as is remembered.
    """

    def __init__(
        self,
        build: Callable[[], KafkaProducer],
        topic: str,
        *,
        most_waiting: int = MOST_WAITING,
        remembered: int = REMEMBERED,
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        self._build = build
        self._topic = topic
        self._waiting: queue.Queue[FetchedVersion] = queue.Queue(most_waiting)
        self._lock = threading.Lock()
        self._noted: LRUCache[tuple[str, Channel, str], int] = LRUCache(remembered)
        self._again_seconds = again_seconds
        self._outage = Outage(log, "notes of what subscribers fetched are lost")

    def take(
        self, subscriber: str, channel: Channel, target: str, told: Iterable[ToldVersion]
    ) -> None:
        """The subscriber is told of these."""
        now = datetime.now(UTC)
        for one in told:
            if self._is_new(subscriber, channel, one):
                fetched = FetchedVersion(subscriber, channel, target, one, now)
                try:
                    self._waiting.put_nowait(fetched)
                except queue.Full:
                    self._lose(fetched, "too many of them wait")

    def run(self, stopping: threading.Event) -> None:
        """Writes until told to stop, then what still waits; the body of a thread."""
        with bugs_crash():
            first = self._next(stopping)
            # Most installations have nobody who reads feeds with a token, and need no producer.
            producer = self._producer(first, stopping) if first else None
            if producer is None:
                return
            while (fetched := self._next(stopping)) is not None:
                self._send(producer, fetched)
            close_producer(producer)

    def _producer(self, fetched: FetchedVersion, stopping: threading.Event) -> KafkaProducer | None:
        """A producer that has been given the first note; None if none could be built in time."""
        while True:
            try:
                producer = self._build()
            except AWAY as problem:
                self._outage.failed(problem)
                if stopping.wait(self._again_seconds):
                    return None
            else:
                self._send(producer, fetched)
                return producer

    def _next(self, stopping: threading.Event) -> FetchedVersion | None:
        """The next note; None once told to stop and nothing waits."""
        while True:
            try:
                return self._waiting.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                if stopping.is_set():
                    return None

    def _send(self, producer: KafkaProducer, fetched: FetchedVersion) -> None:
        record = encode(noted(fetched))
        try:
            sent = producer.send(
                self._topic, key=record.key, value=record.value, headers=record.headers
            )
        except AWAY as problem:
            self._lose(fetched, problem)
            return
        sent.add_callback(self._sent)
        sent.add_errback(lambda problem: self._lose(fetched, problem))

    def _sent(self, _: Any) -> None:
        metrics.notes.labels("noted").inc()
        self._outage.over()

    def _lose(self, fetched: FetchedVersion, problem: object) -> None:
        metrics.notes.labels("lost").inc()
        self._outage.failed(problem)
        with self._lock:
            self._noted.pop(_key(fetched.subscriber, fetched.channel, fetched.told), None)

    def _is_new(self, subscriber: str, channel: Channel, told: ToldVersion) -> bool:
        key = _key(subscriber, channel, told)
        with self._lock:
            if self._noted.get(key, 0) >= told.revision:
                return False
            self._noted[key] = told.revision
            return True


def noted(fetched: FetchedVersion) -> DeliveryNoted:
    """The entry of the ledger, under one id whoever writes it and however often."""
    told = fetched.told
    named = (fetched.subscriber, fetched.channel, told.article_id, told.event, str(told.revision))
    delivery_id = f"fetch_{hashlib.sha256(' '.join(named).encode()).hexdigest()[:32]}"
    return DeliveryNoted(
        event_id=f"{delivery_id}.fetched",
        occurred_at=fetched.at,
        delivery_id=delivery_id,
        subscriber=fetched.subscriber,
        channel=fetched.channel,
        target=fetched.target[:MOST_TARGET_CHARACTERS],
        event=told.event,
        article_id=told.article_id,
        revision=told.revision,
        version=told.version,
        outcome="fetched",
        published_at=told.at,
    )


def _key(subscriber: str, channel: Channel, told: ToldVersion) -> tuple[str, Channel, str]:
    return subscriber, channel, told.article_id
