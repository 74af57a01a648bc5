"""Batches of aiokafka are compressed by LZ4's quick way, and hold the same records."""

import random
import sys

import pytest
from aiokafka.codec import lz4_encode
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords

from newsman.kafka.quick_records import compress_quickly
from newsman_schemas.topics import MAX_MESSAGE_BYTES

HEADER_BYTES = 61
WORDS = [f"word{number}" for number in range(300)]


@pytest.fixture(autouse=True)
def _as_it_comes(monkeypatch):
    """aiokafka's own way before, and again afterwards."""
    records = sys.modules[DefaultRecordBatchBuilder.__module__]
    monkeypatch.setattr(records, "lz4_encode", lz4_encode)


def packed(values: list[bytes], compression: int = DefaultRecordBatch.CODEC_LZ4) -> bytes:
    builder = BatchBuilder(MAX_MESSAGE_BYTES, compression)
    for value in values:
        builder.append(timestamp=1_700_000_000_000, key=b"key", value=value, headers=[("h", b"1")])
    return bytes(builder._build())


def texts(count: int) -> list[bytes]:
    rng = random.Random(3)
    return [" ".join(rng.choices(WORDS, k=400)).encode() for _ in range(count)]


def test_a_batch_is_packed_as_the_quick_way_packs_it():
    values = texts(5)
    bare = packed(values, DefaultRecordBatch.CODEC_NONE)[HEADER_BYTES:]
    slow = packed(values)
    compress_quickly()
    compress_quickly()
    quick = packed(values)
    assert slow[HEADER_BYTES:] == lz4_encode(bare)
    assert quick[HEADER_BYTES:] == lz4_encode(bare, level=1)
    assert len(slow) < len(quick) < len(bare)


@pytest.mark.parametrize("values", [texts(1), texts(20), [b""], [b"x" * 100_000]])
def test_both_clients_read_what_was_packed(values):
    compress_quickly()
    buffer = packed(values)
    assert [record.value for record in DefaultRecordBatch(buffer)] == values
    batch = MemoryRecords(buffer).next_batch()
    assert batch.validate_crc()
    assert [record.value for record in batch] == values
