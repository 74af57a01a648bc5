"""Further mentions of known names, which a finder overlooked."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from newsman.enrich.entities.mentions import EntityType, Field, Mention, in_small_letters
from newsman.enrich.entities.same_person import Person, surnames
from newsman.enrich.text.common_words import COMMON_WORDS

METHOD = "name repeated"
MAX_NAMES = 300
"""A list of thousands of names must not cost an article its two seconds."""


def repeats(
    people: Sequence[Person],
    names: Mapping[str, EntityType],
    texts: Mapping[Field, str],
    seen: Sequence[Mention],
) -> list[Mention]:
    """Mentions of known people and of other settled names outside what is seen already."""
    wanted = _wanted(people, names)
    if not wanted:
        return []
    longest_first = "|".join(map(re.escape, sorted(wanted, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w-])(?:{longest_first})(?![\w-])")
    occupied = {(m.field, place) for m in seen for place in range(m.start, m.end)}
    repeated = []
    for field, text in texts.items():
        shown = in_small_letters(text) if text.isupper() else text
        for match in pattern.finditer(shown):
            start, end = match.span()
            if occupied.isdisjoint((field, place) for place in range(start, end)):
                kind = wanted[match.group()]
                repeated.append(Mention(field, start, end, text[start:end], kind, METHOD))
    return repeated


def _wanted(people: Sequence[Person], names: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """The types of the names to look for: those given, and full, family and first names of
    people."""
    wanted: dict[str, EntityType] = dict(names)
    for person in people:
        wanted |= dict.fromkeys((person.name, *surnames(person)), "person")
    first_names = Counter(person.name.split()[0] for person in people)
    wanted |= {
        name: "person"
        for name, bearers in first_names.items()
        if bearers == 1 and name.isalpha() and name.lower() not in COMMON_WORDS
    }
    return dict([(name, kind) for name, kind in wanted.items() if len(name) > 1][:MAX_NAMES])


def worth_repeating(mentions: Sequence[Mention], texts: Collection[str]) -> dict[str, EntityType]:
    """Names to look for again: several words, or one that the article never writes small."""
    types: dict[str, EntityType] = {}
    for mention in mentions:
        text = mention.text
        if mention.known or mention.type in {"event", "work"}:
            continue
        if any(character.isdigit() for character in text):
            continue
        if " " in text or text.isupper() or not any(_is_written_small(text, t) for t in texts):
            types[text] = mention.type
    return types


def _is_written_small(word: str, text: str) -> bool:
    small = word.lower()
    # Most stand nowhere in small letters; an expression takes far longer to say so.
    return small in text and re.search(rf"(?<!\w){re.escape(small)}(?!\w)", text) is not None
