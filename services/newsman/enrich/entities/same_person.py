"""Merging of mentions that name the same person: the full name and its short forms."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsman.enrich.entities.mentions import Mention

TITLES = frozenset(
    "president prime minister chancellor king queen prince princess pope sir dame lord lady mr mrs "
    "ms dr prof professor senator congressman congresswoman governor mayor general colonel captain "
    "judge justice secretary ambassador chief chairman chairwoman chairperson director coach "
    "reverend rev bishop archbishop cardinal imam sheikh emir sultan foreign defence defense "
    "finance interior leader former vice deputy constable sergeant inspector lieutenant admiral "
    "rabbi "
    "striker midfielder goalkeeper defender prosecutor commissioner premier actor actress singer "
    "minister opposition councillor madam".split()
)
FAMILY_NAME_FIRST = frozenset(
    "kim lee park choi jung jang cho yoon lim han oh seo shin kwon hwang ahn song yang xi li wang "
    "zhang liu chen huang zhao wu zhou xu sun ma zhu hu guo he lin mao deng nguyen tran le pham "
    "hoang phan vu dang bui moon".split()
)
_PARTICLES = frozenset("de da di von van der den la le al el bin ben ibn du dos del ter af".split())


@dataclass(frozen=True)
class Person:
    """A full name with its words, and how much the article is about it."""

    name: str
    words: tuple[str, ...]
    weight: int


def known_people(mentions: Iterable[Mention]) -> list[Person]:
    """The full names among the mentions, the one the article is most about first."""
    counts: Counter[str] = Counter()
    first_seen: dict[str, int] = {}
    for number, mention in enumerate(mentions):
        counts[mention.text] += 3 if mention.field == "headline" else 1
        first_seen.setdefault(mention.text, number)
    several_words = [name for name in counts if len(name.split()) > 1]
    full = [name for name in several_words if not _is_short_for_any(name, counts)]
    full.sort(key=lambda name: (-counts[name], first_seen[name]))
    return [Person(name, tuple(name.split()), counts[name]) for name in full]


def person_of(text: str, people: Sequence[Person]) -> Person | None:
    """Whom a mention means: the first in `people` whose name it is, or is short for."""
    words = tuple(text.split())
    exact = [person for person in people if person.words == words]
    return next(iter(exact or [p for p in people if _is_short_for(words, p.words)]), None)


def family_name(words: Sequence[str]) -> str:
    """The word by which a person is called: first in East Asian names, else the last."""
    if words[0].lower() in FAMILY_NAME_FIRST and (len(words) == 3 or "-" in words[-1]):
        return words[0]
    return words[-1]


def without_titles(text: str) -> int:
    """The number of characters of titles at the beginning of a name."""
    offset = 0
    words = text.split(" ")
    for word in words[:-1]:
        if word.lower().strip(".") not in TITLES:
            break
        offset += len(word) + 1
    return offset


def _is_short_for_any(name: str, names: Iterable[str]) -> bool:
    words = tuple(name.split())
    return any(_is_short_for(words, tuple(other.split())) for other in names if other != name)


def _is_short_for(words: tuple[str, ...], full: tuple[str, ...]) -> bool:
    if len(words) >= len(full):
        return False
    if len(words) == 1:
        return words[0] == family_name(full)
    rest = iter(full)
    in_order = all(word in rest for word in words)
    return in_order and family_name(full) in words
