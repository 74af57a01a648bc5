"""The dateline of an agency's story: "LA PORTE, Ind. (AP) — "."""

import re
from dataclasses import dataclass

READ_CHARACTERS = 600
MOST_LINES = 5
"""A byline and a caption may stand before the dateline."""

_PARTS = r"(?P<rest>(?:,\s{1,3}[\w. ]{2,30}?){0,3})"
_AGENCY = r"(?:\s{0,3}(?P<agency>\([^()\n]{2,40}\)|/[^/\n]{2,40}/))"
_DASH = r"\s{0,3}(?:[—–]|--|\.-|-(?=\s))\s{0,3}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DAY = rf"(?:{_MONTH}\s\d{{1,2}}|\d{{1,2}}\.?\s{_MONTH})(?:,\s\d{{4}})?"
_SHORT_AGENCY = r"(?P<agency>\([A-Z][A-Z./ ]{1,14}\)|/[A-Z][A-Za-z ]{1,14}/)"
_IN_CAPITALS = re.compile(
    rf"[ \t]{{0,9}}(?P<city>[A-ZÀ-Þ]{{2}}[A-ZÀ-Þ .’'/-]{{0,40}}[A-ZÀ-Þ]){_PARTS}{_AGENCY}?{_DASH}"
)
_WITH_AGENCY = re.compile(
    rf"[ \t]{{0,9}}(?P<city>[A-ZÀ-Þ][\w.’'-]{{1,20}}(?:\s[\w.’'-]{{1,20}}){{0,3}}){_PARTS}{_AGENCY}"
    rf"{_DASH}"
)
_WITH_DAY = re.compile(
    rf"[ \t]{{0,9}}(?P<city>[A-ZÀ-Þ][\w.’'-]{{1,20}}(?:\s[\w.’'-]{{1,20}}){{0,3}}?)"
    rf"(?P<rest>,\s{{1,3}}{_DAY})\.?\s{{0,3}}{_SHORT_AGENCY}\.?\s{{1,3}}(?=[“\"A-ZÀ-Þ\d])"
)
"""Without a dash: "Taipei, Oct. 11 (CNA) A storm", "MOSCOW, October 11. /TASS/. A rocket"."""
_OF_A_WIRE = re.compile(
    rf"[ \t]{{0,9}}(?P<city>[A-ZÀ-Þ]{{2}}[A-ZÀ-Þ .’'/-]{{0,40}}?[A-ZÀ-Þ]){_PARTS}"
    rf"--(?P<agency>\([A-Z][\w ]{{3,30}}\))--\s{{0,3}}"
)
"""ROTTERDAM, the Netherlands--(BUSINESS WIRE)--"""
_DAY_ALONE = re.compile(
    rf"[ \t]{{0,9}}(?P<city>)(?P<rest>{_DAY})\s{{0,3}}{_SHORT_AGENCY}(?:{_DASH}|\s)"
)
"""Without a place: "Oct. 11 (UPI) -- "."""
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class Dateline:
    """Half-open offsets of the whole, dash included; of its place's name (empty where it has a day
    alone); and of what stands between the name and the agency ("Ind.", "Dec 2")."""

    start: int
    end: int
    place: tuple[int, int]
    rest: tuple[int, int]


def find_dateline(text: str) -> Dateline | None:
    """The dateline at the beginning of one of the first lines, None without one."""
    for number, line in enumerate(_LINE.finditer(text, 0, READ_CHARACTERS)):
        if number >= MOST_LINES:
            break
        if found := _at(text, line.start()):
            return found
    return None


def _at(text: str, start: int) -> Dateline | None:
    match = (
        _DAY_ALONE.match(text, start)
        or _OF_A_WIRE.match(text, start)
        or _IN_CAPITALS.match(text, start)
        or _WITH_AGENCY.match(text, start)
        or _WITH_DAY.match(text, start)
    )
    if match is None:
        return None
    return Dateline(match.start("city"), match.end(), match.span("city"), match.span("rest"))
