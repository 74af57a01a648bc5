"""Records that cost little: those of a kafka-python consumer, and batches that aiokafka packs.

kafka-python decodes a record in Python, which takes most of the time of a loop over small events.
The decoder of aiokafka, which Faust brings, reads the same bytes with a C extension. All else
stays kafka-python's: the group, fetching, checksums, control batches.

aiokafka asks LZ4 for its smallest output, which takes five to fifteen times as long as the quick
way that kafka-python and librdkafka go, for a fifteenth to a quarter fewer bytes.
"""

import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from aiokafka.codec import lz4_encode
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka import KafkaConsumer
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError

MAGIC = 2
"""The only format of record batches that brokers since 4.0 keep (KIP-724)."""
QUICK_LEVEL = 1
"""Of LZ4: those from 3 on look for the smallest output."""


def compress_quickly() -> None:
    """Has all batches of aiokafka's in this process compressed by LZ4's quick way."""
    # It is C or Python, as it could be built.
    records = sys.modules[DefaultRecordBatchBuilder.__module__]
    records.lz4_encode = partial(lz4_encode, level=QUICK_LEVEL)  # type: ignore[attr-defined]


def decode_quickly(consumer: KafkaConsumer) -> KafkaConsumer:
    """Makes a consumer's records cheap; they have `offset`, `timestamp`, `key`, `value` and
    `headers`.

    Not for `read_committed`: aborted transactions are not left out.
    """
    consumer._fetcher.PartitionRecords = _QuickRecords
    return consumer


class _QuickRecords(Fetcher.PartitionRecords):  # type: ignore[misc]
    """The records of one partition in one fetch."""

    def _unpack_records(self, tp: Any, records: Any, *_: Any) -> Iterator[Any]:
        while (batch := records.next_batch()) is not None:
            if batch.magic != MAGIC or not batch.validate_crc():
                where = f"{tp.topic}[{tp.partition}]@{batch.base_offset}"
                raise CorruptRecordError(f"a batch at {where} is damaged or of an old format")
            self.leader_epoch = batch.leader_epoch
            self.bytes_read += batch.size_in_bytes
            if not batch.is_control_batch:
                for record in DefaultRecordBatch(bytes(batch._buffer)):
                    self.records_read += 1
                    self.next_fetch_offset = record.offset + 1
                    yield record
            self.next_fetch_offset = batch.next_offset
        self.drain()
