"""Facts about names that speak for a type without settling it: cities, and people's first names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from newsman.enrich.data_files import lines, read_data, rows


@dataclass(frozen=True)
class City:
    """The largest city of a name; `is_certain` when no other of that name comes near it."""

    name: str
    country: str
    identifier: str
    thousands: int
    is_certain: bool


@dataclass(frozen=True)
class Names:
    """Cities by name, and first names."""

    cities: Mapping[str, City]
    first_names: frozenset[str]


@cache
def load_names() -> Names:
    """The names that come with Newsman; sources in the files' heads."""
    cities = {
        name: City(name, country, f"geonames:{identifier}", int(thousands), certain == "1")
        for name, country, identifier, thousands, certain in rows("cities.psv", 5)
    }
    first_names = {*lines("first_names.txt")} - AMBIGUOUS
    more = [line for line in read_data("first_names_more.txt").splitlines() if line[0] != "#"]
    return Names(cities, frozenset(first_names.union(" ".join(more).split())))


AMBIGUOUS = frozenset(
    "The America April Art Asia Bill Chance Christian Dallas Denver Earl Faith German Hope Houston "
    "India Israel Joy June Kenya King Major Man Mark May Mercedes Prince Rich Royal Star Will "
    "Young "
    "Sunday Summer Autumn Baby Love Early Golden Honey Precious Princess Queen Silver "
    "Sterling".split()
) - {"Mark", "Bill", "Christian", "Will"}
"""First names that are more often something else."""
