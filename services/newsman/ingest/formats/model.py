"""The model of every input format: a draft of an article, and the problems with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from newsman_schemas.agenda import AgendaItemReceived
from newsman_schemas.articles import Article

ARTICLE = "article"
"""The type of a draft that names no other."""


@dataclass(frozen=True)
class Defaults:
    """Values where a document is silent: the source's entry, and the request.

    `now` is when it came, `charset` what the Content-Type said, `document_url` where the
    document stands on the web by its Content-Location. With `canonical_at_source` the newsroom's
    own pages are the canonical ones; with `keeps_earlier` a version under embargo leaves what was
    public before it.
    """

    source: str
    language: str | None
    timezone: tzinfo
    section: str | None
    now: datetime
    charset: str | None = None
    canonical_at_source: bool = False
    document_url: str | None = None
    keeps_earlier: bool = False


@dataclass(frozen=True)
class FieldProblem:
    """A problem and its place: a JSON pointer (RFC 6901), "" for the whole document."""

    pointer: str
    detail: str


@dataclass(frozen=True)
class Draft:
    """An article in Newsman's field names, its values as the newsroom sent them.

    `pointers` says under which name a field was sent, where that differs. An item of the agenda
    has its `kind` and the `item` as it was sent. `base` is where an envelope holds it, `feed` the
    feed within which an identifier counts that is no URI. `is_own` is True of Newsman's own JSON,
    whose writer can mend what is wrong with it. `names_aside` are the names under which an item
    has dates again that name no moment.
    """

    fields: Mapping[str, Any]
    pointers: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[FieldProblem, ...] = ()
    kind: str = ARTICLE
    base: str = ""
    item: Mapping[str, Any] | None = None
    feed: str | None = None
    is_own: bool = False
    names_aside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """One article or agenda item of a document, or what keeps it from being one; `warnings` say
    what it was taken without."""

    index: int
    article: Article | None
    problems: tuple[FieldProblem, ...] = ()
    agenda: AgendaItemReceived | None = None
    feed: str | None = None
    warnings: tuple[FieldProblem, ...] = ()

    @property
    def is_bad(self) -> bool:
        """True if there is nothing to store."""
        return self.article is None and self.agenda is None


@dataclass(frozen=True)
class Document:
    """A pushed document, read as `format`."""

    format: str
    is_batch: bool
    items: tuple[Parsed, ...]


Read = Callable[[bytes, Defaults], list[Draft]]
"""Reads a body into drafts; raises BadDocument when it is not of the format at all."""


def never(_: bytes) -> bool:
    """For formats without lists: no document is a list."""
    return False


@dataclass(frozen=True)
class Format:
    """One input format: its media types, how to read it, and whether it is a list of articles.

    `roots` are the names of elements that begin a document of it, without their namespaces; by
    them it is known where the Content-Type says little.
    """

    name: str
    media_types: tuple[str, ...]
    read: Read
    is_batch: Callable[[bytes], bool] = never
    roots: frozenset[str] = frozenset()
    is_json: bool = field(default=False, kw_only=True)
    """Reading it takes no longer than its size suggests."""


class UnknownFormat(Exception):
    """No format reads what was sent."""


class BadDocument(Exception):
    """The body as a whole can't be read."""
