"""The authors of an article, from everything its newsroom says about them."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from newsman.ingest.formats.values.bylines import NamedAuthor, authors_in

MAX_AUTHORS = 200
MAX_REMEMBERED, SHORT = 4_096, 200
"""A newsroom's few authors sign again and again; longer bylines than so many characters don't."""


def complete_authors(values: dict[str, Any]) -> None:
    """Lists each author once: those in the byline where the newsroom lists none, and everyone in
    an entry that is a whole byline. The byline stays as it was written."""
    listed, byline = values.get("authors"), values.get("byline")
    language = values.get("language")
    if listed in (None, []) and byline:
        listed = [{"name": byline}]
    if isinstance(listed, list) and len(listed) <= MAX_AUTHORS:
        values["authors"] = [author for entry in listed for author in _authors(entry, language)]


def _authors(entry: Any, language: Any) -> Iterator[Any]:
    """The authors in an entry; an entry with a code or an address of its own is one author."""
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or entry.get("code") or entry.get("uri"):
        yield entry
        return
    named = _named_in(name, language if isinstance(language, str) else None)
    for author in named:
        yield {**entry, "name": author.name, "role": entry.get("role") or author.role}
    if not named:
        yield entry


def _named_in(byline: str, language: str | None) -> Sequence[NamedAuthor]:
    return _remembered(byline, language) if len(byline) <= SHORT else authors_in(byline, language)


@lru_cache(maxsize=MAX_REMEMBERED)
def _remembered(byline: str, language: str | None) -> Sequence[NamedAuthor]:
    return tuple(authors_in(byline, language))
