"""People whom the text itself introduces: by a title, or by a particle within the name."""

import re
from collections.abc import Iterator

from newsman.enrich.entities.cues import KIND_ALONE
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.same_person import TITLES, without_titles
from newsman.enrich.text.common_words import COMMON_WORDS

METHOD = "titled 1"

_NAME = r"(?:[A-Z]\.|[A-ZÀ-Þ][\w’'-]*[^\W\d_])"
_PARTICLE = (
    r"(?:van|von|der|den|de|del|dela|della|di|da|dos|du|bin|binti|bint|ibn|al|el|ter|ten|la|le)"
)
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Senator|Sen|Rep|Representative|Congressman|"
    r"Congresswoman|Gov|Governor|President|Chancellor|Prime Minister|Sheriff|Mayor|Judge|Sir|Dame|"
    r"Rev|Reverend|Captain|Capt|Lt|Lieutenant|Sgt|Sergeant|Colonel|Col|Gen|Admiral|Detective|"
    r"Inspector|Superintendent|Constable|Headteacher|Councillor|Cllr|Archbishop|Bishop|Cardinal|"
    r"Imam|Rabbi|Sheikh|Ambassador|Secretary|Commissioner|Commander|Det Sgt|Det Insp|Maj|Major|"
    r"Datuk|Tan Sri|Encik|Puan|Herr|Frau|Monsieur|Madame|Señora?|Signora?)"
)
_TITLED = re.compile(
    rf"(?<![\w’'-]){_TITLE}\.?\s"
    rf"((?:{_PARTICLE}\s){{0,2}}{_NAME}(?:\s(?:{_PARTICLE}\s){{0,2}}{_NAME}){{0,3}})"
)
_JOINED = re.compile(
    rf"(?<![\w’'.-])({_NAME}(?:\s{_NAME}){{0,3}}?\s(?:bin|binti|bint|ibn|van der|van den|van de|"
    rf"von der|von|ter|dela|de la|wa|ould|ole|ap) {_NAME})(?![\w-])"
)
_CONTACT = re.compile(
    rf"(?<![\w-])[Cc]ontacts?:\s{{0,3}}({_NAME}(?:\s{_NAME}){{1,2}})(?=[,;(]|\s?[-–—]|\s\+|\n)"
)
"""The person behind a press release."""
_CIVIL = re.compile(r"(?:Mr|Mrs|Ms|Miss|Mx)\.?\s$")
"""Titles that stand before surnames only, so that "Mr Field" is a man."""
_NO_NAMES = frozenset("The And Of In On At For From By But As Who That".split())


def find_titled(field: Field, text: str) -> Iterator[Mention]:
    """The names behind titles, and names of people that particles hold together."""
    for pattern in (_TITLED, _JOINED, _CONTACT):
        for match in pattern.finditer(text):
            start, end = match.span(1)
            if pattern is _JOINED:
                start += without_titles(match.group(1))
            start, end = _trimmed(text, start, end)
            if end > start:
                yield Mention(field, start, end, text[start:end], "person", METHOD)


def titled_words(text: str) -> frozenset[str]:
    """Names of one word that stand behind a title: "Ms Tsai"."""
    found = (match.group(1) for match in _TITLED.finditer(text))
    return frozenset(_bare(name) for name in found if " " not in name)


def _bare(name: str) -> str:
    return re.sub(r"[’']s?$", "", name)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span up to the first word that no name of a person holds; empty if it is the first."""
    for number, word in enumerate(re.finditer(r"\S+", text[start:end])):
        plain = _bare(word.group())
        lower = plain.lower().strip(".")
        is_no_name = (
            plain in _NO_NAMES or lower in _CALENDAR or _is_a_kind(text, start, plain, number)
        )
        is_title = number == 0 and lower in TITLES
        if is_no_name or is_title or (number and lower in COMMON_WORDS and len(lower) > 2):
            end = start if number == 0 else start + word.start() - 1
            break
        if plain != word.group():
            end = start + word.start() + len(plain)
            break
    return start, end


def _is_a_kind(text: str, start: int, word: str, number: int) -> bool:
    """True of a word for a kind of place or body, but for a surname behind "Mr" or "Ms"."""
    is_surname = number == 0 and _CIVIL.search(text[max(0, start - 6) : start]) is not None
    return KIND_ALONE.match(word) is not None and not is_surname


_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march june july "
    "august september october november december today yesterday".split()
)
