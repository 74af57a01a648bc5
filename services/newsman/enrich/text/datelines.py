"""The dateline of an agency's story: "LA PORTE, Ind. (AP) — "."""

import re
from dataclasses import dataclass

READ_CHARACTERS = 600
MOST_LINES = 5
"""A byline and a caption may stand before the dateline."""

_PARTS = r"(?P<rest>(?:,\s{1,3}[\w. ]{2,30}?){0,3})"
_AGENCY = r"(?:\s{0,3}(?P<agency>\([^()\n]{2,40}\)|/[^/\n]{2,40}/))"
_DASH = r"\s{0,3}(?:[—–]|--|-(?=\s))\s{0,3}"
_IN_CAPITALS = re.compile(
    rf"[ \t]{{0,9}}(?P<city>[A-ZÀ-Þ]{{2}}[A-ZÀ-Þ .’'/-]{{0,40}}[A-ZÀ-Þ]){_PARTS}{_AGENCY}?{_DASH}"
)
_WITH_AGENCY = re.compile(
    rf"[ \t]{{0,9}}(?P<city>[A-ZÀ-Þ][\w.’'-]{{1,20}}(?:\s[\w.’'-]{{1,20}}){{0,3}}){_PARTS}{_AGENCY}"
    rf"{_DASH}"
)
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class Dateline:
    """Half-open offsets of the whole, dash included; of its place's name; and of what stands
    between the name and the agency ("Ind.", "Dec 2")."""

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
    match = _IN_CAPITALS.match(text, start) or _WITH_AGENCY.match(text, start)
    if match is None:
        return None
    return Dateline(match.start("city"), match.end(), match.span("city"), match.span("rest"))
