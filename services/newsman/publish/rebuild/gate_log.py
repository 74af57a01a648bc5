"""Reading article-enriched and article-published once more, for a rebuild."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from newsman.kafka.clients import build_consumer
from newsman.kafka.records import Unprocessable, decode
from newsman_schemas.articles import ArticleEnriched, ArticlePublished
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED

POLL_MS = 500
CHUNK_EVENTS = 500
CLIENT_ID = "newsman-publish-rebuild"

Offsets = dict[int, int]
"""Partition -> the next offset to read."""


@dataclass(frozen=True)
class Bounds:
    """Where the log of versions begins, how far the gate has committed it, where it ends."""

    begin: Offsets
    committed: Offsets
    end: Offsets


class GateLog:
    """The topics of one installation, as the gate has read and written them."""

    def __init__(self, bootstrap: str, namespace: str, group: str) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._enriched = ARTICLE_ENRICHED.full_name(namespace)
        self._published = ARTICLE_PUBLISHED.full_name(namespace)

    def bounds(self) -> Bounds:
        """How far the log goes now."""
        consumer = build_consumer(bootstrap=self._bootstrap, group=self._group, client_id=CLIENT_ID)
        try:
            parts = _partitions(consumer, self._enriched)
            begin, end = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
            committed = {part: int(consumer.committed(part) or 0) for part in parts}
        finally:
            consumer.close(autocommit=False)
        return Bounds(
            {part.partition: begin[part] for part in parts},
            {part.partition: max(begin[part], committed[part]) for part in parts},
            {part.partition: end[part] for part in parts},
        )

    def versions(self, start: Offsets, end: Offsets) -> Iterator[list[ArticleEnriched]]:
        """What the gate was given between two positions, in chunks of at most 500."""
        chunk: list[ArticleEnriched] = []
        for record in self._records(self._enriched, start, end):
            try:
                chunk.append(decode(ArticleEnriched, record.value))
            except Unprocessable:
                continue  # parked when it was read the first time
            if len(chunk) >= CHUNK_EVENTS:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def revisions(self, start: Offsets) -> tuple[dict[str, int], Offsets]:
        """The last revision of each article that the public topic tells of from a position on,
        and the position after it; every partition that is not named is read from its beginning."""
        consumer = build_consumer(bootstrap=self._bootstrap, group=None, client_id=CLIENT_ID)
        try:
            parts = _partitions(consumer, self._published)
            begin, end = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
        finally:
            consumer.close()
        first = {p.partition: start.get(p.partition, begin[p]) for p in parts}
        last = {part.partition: end[part] for part in parts}
        found: dict[str, int] = {}
        for record in self._records(self._published, first, last):
            try:
                event = decode(ArticlePublished, record.value)
            except Unprocessable:
                continue  # a tombstone
            found[event.article_id] = max(event.revision, found.get(event.article_id, 0))
        return found, last

    def _records(self, topic: str, start: Offsets, end: Offsets) -> Iterator[Any]:
        wanted = [TopicPartition(topic, n) for n in sorted(end) if end[n] > start[n]]
        if not wanted:
            return
        consumer = build_consumer(bootstrap=self._bootstrap, group=None, client_id=CLIENT_ID)
        try:
            consumer.assign(wanted)
            for part in wanted:
                consumer.seek(part, start[part.partition])
            while any(consumer.position(part) < end[part.partition] for part in wanted):
                for part, records in consumer.poll(timeout_ms=POLL_MS).items():
                    yield from (r for r in records if r.offset < end[part.partition])
        finally:
            consumer.close()


def _partitions(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic))]
