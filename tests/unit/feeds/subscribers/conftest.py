"""Subscribers, and a producer that keeps what it is given."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from kafka.errors import KafkaError, KafkaTimeoutError

from newsman.feeds.subscribers.told import ToldVersion
from newsman.kafka.records import decode
from newsman.subscribers.registry import Registry
from newsman.subscribers.tokens import kept
from newsman_schemas.subscriptions import DeliveryNoted, Subscriber, SubscriberChanged

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Sent:
    """The future of a record, which the test ends."""

    def __init__(self) -> None:
        self.took: list[Callable] = []
        self.failed: list[Callable] = []

    def add_callback(self, call: Callable) -> None:
        self.took.append(call)

    def add_errback(self, call: Callable) -> None:
        self.failed.append(call)


class Producer:
    """A producer of kafka-python, as far as notes use it."""

    def __init__(self) -> None:
        self.notes: list[DeliveryNoted] = []
        self.sent: list[Sent] = []
        self.failure: KafkaError | None = None
        self.is_closed = False

    def send(self, topic: str, *, key: bytes, value: bytes, headers: object) -> Sent:
        if self.failure is not None:
            raise self.failure
        note = decode(DeliveryNoted, value)
        assert (topic, key) == ("t.delivery-noted.v1", note.article_id.encode())
        self.notes.append(note)
        self.sent.append(Sent())
        return self.sent[-1]

    def answer(self, failure: KafkaError | None = None) -> None:
        """Ends everything that was sent."""
        for sent in self.sent:
            for call in sent.failed if failure else sent.took:
                call(failure)
        self.sent.clear()

    def close(self, timeout: float) -> None:
        self.is_closed = True


@pytest.fixture
def producer() -> Producer:
    return Producer()


@pytest.fixture
def away() -> KafkaError:
    return KafkaTimeoutError("nobody answers")


def subscriber(name: str = "desk", *products: str, token: str = "nmsub_desk") -> Subscriber:
    return Subscriber(name=name, tokens=(kept(token, NOW),), products=products, created_at=NOW)


def put(registry: Registry, *subscribers: Subscriber) -> None:
    for one in subscribers:
        event = SubscriberChanged(
            event_id="e", occurred_at=NOW, by="test", name=one.name, subscriber=one
        )
        registry.take_subscriber(one.name, event)
    registry.reach({}, is_whole=True)


def told(letter: str = "a", revision: int = 1, event: str = "article.published") -> ToldVersion:
    return ToldVersion(letter * 16, event, revision, revision, NOW)
