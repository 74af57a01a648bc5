"""Places and organisations that are known by name, with their other names."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from newsman.enrich.data_files import cells, lines, rows
from newsman.enrich.entities.mentions import EntityType, Field, Mention, in_small_letters
from newsman.enrich.entities.name_lists import load_names

METHOD = "gazetteer 4"
ALSO_WORDS = frozenset({"WHO", "US"})
"""Acronyms that are ordinary words too, which a text in capitals does not tell apart."""
FOUND_FROM_THOUSANDS = 300
"""Cities of so many thousand people are found wherever they are written."""
NOT_FOUND_ALONE = frozenset(
    "Reading Nice Split Orange Aurora Hull Cork Bath Date Best Victoria Puma Central Split Salem "
    "Lincoln Jackson Orlando Madison Lafayette Franklin Mission Mobile Independence Rugby Sale "
    "Bury "
    "Wellington Nelson Cleveland Newcastle Bari Most Enterprise Ulster Lund Sion Brest Bergen "
    "Santiago Merida Cordoba Trinidad Progreso Soledad Concord Santa Guadalupe Delta Fes Bo".split()
)


_WASHINGTON = ("D.C.", "Washington, D.C.", "Washington D.C.", "Washington DC", "Washington, DC")


@dataclass(frozen=True)
class GazetteerName:
    """The meaning of a name; `identifier` is SCHEME:CODE (ISO 3166, GeoNames, Wikidata)."""

    name: str
    type: EntityType
    identifier: str | None = None


class Gazetteer:
    """Finds known names as whole words, the longest first."""

    def __init__(
        self,
        names: dict[str, GazetteerName],
        demonyms: Mapping[str, str],
        labels: Collection[str] = frozenset(),
    ) -> None:
        self._names = names
        self.demonyms = demonyms
        """Adjective of a nation -> its country (ISO 3166-1)."""
        self.labels = frozenset(labels)
        """Peoples, languages, faiths and medicines, which are no entities."""
        self.other_names = _other_names(names)
        # Most words begin with a small letter, which is told at once.
        first = "".join(sorted({re.escape(name[0]) for name in names if name}))
        self._pattern = re.compile(rf"(?<![\w-])(?=[{first}])(?:{_any_of(names)})(?!\w|-\w)")

    def get(self, name: str) -> GazetteerName | None:
        """The meaning of the name; None if it is unknown."""
        return self._names.get(name.replace("’", "'"))

    def find(self, field: Field, text: str) -> list[Mention]:
        """Every known name in the text."""
        mentions = [self._mention(field, match, text) for match in self._pattern.finditer(text)]
        if not text.isupper():
            return mentions
        spelled_out = self._pattern.finditer(in_small_letters(text))
        acronyms = [mention for mention in mentions if mention.text not in ALSO_WORDS]
        seen = {(mention.start, mention.end) for mention in acronyms}
        return acronyms + [
            self._mention(field, match, text) for match in spelled_out if match.span() not in seen
        ]

    def _mention(self, field: Field, match: "re.Match[str]", text: str) -> Mention:
        entry = self._names[match.group().replace("’", "'")]
        start, end = match.span()
        surface = text[start:end]
        return Mention(field, start, end, surface, entry.type, METHOD, entry.name, entry.identifier)


def _other_names(names: dict[str, GazetteerName]) -> dict[str, tuple[str, ...]]:
    """By the name that an entity is published under."""
    others: dict[str, list[str]] = defaultdict(list)
    for name, entry in names.items():
        if name != entry.name:
            others[entry.name].append(name)
    return {name: tuple(aliases) for name, aliases in others.items()}


def load_gazetteer() -> Gazetteer:
    """The gazetteer that comes with Newsman."""
    names = _cities()
    for line in lines("places.txt"):
        place, *also = line.split("|")
        names |= dict.fromkeys((place, *also), _place(place))
    demonyms: dict[str, str] = {}
    for code, name, others in rows("regions.psv", 3):
        entry = GazetteerName(name, "place", f"iso3166-2:{code}")
        names |= dict.fromkeys((name, *cells(others)), entry)
    for code, name, capital, others, people in rows("countries.psv", 5):
        entry = GazetteerName(name, "place", f"iso3166-1:{code}")
        names |= dict.fromkeys((name, *cells(others)), entry)
        if capital:
            names[capital] = _place(capital, country=code)
        demonyms |= dict.fromkeys(cells(people), code)
    for name, others, item in rows("organisations.psv", 3):
        entry = GazetteerName(name, "organisation", f"wikidata:{item}" if item else None)
        names |= dict.fromkeys((name, *cells(others)), entry)
    for name, others in rows("events.psv", 2):
        names |= dict.fromkeys((name, *cells(others)), GazetteerName(name, "event"))
    names |= {line: GazetteerName(line, "work") for line in lines("works.txt")}
    names |= dict.fromkeys(_WASHINGTON, names["Washington"])
    return Gazetteer(names, demonyms, frozenset(lines("labels.txt")))


def _cities() -> dict[str, GazetteerName]:
    """Large cities whose name means nothing else."""
    names = load_names()
    return {
        city.name: GazetteerName(city.name, "place", city.identifier)
        for city in names.cities.values()
        if city.thousands >= FOUND_FROM_THOUSANDS
        and city.is_certain
        and city.name not in names.first_names | NOT_FOUND_ALONE
        and len(city.name) > 3
    }


def _place(name: str, *, country: str | None = None) -> GazetteerName:
    city = load_names().cities.get(name)
    is_that = city is not None and (city.is_certain if country is None else city.country == country)
    return GazetteerName(name, "place", city.identifier if city and is_that else None)


def _any_of(names: Iterable[str]) -> str:
    """Alternatives by their first two letters, so that a text is not compared with thousands."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names, key=len, reverse=True):
        groups[name[:2]].append(_spelled(name[2:]))
    return "|".join(
        f"{_spelled(beginning)}(?:{'|'.join(endings)})" for beginning, endings in groups.items()
    )


def _spelled(name: str) -> str:
    return re.escape(name).replace("'", "['’]").replace(r"\ ", r"\s")
