"""Batches that stand in Kafka's log although the broker refused them.

A broker whose disk is full may write a batch and then fail at the index of the file, before it has
counted what it wrote (seen with 4.3: `InternalError` in `OffsetIndex.append`). It refuses that
batch and gives its offsets to the next one, so that a reader gets both: kafka-python hands over
two records of one offset, aiokafka and the Java client the earlier one. Here the last one counts,
for every reader.
"""

import logging
import struct
from typing import Any

import aiokafka.consumer.fetcher
import kafka.consumer.fetcher

log = logging.getLogger(__name__)

_HEAD = struct.Struct(">qi")
"""Base offset, and the bytes that follow in the batch."""


def leave_out_void_batches() -> None:
    """Has all consumers in this process, of both clients, read what was acknowledged."""
    for fetcher in (kafka.consumer.fetcher, aiokafka.consumer.fetcher):
        if not isinstance(fetcher.MemoryRecords, _Acknowledged):
            fetcher.MemoryRecords = _Acknowledged(fetcher.MemoryRecords)


class _Acknowledged:
    """Makes a client's records of what one fetch brought of a partition."""

    def __init__(self, memory_records: Any) -> None:
        self._memory_records = memory_records

    def __call__(self, fetched: Any) -> Any:
        return self._memory_records(acknowledged(fetched))


def acknowledged(fetched: bytes | bytearray | memoryview | None) -> Any:
    """The batches of a fetch without those whose offsets were given to a later one.

    The same object, if that is all of them. A batch that is cut off at the end is left as it is.
    """
    if not fetched:
        return fetched
    kept: list[tuple[int, int, int]] = []
    void: list[int] = []
    at, end = 0, len(fetched)
    while at + _HEAD.size <= end:
        base, length = _HEAD.unpack_from(fetched, at)
        behind = at + _HEAD.size + length
        if length < 0 or behind > end:
            break
        while kept and kept[-1][0] >= base:
            void.append(kept.pop()[0])
        kept.append((base, at, behind))
        at = behind
    if not void:
        return fetched
    log.error("left out what Kafka refused and wrote nevertheless, at %s", sorted(set(void)))
    whole = (bytes(fetched[begin:behind]) for _, begin, behind in kept)
    return b"".join([*whole, bytes(fetched[at:])])
