"""The partition of a key; every producer of Newsman goes by Kafka's own rule."""

from functools import lru_cache
from typing import Any

from kafka.partitioner import DefaultPartitioner
from kafka.partitioner.default import murmur2

REMEMBERED_KEYS = 4_096


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key (murmur2, as Kafka's default partitioner has it)."""
    return partition_of_bytes(key.encode(), partitions)


@lru_cache(maxsize=REMEMBERED_KEYS)
def partition_of_bytes(key: bytes, partitions: int) -> int:
    """The partition of a record's key."""
    return (int(murmur2(key)) & 0x7FFFFFFF) % partitions


class RememberingPartitioner(DefaultPartitioner):  # type: ignore[misc]
    """Kafka's own rule, reckoned once for events of the same key that come after each other.

    kafka-python reckons in Python, and sorts the partitions of the topic each time.
    """

    def partition(
        self,
        topic: str,
        key: Any,
        serialized_key: bytes | None,
        value: Any,
        serialized_value: bytes | None,
        cluster: Any,
    ) -> int:
        """The partition of a record; raises ValueError for an unknown topic."""
        partitions = cluster.partitions_for_topic(topic)
        if serialized_key is None or not partitions:
            known = topic, key, serialized_key, value, serialized_value, cluster
            return int(super().partition(*known))
        return partition_of_bytes(serialized_key, len(partitions))
