"""Hearing of the partitions that the group gives and takes away, and missing none of it."""

from collections.abc import Callable
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition

Told = Callable[[list[TopicPartition]], None]


class Rebalanced(ConsumerRebalanceListener):  # type: ignore[misc]
    """Calls a function for each direction, from within the consumer's poll."""

    def __init__(self, assigned: Told, revoked: Told) -> None:
        self._assigned = assigned
        self._revoked = revoked

    def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """The partitions are this member's from now on."""
        self._assigned(assigned)

    def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """The partitions are somebody else's from now on."""
        self._revoked(revoked)


def poll_member(
    consumer: KafkaConsumer, *, timeout_ms: int, max_records: int
) -> dict[TopicPartition, list[Any]]:
    """Polls as a member of a group, and takes up again what the time was too short for.

    A rebalance that new metadata began is forgotten by kafka-python 3.0 when a poll gives up
    while it goes on: the member then has no partitions, sends no heartbeats and is never told.
    """
    polled: dict[TopicPartition, list[Any]] = consumer.poll(
        timeout_ms=timeout_ms, max_records=max_records
    )
    coordinator = consumer._coordinator
    if coordinator.rejoining:
        coordinator.request_rejoin()
    return polled
