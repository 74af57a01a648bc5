"""Facts of a NewsML 1.2 item that only ninjs has names for."""

from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import attribute, children
from newsman.ingest.formats.members import MAX_ENTRIES, concepts, word_count
from newsman.ingest.formats.newsml.v1_components import (
    Lines,
    described,
    formal,
    parties_of,
    properties,
)
from newsman.ingest.formats.newsml.v1_content import words_of


def members_of(lines: Lines) -> dict[str, Any]:
    """Facts of the text's components that only ninjs has names for."""
    lineage = [component.element for component in lines.main.lineage()] if lines.main else []
    codes = [code for described in described(lineage, "SubjectCode") for code in described]
    categories = [attribute(code, "cat") for code in codes] + properties(lineage, "Category")
    places = list(filter(None, map(_place, described(lineage, "Location"))))
    return {
        "genre": concepts((formal(genre), None) for genre in described(lineage, "Genre")),
        "service": concepts((None, category) for category in categories),
        "place": places[:MAX_ENTRIES],
        "wordcount": word_count(words_of(lineage)),
        "source": next(iter(parties_of(lineage)), None),
    }


def _place(location: Element) -> dict[str, str]:
    """The most precise name in a Location, and its country."""
    values = {formal(p): attribute(p, "Value") for p in children(location, "Property")}
    country = values.get("Country")
    name = values.get("City") or values.get("CountryArea")
    place = {"name": name, "country": country} if name else {"name": country, "code": country}
    return {key: value for key, value in place.items() if value}
