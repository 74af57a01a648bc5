"""Short names of bodies that the text names in full: "Halden" for Halden Foods Inc., "Hull" for the
team of a score line."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from newsman.enrich.entities import cues
from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.entities.repeats import METHOD as REPEATED
from newsman.enrich.entities.type_votes import NEIGHBOURHOOD, PLACE_ALL_THE_SAME, by_neighbours
from newsman.enrich.identity.score_lines import METHOD as SCORE_LINES
from newsman.enrich.text.true_case import is_ordinary

METHOD = "short names 1"
_OF_A_PLACE = re.compile(
    r"\s(?:and|of|for|&)\s|\s(?:Rail(?:way|road)|Council|Police|Constabulary|University|College|School|"
    r"Hospital|Court|Museum|Library|Church|Airport|Orchestra|Theatre|Scouts|Division)$"
)
"""Bodies that begin with the place where they are."""
_CAPITAL_BEFORE = re.compile(r"(?<![\w’'-])[A-ZÀ-Þ][\w’'-]*\s$")
_CAPITAL_AFTER = re.compile(r"\s[A-ZÀ-Þ]")
LEAST_LETTERS = 3


def short_bodies(
    mentions: Sequence[Mention], gazetteer: Gazetteer, names: Names, others: Collection[str]
) -> dict[str, str]:
    """Short name -> full name of the one body that begins so. Places and words that mean something
    by themselves are short for the teams of score lines only; `others` are words that name
    somebody or are never a body."""
    full: dict[str, set[str]] = defaultdict(set)
    for mention in mentions:
        name = mention.known or mention.text
        first, _, rest = name.partition(" ")
        is_a_team = mention.method == SCORE_LINES
        if not _is_a_body(mention) or not (rest or is_a_team):
            continue
        says_it = is_a_team or _says_its_kind(name, first, gazetteer, names)
        if says_it and first not in others and _is_long_enough(first):
            full[first].add(name)
    return {short: next(iter(bodies)) for short, bodies in full.items() if len(bodies) == 1}


def _is_long_enough(word: str) -> bool:
    return len(word) >= LEAST_LETTERS and not word.islower()


def _is_a_body(mention: Mention) -> bool:
    return mention.type == "organisation" and not mention.is_own


def as_bodies(
    mentions: Sequence[Mention],
    shorts: Mapping[str, str],
    texts: Mapping[Field, str],
    gazetteer: Gazetteer,
) -> list[Mention]:
    """The mentions; those of a short name as the body's, unless the newsroom has its own word for
    it or its neighbours speak for a place or a longer name."""
    found = []
    for mention in mentions:
        if mention.text not in shorts or mention.is_own:
            found.append(mention)
        elif mention.method == REPEATED and _is_part(mention, texts[mention.field]):
            continue
        elif not _is_a_place(mention, texts[mention.field], gazetteer):
            found.append(_as_body(mention, shorts[mention.text]))
        else:
            found.append(replace(mention, type="place"))
    return found


def _as_body(mention: Mention, name: str) -> Mention:
    return replace(
        mention, type="organisation", known=name, identifier=None, is_listed=False, method=METHOD
    )


def _is_a_place(mention: Mention, text: str, gazetteer: Gazetteer) -> bool:
    return by_neighbours(mention, text, gazetteer)["place"] >= PLACE_ALL_THE_SAME


def _is_part(mention: Mention, text: str) -> bool:
    """True of a word beside another with a capital."""
    before = text[max(0, mention.start - NEIGHBOURHOOD) : mention.start]
    after = _CAPITAL_AFTER.match(text, mention.end)
    return after is not None or _CAPITAL_BEFORE.search(before) is not None


def _says_its_kind(name: str, first: str, gazetteer: Gazetteer, names: Names) -> bool:
    """True of a name that ends with a kind of body, and does not begin with where that is."""
    if not cues.BODIES_END.search(name) or _OF_A_PLACE.search(name):
        return False
    return not _means_something(first, gazetteer, names)


def _means_something(word: str, gazetteer: Gazetteer, names: Names) -> bool:
    """True of a place, a people, a first name, a kind of body or an ordinary word."""
    singular = word.removesuffix("s")
    if word in gazetteer.demonyms or singular in gazetteer.demonyms or word in gazetteer.labels:
        return True
    if gazetteer.get(word) is not None or word in names.cities or word in names.first_names:
        return True
    return cues.KIND_ALONE.match(word) is not None or is_ordinary(word.lower())
