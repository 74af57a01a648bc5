"""The files that a Superdesk item names; pure, so any process may find them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from newsman.ingest.formats.json.values import read_json
from newsman.ingest.formats.model import BadDocument
from newsman_schemas.agenda import AGENDA_KINDS

TYPES = ("text", "picture", "graphic", "video", "audio", "composite", "preformatted", *AGENDA_KINDS)
MAX_RENDITIONS = 1_000


@dataclass(frozen=True)
class ItemLook:
    """Fields that Newsroom would miss in an item, and the files that its renditions name."""

    missing: str | None
    media: frozenset[str]


def look_at_item(body: bytes) -> ItemLook:
    """Facts that must be known of an item before it is taken; raises BadDocument."""
    item = read_json(body)
    if not isinstance(item, dict):
        raise BadDocument("an item is a JSON object")
    named = frozenset(each["media"] for each in islice(_renditions(item), MAX_RENDITIONS))
    return ItemLook(_missing(item), named)


def with_addresses(body: bytes, addresses: Mapping[str, str]) -> bytes:
    """The item with its renditions pointing to where feeds serves the files."""
    item = read_json(body)
    for rendition in islice(_renditions(item), MAX_RENDITIONS):
        if rendition["media"] in addresses:
            rendition["href"] = addresses[rendition["media"]]
    return json.dumps(item).encode()


def _missing(item: dict[str, Any]) -> str | None:
    """The missing field that Newsroom would name."""
    if not item.get("guid") and not item.get("_id"):
        return "guid"
    return "type" if item.get("type") not in TYPES else None


def _renditions(item: Any) -> Iterator[dict[str, Any]]:
    """Those that name a file, in the item and all its associations."""
    waiting = [item]
    while waiting:
        at = waiting.pop()
        if not isinstance(at, dict):
            continue
        renditions, associations = at.get("renditions"), at.get("associations")
        for rendition in _entries(renditions):
            if isinstance(rendition, dict) and isinstance(rendition.get("media"), str):
                yield rendition
        waiting.extend(_entries(associations))


def _entries(named: Any) -> Iterable[Any]:
    """The entries of an object by name, as in ninjs 1.x, or of a list, as in 2.x and 3.x."""
    if isinstance(named, dict):
        return named.values()
    return named if isinstance(named, list) else ()
