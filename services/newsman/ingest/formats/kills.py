"""Kills of another article that a document carries beside its own content."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from newsman.ingest.formats.model import Draft
from newsman_schemas.pubstatus import CANCELED

KILLS = "kills"
"""The field of a draft that names the article it kills."""
_SHOWN = ("headline", "body_html", "body_text", "summary", "images")


def with_kills(draft: Draft) -> Iterator[Draft]:
    """The draft and the kill that it carries; just the kill if the draft has nothing to show or
    kills itself."""
    killed = draft.fields.get(KILLS)
    if not isinstance(killed, str) or not killed or draft.problems:
        yield draft
        return
    fields = {name: value for name, value in draft.fields.items() if name != KILLS}
    own = fields.get("uri")
    if own and own != killed and any(fields.get(name) for name in _SHOWN):
        yield replace(draft, fields=fields)
    yield replace(draft, fields=_kill(killed, fields))


def _kill(killed: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the kill; it is as old as the document that brings it, and no version of it
    unless the document kills itself."""
    names = ("version", "version_created") if fields.get("uri") == killed else ("version_created",)
    said = {name: fields[name] for name in names if name in fields}
    headline = fields.get("headline") or killed
    return {"uri": killed, "headline": headline, "pubstatus": CANCELED, **said}
