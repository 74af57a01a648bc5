"""From the bytes of a push to the records that Kafka is to have; pure, in whichever process."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from newsman.ingest.formats.model import ARTICLE, Defaults, FieldProblem, Parsed
from newsman.ingest.parse import parse
from newsman.ingest.routes.bodies import TooLarge
from newsman.kafka.records import Record, encode
from newsman_schemas.agenda import AgendaItemReceived
from newsman_schemas.articles import (
    Article,
    ArticleReceived,
    Stage,
    content_digest,
    former_ids,
)
from newsman_schemas.events import digest
from newsman_schemas.topics import AGENDA_ITEM_RECEIVED, ARTICLE_RECEIVED, MAX_MESSAGE_BYTES, Topic

MAX_EVENT_BYTES = MAX_MESSAGE_BYTES - 64 * 1024
"""Leaves room for the key and headers; what Kafka can never take must not be a 503 for ever."""


@dataclass(frozen=True)
class Push:
    """A push of a source, and the way it is to be read.

    `allowed` names the formats that the source may use, None all of them; `event_attributes` are
    those of a CloudEvent in binary mode that the body is the data of; `room_bytes` is how much
    its records may take in all.
    """

    body: bytes
    content_type: str | None
    format_name: str | None
    defaults: Defaults
    traceparent: str
    allowed: frozenset[str] | None = None
    event_attributes: Mapping[str, str] | None = None
    room_bytes: int = sys.maxsize


@dataclass(frozen=True)
class Item:
    """One article or agenda item of a push: what it is called, or why it can't be taken;
    `warnings` say what it was taken without."""

    index: int
    id: str = ""
    uri: str = ""
    version: int = 0
    kind: str = ARTICLE
    problems: tuple[FieldProblem, ...] = ()
    warnings: tuple[FieldProblem, ...] = ()
    is_too_large: bool = False

    @property
    def is_bad(self) -> bool:
        """True if there is nothing to store."""
        return not self.id


@dataclass(frozen=True)
class Prepared:
    """A push, read as `format`: every item of it, and the records of the good ones by topic."""

    format: str
    is_batch: bool
    items: tuple[Item, ...]
    records: Mapping[Topic, tuple[Record, ...]]

    @property
    def good(self) -> tuple[Item, ...]:
        """The items that have a record."""
        return tuple(item for item in self.items if not item.is_bad)

    @property
    def bad(self) -> tuple[Item, ...]:
        """The items that have none."""
        return tuple(item for item in self.items if item.is_bad)


def prepare(push: Push) -> Prepared:
    """The records of everything good in a push; raises UnknownFormat, BadDocument or TooLarge."""
    document = parse(
        push.body,
        content_type=push.content_type,
        format_name=push.format_name,
        defaults=push.defaults,
        allowed=push.allowed,
        event_attributes=push.event_attributes,
    )
    items: list[Item] = []
    records: dict[Topic, list[Record]] = {}
    room_bytes = push.room_bytes
    for parsed in document.items:
        if parsed.is_bad:
            items.append(Item(parsed.index, problems=parsed.problems))
            continue
        topic, item, record = _record(parsed, document.format, push)
        if len(record.value) > MAX_EVENT_BYTES:
            items.append(_too_large(item))
            continue
        room_bytes -= len(record.value)
        if room_bytes < 0:
            raise TooLarge("too much, normalised, for one push; send it in parts")
        items.append(item)
        records.setdefault(topic, []).append(record)
    by_topic = {topic: tuple(each) for topic, each in records.items()}
    return Prepared(document.format, document.is_batch, tuple(items), by_topic)


def _record(parsed: Parsed, format_name: str, push: Push) -> tuple[Topic, Item, Record]:
    if parsed.article is not None:
        article = parsed.article
        item = Item(
            parsed.index, article.id, article.uri, article.version, warnings=parsed.warnings
        )
        event = _received(article, parsed.feed, format_name, push.defaults)
        return ARTICLE_RECEIVED, item, encode(event, traceparent=push.traceparent)
    assert parsed.agenda is not None
    agenda: AgendaItemReceived = parsed.agenda
    item = Item(
        parsed.index,
        agenda.item_id,
        agenda.uri,
        agenda.version,
        agenda.kind,
        warnings=parsed.warnings,
    )
    return AGENDA_ITEM_RECEIVED, item, encode(agenda, traceparent=push.traceparent)


def _received(
    article: Article, feed: str | None, format_name: str, defaults: Defaults
) -> ArticleReceived:
    received = Stage(stage="received", service="ingest", at=defaults.now, version=article.version)
    return ArticleReceived(
        event_id=digest("article-received", article.id, content_digest(article)),
        occurred_at=defaults.now,
        article=article,
        format=format_name,
        former_ids=former_ids(article.source, article.uri, feed=feed),
        keeps_earlier=defaults.keeps_earlier,
        trail=(received,),
    )


def _too_large(item: Item) -> Item:
    problem = FieldProblem("", f"larger than {MAX_EVENT_BYTES} bytes normalised")
    return Item(item.index, problems=(problem,), is_too_large=True)
