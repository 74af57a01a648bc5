"""What a broker with a full disk refused and wrote nevertheless is read by nobody."""

import asyncio
import struct

from aiokafka import AIOKafkaConsumer
from kafka import TopicPartition
from kafka.admin import NewTopic

from newsman.kafka.clients import build_admin, build_consumer, build_producer
from newsman.kafka.log import TopicLog
from newsman.kafka.quick_records import decode_quickly
from newsman.tools.local.kafka import Broker

PART = TopicPartition("refused", 0)
HEAD = struct.Struct(">qi")
SEGMENT = "00000000000000000000"


def write_again(broker: Broker, offset: int, refused: bytes) -> None:
    """Puts a batch before the one at that offset, as a broker does that fails at its index."""
    folder = broker.data / f"{PART.topic}-{PART.partition}"
    segment = folder / f"{SEGMENT}.log"
    log, at = segment.read_bytes(), 0
    while (head := HEAD.unpack_from(log, at))[0] != offset:
        at += HEAD.size + head[1]
    segment.write_bytes(log[:at] + offset.to_bytes(8, "big") + refused[8:] + log[at:])
    for index in (*folder.glob("*.index"), *folder.glob("*.timeindex")):
        index.unlink()


def first_batch(broker: Broker) -> bytes:
    log = (broker.data / f"{PART.topic}-{PART.partition}" / f"{SEGMENT}.log").read_bytes()
    return log[: HEAD.size + HEAD.unpack_from(log)[1]]


def values_of(records) -> list[tuple[int, bytes]]:
    return [(record.offset, record.value) for record in records]


def blocking(broker: Broker, start: int, quick: bool) -> list[tuple[int, bytes]]:
    consumer = build_consumer(bootstrap=broker.bootstrap, group=None, client_id="void")
    log = TopicLog(decode_quickly(consumer) if quick else consumer)
    found = values_of(log.read({PART: start}, log.ends([PART])))
    log.close()
    return found


async def asynchronous(broker: Broker, start: int) -> list[tuple[int, bytes]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap)
    await consumer.start()
    consumer.assign([PART])
    end = (await consumer.end_offsets([PART]))[PART]
    consumer.seek(PART, start)
    found = []
    while await consumer.position(PART) < end:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            found += values_of(records)
    await consumer.stop()
    return found


def test_every_reader_gets_the_batch_that_was_acknowledged(own_broker):
    admin = build_admin(own_broker.bootstrap, client_id="void")
    admin.create_topics([NewTopic(PART.topic, 1, 1)])
    admin.close()
    producer = build_producer(own_broker.bootstrap, client_id="void", linger_ms=0)
    for value in (b"refused", b"first", b"second", b"third"):
        producer.send(PART.topic, partition=0, value=value).get(timeout=30)
    producer.close()
    own_broker.stop()
    for offset in (2, 3):
        write_again(own_broker, offset, first_batch(own_broker))
    own_broker.start()
    own_broker.wait_ready()
    kept = [(0, b"refused"), (1, b"first"), (2, b"second"), (3, b"third")]
    for start in range(4):
        for quick in (False, True):
            assert blocking(own_broker, start, quick) == kept[start:]
        assert asyncio.run(asynchronous(own_broker, start)) == kept[start:]
