"""Names that say themselves what they are: capitals up to University, Railway, Festival."""

import re
from collections import Counter
from collections.abc import Iterator

from newsman.enrich.entities import cues
from newsman.enrich.entities.mentions import EntityType, Field, Mention
from newsman.enrich.entities.name_lists import Names

METHOD = "spelled out 2"
_WORD = (
    r"(?:St\.?\s[A-ZÀ-Þ]\w+[’']s|(?:[A-Z]\.)+|[A-ZÀ-Þ][\w-]*(?:[’'](?!s\b)\w+)*|St\.|"
    r"\d{1,3}(?:st|nd|rd|th))"
)
_JOINED = rf"{_WORD}(?:\s(?:of\s|of\sthe\s|and\s|for\s|&\s|de\s|du\s|upon\s)?{_WORD})*"
_AND = " and "
_OF = re.compile(r"\sof\s(?:the\s)?")
_SEQUENCE = re.compile(rf"(?<![\w-]){_JOINED}")
_CAPITALS = re.compile(r"(?<![\w.-])[A-Z]{3,6}(?![\w.-]|\s[A-Z]{2})")
_NO_BODIES = frozenset(
    "CEO CFO COO GDP TV DNA RNA AIDS HIV COVID PDF FAQ VIP DVD MP3 III VII VIII XII UFO ATM GPS "
    "USB "
    "SUV SMS BST GMT CET EST PST UTC LED HD PIN URL ASAP RSVP AKA VAT NGO USD EUR GBP BREAKING "
    "LIVE "
    "UPDATE WATCH VIDEO PHOTO NEW THE AND FOR NOT MVP ERA RBI".split()
)
_ACRONYM = re.compile(r"\(\s*([A-Z][A-Za-z&.]{1,9})\s*\)")


def find_spelled_out(field: Field, text: str, names: Names) -> list[Mention]:
    """Bodies that name their kind last, and people whose first name is one."""
    mentions: list[Mention] = []
    for match in _SEQUENCE.finditer(text):
        for start, words in _pieces(match.start(), match.group()):
            mentions += _named(field, start, words, names)
    return mentions + _capitals(field, text)


def _named(field: Field, start: int, words: str, names: Names) -> Iterator[Mention]:
    """The words as one name; or those between each "and", where each or only such is a name."""
    parts = words.split(_AND)
    kinds = [_kind(part, names) for part in parts]
    is_one = _kind(words, names) is not None and not all(kinds)
    for part in (words,) if is_one else parts:
        if kind := _kind(part, names):
            yield Mention(field, start, start + len(part), part, kind, METHOD)
        start += len(part) + len(_AND)


def _capitals(field: Field, text: str) -> list[Mention]:
    """Acronyms that the text uses more than once."""
    if text.isupper():
        return []
    matches = [m for m in _CAPITALS.finditer(text) if m.group() not in _NO_BODIES]
    counts = Counter(match.group() for match in matches)
    return [
        Mention(field, match.start(), match.end(), match.group(), "organisation", METHOD)
        for match in matches
        if counts[match.group()] > 1
    ]


def _pieces(start: int, words: str) -> Iterator[tuple[int, str]]:
    """The sequence whole if it begins like "University of", else what stands between each of."""
    if cues.BODIES_START.search(words):
        yield start, words
        return
    done = 0
    for gap in _OF.finditer(words):
        yield start + done, words[done : gap.start()]
        done = gap.end()
    yield start + done, words[done:]


def _kind(words: str, names: Names) -> EntityType | None:
    if " " not in words or words.isupper():
        return None
    if cues.BODIES_END.search(words):
        return "organisation"
    if cues.EVENTS_END.search(words):
        return "event"
    is_a_person = _begins_with_first_name(words, names) and not cues.SITES_END.search(words)
    return "person" if is_a_person else None


def _begins_with_first_name(words: str, names: Names) -> bool:
    """A first name that is no city, and up to three words of letters or initials after it."""
    first, *others = words.split()
    if first not in names.first_names or first in names.cities or len(others) > 3:
        return False
    return all(word.isalpha() or len(word) == 2 for word in others)


def find_acronyms(field: Field, text: str, mention: Mention) -> Iterator[Mention]:
    """The acronym in brackets right after what it stands for."""
    match = _ACRONYM.match(text[mention.end : mention.end + 16].lstrip())
    if match is None or not stands_for(match.group(1), mention.text):
        return
    start = text.index("(", mention.end)
    start += text[start:].index(match.group(1))
    end = start + len(match.group(1))
    yield Mention(field, start, end, text[start:end], "organisation", METHOD)


def stands_for(acronym: str, name: str) -> bool:
    """True if the letters are the name's initials, small words counted or not."""
    letters = acronym.replace(".", "").upper()
    words = [word for word in re.split(r"[\s-]+", name) if word[:1].isalpha()]
    capital = "".join(word[0] for word in words if word[0].isupper())
    every = "".join(word[0] for word in words).upper()
    return len(letters) > 1 and letters in {capital, every, capital.removeprefix("T")}
