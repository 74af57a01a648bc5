"""What every input format meets in: a draft of an article, and what can be wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from newsman_schemas.articles import Article


@dataclass(frozen=True)
class Defaults:
    """What the source's entry says where a document is silent; `now` is when it came."""

    source: str
    language: str | None
    timezone: tzinfo
    section: str | None
    now: datetime


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: a JSON pointer (RFC 6901), "" for the whole document."""

    pointer: str
    detail: str


@dataclass(frozen=True)
class Draft:
    """An article in Newsman's field names, its values as the newsroom sent them.

    `pointers` says under which name a field was sent, where that differs.
    """

    fields: Mapping[str, Any]
    pointers: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Parsed:
    """One article of a document, or what keeps it from being one."""

    index: int
    article: Article | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Document:
    """What was sent, read as `format`."""

    format: str
    is_batch: bool
    items: tuple[Parsed, ...]


Read = Callable[[bytes, Defaults], list[Draft]]
"""Reads a body into drafts; raises BadDocument when it is not of the format at all."""


@dataclass(frozen=True)
class Format:
    """One input format: its media types, how to read it, and whether it is a list of articles."""

    name: str
    media_types: tuple[str, ...]
    read: Read
    is_batch: Callable[[bytes], bool]


class UnknownFormat(Exception):
    """Nothing here reads what was sent."""


class BadDocument(Exception):
    """The body as a whole can't be read."""
