"""Of batches that have one offset the last one counts; what else was fetched stays as it is."""

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from kafka.record.memory_records import MemoryRecords

from newsman.kafka.progress.void_batches import acknowledged

NO_CODEC = 0


def batch(base_offset: int, *values: bytes) -> bytes:
    builder = BatchBuilder(1 << 20, NO_CODEC)
    for value in values:
        builder.append(timestamp=1_700_000_000_000, key=None, value=value, headers=[])
    # The checksum begins behind the offset (KIP-98).
    return base_offset.to_bytes(8, "big") + bytes(builder._build())[8:]


def records(fetched: bytes) -> list[tuple[int, bytes]]:
    read = MemoryRecords(fetched)
    found = []
    while (each := read.next_batch()) is not None:
        assert each.validate_crc()
        found += [(record.offset, record.value) for record in each]
    return found


@pytest.mark.parametrize(
    "fetched",
    [
        b"",
        b"\0" * 5,
        batch(7, b"a"),
        batch(7, b"a", b"b") + batch(9, b"c"),
        batch(7, b"a") + batch(12, b"b"),  # compacted
        batch(7, b"a") + batch(8, b"b")[:-3],
        batch(7, b"a") + (7).to_bytes(8, "big") + (-1).to_bytes(4, "big", signed=True),
    ],
)
def test_what_was_counted_stays_as_it_came(fetched):
    assert acknowledged(fetched) is fetched


def test_nothing_was_fetched():
    assert acknowledged(None) is None


@pytest.mark.parametrize(
    ("batches", "kept"),
    [
        ([batch(1, b"void"), batch(1, b"a")], [(1, b"a")]),
        ([batch(0, b"a"), *[batch(1, b"void")] * 3, batch(1, b"b")], [(0, b"a"), (1, b"b")]),
        (
            [batch(3, b"void", b"void", b"void"), batch(3, b"a"), batch(4, b"b")],
            [(3, b"a"), (4, b"b")],
        ),
        (
            [batch(3, b"void"), batch(3, b"a", b"b"), batch(5, b"void"), batch(5, b"c")],
            [(3, b"a"), (4, b"b"), (5, b"c")],
        ),
    ],
)
def test_a_batch_is_void_whose_offset_was_given_again(batches, kept):
    assert records(acknowledged(b"".join(batches))) == kept


def test_a_batch_that_is_cut_off_stays_behind_what_is_kept():
    rest = batch(2, b"not yet")[:-1]
    fetched = batch(1, b"void") + batch(1, b"a") + rest
    assert acknowledged(fetched) == batch(1, b"a") + rest


def test_views_of_bytes_are_read_as_bytes_are():
    fetched = memoryview(batch(1, b"void") + batch(1, b"a"))
    assert records(bytes(acknowledged(fetched))) == [(1, b"a")]
