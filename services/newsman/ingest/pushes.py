"""From the bytes of a push to the records that Kafka is to have; pure, in whichever process."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from newsman.ingest.core import normalise
from newsman.ingest.formats.content_type import charset, media_type
from newsman.ingest.formats.envelopes import ENVELOPES, open_envelope, with_attributes
from newsman.ingest.formats.kills import with_kills
from newsman.ingest.formats.model import (
    ARTICLE,
    Defaults,
    Document,
    Draft,
    FieldProblem,
    Format,
    Parsed,
    UnknownFormat,
)
from newsman.ingest.formats.table import (
    BY_MEDIA_TYPE,
    format_by_look,
    named_format,
    wire_format,
)
from newsman.ingest.reading.gzip_bounds import UnpacksTooLarge
from newsman.kafka.records import Record, encode, to_record
from newsman_schemas.agenda import AgendaItemReceived
from newsman_schemas.articles import Article, ArticleReceived, Stage, content_digest, former_ids
from newsman_schemas.events import digest
from newsman_schemas.topics import AGENDA_ITEM_RECEIVED, ARTICLE_RECEIVED, MAX_MESSAGE_BYTES, Topic

MAX_EVENT_BYTES = MAX_MESSAGE_BYTES - 64 * 1024
"""Leaves room for the key and headers; what Kafka can never take must not be a 503 for ever."""
GENERIC = frozenset({"", "application/octet-stream", "text/xml", "application/xml"})
UNMARKED = GENERIC | {"text/plain"}
"""Under these names come files of wires."""


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
class PushedItem:
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
    items: tuple[PushedItem, ...]
    records: Mapping[Topic, tuple[Record, ...]]

    @property
    def good(self) -> tuple[PushedItem, ...]:
        """The items that have a record."""
        return tuple(item for item in self.items if not item.is_bad)

    @property
    def bad(self) -> tuple[PushedItem, ...]:
        """The items that have none."""
        return tuple(item for item in self.items if item.is_bad)

    @property
    def has_problems(self) -> bool:
        """True if something is to be told of any item."""
        return any(item.problems or item.warnings for item in self.items)


def prepare(push: Push) -> Prepared:
    """The records of everything good in a push.

    Raises UnknownFormat, BadDocument or UnpacksTooLarge.
    """
    document = parse(
        push.body,
        content_type=push.content_type,
        format_name=push.format_name,
        defaults=push.defaults,
        allowed=push.allowed,
        event_attributes=push.event_attributes,
    )
    items: list[PushedItem] = []
    records: dict[Topic, list[Record]] = {}
    room_bytes = push.room_bytes
    for parsed in document.items:
        if parsed.is_bad:
            items.append(PushedItem(parsed.index, problems=parsed.problems))
            continue
        topic, item, record = _record(parsed, document.format, push)
        if len(record.value) > MAX_EVENT_BYTES:
            items.append(_too_large(item))
            continue
        room_bytes -= len(record.value)
        if room_bytes < 0:
            raise UnpacksTooLarge("too much, normalised, for one push; send it in parts")
        items.append(item)
        records.setdefault(topic, []).append(record)
    by_topic = {topic: tuple(each) for topic, each in records.items()}
    return Prepared(document.format, document.is_batch, tuple(items), by_topic)


def parse(
    body: bytes,
    *,
    content_type: str | None,
    format_name: str | None,
    defaults: Defaults,
    allowed: frozenset[str] | None = None,
    event_attributes: Mapping[str, str] | None = None,
) -> Document:
    """The articles in a body, each with its problems; raises UnknownFormat or BadDocument.

    `allowed` names the formats that the sender may use, inside an envelope too;
    `event_attributes` are those of a CloudEvent in binary mode that the body is the data of.
    """
    read_part = partial(_read_part, defaults=defaults, allowed=allowed)
    envelope = ENVELOPES.get(media_type(content_type)) if format_name is None else None
    if envelope is not None:
        drafts = open_envelope(
            body, content_type or "", lambda part, kind: read_part(part, kind)[1]
        )
        name, is_batch = envelope, envelope != "cloudevent" or len(drafts) != 1
        bases = [""] * len(drafts)
    else:
        chosen, drafts = read_part(body, content_type or "", format_name)
        name, is_batch = chosen.name, chosen.is_batch(body) or len(drafts) != 1
        bases = [f"/{index}" if is_batch else "" for index in range(len(drafts))]
    if event_attributes is not None:
        drafts = with_attributes(drafts, event_attributes)
    items = tuple(
        normalise(draft, defaults, index=index, base=base)
        for index, (draft, base) in enumerate(zip(drafts, bases, strict=True))
    )
    return Document(name, is_batch, items)


def is_plain_json(body: bytes, content_type: str | None, format_name: str | None) -> bool:
    """True if a push is JSON by itself, which costs what its size says; raises UnknownFormat."""
    if format_name is None and media_type(content_type) in ENVELOPES:
        return False
    return _choose(body, content_type, format_name).is_json


def _read_part(
    part: bytes,
    kind: str,
    name: str | None = None,
    *,
    defaults: Defaults,
    allowed: frozenset[str] | None,
) -> tuple[Format, list[Draft]]:
    """The format of a document and the drafts in it; raises UnknownFormat or BadDocument."""
    chosen = _choose(part, kind, name)
    if allowed is not None and chosen.name not in allowed:
        raise UnknownFormat(f"{defaults.source} may send {', '.join(sorted(allowed))} only")
    named = charset(kind)
    if named != defaults.charset:
        defaults = replace(defaults, charset=named)
    drafts = chosen.read(part, defaults)
    return chosen, [each for draft in drafts for each in with_kills(draft)]


def _choose(body: bytes, content_type: str | None, format_name: str | None) -> Format:
    """The format by its name, else by the media type, else by the look of the body."""
    if format_name is not None:
        return named_format(format_name)
    kind = media_type(content_type)
    chosen = wire_format(body) if kind in UNMARKED else None
    chosen = chosen or BY_MEDIA_TYPE.get(kind)
    if chosen is None and kind in GENERIC:
        chosen = format_by_look(body)
    if chosen is None:
        readable = ", ".join(sorted([*BY_MEDIA_TYPE, *ENVELOPES]))
        raise UnknownFormat(f"{kind or 'no content type'} is not read here; {readable} are")
    return chosen


def _record(parsed: Parsed, format_name: str, push: Push) -> tuple[Topic, PushedItem, Record]:
    if parsed.article is not None:
        article = parsed.article
        item = PushedItem(
            parsed.index, article.id, article.uri, article.version, warnings=parsed.warnings
        )
        as_json = article.model_dump_json()
        event = _received(article, as_json, parsed.feed, format_name, push.defaults)
        around = event.model_dump_json(exclude={"article"})
        value = f'{around[:-1]},"article":{as_json}}}'.encode()
        return ARTICLE_RECEIVED, item, to_record(event, value, traceparent=push.traceparent)
    assert parsed.agenda is not None
    agenda: AgendaItemReceived = parsed.agenda
    item = PushedItem(
        parsed.index,
        agenda.item_id,
        agenda.uri,
        agenda.version,
        agenda.kind,
        warnings=parsed.warnings,
    )
    return AGENDA_ITEM_RECEIVED, item, encode(agenda, traceparent=push.traceparent)


def _received(
    article: Article, as_json: str, feed: str | None, format_name: str, defaults: Defaults
) -> ArticleReceived:
    received = Stage(stage="received", service="ingest", at=defaults.now, version=article.version)
    return ArticleReceived(
        event_id=digest("article-received", article.id, content_digest(article, as_json)),
        occurred_at=defaults.now,
        article=article,
        format=format_name,
        former_ids=former_ids(article.source, article.uri, feed=feed),
        keeps_earlier=defaults.keeps_earlier,
        trail=(received,),
    )


def _too_large(item: PushedItem) -> PushedItem:
    problem = FieldProblem("", f"larger than {MAX_EVENT_BYTES} bytes normalised")
    return PushedItem(item.index, problems=(problem,), is_too_large=True)
