"""Builders of Newsman's kafka-python clients."""

import contextlib
import selectors
import time
from collections.abc import Callable
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaConnectionError, KafkaError, UnknownTopicOrPartitionError

from newsman.kafka.access.addresses import brokers
from newsman.kafka.access.blocking import client_config
from newsman.kafka.access.explained import opened
from newsman.kafka.access.security import security_of
from newsman.kafka.partitions import RememberingPartitioner
from newsman.kafka.progress.void_batches import leave_out_void_batches
from newsman_schemas.topics import MAX_MESSAGE_BYTES

SESSION_TIMEOUT_MS = 10_000
HEARTBEAT_MS = 2_000
RECONNECT_MAX_MS = 1_000
UNKNOWN_SECONDS = 2.0
ASK_AGAIN_SECONDS = 5.0
CLOSE_SECONDS = 5.0
"""A service that is told to end waits so long for a broker to take its last records."""


def build_producer(bootstrap: str, *, client_id: str, **overrides: Any) -> KafkaProducer:
    """An idempotent producer that waits for all in-sync replicas (KIP-98, `acks=all`)."""
    config: dict[str, Any] = {
        "bootstrap_servers": brokers(bootstrap),
        "client_id": client_id,
        "acks": "all",
        "enable_idempotence": True,
        "compression_type": "lz4",
        "max_request_size": MAX_MESSAGE_BYTES,
        "reconnect_backoff_max_ms": RECONNECT_MAX_MS,
        "metrics_enabled": False,
        "selector": Selector,
        "partitioner": RememberingPartitioner(),
        **client_config(security_of(bootstrap)),
    }
    return KafkaProducer(**{**config, **overrides})


def build_admin(bootstrap: str, *, client_id: str, **overrides: Any) -> KafkaAdminClient:
    """A client for topics and groups; raises KafkaError, which says why none was let in."""
    config: dict[str, Any] = {
        "bootstrap_servers": brokers(bootstrap),
        "client_id": client_id,
        **client_config(security_of(bootstrap)),
    }
    return opened(
        lambda client: KafkaAdminClient(**{"kafka_client": client, **config, **overrides})
    )


def close_producer(producer: KafkaProducer, timeout_seconds: float = CLOSE_SECONDS) -> None:
    """Closes a producer for good, whatever state it is in, within about twice the time.

    What could not be sent by then is lost. `KafkaProducer.close` raises then and leaves its thread,
    which would look for the broker for ever.
    """
    try:
        producer.close(timeout=timeout_seconds)
    except KafkaError:
        producer._sender.force_close()
        producer._sender.join(timeout_seconds)
        with contextlib.suppress(KafkaError):
            producer.close(timeout=0)


class Selector(selectors.DefaultSelector):
    """Says quickly of a socket that it is not registered, which clients ask again and again.

    The standard library describes the socket in its answer, by four questions to the system.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[int, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As the standard library has it."""
        key = super().register(fileobj, events, data)
        self._known[key.fd] = key
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As the standard library has it."""
        key = super().modify(fileobj, events, data)
        self._known[key.fd] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """As the standard library has it."""
        key = super().unregister(fileobj)
        self._known.pop(key.fd, None)
        return key

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        """The key of a registered socket; raises KeyError."""
        number = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        # One that was closed is found by itself.
        return self._known[number] if number >= 0 else super().get_key(fileobj)


class _Consumer(KafkaConsumer):  # type: ignore[misc]
    """A consumer that asks again for the partitions that it did not get, and waits for brokers.

    A rebalance that new metadata began is forgotten by kafka-python 3.0 when a poll gives up
    while it goes on: the member then has no partitions, sends no heartbeats and is never told.

    And what a leader gave out before it knew of a topic's partitions stays so where that leader
    ends before it learns of them: started again with its name (KIP-345) it is given the same, and
    not told that it leads.
    """

    _asked_at = 0.0

    def poll(self, *args: Any, **named: Any) -> Any:
        try:
            polled = super().poll(*args, **named)
        except KafkaConnectionError:
            # kafka-python 3.0 waits for a broker everywhere but where it looks for the coordinator
            # of the group and finds that its metadata is old.
            polled = {}
        if self._coordinator.rejoining or self._is_left_out():
            self._coordinator.request_rejoin()
        return polled

    def _is_left_out(self) -> bool:
        """True now and then while a topic is subscribed of which this member has nothing.

        To a member that the group has nothing for, asking changes nothing; but a leader's asking
        has all of the group wait, and one that knows that it leads hears of new partitions.
        """
        now = time.monotonic()
        has_all = {part.topic for part in self.assignment()} >= (self.subscription() or set())
        if has_all or self._coordinator._is_leader:
            self._asked_at = now
        elif now - self._asked_at > ASK_AGAIN_SECONDS:
            self._asked_at = now
            return True
        return False

    def beginning_offsets(self, *args: Any, **named: Any) -> Any:
        """As kafka-python has it; raises KafkaError where no broker speaks for a partition."""
        return _answered(lambda: super(_Consumer, self).beginning_offsets(*args, **named))

    def end_offsets(self, *args: Any, **named: Any) -> Any:
        """As kafka-python has it; raises KafkaError where no broker speaks for a partition."""
        return _answered(lambda: super(_Consumer, self).end_offsets(*args, **named))


def _answered(ask: Callable[[], Any]) -> Any:
    """The answer about offsets. Of a topic that was just made kafka-python 3.0 may know too little
    to ask for all partitions, and then raises KeyError."""
    until = time.monotonic() + UNKNOWN_SECONDS
    while True:
        try:
            return ask()
        except KeyError as partition:
            if time.monotonic() > until:
                raise UnknownTopicOrPartitionError(str(partition)) from partition
            time.sleep(UNKNOWN_SECONDS / 20)


def build_consumer(
    *topics: str, bootstrap: str, group: str | None, client_id: str, **overrides: Any
) -> KafkaConsumer:
    """A consumer that starts at the beginning of the log and never commits by itself."""
    leave_out_void_batches()
    config: dict[str, Any] = {
        "bootstrap_servers": brokers(bootstrap),
        "client_id": client_id,
        "group_id": group,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "session_timeout_ms": SESSION_TIMEOUT_MS,
        "heartbeat_interval_ms": HEARTBEAT_MS,
        "max_partition_fetch_bytes": MAX_MESSAGE_BYTES,
        "reconnect_backoff_max_ms": RECONNECT_MAX_MS,
        "allow_auto_create_topics": False,
        # Of a partition that comes back to a member the broker would not say the end again.
        "enable_incremental_fetch_sessions": False,
        "metrics_enabled": False,
        "selector": Selector,
        **client_config(security_of(bootstrap)),
    }
    if group is None:
        config.pop("session_timeout_ms")
        config.pop("heartbeat_interval_ms")
    return _Consumer(*topics, **{**config, **overrides})
