"""Reading article-enriched and article-published once more, for a rebuild."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from kafka import TopicPartition

from newsman.kafka.clients import build_consumer
from newsman.kafka.log import TopicLog, open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.records import Unprocessable, decode
from newsman.publish.identity.bare_names import Bearer
from newsman.publish.rebuild.names_in_log import NamesInLog
from newsman_schemas.articles import (
    ArticleEnriched,
    ArticlePublished,
    StatementIssued,
    article_id,
)
from newsman_schemas.names.identity import is_uri
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED, STATEMENT_ISSUED

SILENCE_SECONDS = 120.0
"""A rebuild that ends begins anew, so it waits for a broker that is away for a while."""
CHUNK_EVENTS = 500
CLIENT_ID = "newsman-publish-rebuild"

Offsets = dict[int, int]
"""Partition -> the next offset to read."""


@dataclass(frozen=True)
class Bounds:
    """Bounds of the log of versions: its beginning, the gate's commit, its end."""

    begin: Offsets
    committed: Offsets
    end: Offsets


@dataclass(frozen=True)
class GateRecord:
    """The last revision of each article that subscribers were told of, and what they were told of
    ids: those that lead to an article under another, and those that their uri would not give."""

    revisions: dict[str, int] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)
    """Former id -> the id that the uri gives today."""

    def add(self, event: ArticlePublished) -> None:
        """Takes in an event, the next of its article."""
        name = event.article_id
        self.revisions[name] = max(event.revision, self.revisions.get(name, 0))
        self.aliases.update(dict.fromkeys(event.aliases, name))
        if is_uri(event.uri) and (today := article_id(event.source, event.uri)) != name:
            self.former[name] = today

    def places(self) -> dict[str, str]:
        """Where each id led that was not the article's own, or not by its uri."""
        places: dict[str, str] = {}
        for name, today in sorted(self.former.items()):
            places.setdefault(today, today if today in self.revisions else name)
            places[name] = name
        return places | self.aliases


class GateLog:
    """The topics of one installation, as the gate has read and written them."""

    def __init__(self, bootstrap: str, namespace: str, group: str) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._enriched = ARTICLE_ENRICHED.full_name(namespace)
        self._published = ARTICLE_PUBLISHED.full_name(namespace)
        self._stated = STATEMENT_ISSUED.full_name(namespace)

    def bounds(self) -> Bounds:
        """The current bounds of the log."""
        consumer = build_consumer(bootstrap=self._bootstrap, group=self._group, client_id=CLIENT_ID)
        with closing(consumer):
            topics = TopicLog(consumer)
            parts = topics.partitions(self._enriched)
            bounds = topics.bounds(parts)
            committed = {part: int(consumer.committed(part) or 0) for part in parts}
        return Bounds(
            {part.partition: bounds.start[part] for part in parts},
            {part.partition: max(bounds.start[part], committed[part]) for part in parts},
            {part.partition: bounds.end[part] for part in parts},
        )

    def versions(self, start: Offsets, end: Offsets) -> Iterator[list[ArticleEnriched]]:
        """The versions between two positions, in chunks of at most 500."""
        chunk: list[ArticleEnriched] = []
        with self._open() as topics:
            starts, ends = self._enriched_parts(start), self._enriched_parts(end)
            for record in topics.read(starts, ends):
                try:
                    chunk.append(decode(ArticleEnriched, record.value))
                except Unprocessable:
                    continue  # parked when it was read the first time
                if len(chunk) >= CHUNK_EVENTS:
                    yield chunk
                    chunk = []
        if chunk:
            yield chunk

    def bearers(self, start: Offsets, end: Offsets) -> dict[str, tuple[Bearer, ...]]:
        """The articles of feeds between two positions whose uri is no URI, by the id that it alone
        gives; and among them those that were pushed under it before any item of a feed."""
        names = NamesInLog()
        for take in (names.take_feed_item, names.take_push):
            with self._open() as topics:
                for record in topics.read(self._enriched_parts(start), self._enriched_parts(end)):
                    take(record.value)
            if not names.bearers:
                break
        return {name: bare.bearers for name, bare in names.whole().items()}

    def told(self, start: Offsets) -> tuple[GateRecord, Offsets]:
        """All that the public topic tells from a position on, and the position after it; every
        partition that is not named is read from its beginning."""
        told = GateRecord()
        with self._open() as topics:
            bounds = topics.bounds(topics.partitions(self._published))
            first = {p: start.get(p.partition, at) for p, at in bounds.start.items()}
            for record in topics.read(first, bounds.end):
                try:
                    event = decode(ArticlePublished, record.value)
                except Unprocessable:
                    continue  # a tombstone
                told.add(event)
        return told, {part.partition: end for part, end in bounds.end.items()}

    def ends_of_statements(self) -> Offsets:
        """The end of the log of statements by now."""
        with self._open() as topics:
            bounds = topics.bounds(topics.partitions(self._stated))
        return {part.partition: end for part, end in bounds.end.items()}

    def statements(self, start: Offsets, end: Offsets) -> Iterator[list[StatementIssued]]:
        """The statements between two positions, in chunks of at most 500; every partition that is
        not named is read from its beginning."""
        with self._open() as topics:
            bounds = topics.bounds(topics.partitions(self._stated))
            first = {p: start.get(p.partition, at) for p, at in bounds.start.items()}
            last = {p: end[p.partition] for p in first if p.partition in end}
            records = topics.read({p: first[p] for p in last}, last)
            while chunk := [_statement(record) for record in islice(records, CHUNK_EVENTS)]:
                yield [each for each in chunk if each is not None]

    def _enriched_parts(self, offsets: Offsets) -> dict[TopicPartition, int]:
        return {TopicPartition(self._enriched, n): at for n, at in sorted(offsets.items())}

    def _open(self) -> AbstractContextManager[TopicLog]:
        return open_log(
            self._bootstrap,
            client_id=CLIENT_ID,
            gone=warn_gone,
            silence_seconds=SILENCE_SECONDS,
        )


def _statement(record: Any) -> StatementIssued | None:
    try:
        return decode(StatementIssued, record.value)
    except Unprocessable:
        return None  # publish alone writes there
