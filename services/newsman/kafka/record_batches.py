"""Records that an event loop sends in batches of its own, without a thread in between.

kafka-python takes records one by one, encodes each in Python and hands it to a thread. aiokafka,
which Faust brings, encodes a batch in C, and one future stands for all of it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerClosed
from aiokafka.producer.message_accumulator import BatchBuilder

from newsman.kafka.access.addresses import brokers
from newsman.kafka.access.asynchronous import async_client_config
from newsman.kafka.access.security import security_of
from newsman.kafka.partitions import partition_of_bytes
from newsman.kafka.quick_records import compress_quickly
from newsman.kafka.records import Record
from newsman.runtime.background import BackgroundTasks
from newsman.runtime.settings_error import SettingsError
from newsman_schemas.topics import MAX_MESSAGE_BYTES

BATCH_BYTES = 256 * 1024
ACKNOWLEDGE_SECONDS = 30
BACKOFF_MS = 500
CLOSE_SECONDS = 2.0


class RecordBatches:
    """Sends records that may come twice: what failed may be there, and is sent again.

    A client is made for the first records, and anew after each failure.
    """

    def __init__(self, bootstrap: str, *, client_id: str) -> None:
        """Call it in a running event loop."""
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._producer: Any = None
        self._opening = asyncio.Lock()
        self._closing = BackgroundTasks()
        self._is_closed = False
        compress_quickly()

    async def send(self, topic: str, records: Sequence[Record]) -> None:
        """Returns once all in-sync replicas have all records, each in the partition of its key.

        Raises KafkaError (aiokafka's); then any of them may be there.
        """
        producer = await self._opened()
        try:
            partitions = len(await producer.partitions_for(topic))
            batches = [
                (partition, batch)
                for partition, own in _by_partition(records, partitions).items()
                for batch in _filled(producer, own)
            ]
            await asyncio.gather(*(_sent(producer, topic, *each) for each in batches))
        except KafkaError:
            self._drop(producer)
            raise

    async def close(self) -> None:
        """Closes the client for good; what is under way has CLOSE_SECONDS."""
        self._is_closed = True
        if self._producer is not None:
            self._drop(self._producer)
        await self._closing.finish(limit_seconds=CLOSE_SECONDS)

    async def _opened(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._is_closed:
                raise ProducerClosed
            if self._producer is None:
                self._producer = await self._open()
            return self._producer

    async def _open(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=brokers(self._bootstrap),
            client_id=self._client_id,
            acks="all",
            compression_type="lz4",
            max_batch_size=BATCH_BYTES,
            max_request_size=MAX_MESSAGE_BYTES,
            request_timeout_ms=ACKNOWLEDGE_SECONDS * 1_000,
            retry_backoff_ms=BACKOFF_MS,
            **async_client_config(security_of(self._bootstrap)),
        )
        try:
            await producer.start()
        except SettingsError as problem:  # of a token's file
            await producer.stop()
            raise KafkaError(str(problem)) from problem
        except BaseException:
            await producer.stop()
            raise
        return producer

    def _drop(self, producer: AIOKafkaProducer) -> None:
        """Closes a client in the background; others that send with it end as they would."""
        if self._producer is producer:
            self._producer = None
            self._closing.start(producer.stop(), name="close")


def _by_partition(records: Sequence[Record], partitions: int) -> dict[int, list[Record]]:
    own: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        own[partition_of_bytes(record.key, partitions)].append(record)
    return own


def _filled(producer: AIOKafkaProducer, records: Sequence[Record]) -> Iterator[BatchBuilder]:
    """Batches that hold the records; one takes at least one, however large that is."""
    batch = producer.create_batch()
    for record in records:
        if not _append(batch, record):
            yield batch
            batch = producer.create_batch()
            _append(batch, record)
    yield batch


def _append(batch: BatchBuilder, record: Record) -> bool:
    """False where the batch has no room."""
    added = batch.append(timestamp=None, key=record.key, value=record.value, headers=record.headers)
    return added is not None


async def _sent(
    producer: AIOKafkaProducer, topic: str, partition: int, batch: BatchBuilder
) -> None:
    await (await producer.send_batch(batch, topic, partition=partition))
