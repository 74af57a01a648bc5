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
from newsman.enrich.entities.name_lists import City, Names
from newsman.enrich.identity.states import state_of

CERTAIN_SHARE = 3
"""One meaning of a name has at least so many times the evidence of every other."""
WORLD_CITY_THOUSANDS = 1_000
"""A city that large is meant unless the text names another container right behind it."""

DEFAULT = "*"
"""Among the words of a meaning: what is meant where nothing speaks for another."""
LEAST_NEIGHBOURS = 2
"""Cities of one region that speak for a smaller city of a world city's name there."""

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
    neighbours: Mapping[str, frozenset[str]]
    """The names of places by region, cities on the list of regions among them."""

    def speaks_for(self, meaning: Meaning, name: str) -> int:
        """The number of words and places of the text that speak for a meaning of the name."""
        others = self.countries.get(meaning.country, frozenset()) - {name}
        return self.has_words_of(meaning) + len(others)

    def has_words_of(self, meaning: Meaning) -> int:
        """The number of the meaning's words that the text has, once for each of its parts."""
        words = [word for word in meaning.words if word != DEFAULT]
        return sum(_holds(text, word) for word in words for text in self.texts.values())


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
    one = _names_by_identifier(found, gazetteer)
    return [
        _with_container(m, texts[m.field], gazetteer)
        if m.type == "place" and not m.known and not m.is_own
        else replace(m, identifier=found[m.known], known=one.get(m.known, m.known))
        if m.type == "place" and m.known in found and not m.is_own
        else m
        for m in mentions
    ]


def _names_by_identifier(found: Mapping[str, str | None], gazetteer: Gazetteer) -> dict[str, str]:
    """Name -> the other name of the text that a list has for that place: where Washington is the
    state, it is one with "Washington state"."""
    own = {i: n for n, i in found.items() if i and (e := gazetteer.get(n)) and e.identifier == i}
    return {name: own[i] for name, i in found.items() if i in own and own[i] != name}


def _with_container(mention: Mention, text: str, gazetteer: Gazetteer) -> Mention:
    """A place on no list with the identifier of the city of that name in the region behind it:
    "Portland, Maine"."""
    container = _container(text[mention.end :], gazetteer)
    code = (container or "").partition(":")[2]
    identifier = _cities_by_region().get((mention.text, code))
    return replace(mention, known=mention.text, identifier=identifier) if identifier else mention


def _identifier(
    name: str, group: Sequence[Mention], around: Surroundings, gazetteer: Gazetteer, names: Names
) -> str | None:
    identifier = group[0].identifier
    meanings = _namesakes().get(name)
    if meanings and not any(DEFAULT in m.words for m in meanings):
        return _likeliest(name, meanings, around)
    for mention in group:
        container = _container(around.texts[mention.field][mention.end :], gazetteer)
        if container is not None:
            return _within(name, identifier, container, names)
    if meanings:
        return _unless_another(meanings, around)
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


def _unless_another(meanings: Sequence[Meaning], around: Surroundings) -> str | None:
    """The default meaning, unless the text has words for another: that one if there are many more,
    else none."""
    scores = {m: around.has_words_of(m) for m in meanings}
    default = next(m for m in meanings if DEFAULT in m.words)
    best = max(meanings, key=lambda m: (scores[m], m == default))
    if best == default or not scores[best]:
        return default.identifier
    return best.identifier if scores[best] >= CERTAIN_SHARE * scores[default] else None


def _undisputed(name: str, identifier: str, around: Surroundings, names: Names) -> str | None:
    """The identifier, unless the text is about a region with a city of that name and not about
    the country of the one that is larger."""
    city = names.cities.get(name)
    if city is None:
        return identifier
    if city.thousands >= WORLD_CITY_THOUSANDS:
        return _unless_among_neighbours(name, city, around)
    if around.countries.get(city.country, frozenset()) - {name}:
        return identifier
    elsewhere = [
        region
        for region in around.regions
        if _cities_by_region().get((name, region), identifier) != identifier
    ]
    return None if elsewhere else identifier


def _unless_among_neighbours(name: str, city: City, around: Surroundings) -> str:
    """The world city, unless the text is of other cities of a region that has one of that name, and
    of nothing in the world city's country: Perth beside Dundee and Stirling."""
    if around.countries.get(city.country, frozenset()) - {name}:
        return city.identifier
    regions = [r for r, n in around.neighbours.items() if len(n - {name}) >= LEAST_NEIGHBOURS]
    found = {_cities_by_region().get((name, region)) for region in regions} - {None}
    return next(iter(found)) or city.identifier if len(found) == 1 else city.identifier


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
    return Surroundings(texts, _frozen(countries), _frozen(regions), _neighbours(mentions, regions))


def _neighbours(
    mentions: Sequence[Mention], regions: Mapping[str, set[str]]
) -> dict[str, frozenset[str]]:
    """The names of the text by region: the region's own and those of cities that lie in it."""
    neighbours = defaultdict(set, {region: set(found) for region, found in regions.items()})
    for name in {m.known or m.text for m in mentions if m.type == "place"}:
        for region in _regions_of(name):
            neighbours[region].add(name)
    return _frozen(neighbours)


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {code: frozenset(found) for code, found in sets.items()}


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


def _regions_of(city: str) -> frozenset[str]:
    return _regions_by_city().get(city, frozenset())


@cache
def _regions_by_city() -> Mapping[str, frozenset[str]]:
    regions: dict[str, set[str]] = defaultdict(set)
    for name, region in _cities_by_region():
        regions[name].add(region)
    return _frozen(regions)


@cache
def _cities_by_region() -> Mapping[tuple[str, str], str]:
    """The GeoNames identifier of a city by its name and its region (ISO 3166-2)."""
    return {
        (name, region): f"geonames:{identifier}"
        for name, region, identifier in rows("city_regions.psv", 3)
    }
