"""Cities of the list that the text itself says are places: "near Sake", "Umeå and Luleå"."""

import re
from collections.abc import Iterator

from newsman.enrich.entities.gazetteer import NOT_FOUND_ALONE
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.text.true_case import is_ordinary

METHOD = "cities 1"
_NAME = r"[A-ZÀ-Þ][\w’'-]{1,40}+(?:\s[A-ZÀ-Þ][\w’'-]{1,40}+){0,2}"
_FROM_SEVERAL = re.compile(
    rf"(?<![\w-])from ({_NAME})((?:, {_NAME}){{0,12}},? and {_NAME})(?!\s[A-ZÀ-Þ]|[\w-])"
)
"""People come from one place or one person; several cities of the list are places."""
_BEHIND_A_CUE = re.compile(
    r"(?<![\w-])(?:[Ii]n|[Nn]ear|[Aa]round|[Oo]utside|[Bb]etween|(?:town|city|village|port) of) "
    rf"({_NAME})"
    rf"((?:, {_NAME})*(?:,? and {_NAME})?)(?!\s[A-ZÀ-Þ]|[\w-])"
)
_FURTHER = re.compile(_NAME)


def find_listed_cities(field: Field, text: str, names: Names) -> Iterator[Mention]:
    """The cities behind a preposition of place, and those that follow such a one in a list."""
    for match in _BEHIND_A_CUE.finditer(text):
        if not _is_a_city(match[1], names):
            continue
        yield _mention(field, match.start(1), match[1])
        for further in _FURTHER.finditer(match[2]):
            if _is_a_city(further.group(), names):
                yield _mention(field, match.start(2) + further.start(), further.group())
    for match in _FROM_SEVERAL.finditer(text):
        several = [(match.start(1), match[1])]
        several += [(match.start(2) + m.start(), m.group()) for m in _FURTHER.finditer(match[2])]
        if all(name in names.cities for _, name in several):
            yield from (_mention(field, start, name) for start, name in several)


def _mention(field: Field, start: int, name: str) -> Mention:
    return Mention(field, start, start + len(name), name, "place", METHOD)


def _is_a_city(name: str, names: Names) -> bool:
    is_a_word = name in NOT_FOUND_ALONE or is_ordinary(name.lower())
    return name in names.cities and name not in names.first_names and not is_a_word
