"""Reading article-published for the catalogue."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.event_reading import read_event
from newsman.feeds.catalogue.index import Catalogue
from newsman.kafka.log import Batches, TopicLog, build_log_consumer
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.quick_records import decode_quickly
from newsman.kafka.records import Unprocessable

log = logging.getLogger(__name__)

CLIENT_ID = "newsman-feeds-catalogue"
FETCHED_BYTES = 2 * 1024 * 1024
BOUNDS = {
    "fetch_max_bytes": FETCHED_BYTES,
    "max_partition_fetch_bytes": FETCHED_BYTES // 4,
    "max_poll_records": 100,
}
"""What is fetched and read at once, so that a long log takes no more memory than a short one; a
record that is larger comes by itself (KIP-74)."""
Positions = dict[int, int]
"""Partition -> the next offset to read."""


class PublishedLog:
    """The topic as one consumer reads it."""

    def __init__(self, topics: TopicLog, topic: str) -> None:
        """Raises KafkaError while the topic is not there."""
        self._topics = topics
        self._parts = topics.partitions(topic)

    @property
    def positions(self) -> Positions:
        """The offset behind what came of each partition."""
        return {part.partition: offset for part, offset in self._topics.next.items()}

    def firsts(self) -> Positions:
        """The offsets at which the log begins now."""
        return {p.partition: at for p, at in self._topics.bounds(self._parts).start.items()}

    def ends(self) -> Positions:
        """The offsets at which the log ends now."""
        return {p.partition: at for p, at in self._topics.ends(self._parts).items()}

    def begin(self, positions: Positions) -> None:
        """Goes to known positions, and to the beginning of partitions that are not known."""
        firsts = self._topics.bounds(self._parts).start
        self._topics.start(
            {part: max(positions.get(part.partition, 0), firsts[part]) for part in self._parts}
        )

    def read_to(self, ends: Positions) -> Iterator[list[LoggedEvent]]:
        """Records until these positions are reached; raises ReadStalled."""
        ends_of_parts = {part: ends[part.partition] for part in self._parts}
        for batches in self._topics.read_to(ends_of_parts):
            yield logged_events(batches)

    def follow(self, watch: PartitionWatch) -> Iterator[list[LoggedEvent]]:
        """Records without end; one is finished once the next is asked for."""
        for batches in self._topics.follow(watch):
            yield logged_events(batches)


class LogReader:
    """The topic of one installation."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._bootstrap = bootstrap
        self._topic = topic

    @contextmanager
    def open(self) -> Iterator[PublishedLog]:
        """All partitions, to be begun; raises KafkaError while the topic is not there."""
        consumer = build_log_consumer(self._bootstrap, client_id=CLIENT_ID, **BOUNDS)
        with closing(TopicLog(decode_quickly(consumer), gone=warn_gone)) as topics:
            yield PublishedLog(topics, self._topic)

    def fill(self, catalogue: Catalogue, stopping: threading.Event) -> Iterator[tuple[int, int]]:
        """Reads the log from where the catalogue stands to where it ends now, and says how many
        events are done and of how many; raises KafkaError."""
        with self.open() as published:
            firsts, ends = published.firsts(), published.ends()
            total = sum(ends[part] - firsts[part] for part in ends)

            def done() -> int:
                at = published.positions
                return sum(min(at[part], ends[part]) - firsts[part] for part in ends)

            catalogue.begin()
            published.begin(catalogue.positions())
            yield done(), total
            for events in published.read_to(ends):
                if stopping.is_set():
                    return
                catalogue.write(events, published.positions)
                yield done(), total
            catalogue.finish()
            yield total, total


def logged_events(batches: Batches) -> list[LoggedEvent]:
    """The events among some records, each with its place."""
    events = []
    for part, records in batches.items():
        for record in records:
            try:
                events.append(read_event(part.partition, record.offset, record.value))
            except Unprocessable as problem:
                log.warning("not catalogued: %s@%s: %s", part, record.offset, problem)
    return events
