"""Kafka: every delivery a record of a topic on another cluster."""

import asyncio
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kafka import KafkaProducer
from kafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
)

from newsman.deliver.channels.channel import Answer, BadSubscription, ChannelContext, Delivery
from newsman.kafka.clients import build_producer, close_producer
from newsman_schemas.subscriptions import OPERATOR, PAYLOADS, Subscription

CLIENT_ID = "newsman-deliver-out"
MOST_PRODUCERS = 16
"""Open at once; the one that was idle for longest makes place."""
MOST_DETAIL_CHARACTERS = 300
_TARGET = re.compile(
    r"kafka://(?P<brokers>[^/,@\s]+:\d{1,5}(?:,[^/,@\s]+:\d{1,5})*)/(?P<topic>[\w.-]{1,249})",
    re.ASCII,
)
_SECURITY = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_OPTIONS = ("security", "mechanism", "username")
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
    sasl_plaintext, sasl_ssl), `mechanism` and `username`; the password is the subscription's
    secret. A cluster tells a client which addresses to go to, so only operators may name one.
    """

    kind = "kafka"
    payloads = PAYLOADS
    together = 100

    def __init__(self, context: ChannelContext) -> None:
        self._settings = context.settings
        self._lock = threading.Lock()
        self._producers: OrderedDict[tuple[Any, ...], KafkaProducer] = OrderedDict()

    def check(self, subscription: Subscription) -> None:
        """Raises BadSubscription for a target or options that make no sense."""
        if subscription.owner != OPERATOR:
            raise BadSubscription("/kind", "is for subscriptions of the operator")
        target = _TARGET.fullmatch(subscription.target)
        if target is None:
            raise BadSubscription("/url", "is like kafka://broker:9092,other:9092/topic")
        if target["topic"].startswith(f"{self._settings.namespace}."):
            raise BadSubscription("/url", "names a topic of Newsman itself")
        _check_options(subscription)

    def due_at(self, subscription: Subscription, now: datetime) -> datetime | None:  # noqa: ARG002
        """At once."""
        return None

    async def send(
        self, subscription: Subscription, deliveries: Sequence[Delivery]
    ) -> Sequence[Answer]:
        """Has every delivery acknowledged by all replicas in sync."""
        return await asyncio.to_thread(self._send, subscription, deliveries)

    def _send(self, subscription: Subscription, deliveries: Sequence[Delivery]) -> list[Answer]:
        target = _TARGET.fullmatch(subscription.target)
        if target is None:
            return [Answer(None, detail="the target is no topic of Kafka") for _ in deliveries]
        config = _security(subscription)
        key = (target["brokers"], *sorted(config.items()))
        try:
            producer = self._producer(key, config)
        except (KafkaError, OSError) as problem:
            return [_failed(problem) for _ in deliveries]
        sent = [_begin(producer, target["topic"], delivery) for delivery in deliveries]
        answers = [self._answer(future) for future in sent]
        if any(answer.status is None for answer in answers):
            self._give_up(key, producer)
        return answers

    def _answer(self, future: Any) -> Answer:
        if isinstance(future, KafkaError):
            return _failed(future)
        try:
            place = future.get(timeout=self._settings.webhook_timeout_seconds)
        except KafkaError as problem:
            return _failed(problem)
        return Answer(200, body=f"partition {place.partition}, offset {place.offset}")

    def _producer(self, key: tuple[Any, ...], config: dict[str, Any]) -> KafkaProducer:
        with self._lock:
            producer = self._producers.pop(key, None) or self._open(key[0], config)
            self._producers[key] = producer
            idle = self._producers.popitem(last=False)[1] if self._is_full() else None
        if idle is not None:
            # What it has under way fails, and is sent again.
            close_producer(idle, 0)
        return producer

    def _is_full(self) -> bool:
        return len(self._producers) > MOST_PRODUCERS

    def _give_up(self, key: tuple[Any, ...], producer: KafkaProducer) -> None:
        # After a record that was lost an idempotent producer may take no other.
        with self._lock:
            if self._producers.get(key) is producer:
                del self._producers[key]
        close_producer(producer, 0)

    def _open(self, brokers: str, config: dict[str, Any]) -> KafkaProducer:
        limit_ms = round(self._settings.webhook_timeout_seconds * 1_000)
        return build_producer(
            brokers,
            client_id=CLIENT_ID,
            max_block_ms=limit_ms,
            bootstrap_timeout_ms=limit_ms,
            request_timeout_ms=limit_ms,
            delivery_timeout_ms=limit_ms,
            **config,
        )


def _begin(producer: KafkaProducer, topic: str, delivery: Delivery) -> Any:
    """The future of a record, or the error that kept it from being taken."""
    headers = {
        "content-type": delivery.media_type,
        "newsman-delivery": delivery.id,
        "newsman-event": delivery.event,
        "newsman-revision": str(delivery.revision),
        "newsman-version": str(delivery.version),
        "newsman-time": delivery.occurred_at.isoformat(),
    }
    try:
        return producer.send(
            topic,
            key=delivery.article_id.encode(),
            value=delivery.body,
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
    except KafkaError as problem:
        return problem


def _failed(problem: Exception) -> Answer:
    status = next((code for kind, code in _STATUSES if isinstance(problem, kind)), None)
    detail = f"{type(problem).__name__}: {problem}"
    return Answer(status, detail=detail[:MOST_DETAIL_CHARACTERS])


def _security(subscription: Subscription) -> dict[str, Any]:
    options = subscription.options
    security = options.get("security", "plaintext")
    config: dict[str, Any] = {"security_protocol": security.upper()}
    if security.startswith("sasl") and subscription.secrets:
        config |= {
            "sasl_mechanism": options.get("mechanism", _MECHANISMS[0]),
            "sasl_plain_username": options.get("username", ""),
            "sasl_plain_password": subscription.secrets[0].value,
        }
    return config


def _check_options(subscription: Subscription) -> None:
    options = subscription.options
    if unknown := sorted(options.keys() - set(_OPTIONS)):
        raise BadSubscription(f"/options/{unknown[0]}", f"is none of {', '.join(_OPTIONS)}")
    security = options.get("security", "plaintext")
    if security not in _SECURITY:
        raise BadSubscription("/options/security", f"is one of {', '.join(_SECURITY)}")
    if options.get("mechanism", _MECHANISMS[0]) not in _MECHANISMS:
        raise BadSubscription("/options/mechanism", f"is one of {', '.join(_MECHANISMS)}")
    if not security.startswith("sasl"):
        return
    if not options.get("username"):
        raise BadSubscription("/options/username", "is needed for SASL")
    if not subscription.secrets:
        raise BadSubscription("/secret", "is the password for SASL")


def open_channel(context: ChannelContext) -> KafkaChannel:
    """The Kafka channel."""
    return KafkaChannel(context)
