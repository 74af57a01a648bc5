"""Cursors: positions from which a reader of feeds goes on, before an article of a listing or
after a change."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_PLACE = "-?[0-9]{1,17}-[a-z2-7]{16}"
BEFORE_PATTERN = f"^{_PLACE}(_{_PLACE})?$"
SINCE_PATTERN = r"^(0|[0-9]{1,4}\.[0-9]{1,18}(-[0-9]{1,4}\.[0-9]{1,18}){0,9})$"
"""The cursors as documents describe them."""
_BEFORE = re.compile(r"(-?\d{1,17})-([a-z2-7]{16})(?:_(-?\d{1,17})-([a-z2-7]{16}))?", re.ASCII)
_SINCE = re.compile(r"(\d{1,4})\.(\d{1,18})", re.ASCII)
MAX_PARTITIONS = 1_000


class BadCursor(ValueError):
    """A cursor that nobody here has made."""


class ListingPosition(NamedTuple):
    """Of an article in a listing, newest first: Unix ms of its publication, then its id."""

    at_ms: int
    article_id: str


def encode_before(place: ListingPosition, top: ListingPosition | None = None) -> str:
    """The cursor of what comes after an article in a listing that begins at `top`."""
    end = f"_{top.at_ms}-{top.article_id}" if top else ""
    return f"{place.at_ms}-{place.article_id}{end}"


def decode_before(text: str) -> ListingPosition:
    """The article's place; raises BadCursor."""
    match = _BEFORE.fullmatch(text)
    if match is None:
        raise BadCursor("is no cursor of a listing")
    return ListingPosition(int(match[1]), match[2])


def decode_top(text: str) -> ListingPosition | None:
    """The top of the listing, if the cursor says so; raises BadCursor."""
    decode_before(text)
    match = _BEFORE.fullmatch(text)
    return ListingPosition(int(match[3]), match[4]) if match and match[4] else None


def encode_since(positions: Mapping[int, int]) -> str:
    """Positions in the log as a cursor: `0.12-1.7`, partition and next offset; none is "0"."""
    return "-".join(f"{part}.{offset}" for part, offset in sorted(positions.items())) or "0"


def decode_since(text: str) -> dict[int, int]:
    """The positions; "0" is the beginning of everything. Raises BadCursor."""
    if text == "0":
        return {}
    entries = [_SINCE.fullmatch(entry) for entry in text.split("-", MAX_PARTITIONS)]
    if not all(entries):
        raise BadCursor("is no cursor of changes")
    return {int(entry[1]): int(entry[2]) for entry in entries if entry}
