"""Names of one word that nothing else explains, and that the text has more than once."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.entities.same_person import TITLES
from newsman.enrich.text.true_case import is_ordinary

METHOD = "repeated word 1"
LEAST = 2
_INSIDE = re.compile(
    r"(?<![\w’'-])(?:[a-zà-ÿ][\w’'-]*+ |\w++, )([A-ZÀ-Þ][\w-]*+)(?! [A-Z\dÀ-Þ]|[’'][A-Z]|[”\"]| !)"
)
_IN_SMALL = re.compile(r"^\w-[a-z]")
"""A letter that stands for a word: C-section."""


def find_unexplained(
    texts: Mapping[Field, str], gazetteer: Gazetteer, names: Names
) -> Iterator[Mention]:
    """Words with a capital within a sentence, at least twice: a body or a brand, since people come
    with their full names and places are on lists."""
    places = [(field, match) for field, text in texts.items() for match in _INSIDE.finditer(text)]
    counts = Counter(match[1] for _, match in places)
    for field, match in places:
        word = match[1]
        if counts[word] >= LEAST and len(word) > 3 and not _is_explained(word, gazetteer, names):
            yield Mention(field, *match.span(1), word, "organisation", METHOD)


def _is_explained(word: str, gazetteer: Gazetteer, names: Names) -> bool:
    if word.isupper() or _IN_SMALL.match(word) or word.lower() in TITLES:
        return True
    singular = word.removesuffix("s")
    listed = (gazetteer.demonyms, gazetteer.labels, names.first_names, names.cities)
    if gazetteer.get(word) is not None or any(
        form in each for each in listed for form in (word, singular)
    ):
        return True
    return is_ordinary(word.lower()) or is_ordinary(singular.lower())
