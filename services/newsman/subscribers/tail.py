"""Reading the logs of subscribers and subscriptions into the registry, from the beginning on."""

import logging
import threading
from collections.abc import Iterable
from typing import Any, TypeVar

from newsman.kafka.log import AWAY, CALM_MS, CALMLY, POLL_MS, Batches, Offsets, TopicLog, open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.records import Unprocessable, decode
from newsman.runtime.health import Pulse
from newsman.runtime.outage import Outage
from newsman.subscribers.registry import Registry
from newsman_schemas.events import Event
from newsman_schemas.subscriptions import SubscriberChanged, SubscriptionChanged
from newsman_schemas.topics import SUBSCRIBER_CHANGED, SUBSCRIPTION_CHANGED, Topic

log = logging.getLogger(__name__)

E = TypeVar("E", bound=Event)

BOTH = (SUBSCRIBER_CHANGED, SUBSCRIPTION_CHANGED)


class RegistryTail:
    """Fills a registry from one or both topics, and goes on where it was when Kafka was away."""

    def __init__(
        self,
        registry: Registry,
        bootstrap: str,
        namespace: str,
        *,
        client_id: str,
        topics: Iterable[Topic] = BOTH,
        is_calm: bool = False,
    ) -> None:
        """One that is calm asks seldom while nothing comes, and ends up to CALM_MS late."""
        self._registry = registry
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._names = {topic.full_name(namespace): topic.name for topic in topics}
        self._poll_ms = CALM_MS if is_calm else POLL_MS
        self._overrides = CALMLY if is_calm else {}
        self._next: Offsets = {}
        self._outage = Outage(log, "the registry of subscribers is cut off from Kafka")

    def run(self, stopping: threading.Event, pulse: Pulse, watch: PartitionWatch) -> None:
        """Reads until told to stop; the body of a thread of its own."""

        def read() -> None:
            pulse.beat()
            with open_log(
                self._bootstrap, client_id=self._client_id, gone=warn_gone, **self._overrides
            ) as topics:
                self._follow(topics, stopping, pulse, watch)

        self._outage.try_until(stopping, read, AWAY)

    def _follow(
        self, topics: TopicLog, stopping: threading.Event, pulse: Pulse, watch: PartitionWatch
    ) -> None:
        bounds = topics.bounds(topics.partitions(*self._names))
        topics.start(self._next or bounds.start)
        self._outage.over()
        for batches in topics.read_to(bounds.end):
            self._take(batches, topics.next)
            pulse.beat()
            if stopping.is_set():
                return
        self._reach(bounds.end, is_whole=True)
        for batches in topics.follow(watch, poll_ms=self._poll_ms):
            self._take(batches, topics.next)
            pulse.beat()
            if stopping.is_set():
                return

    def _take(self, batches: Batches, reached: Offsets) -> None:
        for part, records in batches.items():
            for record in records:
                self._take_one(self._names[part.topic], record)
        self._next = dict(reached)
        self._reach(reached, is_whole=False)

    def _take_one(self, topic: str, record: Any) -> None:
        key = record.key.decode("utf-8", "replace")
        try:
            if topic == SUBSCRIBER_CHANGED.name:
                self._registry.take_subscriber(key, _decoded(SubscriberChanged, record.value))
            else:
                self._registry.take_subscription(key, _decoded(SubscriptionChanged, record.value))
        except Unprocessable as problem:
            log.error("%s@%s is left out: %s", record.topic, record.offset, problem)

    def _reach(self, offsets: Offsets, *, is_whole: bool) -> None:
        reached = {self._names[part.topic]: offset for part, offset in offsets.items()}
        self._registry.reach(reached, is_whole=is_whole)


def _decoded(event: type[E], value: bytes | None) -> E | None:
    """The event in a record's value; None of a tombstone. Raises Unprocessable."""
    return None if value is None else decode(event, value)
