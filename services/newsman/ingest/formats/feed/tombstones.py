"""Entries that a feed says are gone (RFC 6721, Newsman's JSON Feed), as holds or kills of what it
brought."""

from dataclasses import replace
from typing import Any

from newsman.ingest.formats.feed.values import value
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.model import Draft
from newsman_schemas.pubstatus import WITHHELD, status_named

_NAME = "at:deleted-entry"
_MOVED = "moved"
"""Where it only left this feed it stands in another one (`docs/subscribe.md`)."""


def tombstones(root: Node) -> list[Node]:
    """The whole tombstones of a feed, but for those of entries that stand elsewhere."""
    found = (node for node in root.walk() if node.name == _NAME and not node.is_unfinished)
    return [node for node in found if node.attributes.get("ref") and _reason(node) != _MOVED]


def gone_draft(tombstone: Node, feed: str | None) -> Draft:
    """What takes an entry away: a kill if the tombstone says so, else a hold, which a later version
    of the entry ends."""
    attributes = tombstone.attributes
    draft = _gone(attributes["ref"].strip(), _reason(tombstone), attributes.get("when"), feed)
    return replace(draft, pointers={"uri": "/ref", "version_created": "/when"})


def gone_drafts(tombstones: Any, feed: str | None) -> list[Draft]:
    """Drafts of what a JSON Feed of Newsman says is gone: `[{"id", "date_deleted", "reason"}]`."""
    listed = tombstones if isinstance(tombstones, list) else []
    entries = [entry for entry in listed if isinstance(entry, dict) and _is_named(entry)]
    reasons = [str(entry.get("reason") or "").lower() for entry in entries]
    return [
        _gone(entry["id"].strip(), reason, entry.get("date_deleted"), feed)
        for entry, reason in zip(entries, reasons, strict=True)
        if reason != _MOVED
    ]


def _is_named(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get("id"), str) and bool(entry["id"].strip())


def _gone(uri: str, reason: str, when: Any, feed: str | None) -> Draft:
    status = status_named(reason) or WITHHELD
    return Draft({"uri": uri, "pubstatus": status, "version_created": when}, feed=feed)


def _reason(tombstone: Node) -> str:
    return (value(tombstone.elements(), "at:comment") or "").lower()
