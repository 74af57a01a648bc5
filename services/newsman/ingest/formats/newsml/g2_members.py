"""Facts of a NewsML-G2 item that only ninjs has names for."""

from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import attribute, child, child_text, children
from newsman.ingest.formats.members import concepts, word_count
from newsman.ingest.formats.newsml.g2_meta import code_of, concept_id, last_part, name_or_literal

PLACES = frozenset(("5", "geoarea", "poi"))
"""Last parts of the types of concepts that are places (IPTC cpnat, and its earlier cptType)."""


def members_of(item: Element, language: str | None) -> dict[str, Any]:
    """Genre, place, service, word count and source of an item."""
    meta, content = child(item, "itemMeta"), child(item, "contentMeta")
    subjects = children(content, "subject")
    places = [subject for subject in subjects if _kind(subject) in PLACES]
    inline = children(child(item, "contentSet"), "inlineXML", "inlineData")
    counts = (attribute(each, "wordcount") for each in inline)
    return {
        "genre": concepts(_coded(children(content, "genre"), language)),
        "place": concepts(_coded(places, language)),
        "service": concepts(_coded(children(meta, "service"), language)),
        "wordcount": word_count(next(filter(None, counts), None)),
        "source": _source(meta, content, language),
    }


def _kind(subject: Element) -> str:
    return (last_part(attribute(subject, "type")) or "").lower()


def _coded(
    named: Iterable[Element], language: str | None
) -> Iterable[tuple[str | None, str | None]]:
    return ((name_or_literal(each, language), code_of(each)[1]) for each in named)


def _source(meta: Element | None, content: Element | None, language: str | None) -> str | None:
    """The source that the content names, else its credit line, else the provider."""
    named = (name_or_literal(each, language) for each in children(content, "infoSource"))
    provider = child(meta, "provider")
    others = (child_text(content, "creditline"), name_or_literal(provider, language))
    return next(filter(None, [*named, *others]), None) or last_part(concept_id(provider))
