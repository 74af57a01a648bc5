"""Score lines: "Everton 0-0 Leeds United", "Lyon beat Nice 2-1"."""

import re
from collections.abc import Iterator

from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.name_lists import Names

METHOD = "score lines 1"

_TEAM = r"[A-ZÀ-Þ][\w’'-]{0,20}(?:\s[A-ZÀ-Þ&][\w’'-]{0,20}){0,3}"
_SCORES = re.compile(rf"(?<![\w’'-])({_TEAM})\s\d{{1,3}}\s?[-–]\s?\d{{1,3}},?\s({_TEAM})(?![\w-])")

_SCORE = re.compile(r"\s\d{1,3}\s?[-–]\s?\d")
_TOLD = re.compile(
    rf"(?<![\w’'-])({_TEAM})\s(?:beats?|defeated|edged|thrashed|held|lost to|drew with)\s"
    rf"({_TEAM})\s\d{{1,3}}\s?[-–]\s?\d{{1,3}}(?!,?\s\(?\d|[\w-])"
)
"""What one side did to the other, and one score: sets are of people."""


def find_teams(field: Field, text: str, gazetteer: Gazetteer, names: Names) -> Iterator[Mention]:
    """The teams on both sides of a score that are on no list, and of who beat whom by one those
    that do not begin with a first name."""
    for pattern in (_SCORES, _TOLD) if _SCORE.search(text) else ():
        for match in pattern.finditer(text):
            for start, end in (match.span(1), match.span(2)):
                name = text[start:end].rstrip(".'’")
                is_person = pattern is _TOLD and name.split()[0] in names.first_names
                if gazetteer.get(name) is None and not is_person:
                    end = start + len(name)
                    yield Mention(
                        field, start, end, name, "organisation", METHOD, name, is_listed=False
                    )
