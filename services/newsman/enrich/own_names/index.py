"""All spellings of the newsroom's own names, and finding them in a text: the longest first.

A text is looked through once, token by token, whatever the number of names: a token that begins no
name costs one look into a dictionary.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from newsman.enrich.entities.mentions import Field
from newsman.enrich.own_names.tokens import Tokens, folded, plain, tokens_of, written_tokens
from newsman_schemas.editing import OwnName
from newsman_schemas.events import Value

MOST_FOUND = 5_000
"""Of one field; a text of nothing but names must not cost the workers their time."""
MOST_ALIKE = 50
"""Spellings that differ in their capitals only."""
SHORT = 3
"""Letters of a word that is found only as it is written: an acronym, or a word like another."""
JOINED_BY = "\n"
"""Between the tokens of a key; no name has it."""

_ELISIONS = frozenset("l d qu c j m n s t".split())


class FoundNames(Value):
    """The own names in an article, and where each stands: its number, field, start and end."""

    names: tuple[OwnName, ...] = ()
    places: tuple[tuple[int, Field, int, int], ...] = ()


NOTHING_FOUND = FoundNames()


@dataclass(frozen=True, slots=True)
class Spelled:
    """One spelling of an own name, by its tokens as they are written."""

    owner: OwnName
    written: tuple[str, ...]
    is_alias: bool

    def fits(self, seen: Sequence[str]) -> bool:
        """True if the tokens of a text, which are the same but for their case, are this name.

        Capitals that the name has are needed, further ones are not looked at; a word in capitals
        is one only in capitals.
        """
        if len(self.written) == 1 and len(self.written[0]) <= SHORT:
            return plain(seen[0]) == plain(self.written[0])
        return all(map(_fits, self.written, seen))


class _Candidate(NamedTuple):
    start: int
    end: int
    owner: OwnName


class NameIndex:
    """Spellings by their folded tokens, and the numbers of tokens by the first of them."""

    def __init__(self, compiled: Iterable[Sequence[tuple[str, Spelled]]]) -> None:
        self._spelled: dict[str, tuple[Spelled, ...]] = {}
        lengths: dict[str, set[int]] = defaultdict(set)
        for key, spelling in (each for name in compiled for each in name):
            alike = self._spelled.get(key, ())
            self._spelled[key] = _ranked(spelling, alike) if alike else (spelling,)
            lengths[key.partition(JOINED_BY)[0]].add(len(spelling.written))
        self._lengths = {first: tuple(sorted(each)) for first, each in lengths.items()}

    def find(self, texts: Mapping[Field, str]) -> FoundNames:
        """The names in the texts; of those that overlap the longest."""
        numbers: dict[str, int] = {}
        names: list[OwnName] = []
        places: list[tuple[int, Field, int, int]] = []
        for field, text in texts.items() if self._spelled else ():
            for start, end, owner in self._longest(text):
                number = numbers.setdefault(owner.name, len(names))
                if number == len(names):
                    names.append(owner)
                places.append((number, field, start, end))
        return FoundNames(names=tuple(names), places=tuple(places)) if names else NOTHING_FOUND

    def _longest(self, text: str) -> list[_Candidate]:
        found = sorted(self._candidates(text), key=lambda each: (each.start - each.end, each.start))
        taken: list[_Candidate] = []
        occupied: set[int] = set()
        for candidate in found:
            places = range(candidate.start, candidate.end)
            if occupied.isdisjoint(places):
                occupied.update(places)
                taken.append(candidate)
        return sorted(taken[:MOST_FOUND])

    def _candidates(self, text: str) -> Iterator[_Candidate]:
        tokens = tokens_of(text)
        words, spans = tokens
        for first, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                behind = first + length
                spellings = self._spelled.get(JOINED_BY.join(words[first:behind]))
                if spellings and stands_alone(text, tokens, first, behind):
                    seen = tuple(text[start:end] for start, end in spans[first:behind])
                    if owner := _owner(spellings, seen):
                        yield _Candidate(spans[first][0], spans[behind - 1][1], owner)


def spellings_of(name: OwnName) -> tuple[tuple[str, Spelled], ...]:
    """Every spelling of a name by its key, the folded tokens; each once."""
    found: dict[tuple[str, ...], tuple[str, Spelled]] = {}
    for text in (name.name, *name.aliases):
        written = tuple(written_tokens(text))
        key = JOINED_BY.join(map(folded, written))
        found.setdefault(written, (key, Spelled(name, written, is_alias=text != name.name)))
    return tuple(found.values())


def stands_alone(text: str, tokens: Tokens, first: int, behind: int) -> bool:
    """True unless the tokens are a part of a longer word: Smith-Jones, O'Brien, halden.example."""
    before = _joined(text, tokens, (first - 1, first - 2), tokens.spans[first][0])
    after = _joined(text, tokens, (behind, behind + 1), tokens.spans[behind - 1][1])
    if before is not None and before[0] == "'":
        return before[1].lower() in _ELISIONS and (after is None or _may_join(*after))
    return all(_may_join(*joined) for joined in (before, after) if joined is not None)


def _ranked(spelling: Spelled, others: Sequence[Spelled]) -> tuple[Spelled, ...]:
    """Spellings with one key: those that are the names themselves, then by the alphabet; of those
    with the same letters the first."""
    ranked = sorted((spelling, *others), key=lambda each: (each.is_alias, each.owner.name))
    first = {each.written: each for each in reversed(ranked)}
    return tuple(each for each in ranked if first[each.written] is each)[:MOST_ALIKE]


def _owner(spellings: Sequence[Spelled], seen: tuple[str, ...]) -> OwnName | None:
    """The name that is spelled so: the one with just these letters, else the first that may be."""
    fitting = [spelling for spelling in spellings if spelling.fits(seen)]
    exact = [spelling for spelling in fitting if spelling.written == seen]
    return next((spelling.owner for spelling in (*exact, *fitting)), None)


def _joined(
    text: str, tokens: Tokens, numbers: tuple[int, int], place: int
) -> tuple[str, str] | None:
    """The sign and the word of these numbers, where they stand next to a place without a space."""
    if not 0 <= min(numbers) <= max(numbers) < len(tokens.spans):
        return None
    sign, word = (tokens.spans[number] for number in numbers)
    touches = place in sign and (sign[1] == word[0] or word[1] == sign[0])
    return (tokens.folded[numbers[0]], text[word[0] : word[1]]) if touches else None


def _may_join(sign: str, word: str) -> bool:
    if not word[0].isalnum():
        return True
    if sign in ("'", "-"):
        return word[0].islower()  # "Halden's" and "Halden-based", and not "Halden-Moss"
    if sign == ".":
        return not word[0].islower()
    return sign not in ("@", "&")


def _fits(written: str, seen: str) -> bool:
    if written.isupper() and len(written) > 1:
        return seen.isupper()
    if written[0].isupper() and written.lower() != "the":
        return not seen[0].islower()
    return True
