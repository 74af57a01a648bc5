"""Score lines: "Everton 0-0 Leeds United"."""

import re
from collections.abc import Iterator

from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import Field, Mention

METHOD = "score lines 1"

_TEAM = r"[A-ZÀ-Þ][\w’'-]{0,20}(?:\s[A-ZÀ-Þ&][\w’'-]{0,20}){0,3}"
_SCORES = re.compile(rf"(?<![\w’'-])({_TEAM})\s\d{{1,3}}\s?[-–]\s?\d{{1,3}},?\s({_TEAM})(?![\w-])")


def find_teams(field: Field, text: str, gazetteer: Gazetteer) -> Iterator[Mention]:
    """The teams on both sides of a score that are on no list."""
    for match in _SCORES.finditer(text):
        for number in (1, 2):
            start, end = match.span(number)
            name = text[start:end].rstrip(".'’")
            if gazetteer.get(name) is None:
                end = start + len(name)
                yield Mention(
                    field, start, end, name, "organisation", METHOD, name, is_listed=False
                )
