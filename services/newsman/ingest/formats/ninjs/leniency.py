"""Items of ninjs that break their schema in ways that leave no doubt of what they mean."""

from collections.abc import Mapping
from typing import Any

from newsman.ingest.formats.ninjs.plural import PLURAL_NAMES, has_lists, to_singular
from newsman.ingest.formats.values.text import MAX_DEPTH

SINGULAR_VERSION = "1.6"
"""The schema of items that have lists of 2.x beside names of 1.x."""
_DATES = frozenset(
    "versioncreated firstcreated contentcreated embargoed expires versionCreated firstCreated "
    "contentCreated embargoedUntil".split()
)
_SINGULAR_ONLY = frozenset("headline subheadline byline subject person organisation place".split())
_SINGULAR_PREFIXES = ("headline_", "body_", "description_")
_LISTS = ("associations", "renditions")


def without_nulls(value: Any, depth: int = 0) -> Any:
    """A JSON value without members and entries that are null, which say nothing."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, dict):
        named = ((name, entry) for name, entry in value.items() if entry is not None)
        return {name: without_nulls(entry, depth + 1) for name, entry in named}
    if isinstance(value, list):
        return [without_nulls(entry, depth + 1) for entry in value if entry is not None]
    return value


def without_odd_dates(item: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """An item without dates that are numbers or true or false, in its associations too."""
    judged = {
        name: value
        for name, value in item.items()
        if name not in _DATES or not isinstance(value, int | float)
    }
    inner = judged.get("associations")
    if depth < MAX_DEPTH and isinstance(inner, dict):
        judged["associations"] = {name: _judged(entry, depth) for name, entry in inner.items()}
    elif depth < MAX_DEPTH and isinstance(inner, list):
        judged["associations"] = [_judged(entry, depth) for entry in inner]
    return judged


def _judged(entry: Any, depth: int) -> Any:
    return without_odd_dates(entry, depth + 1) if isinstance(entry, dict) else entry


def mixes_generations(item: Mapping[str, Any]) -> bool:
    """True if associations or renditions are lists, as in 2.x, of an item whose texts, or those of
    what it is associated with, have the names of 1.x."""
    if not has_lists(dict(item)) or not PLURAL_NAMES.isdisjoint(item):
        return False
    listed = item.get("associations")
    entries = listed if isinstance(listed, list) else []
    return any(_is_singular(part) for part in (item, *entries) if isinstance(part, Mapping))


def in_singular(item: dict[str, Any]) -> dict[str, Any]:
    """An item that mixes generations in the names of 1.x, which its schema is to judge."""
    singular = to_singular(item)[0]
    for name in _LISTS:
        parts = singular.get(name)
        if isinstance(parts, dict) and isinstance(item.get(name), list):
            singular[name] = {f"a{n}": _nameless(part) for n, part in enumerate(parts.values())}
    return singular


def _nameless(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    named = {name: value for name, value in part.items() if name != "name"}
    renditions = named.get("renditions")
    if isinstance(renditions, dict):
        named["renditions"] = {name: _nameless(entry) for name, entry in renditions.items()}
    return named


def _is_singular(item: Mapping[str, Any]) -> bool:
    if not _SINGULAR_ONLY.isdisjoint(item):
        return True
    return any(name.startswith(_SINGULAR_PREFIXES) for name in item)
