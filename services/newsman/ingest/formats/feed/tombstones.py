"""Entries that an Atom feed says are gone (RFC 6721), as holds or kills of what it brought."""

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
    fields: dict[str, Any] = {
        "uri": tombstone.attributes["ref"].strip(),
        "pubstatus": status_named(_reason(tombstone)) or WITHHELD,
        "version_created": tombstone.attributes.get("when"),
    }
    return Draft(fields, feed=feed, pointers={"uri": "/ref", "version_created": "/when"})


def _reason(tombstone: Node) -> str:
    return (value(tombstone.elements(), "at:comment") or "").lower()
