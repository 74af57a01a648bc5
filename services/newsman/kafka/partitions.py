"""The partition of a key; every producer of Newsman goes by Kafka's own rule."""

from kafka.partitioner.default import murmur2


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key (murmur2, as Kafka's default partitioner has it)."""
    return (int(murmur2(key.encode())) & 0x7FFFFFFF) % partitions
