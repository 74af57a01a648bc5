"""The version field of an ANPA message: leads and write-throughs, parts, advances, kills."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_KILL = re.compile(r"(?:bulletin|mandatory|urgent|advisory)?(?:kill|elimination)", re.IGNORECASE)
_ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th)?", re.IGNORECASE)
_WHOLE = re.compile(r"writethru|write-?through|wrtthru", re.IGNORECASE)
_LEAD = re.compile(r"(?<![a-z])(?:ld|lead)(?![a-z])|\d(?:st|nd|rd|th)-?(?:ld|lead)", re.IGNORECASE)
_PART = re.compile(r"add|take|insert|sub|correct", re.IGNORECASE)
_PICKUP = re.compile(r"picks? ?up\b", re.IGNORECASE)
_ADVANCE = re.compile(r"adv\.?-?(\d{1,2})(?!\d)", re.IGNORECASE)
_REFERENCE = re.compile(r"[A-Za-z]{1,2}\d{2,5}")
_PLAIN = re.compile(
    r"(?:bjt|budget|urgent|bulletin|flash|rush|hfr|adv\.?-?\d{0,2}(?:-\d{1,2})?)", re.IGNORECASE
)
_REUSED = re.compile(
    r"news-?alert|advisor|digest|budget|brief|headline|news-?watch|news-?minute|summary|test",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Slug:
    """A message's place in the life of its story.

    `part` names a message that adds to a story and is none by itself, such as `2ndadd`.
    """

    version: int
    part: str = ""
    is_kill: bool = False


def read_slug(version: str, head: list[str]) -> Slug:
    """The place, from the version field and the lines above the text."""
    squeezed = "".join(version.split())
    if _KILL.fullmatch(squeezed) or any(map(_is_kill, head[:4])):
        return Slug(0, is_kill=True)
    if _WHOLE.search(squeezed) or (_LEAD.search(squeezed) and not _is_part(squeezed, head)):
        return Slug(1 + _ordinal(squeezed))
    if not squeezed or _PLAIN.fullmatch(squeezed):
        return Slug(1)
    return Slug(1, part=re.sub(r"[^a-z0-9]", "", squeezed.lower()) or "part")


def _ordinal(squeezed: str) -> int:
    found = _ORDINAL.search(squeezed)
    return int(found[1]) if found else 1


def is_reference(text: str) -> bool:
    """True for the number of another message, such as `a0523` or `TB06`."""
    return _REFERENCE.fullmatch(text.strip()) is not None


def is_reused(keyword: str) -> bool:
    """True for keywords that wires use for many stories a day."""
    return _REUSED.search(keyword) is not None


def released_on(version: str, filed: date | None) -> date | None:
    """The day of an advance such as `Adv05`: the first 5th of a month from its filing on."""
    advance = _ADVANCE.search("".join(version.split()))
    if advance is None or filed is None:
        return None
    days = (filed + timedelta(days=n) for n in range(62))
    return next((day for day in days if day.day == int(advance[1])), None)


def _is_kill(line: str) -> bool:
    return any(_KILL.fullmatch("".join(part.split())) for part in re.split(r"[,:]", line[:300]))


def _is_part(version: str, head: list[str]) -> bool:
    """True for an addition to a lead, or a message that picks up the text sent before it."""
    return bool(_PART.search(version)) or any(_PICKUP.match(line) for line in head)
