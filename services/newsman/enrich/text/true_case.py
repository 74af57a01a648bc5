"""Texts in capitals as they are usually written, character for character, so that offsets hold."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from newsman.enrich.data_files import lines
from newsman.enrich.entities.mentions import Field, in_small_letters
from newsman.enrich.text.common_words import COMMON_WORDS
from newsman.enrich.text.datelines import find_dateline

LEAST_LETTERS = 10
LEAST_SHARE = 0.85
"""A line with so many of its letters in capitals is one in capitals."""

_LINE = re.compile(r"[^\n]+")
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
_CAPITALS = re.compile(r"(?<![^\W\d_])[A-ZÀ-Þ]{3,}")
_NAME_IN_CAPITALS = re.compile(
    r"(?<![\w.&’'-])(?:[A-ZÀ-Þ][\w-]*[^\W\d_] (?=[A-ZÀ-Þ’'-]{3,}(?![\w&])))?"
    r"[A-ZÀ-Þ’'-]{3,}(?: [A-ZÀ-Þ’'-]{3,}){0,3}(?![\w&’'-])"
)
_POSSESSIVE = re.compile(r"([’'])S(?![^\W\d_])")
LONGEST_KNOWN_NAME = 4
"""Words of a known name in a line of capitals."""
_INITIALS = re.compile(r"[A-Z](?:\.[A-Z])+")
_VOWEL = re.compile(r"[AEIOUYÀ-Þ]")
_ENDINGS = ("’s", "'s", "s", "es", "ed", "d", "ing", "er", "ers", "ly", "ies", "ied")
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april "
    "august september october november december".split()
)

IsKnown = Callable[[str], bool]
"""True of a name on a list, as it is usually written."""


@dataclass(frozen=True)
class Spelling:
    """Knowledge that tells names from words: how the rest of the article writes a word, the lists,
    and first names, which are names in front of one."""

    forms: Mapping[str, str]
    is_known: IsKnown
    first_names: Collection[str]


def in_true_case(
    texts: Mapping[Field, str], is_known: IsKnown, first_names: Collection[str]
) -> dict[Field, str]:
    """The texts with every line in capitals in true case: words as the other lines write them,
    ordinary words small, acronyms in capitals, and the rest, which is names, with a capital."""
    in_capitals = {
        key: [m.span() for m in _LINE.finditer(text) if is_in_capitals(m.group())]
        for key, text in texts.items()
    }
    lists = Spelling({}, is_known, first_names)
    written = {
        key: _without_capital_names(text, in_capitals[key], lists) for key, text in texts.items()
    }
    if not any(in_capitals.values()):
        return written
    spelling = Spelling(_forms(written, in_capitals), is_known, first_names)
    return {key: _cased(text, in_capitals[key], spelling) for key, text in written.items()}


def _without_capital_names(
    text: str, in_capitals: Sequence[tuple[int, int]], spelling: Spelling
) -> str:
    """The text with names that it writes in capitals among others as names are written: "KARLA
    WEISS will lead DEUTSCHE BANK"; those of a dateline, and what may be an acronym, stay."""
    if not _CAPITALS.search(text):
        return text
    dateline = find_dateline(text)
    untouched = [*in_capitals, *([(dateline.start, dateline.end)] if dateline else [])]
    pieces, done = [], 0
    for match in _NAME_IN_CAPITALS.finditer(text):
        if any(start <= match.start() < end for start, end in untouched):
            continue
        pieces += [text[done : match.start()], _as_name(match.group(), spelling)]
        done = match.end()
    return "".join([*pieces, text[done:]])


def _as_name(words: str, spelling: Spelling) -> str:
    """The words of a known name, or of a person with a first name, with capitals only before."""
    written = _POSSESSIVE.sub(r"\1s", in_small_letters(words))
    first, *others = written.split(" ")
    is_a_name = spelling.is_known(written) or (first in spelling.first_names and others)
    return written if is_a_name and len(written) == len(words) else words


def is_in_capitals(line: str) -> bool:
    """True of a line of several words whose letters are capitals but for a few."""
    letters, capitals = sum(map(str.isalpha, line)), sum(map(str.isupper, line))
    return letters >= LEAST_LETTERS and " " in line and capitals >= LEAST_SHARE * letters


def _forms(
    texts: Mapping[Field, str], in_capitals: Mapping[Field, list[tuple[int, int]]]
) -> dict[str, str]:
    """Each word as the lines that are not in capitals mostly write it."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for key, text in texts.items():
        for line in _LINE.finditer(text):
            if line.span() not in in_capitals[key]:
                for word in _WORD.findall(line.group()):
                    counts[word.casefold()][word] += 1
    return {word: forms.most_common(1)[0][0] for word, forms in counts.items()}


def _cased(text: str, spans: list[tuple[int, int]], spelling: Spelling) -> str:
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], _line(text[start:end], spelling)]
        done = end
    return "".join([*pieces, text[done:]])


def _line(line: str, spelling: Spelling) -> str:
    initials = {place for m in _INITIALS.finditer(line) for place in range(*m.span())}
    words = list(_WORD.finditer(line))
    in_names = _in_known_names(line, words, spelling.is_known)
    pieces, done = [], 0
    for number, match in enumerate(words):
        following = words[number + 1].group() if number + 1 < len(words) else ""
        word = match.group()
        if match.start() not in initials:
            is_in_a_name = number in in_names
            form = word[:1] + word[1:].lower() if is_in_a_name else _form(word, following, spelling)
            before = line[max(0, match.start() - 4) : match.start()].rstrip(" “\"'")[-1:]
            form = form[:1].upper() + form[1:] if not before or before in ".!?:" else form
            # A letter may have no small or capital form of one character (ß, İ).
            word = form if len(form) == len(word) else word
        pieces += [line[done : match.start()], word]
        done = match.end()
    return "".join([*pieces, line[done:]])


def _in_known_names(line: str, words: Sequence[re.Match[str]], is_known: IsKnown) -> set[int]:
    """The numbers of the words that make a known name of several: the Red Cross."""
    found: set[int] = set()
    for first in range(len(words)):
        for count in range(LONGEST_KNOWN_NAME, 1, -1):
            group = words[first : first + count]
            if len(group) == count and is_known(
                in_small_letters(line[group[0].start() : group[-1].end()])
            ):
                found.update(range(first, first + count))
                break
    return found


def _form(word: str, following: str, spelling: Spelling) -> str:
    small = word.lower()
    if small in spelling.forms:
        return spelling.forms[small]
    titled = word[:1] + small[1:]
    if small in _CALENDAR:
        return titled
    if small not in COMMON_WORDS and _is_acronym(word, spelling.is_known):
        return word
    if not is_ordinary(small) or spelling.is_known(titled):
        return titled
    is_first_name = titled in spelling.first_names and small not in COMMON_WORDS
    is_before_a_name = len(following) > 2 and not is_ordinary(following.lower())
    return titled if is_first_name and is_before_a_name else small


def _is_acronym(word: str, is_known: IsKnown) -> bool:
    return is_known(word) or (len(word) <= 5 and not _VOWEL.search(word))


@cache
def _small_words() -> frozenset[str]:
    more = (word for line in lines("words_more.txt") for word in line.split())
    return frozenset(lines("words.txt")) | frozenset(more) | COMMON_WORDS


def is_ordinary(word: str) -> bool:
    """True of a word in small letters that is no name, in one of its forms."""
    known = _small_words()
    if word in known:
        return True
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2 and known & {stem, stem + "e", stem + "y", stem[:-1]}:
            return True
    return False
