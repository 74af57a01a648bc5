"""Changing the logs of subscribers and subscriptions, so that whoever did reads what it wrote."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from kafka import KafkaProducer
from kafka.errors import KafkaError

from newsman.deliver.subscriptions.turns import RegistryTurns, TurnRefused
from newsman.kafka.records import encode
from newsman.subscribers.registry import Registry
from newsman_schemas.events import Event
from newsman_schemas.subscriptions import (
    Subscriber,
    SubscriberChanged,
    Subscription,
    SubscriptionChanged,
)
from newsman_schemas.topics import SUBSCRIBER_CHANGED, SUBSCRIPTION_CHANGED, Topic

WAIT_SECONDS = 5.0

Change = Callable[[Subscription], Subscription]


class RegistryUnavailable(Exception):
    """The logs can't be written, or not be read, for now; the change may have been made."""


class QuotaReached(Exception):
    """An owner has as many subscriptions as it may have."""


class RegistryWriter:
    """Writes with `acks=all`, then waits until the registry of this process has read it.

    Everything here blocks, for a few times `WAIT_SECONDS` at the most, and raises
    RegistryUnavailable. With `turns`, processes change subscriptions one after the other.
    """

    def __init__(
        self,
        producer: KafkaProducer,
        registry: Registry,
        namespace: str,
        turns: RegistryTurns | None = None,
    ) -> None:
        self._producer = producer
        self._registry = registry
        self._namespace = namespace
        self._turns = turns
        self._lock = threading.Lock()

    def put(self, subscription: Subscription, by: str) -> None:
        """Adds a subscription, or replaces the one of its id whole."""
        with self._turn():
            self._put(subscription, by)

    def add(self, subscription: Subscription, by: str, *, most: int | None) -> None:
        """Adds a subscription; raises QuotaReached where its owner has as many as it may."""
        with self._turn():
            if most is not None and len(self._registry.of_owner(subscription.owner)) >= most:
                raise QuotaReached(f"{subscription.owner} may have {most} subscriptions")
            self._put(subscription, by)

    def change(self, subscription_id: str, change: Change, by: str) -> Subscription | None:
        """Applies the change to the newest state and answers what came of it.

        None without such a subscription. A change that leaves it as it was writes nothing.
        """
        with self._turn():
            before = self._registry.subscription(subscription_id)
            if before is None:
                return None
            after = change(before)
            if after == before:
                return before
            after = after.model_copy(update={"changed_at": datetime.now(UTC)})
            self._put(after, by)
            return after

    def delete(self, subscription_id: str, by: str) -> None:
        """Deletes a subscription; nothing happens where there is none."""
        event = SubscriptionChanged(**_envelope(by), subscription_id=subscription_id)
        with self._turn():
            self._write(SUBSCRIPTION_CHANGED, event)
            # A record without a value, so that compaction can remove the key.
            self._send(SUBSCRIPTION_CHANGED, subscription_id.encode(), None, [])

    def put_subscriber(self, subscriber: Subscriber, by: str) -> None:
        """Adds a subscriber, or replaces the one of its name."""
        event = SubscriberChanged(**_envelope(by), name=subscriber.name, subscriber=subscriber)
        with self._turn():
            self._write(SUBSCRIBER_CHANGED, event)

    def remove_subscriber(self, name: str, by: str) -> None:
        """Removes a subscriber; its subscriptions are not there any more from then on."""
        event = SubscriberChanged(**_envelope(by), name=name)
        with self._turn():
            self._write(SUBSCRIBER_CHANGED, event)
            self._send(SUBSCRIBER_CHANGED, name.encode(), None, [])

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._lock:
            if self._turns is None:
                yield
                return
            try:
                with self._turns.taken():
                    yield
            except TurnRefused as problem:
                raise RegistryUnavailable(str(problem)) from problem

    def _put(self, subscription: Subscription, by: str) -> None:
        event = SubscriptionChanged(
            **_envelope(by), subscription_id=subscription.id, subscription=subscription
        )
        self._write(SUBSCRIPTION_CHANGED, event)

    def _write(self, topic: Topic, event: Event) -> None:
        record = encode(event)
        offset = self._send(topic, record.key, record.value, record.headers)
        if self._turns is not None:
            self._turns.note(topic, offset + 1)
        if not self._registry.wait_for(topic, offset + 1, seconds=WAIT_SECONDS):
            raise RegistryUnavailable("the change was written, but has not been read yet")

    def _send(
        self, topic: Topic, key: bytes, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> int:
        name = topic.full_name(self._namespace)
        try:
            sent = self._producer.send(name, key=key, value=value, headers=headers)
            return int(sent.get(timeout=WAIT_SECONDS).offset)
        except KafkaError as problem:
            raise RegistryUnavailable(f"Kafka does not take the change: {problem}") from problem


def _envelope(by: str) -> dict[str, object]:
    return {"event_id": uuid.uuid4().hex, "occurred_at": datetime.now(UTC), "by": by}
