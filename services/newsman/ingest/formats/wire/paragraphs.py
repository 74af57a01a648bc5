"""Text of a wire: paragraphs from teleprinter lines, and the notes around them."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from newsman.ingest.formats.model import Defaults
from newsman.ingest.formats.values.dates import parse_date
from newsman.ingest.formats.wire.framing import plain_line

LONG_LINE = 100
"""A longer line was not broken by a teleprinter: it is a paragraph."""
_TABLE = re.compile(r"\S {3,40}\S")
_PLACE = re.compile(
    r"([A-ZÀ-Þ][\w .'’/-]{1,38}?)(?:, [^(]{1,40}?)? ?"
    r"\((?:[A-Za-z]{2,12}(?:/[A-Za-z]{2,12})?)\) ?[-–—_]{1,2} ?"
)
_NOT_FOR_READERS = re.compile(
    r"the following information is not (?:intended )?for publication|"
    r"die folgenden informationen sind nicht zur ver(?:ö|oe)ffentlichung|"
    r"# (?:notebook|notizblock)\b|# redaktionelle hinweise",
    re.IGNORECASE,
)
_HELD = re.compile(
    r"(?:\bsperrfrist(?=\s{0,3}[:\d])|^\W{0,4}(?:(?:achtung|attention|eds?|note)\b\W{0,4})?"
    r"(?:sperrfrist\b|embargo(?:ed)?(?=\s{0,3}(?::|\d|for release\b|until\b|till\b|bis\b|jusqu))"
    r"(?:\s{0,3}(?:for release|until|till|bis|jusqu'au?))?|(?:hold )?for release\b(?! of\b)))"
    r":?\s{0,3}(.{0,60})",
    re.IGNORECASE,
)


def paragraphs(lines: Iterable[str]) -> list[str]:
    """The lines joined; an indent, or an empty or long line before, begins a new paragraph."""
    joined: list[list[str]] = []
    is_open = False
    for line in lines:
        text = line.strip()
        is_table = _TABLE.search(text) is not None
        if not is_open or not text or is_table or line.startswith(("  ", "\t")):
            joined.append([])
        if text:
            joined[-1].append(text)
        is_open = bool(text) and not is_table and len(text) < LONG_LINE
    return [" ".join(each) for each in joined if each]


def without_notes(texts: Sequence[str]) -> tuple[list[str], str | None]:
    """The paragraphs for readers, and those after them that are for editors only."""
    for number, text in enumerate(texts):
        if _NOT_FOR_READERS.search(text[:200]):
            return list(texts[:number]), "\n\n".join(texts[number:])
    return list(texts), None


def place_of(texts: Sequence[str]) -> str | None:
    """The place of a dateline, such as Washington in `Washington (dpa) - `."""
    for text in texts[:3]:
        place = _PLACE.match(text[:160])
        if place:
            return place[1].strip()
    return None


def is_hold(line: str) -> bool:
    """True for a line above a text that says until when it is held."""
    return _HELD.search(line[:300]) is not None


def held(lines: Iterable[str], defaults: Defaults) -> dict[str, datetime | str]:
    """The embargo in the head; a text whose embargo cannot be read is withheld."""
    for line in lines:
        hold = _HELD.search(line[:300])
        if hold is None:
            continue
        words = hold[1].strip(" :)=<").replace(" Uhr", "")
        try:
            return {"embargoed_until": parse_date(words, defaults.timezone)}
        except ValueError:
            return {"pubstatus": "withheld"}
    return {}


def plain_lines(text: str) -> list[str]:
    """The lines of a text without typesetting controls."""
    return [plain_line(line) for line in text.split("\n")]
