"""Trimming of a finder's span to the name in it: no titles, articles, commas or half sentences."""

import re
from collections.abc import Iterator
from dataclasses import replace

from newsman.enrich.entities.cues import DESIGNATION, KIND_ALONE
from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import Mention
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.entities.same_person import without_titles

MAX_NAME_CHARACTERS = 100

_LEADING = re.compile(
    r"^(?:(?:[Tt]he|[Aa]n?|[a-z][\w’']*|In|At|On|For|From|By|But|And|If|When|While|As|After|"
    r"Before|Since|This|That|"
    r"Its|His|Her|Their|Our|Former|Original|Ex|Today|Yesterday|Meanwhile)\s+|[^\w]+)"
)
_TRAILING = re.compile(
    r"(?:['’]s?|\s['’]s|\s(?:of|in|at|for|and|to|the|on|by|from|with|or|is|as|In|No|The|a)|"
    r"[^\w.!]+|(?<![A-Z])\.)$"
)
# A run of spaces is tried from its beginning only.
_SPACES = r"(?:(?<!\s)\s+)"
_BREAKS = re.compile(
    rf"{_SPACES}[-–—/|]+\s+|{_SPACES}?[;:\n]\s*|{_SPACES}?,\s+(?!Inc|Ltd|LLC|Jr|Sr)|"
    r"[’']s\s+[“\"]"
)
_ABBREVIATED = re.compile(r"\b(?:Jr|Sr|Inc|Ltd|Corp|Co|Bros)$|\s[A-Z]$")
_DOT = re.compile(r"\s?\.")
_NOT_ENTITIES = frozenset(
    "west east north south monday tuesday wednesday thursday friday saturday sunday january "
    "february march april may june july august september october november december covid-19 "
    "internet god earth english french german spanish chinese russian breaking update live "
    "exclusive watch read photo video latin western eastern northern southern nationally westward "
    "eastward best original i ii iii iv vi vii xxx llc no mr mrs ms dr".split()
)


def names_in(mention: Mention, text: str, gazetteer: Gazetteer, names: Names) -> Iterator[Mention]:
    """The names that a span of the text holds: usually one, none, or the parts of a list."""
    for part in _parts(mention, gazetteer, names):
        name = _without_titles(_with_abbreviation(_stripped(part), text), names)
        if could_be_a_name(name.text) and name.text not in gazetteer.demonyms:
            yield name if name.type == "person" or name.known else _with_article(name, text)


def could_be_a_name(text: str) -> bool:
    """True if it begins like a name and is none of what calendars and typewriters write."""
    if not 2 <= len(text) <= MAX_NAME_CHARACTERS or text.lower() in _NOT_ENTITIES:
        return False
    if KIND_ALONE.match(text):
        return False
    if DESIGNATION.match(text) and not re.search(r"[A-Z][a-z]+\s[A-Z]", text):
        return False
    return text[0].isupper() or (text[0].isdigit() and any(c.isupper() for c in text))


def _without_titles(mention: Mention, names: Names) -> Mention:
    """The name alone; a title before a first name makes it a person's, whatever a finder said."""
    if mention.known:
        return mention
    length = without_titles(mention.text)
    bare = mention.trimmed(length, 0)
    if mention.type == "person":
        return bare
    if length and bare.text.split()[0] in names.first_names:
        return replace(bare, type="person")
    return mention


def _parts(mention: Mention, gazetteer: Gazetteer, names: Names) -> Iterator[Mention]:
    if mention.known:
        yield mention
        return
    pair = mention.text.split(" and ")
    if len(pair) == 2 and all(name in names.cities or gazetteer.get(name) for name in pair):
        yield mention.trimmed(0, len(" and " + pair[1]))
        yield mention.trimmed(len(pair[0] + " and "), 0)
        return
    if " (" in mention.text:  # "World Health Organization (WHO"
        mention = mention.trimmed(0, len(mention.text) - mention.text.index(" ("))
    start = 0
    for gap in _BREAKS.finditer(mention.text):
        yield mention.trimmed(start, len(mention.text) - gap.start())
        start = gap.end()
    yield mention.trimmed(start, 0)


def _stripped(mention: Mention) -> Mention:
    while match := _LEADING.match(mention.text):
        mention = mention.trimmed(match.end(), 0)
    while match := _TRAILING.search(mention.text):
        if mention.text.endswith(".") and mention.text.count(".") > 1:
            break  # U.S.
        mention = mention.trimmed(0, len(mention.text) - match.start())
    return mention


def _with_abbreviation(mention: Mention, text: str) -> Mention:
    dot = _DOT.match(text[mention.end : mention.end + 2])
    if dot and _ABBREVIATED.search(mention.text):
        return mention.extended(text, 0, dot.end())
    return mention


def _with_article(mention: Mention, text: str) -> Mention:
    """In the middle of a sentence a capital The belongs to the name: "members of The Zutons"."""
    start = mention.start
    if text[max(0, start - 4) : start] != "The " or start < 6:
        return mention
    before = text[: start - 4].rstrip(" ")
    if not before or not (before[-1].isalpha() or before[-1] == ","):
        return mention
    return mention.extended(text, 4, 0)
