"""Events of article-published as the catalogue reads them: without what it has no use for."""

from typing import Any

from pydantic import Field, JsonValue

from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.kafka.records import decode
from newsman_schemas.articles import (
    ArticlePublished,
    EnrichedArticle,
    Entity,
    Image,
    LogPlace,
    Reading,
    Span,
    Stage,
    Subject,
    Tag,
)

_ASSET = b"assets"
_ELSEWHERE = " "
"""A name that no producer uses, so that the field is passed over and has its default."""


def _unread(default: Any) -> Any:
    return Field(default, validation_alias=_ELSEWHERE)


class _Tag(Tag):
    evidence: tuple[Span, ...] = _unread(())


class _Entity(Entity):
    evidence: tuple[Span, ...] = _unread(())


class _Article(EnrichedArticle):
    tags: tuple[_Tag, ...] = ()
    entities: tuple[_Entity, ...] = ()
    body_html: str = _unread("")
    subjects: tuple[Subject, ...] = _unread(())
    images: tuple[Image, ...] = _unread(())
    associations: dict[str, JsonValue] = _unread({})
    extra: dict[str, JsonValue] = _unread({})
    log_place: LogPlace | None = _unread(None)
    keyphrases: tuple[Tag, ...] = _unread(())
    genre: Tag | None = _unread(None)
    event_place: Tag | None = _unread(None)
    reading: Reading | None = _unread(None)


class _Event(ArticlePublished):
    article: _Article | None = None
    trail: tuple[Stage, ...] = _unread(())


def read_event(part: int, offset: int, value: bytes | None) -> LoggedEvent:
    """The event in a record's value, whole only where it may lead to assets, which stand anywhere
    in an article; raises Unprocessable for anything that is not one."""
    names_assets = value is not None and _ASSET in value
    event = decode(ArticlePublished if names_assets else _Event, value)
    return LoggedEvent(part, offset, event, names_assets)
