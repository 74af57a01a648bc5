"""The authors of an article, from everything its newsroom says about them."""

from collections.abc import Iterator
from typing import Any

from newsman.ingest.formats.values.bylines import authors_in

MAX_AUTHORS = 200


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
    named = authors_in(name, language if isinstance(language, str) else None)
    for author in named:
        yield {**entry, "name": author.name, "role": entry.get("role") or author.role}
    if not named:
        yield entry
