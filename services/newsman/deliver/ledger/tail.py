"""Keeping the ledger: `delivery-noted` is read on from where the ledger stands."""

import logging
import threading
from contextlib import closing
from datetime import UTC, datetime

from kafka import TopicPartition

from newsman.deliver.ledger.book import KEPT, Ledger
from newsman.kafka.log import AWAY, CALM_MS, CALMLY, Batches, TopicLog, build_log_consumer
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.quick_records import decode_quickly
from newsman.kafka.records import Unprocessable, decode
from newsman.runtime.outage import Outage
from newsman_schemas.subscriptions import DeliveryNoted

log = logging.getLogger(__name__)

CLIENT_ID = "newsman-deliver-ledger"
FORGET_SECONDS = 86_400.0
GATHER_SECONDS = 0.5
"""Between two reads once the ledger is whole: what is noted together is taken in together."""


class LedgerTail:
    """Reads the topic into the ledger until told to stop; goes on when Kafka was away."""

    def __init__(
        self,
        ledger: Ledger,
        bootstrap: str,
        topic: str,
        watch: PartitionWatch,
        stopping: threading.Event,
    ) -> None:
        self._ledger = ledger
        self._bootstrap = bootstrap
        self._topic = topic
        self._watch = watch
        self._stopping = stopping
        self._forgot_at: datetime | None = None
        self._outage = Outage(log, "the ledger does not go on")

    def run(self) -> None:
        """The thread's loop."""
        self._outage.try_until(self._stopping, self._read, AWAY)

    def _read(self) -> None:
        consumer = build_log_consumer(self._bootstrap, client_id=CLIENT_ID, **CALMLY)
        with closing(TopicLog(decode_quickly(consumer), gone=warn_gone)) as topics:
            self._follow(topics)

    def _follow(self, topics: TopicLog) -> None:
        parts = topics.partitions(self._topic)
        bounds = topics.bounds(parts)
        written = self._begin(topics, bounds.start, bounds.end)
        for batches in topics.follow(self._watch, poll_ms=CALM_MS):
            positions = {part.partition: offset for part, offset in topics.next.items()}
            if batches or written != positions:
                self._ledger.write(_entries(batches), positions)
                written = positions
            self._outage.over()
            if not self._ledger.is_whole:
                self._ledger.is_whole = all(topics.next[p] >= bounds.end[p] for p in parts)
            self._forget()
            if self._stopping.wait(GATHER_SECONDS if batches and self._ledger.is_whole else 0):
                return

    def _begin(
        self, topics: TopicLog, firsts: dict[TopicPartition, int], ends: dict[TopicPartition, int]
    ) -> dict[int, int]:
        """Goes to where the ledger stands; the positions that it holds."""
        positions = self._ledger.positions()
        if any(positions.get(part.partition, 0) > end for part, end in ends.items()):
            log.warning("the ledger is of another log and is made anew")
            self._ledger.clear()
            positions = {}
        topics.start(
            {part: max(positions.get(part.partition, 0), first) for part, first in firsts.items()}
        )
        return positions

    def _forget(self) -> None:
        now = datetime.now(UTC)
        if self._forgot_at and (now - self._forgot_at).total_seconds() < FORGET_SECONDS:
            return
        self._forgot_at = now
        if forgotten := self._ledger.forget_before(now - KEPT):
            log.info("%d entries of the ledger are older than %d days", forgotten, KEPT.days)


def _entries(batches: Batches) -> list[DeliveryNoted]:
    entries = []
    for part, records in batches.items():
        for record in records:
            try:
                entries.append(decode(DeliveryNoted, record.value))
            except Unprocessable as problem:
                log.warning("not in the ledger: %s@%s: %s", part, record.offset, problem)
    return entries
