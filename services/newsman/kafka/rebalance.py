"""Hearing of the partitions that the group gives and takes away."""

from collections.abc import Callable

from kafka import ConsumerRebalanceListener, TopicPartition

from newsman.runtime.crash import bugs_crash

Told = Callable[[list[TopicPartition]], None]


class Rebalanced(ConsumerRebalanceListener):  # type: ignore[misc]
    """Calls a function for each direction, from within the consumer's poll."""

    def __init__(self, assigned: Told, revoked: Told) -> None:
        self._assigned = assigned
        self._revoked = revoked

    def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """The partitions are this member's from now on."""
        # kafka-python logs exceptions of listeners and continues.
        with bugs_crash():
            self._assigned(assigned)

    def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """The partitions are somebody else's from now on, or were lost already."""
        with bugs_crash():
            self._revoked(revoked)
