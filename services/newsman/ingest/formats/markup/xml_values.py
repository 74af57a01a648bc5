"""Single values as the XML agency formats write them."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from newsman.ingest.formats.markup.sanitise import is_web_address
from newsman.ingest.formats.values.dates import EARLIEST_YEAR, LATEST_YEAR, parse_date

BEST_WIDTH = 2_048
HIGHEST_VERSION = 2**53 - 1


def is_date(text: str) -> bool:
    """True if it is a date or time."""
    try:
        return EARLIEST_YEAR <= parse_date(text, UTC).year <= LATEST_YEAR
    except ValueError:
        return False


def number(text: str | None, *, lowest: int, highest: int) -> int | None:
    """The whole number within the bounds, None for anything else."""
    if not text or not text.isascii() or not text.strip().isdecimal() or len(text) > 20:
        return None
    return int(text) if lowest <= int(text) <= highest else None


def best_picture(pictures: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The widest of a picture's renditions that is not for print; a web one if there is any."""
    usable = [picture for picture in pictures if picture.get("href")]
    usable = [picture for picture in usable if is_web_address(picture["href"])] or usable
    for_screens = [p for p in usable if (p.get("width") or 0) <= BEST_WIDTH]
    if for_screens:
        return max(for_screens, key=lambda picture: picture.get("width") or 0)
    return min(usable, key=lambda picture: picture.get("width") or 0, default=None)


def pixels(text: str | None) -> int | None:
    """A width or height."""
    return number((text or "").removesuffix("px"), lowest=1, highest=1_000_000)
