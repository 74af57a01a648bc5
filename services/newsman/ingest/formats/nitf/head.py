"""The head of a NITF document apart from docdata: subjects, section, agencies' additions."""

from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import (
    attribute,
    child,
    children,
    short,
    text_of,
    unmodelled,
)
from newsman.ingest.formats.members import concepts
from newsman.ingest.formats.nitf.meta import Metas
from newsman.ingest.formats.nitf.subjects import subjects_of


def of_head(head: Element | None, data: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """The fields from the head that docdata leaves open; the rest goes to `extra`."""
    if head is None:
        return {}
    _keep_beside(head, extra)
    docdata, metas = child(head, "docdata"), Metas.of(head)
    fields: dict[str, Any] = {
        "section": _section(head),
        "slug": metas.slug or attribute(child(docdata, "du-key"), "key"),
        "keywords": _keywords(docdata) or metas.keywords,
        "authors": metas.authors,
        "subjects": subjects_of(head, metas),
    }
    return fields if data.get("urgency") else {**fields, "urgency": metas.urgency}


def members_of(head: Element | None) -> dict[str, Any]:
    """Facts of the head that only ninjs has names for."""
    if head is None:
        return {}
    places = children(child(head, "docdata"), "evloc")
    properties = children(child(head, "tobject"), "tobject.property")
    kinds = (attribute(kind, "tobject.property.type") for kind in properties)
    return {
        **Metas.of(head).members,
        "genre": concepts((kind, None) for kind in kinds),
        "place": concepts((attribute(p, "city"), attribute(p, "iso-cc")) for p in places),
    }


def _keep_beside(head: Element, extra: dict[str, Any]) -> None:
    extra["meta"] = [dict(meta.items()) for meta in children(head, "meta")]
    extra |= unmodelled(head, frozenset(("title", "meta", "docdata", "tobject")))
    tobject = child(head, "tobject")
    if tobject is not None:
        kind = {f"@{name}": value for name, value in tobject.items()}
        extra["tobject"] = {**kind, **unmodelled(tobject, frozenset(("tobject.subject",)))}


def _section(head: Element) -> str | None:
    sections = (attribute(data, "position.section") for data in children(head, "pubdata"))
    section = next(filter(None, sections), None)
    return section[:200] if section else None


def _keywords(docdata: Element | None) -> list[str]:
    keywords = (
        short(attribute(keyword, "key") or text_of(keyword))
        for key_list in children(docdata, "key-list")
        for keyword in children(key_list, "keyword")
    )
    return [keyword for keyword in keywords if keyword]
