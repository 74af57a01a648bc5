"""Merging of mentions that name the same person: the full name and its short forms."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from newsman.enrich.entities.mentions import Field, Mention

TITLES = frozenset(
    "president prime minister chancellor king queen prince princess pope sir dame lord lady mr mrs "
    "ms dr prof professor senator congressman congresswoman governor mayor general colonel captain "
    "judge justice secretary ambassador chief chairman chairwoman chairperson director coach "
    "reverend rev bishop archbishop cardinal imam sheikh emir sultan foreign defence defense "
    "finance interior leader former vice deputy constable sergeant inspector lieutenant admiral "
    "rabbi "
    "striker midfielder goalkeeper defender prosecutor commissioner premier actor actress singer "
    "minister opposition councillor madam madame det sgt supt insp pc cllr headteacher headmaster "
    "headmistress sheriff rep sen gov capt lt col gen detective superintendent representative "
    "commander analyst encik puan tuan datuk dato haji herr frau monsieur señor señora signor "
    "signora shri composer conductor novelist playwright poet painter sculptor photographer "
    "pianist violinist guitarist footballer boxer swimmer cyclist skier economist historian "
    "scientist physicist "
    "biologist comedian rapper filmmaker screenwriter architect astronaut congressmen "
    "ombudsman jurist maj cpl brig cmdr tengku tun".split()
)
_TITLES_OF_TWO = frozenset({"tan sri", "puan sri", "toh puan", "right honourable"})
FAMILY_NAME_FIRST = frozenset(
    "kim lee park choi jung jang cho yoon lim han oh seo shin kwon hwang ahn song yang xi li wang "
    "zhang liu chen huang zhao wu zhou xu sun ma zhu hu guo he lin mao deng nguyen tran le pham "
    "hoang phan vu dang bui moon".split()
)
MOST_NAMESAKES = 50
"""A list of a thousand Andersens must not cost an article its time."""
_OF_A_FATHER = frozenset("bin binti bint ibn".split())
"""A name behind these is the father's: Siti binti Ahmad is called Siti, and bin Laden so."""


@dataclass(frozen=True)
class Person:
    """A full name with its words in small letters, how much the article is about it, and the word
    by which the text calls the person."""

    name: str
    words: tuple[str, ...]
    weight: int
    called: str


def known_people(
    mentions: Iterable[Mention], titled: Collection[str] = frozenset()
) -> list[Person]:
    """The full names among the mentions, the one the article is most about first; `titled` are
    words that stand behind a title, alone."""
    counts: Counter[str] = Counter()
    first_seen: dict[str, int] = {}
    for number, mention in enumerate(mentions):
        counts[mention.text] += 3 if mention.field == "headline" else 1
        first_seen.setdefault(mention.text, number)
    alone = {name for name in counts if " " not in name} | {*titled}
    called = {name: family_name(name.split(), alone, titled) for name in counts if " " in name}
    longer: dict[str, list[str]] = defaultdict(list)
    for name, family in called.items():
        longer[family.casefold()].append(name)
    full = [name for name in called if not _is_short_for_any(name, longer)]
    full.sort(key=lambda name: (-counts[name], first_seen[name]))
    return [Person(name, _words(name), counts[name], called[name]) for name in full]


class People:
    """The people of an article, by all that they are called."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._exact: dict[tuple[str, ...], Person] = {}
        self._by_family: dict[str, list[Person]] = defaultdict(list)
        self._by_first: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            self._exact.setdefault(person.words, person)
            self._by_family[person.called.casefold()].append(person)
            self._by_first[person.words[0]].append(person)

    def find(self, text: str) -> Person | None:
        """Whom a mention means: the first whose name it is, or is short for; a first name alone
        means the only one who bears it."""
        words = _words(text)
        if exact := self._exact.get(words):
            return exact
        families = dict.fromkeys(words)
        named = (p for word in families for p in self._by_family.get(word, ()))
        short = (p for p in named if _is_short_for(words, p.words, p.called.casefold()))
        if (found := next(short, None)) or len(words) > 1:
            return found
        namesakes = self._by_first.get(words[0], [])
        return namesakes[0] if len(namesakes) == 1 else None


def family_name(
    words: Sequence[str],
    alone: Collection[str] = frozenset(),
    titled: Collection[str] = frozenset(),
) -> str:
    """The word by which a person is called: first in East Asian names, else the last.

    `alone` are the words that the text uses by themselves, and `titled` those behind a title.
    """
    first, last = words[0], words[-1]
    if any(word.casefold() in _OF_A_FATHER for word in words[1:-1]):
        return first if first in alone else last
    if last in titled:
        return last
    if first.casefold() in FAMILY_NAME_FIRST and (len(words) == 3 or "-" in last):
        return first
    if last in alone or first not in alone:
        return last
    is_family = first.casefold() in FAMILY_NAME_FIRST and last.casefold() not in FAMILY_NAME_FIRST
    return first if is_family or first in titled else last


def surnames(person: Person) -> tuple[str, ...]:
    """The ways in which a text writes the name that a person is called by: with the particles
    before it, those with a capital at the beginning of a sentence, and alone."""
    words = person.name.split()
    start = words.index(person.called) if person.called in words else 0
    begins = start
    while begins > 1 and words[begins - 1].islower():
        begins -= 1
    whole = " ".join(words[begins : start + 1]) if start else person.called
    return tuple(dict.fromkeys((whole, whole[:1].upper() + whole[1:], person.called)))


def with_particles(
    mentions: Iterable[Mention], people: Sequence[Person], texts: Mapping[Field, str]
) -> list[Mention]:
    """The mentions; those of people by a surname with the particles that belong to it."""
    wholes = {person.called: surnames(person)[:2] for person in people}
    return [_with_particles(m, wholes.get(m.text, ()), texts[m.field]) for m in mentions]


def _with_particles(mention: Mention, wholes: Collection[str], text: str) -> Mention:
    for whole in wholes:
        more = len(whole) - len(mention.text)
        start = mention.start - more
        if more > 0 and mention.type == "person" and text[max(0, start) : mention.end] == whole:
            return mention.extended(text, more, 0)
    return mention


def without_titles(text: str) -> int:
    """The number of characters of titles at the beginning of a name."""
    offset = 0
    words = text.split(" ")
    while len(words) > 1:
        first, pair = words[0].lower().strip("."), " ".join(words[:2]).lower()
        count = 1 if first in TITLES else 2 * (len(words) > 2 and pair in _TITLES_OF_TWO)
        if not count:
            break
        offset += len(" ".join(words[:count])) + 1
        words = words[count:]
    return offset


def _words(name: str) -> tuple[str, ...]:
    return tuple(name.casefold().split())


def _is_short_for_any(name: str, longer: Mapping[str, Sequence[str]]) -> bool:
    """True if it is short for one of the longer names, by the word that each is called by."""
    words = _words(name)
    return any(
        _is_short_for(words, _words(other), word)
        for word in dict.fromkeys(words)
        for other in islice(longer.get(word, ()), MOST_NAMESAKES)
        if other != name
    )


def _is_short_for(words: tuple[str, ...], full: tuple[str, ...], family: str) -> bool:
    if len(words) >= len(full):
        return False
    if len(words) == 1:
        return words[0] == family
    rest = iter(full)
    in_order = all(word in rest for word in words)
    return in_order and family in words
