"""Score lines: "Everton 0-0 Leeds United", "Lyon beat Nice 2-1", "Hull 2 (Dunn 33) Derby 0"."""

import re
from collections.abc import Iterator

from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.name_lists import Names

METHOD = "score lines 2"
LEAST_RESULTS = 2
"""Pairs of a side and its points that make a text one of results; one alone may be anything."""
MOST_PROSE = 0.3
"""A list of results has fewer words in small letters than this share."""

_WORD = r"[A-ZÀ-Þ][\w’'-]{0,20}"
_TEAM = rf"{_WORD}(?: [A-ZÀ-Þ&][\w’'-]{{0,20}}){{0,3}}"
_POINTS = r"\d{1,3}[ ]?[-–][ ]?\d{1,3}"
_SCORES = re.compile(rf"(?<![\w’'-])({_TEAM}) {_POINTS},? ({_TEAM})(?![\w-])")
_SCORERS = r"(?: \([^()\n]{3,120}\))?"
_APART = re.compile(
    rf"(?:^|[.;:,)\n][ \n]?)({_TEAM}) \d{{1,3}}{_SCORERS},? ({_TEAM}) \d{{1,3}}(?![\w:%/-]|[.,]\d)"
)
"""Points behind each side."""
_SCORE = re.compile(r"\d{1,3}\s?[-–]\s?\d|[^\W\d_)] \d{1,3}(?:\s\(|,? [A-ZÀ-Þ]|$)")
_TOLD = re.compile(
    rf"(?<![\w’'-])({_TEAM}) (?:beats?|defeated|edged|thrashed|held|lost to|drew with) "
    rf"({_TEAM}) {_POINTS}(?!,?\s\(?\d|[\w-])"
)
"""What one side did to the other, and one score: sets are of people."""
_AGAINST = re.compile(
    rf"(?:\b(?:drew|won|lost) {_POINTS} (?:with|at|against|to|away to|away at|at home to)|"
    rf"{_POINTS} (?:win|victory|defeat|draw|loss) (?:over|against|to|with|at|by)) "
    rf"({_TEAM})(?![\w-])"
)
"""The other side, behind the score."""
_SCORER = re.compile(
    rf"[(,;] ?((?:[A-Z]\. )?{_WORD}(?: {_WORD})?)"
    r"(?= \d{1,3}(?:\+\d{1,2})?(?: ?(?:pen|og|p))?[,;)])"
)
_IN_BRACKETS = re.compile(r"\d \(([^()\n]{3,120})\)")
_IN_A_BOX = re.compile(rf"(?<![\w’'-])({_WORD}) (?=\d{{1,2}}-\d{{1,2}} \d{{1,2}}-\d{{1,2}} )")
_REFEREE = re.compile(rf"\b(?:Referee|Umpires?): ((?:[A-Z]\. ?)*{_WORD}(?: {_WORD})?)")
_NO_TEAMS = frozenset(
    "page section article chapter stage day group round part week year figure table room gate "
    "highway route interstate channel type attendance january february march april may june july "
    "august september october november december jan feb mar apr jun jul aug sep sept oct nov dec "
    "monday tuesday wednesday thursday friday saturday sunday set game match no lot class".split()
)


def results_in(text: str) -> list[re.Match[str]]:
    """The pairs of two sides with their points: those with a dash, or without any such those with
    points behind each side (scorers have minutes behind them)."""
    return list(_pairs(_SCORES, text)) or list(_pairs(_APART, text))


def is_a_list_of_results(text: str) -> bool:
    """True of a text that holds results and hardly any prose."""
    words = text.split()
    in_small = sum(word[0].islower() and len(word) > 2 for word in words)
    return in_small < MOST_PROSE * len(words) and len(results_in(text)) >= LEAST_RESULTS


def find_teams(field: Field, text: str, gazetteer: Gazetteer, names: Names) -> Iterator[Mention]:
    """The teams on both sides of a score: those on no list, and in a list of results the cities,
    too; of who beat whom by one score those that do not begin with a first name."""
    if not _SCORE.search(text):
        return
    yield from _of_results(field, text, gazetteer)
    for match in (*_TOLD.finditer(text), *_AGAINST.finditer(text)):
        for number, name in enumerate(match.groups(), 1):
            entry = gazetteer.get(name)
            is_open = entry is None or (entry.type == "place" and name in names.cities)
            if is_open and name.split()[0] not in names.first_names:
                yield _team(field, match, number)
    yield from _scorers(field, text)


def _of_results(field: Field, text: str, gazetteer: Gazetteer) -> Iterator[Mention]:
    is_list = is_a_list_of_results(text)
    is_sure = is_list or _APART.fullmatch(text) or _IN_BRACKETS.search(text)
    for match in results_in(text):
        if is_sure or match.re is _SCORES:
            for number in (1, 2):
                if is_list or gazetteer.get(match[number]) is None:
                    yield _team(field, match, number)


def _scorers(field: Field, text: str) -> Iterator[Mention]:
    """The people with their minutes in brackets, with their throws in a box, and the referee."""
    for bracket in _IN_BRACKETS.finditer(text):
        for match in _SCORER.finditer(text, bracket.start(1) - 1, bracket.end()):
            yield _person(field, match)
    for pattern in (_IN_A_BOX, _REFEREE):
        for match in pattern.finditer(text):
            yield _person(field, match)


def _person(field: Field, match: re.Match[str]) -> Mention:
    return Mention(field, *match.span(1), match[1], "person", METHOD, match[1], is_listed=False)


def _team(field: Field, match: re.Match[str], number: int) -> Mention:
    start, name = match.start(number), match[number].rstrip(".'’")
    end = start + len(name)
    return Mention(field, start, end, name, "organisation", METHOD, name, is_listed=False)


def _pairs(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for match in pattern.finditer(text):
        first_words = {match[number].split()[0].casefold() for number in (1, 2)}
        if _NO_TEAMS.isdisjoint(first_words):
            yield match
