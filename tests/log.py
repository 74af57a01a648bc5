"""What Kafka's log holds."""

from contextlib import closing
from typing import Any

from kafka import KafkaConsumer, TopicPartition


def records_on(bootstrap: str, topic: str) -> list[Any]:
    """Every record of a topic up to where it ends now, those of a partition in their order."""
    found: list[Any] = []
    with closing(KafkaConsumer(bootstrap_servers=bootstrap)) as consumer:
        parts = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic))]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        ends = consumer.end_offsets(parts)
        while any(consumer.position(part) < ends[part] for part in parts):
            for records in consumer.poll(timeout_ms=300).values():
                found += records
    return found
