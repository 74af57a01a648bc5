"""Records in batches from an event loop, on a real broker."""

import asyncio
import random

import pytest
from aiokafka.errors import KafkaError
from tests.ports import free_port

from newsman.kafka.clients import build_producer
from newsman.kafka.log import open_log
from newsman.kafka.record_batches import BATCH_BYTES, RecordBatches
from newsman.kafka.records import Record, header
from newsman_schemas.topics import DELIVERY_NOTED

COUNT, VALUE_BYTES = 2 * DELIVERY_NOTED.partitions, BATCH_BYTES // 3
"""Of random bytes, so that the records of a partition need several batches."""


def sent_by(bootstrap: str, topic: str, *groups: list[Record]) -> None:
    """Sends groups of records, all at the same time."""

    async def send() -> None:
        batches = RecordBatches(bootstrap, client_id="test")
        try:
            await asyncio.gather(*(batches.send(topic, group) for group in groups))
        finally:
            await batches.close()

    asyncio.run(send())


def test_records_arrive_whole_where_the_other_client_sends_their_keys(kafka_bootstrap, topics):
    topic = DELIVERY_NOTED.full_name(topics)
    keys = [f"article-{number}".encode() for number in range(COUNT)]
    records = [
        Record(key, random.Random(number).randbytes(VALUE_BYTES), [("newsman-event", b"e")])
        for number in range(3)
        for key in keys
    ]
    sent_by(kafka_bootstrap, topic, records[:COUNT], records[COUNT:])
    producer = build_producer(kafka_bootstrap, client_id="test")
    where = {key: producer.send(topic, b"other", key=key).get(30).partition for key in keys}
    producer.close()
    with open_log(kafka_bootstrap, client_id="test") as log:
        came = [one for one in log.read_all(topic) if one.value != b"other"]
    assert {(one.key, one.value) for one in came} == {(one.key, one.value) for one in records}
    assert len(came) == len(records)
    assert {(one.key, one.partition) for one in came} == set(where.items())
    assert {header(one.headers, "newsman-event") for one in came} == {"e"}


def test_a_cluster_that_is_away_is_an_error():
    with pytest.raises(KafkaError):
        sent_by(f"127.0.0.1:{free_port()}", "topic", [Record(b"key", b"value", [])])
