"""Kafka: every delivery a record of a topic on another cluster."""

import asyncio
import re
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

from kafka import KafkaProducer
from kafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
)

from newsman.deliver.channels.channel import Answer, BadSubscription, ChannelContext, Delivery
from newsman.deliver.channels.kafka_cluster import Cluster, check_options, cluster_of
from newsman.deliver.channels.shown_request import shown_request
from newsman.kafka.clients import close_producer
from newsman_schemas.subscriptions import OPERATOR, PAYLOADS, Subscription

MOST_PRODUCERS = 16
"""Open at once; the one that was idle for longest makes place."""
MOST_AT_A_CLUSTER = 4
"""Subscriptions of one cluster that are sent to at once: one that is away keeps no others up."""
MOST_DETAIL_CHARACTERS = 300
BUSY = 503
_TARGET = re.compile(
    r"kafka://(?P<brokers>[^/,@\s]+:\d{1,5}(?:,[^/,@\s]+:\d{1,5})*)/(?P<topic>[\w.-]{1,249})",
    re.ASCII,
)
_STATUSES: tuple[tuple[type[KafkaError], int], ...] = (
    (SaslAuthenticationFailedError, 401),
    (TopicAuthorizationFailedError, 403),
    (ClusterAuthorizationFailedError, 403),
    (MessageSizeTooLargeError, 413),
    (RecordListTooLargeError, 413),
)


class KafkaChannel:
    """Sends each delivery as a record: its key is the article's id, its value the payload.

    The target is `kafka://broker:9092,broker:9092/topic`. Options: `security` (plaintext, ssl,
    sasl_plaintext, sasl_ssl), `ca` (the certificates that are trusted, PEM), `certificate_file` and
    `key_file` (what the client shows, PEM), `mechanism` and `username`; the password is the
    subscription's secret. A cluster tells a client which addresses to go to, so only operators may
    name one.
    """

    kind = "kafka"
    payloads = PAYLOADS
    together = 100

    def __init__(self, context: ChannelContext) -> None:
        self._settings = context.settings
        self._lock = threading.Lock()
        self._producers: OrderedDict[Cluster, KafkaProducer] = OrderedDict()
        # Clients of Kafka block, and the threads of the loop are for everybody.
        self._threads = ThreadPoolExecutor(
            MOST_PRODUCERS * MOST_AT_A_CLUSTER, thread_name_prefix="kafka-out"
        )
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(MOST_AT_A_CLUSTER)
        )

    def check(self, subscription: Subscription) -> None:
        """Raises BadSubscription for a target or options that make no sense."""
        if subscription.owner != OPERATOR:
            raise BadSubscription("/kind", "is for subscriptions of the operator")
        target = _TARGET.fullmatch(subscription.target)
        if target is None:
            raise BadSubscription("/url", "is like kafka://broker:9092,other:9092/topic")
        if target["topic"].startswith(f"{self._settings.namespace}."):
            raise BadSubscription("/url", "names a topic of Newsman itself")
        check_options(subscription)

    def due_at(self, subscription: Subscription, now: datetime) -> datetime | None:  # noqa: ARG002
        """At once."""
        return None

    async def send(
        self, subscription: Subscription, deliveries: Sequence[Delivery]
    ) -> Sequence[Answer]:
        """Has every delivery acknowledged by all replicas in sync."""
        target = _TARGET.fullmatch(subscription.target)
        if target is None:
            return [Answer(None, detail="the target is no topic of Kafka")] * len(deliveries)
        cluster, topic = cluster_of(target["brokers"], subscription), target["topic"]
        turn = self._turns[cluster.brokers]
        try:
            async with asyncio.timeout(self._settings.webhook_timeout_seconds / 2):
                await turn.acquire()
        except TimeoutError:
            busy = Answer(BUSY, detail="the cluster is slow, and others of its topics go first")
            return [busy] * len(deliveries)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._send, cluster, topic, deliveries)
        finally:
            turn.release()

    def _send(
        self, cluster: Cluster, topic: str, deliveries: Sequence[Delivery]
    ) -> Sequence[Answer]:
        deadline = time.monotonic() + self._settings.webhook_timeout_seconds
        try:
            producer = self._producer(cluster)
        except (KafkaError, OSError) as problem:
            return [_failed(problem)] * len(deliveries)
        begun = zip(deliveries, _begin(producer, topic, deliveries), strict=True)
        answers = [
            replace(_answer(one, deadline), request=shown_request(_headers(each), each.body))
            for each, one in begun
        ]
        if any(answer.status is None for answer in answers):
            self._give_up(cluster, producer)
        return answers

    def _producer(self, cluster: Cluster) -> KafkaProducer:
        """The cluster's; whoever opens one keeps nobody waiting who has another cluster."""
        with self._lock:
            found = self._producers.get(cluster)
            if found is not None:
                self._producers.move_to_end(cluster)
                return found
        fresh = cluster.open(seconds=self._settings.webhook_timeout_seconds)
        with self._lock:
            kept = self._producers.setdefault(cluster, fresh)
            idle = self._producers.popitem(last=False)[1] if self._is_full() else None
        # What the idle one has under way fails, and is sent again.
        for each in (idle, None if kept is fresh else fresh):
            if each is not None:
                close_producer(each, 0)
        return kept

    def _is_full(self) -> bool:
        return len(self._producers) > MOST_PRODUCERS

    def _give_up(self, cluster: Cluster, producer: KafkaProducer) -> None:
        # After a record that was lost an idempotent producer may take no other.
        with self._lock:
            if self._producers.get(cluster) is producer:
                del self._producers[cluster]
        close_producer(producer, 0)


def _begin(producer: KafkaProducer, topic: str, deliveries: Sequence[Delivery]) -> list[Any]:
    """Of each record its future, or the error that kept it from being taken.

    Each would wait by itself for what the cluster does not say, so the first speaks for all.
    """
    begun: list[Any] = []
    for delivery in deliveries:
        is_in_vain = bool(begun) and isinstance(begun[-1], KafkaTimeoutError)
        begun.append(begun[-1] if is_in_vain else _begin_one(producer, topic, delivery))
    return begun


def _headers(delivery: Delivery) -> dict[str, str]:
    return {
        "content-type": delivery.media_type,
        "newsman-delivery": delivery.id,
        "newsman-event": delivery.event,
        "newsman-revision": str(delivery.revision),
        "newsman-version": str(delivery.version),
        "newsman-time": delivery.occurred_at.isoformat(),
    }


def _begin_one(producer: KafkaProducer, topic: str, delivery: Delivery) -> Any:
    try:
        return producer.send(
            topic,
            key=delivery.article_id.encode(),
            value=delivery.body,
            headers=[(name, value.encode()) for name, value in _headers(delivery).items()],
        )
    except KafkaError as problem:
        return problem


def _answer(future: Any, deadline: float) -> Answer:
    if isinstance(future, KafkaError):
        return _failed(future)
    try:
        place = future.get(timeout=max(0.0, deadline - time.monotonic()))
    except KafkaError as problem:
        return _failed(problem)
    return Answer(200, body=f"partition {place.partition}, offset {place.offset}")


def _failed(problem: Exception) -> Answer:
    status = next((code for kind, code in _STATUSES if isinstance(problem, kind)), None)
    detail = f"{type(problem).__name__}: {problem}"
    return Answer(status, detail=detail[:MOST_DETAIL_CHARACTERS])


def open_channel(context: ChannelContext) -> KafkaChannel:
    """The Kafka channel."""
    return KafkaChannel(context)
