"""Identifiers of places, as the rest of the text bears them out; none where there is doubt."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from newsman.enrich.data_files import cells, rows
from newsman.enrich.entities.cues import COMMA_NAME
from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.identity.states import state_of

CERTAIN_SHARE = 3
"""One meaning of a name has at least so many times the evidence of every other."""
WORLD_CITY_THOUSANDS = 1_000
"""A city that large is meant unless the text names another container right behind it."""

_CAPITAL = re.compile(r"[A-ZÀ-Þ][\w.’'-]*")


@dataclass(frozen=True)
class Meaning:
    """A place that a name may stand for: SCHEME:CODE, its country (ISO 3166-1), and words that
    speak for it."""

    identifier: str
    country: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Surroundings:
    """The text of an article, and the names of places and peoples in it by country and region."""

    texts: Mapping[Field, str]
    countries: Mapping[str, frozenset[str]]
    regions: Mapping[str, frozenset[str]]

    def speaks_for(self, meaning: Meaning, name: str) -> int:
        """The number of words and places of the text that speak for a meaning of the name."""
        said = sum(_holds(text, w) for w in meaning.words for text in self.texts.values())
        return said + len(self.countries.get(meaning.country, frozenset()) - {name})


def with_certain_identifiers(
    mentions: Sequence[Mention], texts: Mapping[Field, str], gazetteer: Gazetteer, names: Names
) -> list[Mention]:
    """The mentions, each place's with the identifier that the rest of the text bears out."""
    around = _surroundings(mentions, texts, gazetteer, names)
    places: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.type == "place" and mention.known and not mention.is_own:
            places[mention.known].append(mention)
    found = {
        name: _identifier(name, group, around, gazetteer, names) for name, group in places.items()
    }
    return [
        replace(m, identifier=found[m.known])
        if m.type == "place" and m.known in found and not m.is_own
        else m
        for m in mentions
    ]


def _identifier(
    name: str, group: Sequence[Mention], around: Surroundings, gazetteer: Gazetteer, names: Names
) -> str | None:
    identifier = group[0].identifier
    if meanings := _namesakes().get(name):
        return _likeliest(name, meanings, around)
    for mention in group:
        container = _container(around.texts[mention.field][mention.end :], gazetteer)
        if container is not None:
            return _within(name, identifier, container, names)
    if identifier and identifier.startswith("geonames:"):
        return _undisputed(name, identifier, around, names)
    return identifier


def _container(after: str, gazetteer: Gazetteer) -> str | None:
    """The identifier of the country or region that a comma and its name put the place in."""
    if state := state_of(after):
        return f"iso3166-2:{state[0]}"
    match = COMMA_NAME.match(after[:60])
    if match is None:
        return None
    words = match.group(1).split()
    for count in range(len(words), 0, -1):
        entry = gazetteer.get(" ".join(words[:count]).rstrip(".,’'"))
        if entry is not None and entry.type == "place":
            is_area = (entry.identifier or "").startswith("iso3166")
            return entry.identifier if is_area else None
    return None


def _within(name: str, identifier: str | None, container: str, names: Names) -> str | None:
    """The identifier of the place of that name in the container, if it is one that is known."""
    code = container.partition(":")[2]
    if (name, code) in _cities_by_region():
        return _cities_by_region()[name, code]
    if identifier is None or not identifier.startswith("geonames:"):
        # "Norway, Sweden" is a list.
        return identifier
    city = names.cities.get(name)
    is_there = city is not None and city.identifier == identifier and city.country == code
    return identifier if is_there else None


def _likeliest(name: str, meanings: Sequence[Meaning], around: Surroundings) -> str | None:
    scores = sorted(((around.speaks_for(m, name), m.identifier) for m in meanings), reverse=True)
    (best, identifier), (second, _) = scores[:2] if len(scores) > 1 else (*scores, (0, ""))
    return identifier if best and best >= CERTAIN_SHARE * second else None


def _undisputed(name: str, identifier: str, around: Surroundings, names: Names) -> str | None:
    """The identifier, unless the text is about a region with a city of that name and not about
    the country of the one that is larger."""
    city = names.cities.get(name)
    if city is None or city.thousands >= WORLD_CITY_THOUSANDS:
        return identifier
    if around.countries.get(city.country, frozenset()) - {name}:
        return identifier
    elsewhere = [
        region
        for region in around.regions
        if _cities_by_region().get((name, region), identifier) != identifier
    ]
    return None if elsewhere else identifier


def _surroundings(
    mentions: Sequence[Mention], texts: Mapping[Field, str], gazetteer: Gazetteer, names: Names
) -> Surroundings:
    countries: dict[str, set[str]] = defaultdict(set)
    regions: dict[str, set[str]] = defaultdict(set)
    for mention in mentions:
        if mention.type != "place" or not mention.known or mention.known in _namesakes():
            continue
        country, region = _area(mention, names)
        if country:
            countries[country].add(mention.known)
        if region:
            regions[region].add(mention.known)
    for word in _capital_words(texts):
        if country := gazetteer.demonyms.get(word):
            countries[country].add(word)
    frozen = {code: frozenset(found) for code, found in countries.items()}
    return Surroundings(texts, frozen, {code: frozenset(found) for code, found in regions.items()})


def _area(mention: Mention, names: Names) -> tuple[str | None, str | None]:
    """The country and the region (ISO 3166) that a known place is or lies in."""
    scheme, _, code = (mention.identifier or "").partition(":")
    if scheme == "iso3166-1":
        return code, None
    if scheme == "iso3166-2":
        return code.partition("-")[0], code
    city = names.cities.get(mention.known or "")
    return (city.country, None) if city and mention.identifier == city.identifier else (None, None)


def _capital_words(texts: Mapping[Field, str]) -> Iterator[str]:
    for text in texts.values():
        yield from set(_CAPITAL.findall(text))


def _holds(text: str, word: str) -> bool:
    """True if the text has the word whole."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        before, after = text[start - 1 : start], text[end : end + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        start = text.find(word, end)
    return False


@cache
def _namesakes() -> Mapping[str, tuple[Meaning, ...]]:
    found: dict[str, tuple[Meaning, ...]] = {}
    for name, identifier, country, words in rows("namesakes.psv", 4):
        found[name] = (*found.get(name, ()), Meaning(identifier, country, tuple(cells(words))))
    return found


@cache
def _cities_by_region() -> Mapping[tuple[str, str], str]:
    """The GeoNames identifier of a city by its name and its region (ISO 3166-2)."""
    return {
        (name, region): f"geonames:{identifier}"
        for name, region, identifier in rows("city_regions.psv", 3)
    }
