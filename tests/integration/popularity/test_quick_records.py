"""The quick decoder reads what kafka-python reads, record for record."""

import pytest
from kafka import TopicPartition

from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.quick_records import decode_quickly
from newsman_schemas.topics import ARTICLE_VIEWED

RECORDS = 3_000


@pytest.fixture
def part(topics, kafka_bootstrap) -> TopicPartition:
    """Batches of several codecs, with and without keys, values and headers."""
    part = TopicPartition(ARTICLE_VIEWED.full_name(topics), 0)
    for codec in ("lz4", "gzip", None):
        producer = build_producer(
            kafka_bootstrap, client_id="quick", linger_ms=20, compression_type=codec
        )
        for n in range(RECORDS // 3):
            producer.send(
                part.topic,
                partition=part.partition,
                key=None if n % 6 == 0 else f"key-{n}".encode(),
                value=None if n % 6 == 1 else f"value-{codec}-{n}".encode() * (1 + n % 40),
                headers=[("h", b"x"), ("leer", b"")] if n % 3 == 0 else [],
                timestamp_ms=1_772_452_800_000 + n,
            )
        producer.flush()
        producer.close()
    return part


def read(consumer, part: TopicPartition, start: int, most: int) -> list[tuple]:
    consumer.assign([part])
    consumer.seek(part, start)
    found: list[tuple] = []
    while len(found) < RECORDS - start:
        for records in consumer.poll(timeout_ms=500, max_records=most).values():
            found += [(r.offset, r.timestamp, r.key, r.value, list(r.headers)) for r in records]
    assert consumer.position(part) == RECORDS
    consumer.close()
    return found


@pytest.mark.parametrize("start", [0, 777, RECORDS - 1])
@pytest.mark.parametrize("most", [7, 4_000])
def test_every_record_is_the_same_from_wherever_one_reads(part, kafka_bootstrap, start, most):
    def consumer():
        return build_consumer(bootstrap=kafka_bootstrap, group=None, client_id="quick")

    quick = read(decode_quickly(consumer()), part, start, most)
    assert quick == read(consumer(), part, start, 4_000)
    assert [record[0] for record in quick] == list(range(start, RECORDS))
