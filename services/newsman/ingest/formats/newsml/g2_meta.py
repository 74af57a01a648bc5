"""The metadata of a NewsML-G2 item (IPTC NAR: itemMeta, contentMeta, rightsInfo)."""

import re
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import (
    attribute,
    child,
    child_text,
    children,
    short,
    short_text,
    text_of,
    unmodelled,
)
from newsman.ingest.formats.markup.xml_texts import texts_of
from newsman.ingest.formats.markup.xml_values import HIGHEST_VERSION, number
from newsman_schemas.pubstatus import status_named

LANG = "xml:lang"
SUMMARIES = ("summary", "abstract", "caption", "synthe")
_ITEM = frozenset("itemMeta contentMeta contentSet rightsInfo catalogRef catalog".split())
_ITEM_META = frozenset("itemClass versionCreated firstCreated embargoed pubStatus edNote".split())
_CONTENT_META = frozenset("urgency keyword slugline headline by".split())


def fields_of(item: Element) -> dict[str, Any]:
    """The fields from the metadata; the rest of it is in `extra`."""
    meta, content = child(item, "itemMeta"), child(item, "contentMeta")
    language = _language(item, content)
    extra: dict[str, Any] = {
        "type": class_of(item),
        **unmodelled(item, _ITEM),
        **unmodelled(meta, _ITEM_META),
        **unmodelled(content, _CONTENT_META),
    }
    fields = {
        "uri": attribute(item, "guid"),
        "version": number(attribute(item, "version"), lowest=0, highest=HIGHEST_VERSION),
        "language": language,
        **_of_item_meta(meta, content),
        **_of_rights(child(item, "rightsInfo"), extra),
        **_of_content_meta(content, language, extra),
    }
    fields["headline"] = fields["headline"] or text_of(_in_language(meta, "title", language))
    if fields["version"] is None and item.get("version"):
        extra["version"] = item.get("version")
    _hold_back(meta, fields)
    fields["extra"] = {name: value for name, value in extra.items() if value}
    return fields


def _language(item: Element, content: Element | None) -> str | None:
    """The language stated for the content, or else for the item, the text or the headline."""
    inline = children(child(item, "contentSet"), "inlineXML", "inlineData")
    within = [item, *inline, *children(content, "headline")]
    tags = [attribute(child(content, "language"), "tag"), *(attribute(e, LANG) for e in within)]
    return next(filter(None, tags), None)


def class_of(item: Element) -> str | None:
    """The kind of an item: text, picture, composite, … (IPTC ninature)."""
    return last_part(concept_id(child(item, "itemMeta", "itemClass")))


def concept_id(element: Element | None) -> str | None:
    """The qcode, uri or literal that names a concept."""
    identifiers = (attribute(element, name) for name in ("qcode", "uri", "literal"))
    return next(filter(None, identifiers), None)


def last_part(code: str | None) -> str | None:
    """The code of a qcode or uri without its scheme."""
    return re.split(r"[:/#]", code)[-1] or None if code else None


def descriptions(content: Element | None, language: str | None) -> list[str]:
    """The descriptions, summaries first."""
    elements = children(content, "description")
    elements.sort(
        key=lambda element: (_rank(element), attribute(element, LANG) not in (None, language))
    )
    return [text for element in elements if (text := text_of(element))]


def _rank(description: Element) -> int:
    role = attribute(description, "role") or attribute(description, "roleuri")
    name = (last_part(role) or "summary").lower()
    return SUMMARIES.index(name) if name in SUMMARIES else len(SUMMARIES)


def _of_item_meta(meta: Element | None, content: Element | None) -> dict[str, Any]:
    """The fields of itemMeta; a date that it lacks comes from the content."""
    service = child(meta, "service")
    section = child_text(service, "name") or last_part(concept_id(service))
    notes = texts_of(children(meta, "edNote"))
    status = last_part(concept_id(child(meta, "pubStatus"))) or ""
    return {
        "version_created": child_text(meta, "versionCreated")
        or child_text(content, "contentModified"),
        "first_created": child_text(meta, "firstCreated") or child_text(content, "contentCreated"),
        "embargoed_until": child_text(meta, "embargoed"),
        "pubstatus": status_named(status) or status.lower() or None,
        "section": section[:200] if section else None,
        "editorial_note": "\n\n".join(notes) or None,
    }


def _hold_back(meta: Element | None, fields: dict[str, Any]) -> None:
    """NAR embargoed: without a time it holds until further notice."""
    if child(meta, "embargoed") is None or fields["embargoed_until"]:
        return
    if fields["pubstatus"] in (None, "usable"):
        fields["pubstatus"] = "withheld"


def _of_rights(rights: Element | None, extra: dict[str, Any]) -> dict[str, Any]:
    holder = child(rights, "copyrightHolder")
    named = child_text(holder, "name") or concept_id(holder)
    left = unmodelled(rights, frozenset(("copyrightNotice", "usageTerms")))
    extra["rights"] = left
    terms = texts_of(children(rights, "usageTerms"))
    return {
        "copyright": short_text(child(rights, "copyrightNotice")) or short(named),
        "usage_terms": "\n\n".join(terms) or None,
    }


def _of_content_meta(
    content: Element | None, language: str | None, extra: dict[str, Any]
) -> dict[str, Any]:
    """The fields of contentMeta; headlines beyond the first and a bad urgency go to `extra`."""
    headlines = _headlines(content, language, extra)
    urgency = child_text(content, "urgency")
    rank = number(urgency, lowest=1, highest=9)
    if urgency and rank is None:
        extra["urgency"] = urgency
    summaries = descriptions(content, language)
    located = short(name_or_literal(child(content, "located"), language))
    byline = short(_byline(content, language))
    people = children(content, "creator") + children(content, "contributor")
    authors = [author for person in people if (author := _author(person, language))]
    if byline:
        agencies = _agencies(content, language)
        authors = [author for author in authors if author["name"] not in agencies]
    return {
        **headlines,
        "urgency": rank,
        "slug": child_text(content, "slugline"),
        "byline": byline,
        "located": located or short_text(child(content, "dateline")),
        "summary": next(iter(summaries), None),
        "keywords": [short(word) for word in texts_of(children(content, "keyword"))],
        "authors": authors,
        "subjects": list(_subjects(children(content, "subject"), language)),
    }


def _byline(content: Element | None, language: str | None) -> str | None:
    """The lines in the first one's language, joined."""
    main = _in_language(content, "by", language)
    lines = [by for by in children(content, "by") if attribute(by, LANG) == attribute(main, LANG)]
    return ", ".join(texts_of(lines)) or None


def _agencies(content: Element | None, language: str | None) -> set[str | None]:
    """The names of the sources; beside a byline they are nobody's who wrote the text."""
    sources = children(content, "infoSource")
    named = {short(name_or_literal(each, language)) for each in sources}
    return named | {child_text(content, "creditline")}


def _headlines(
    content: Element | None, language: str | None, extra: dict[str, Any]
) -> dict[str, Any]:
    """The headline in the language, and its subheadlines joined; all others go to `extra`."""
    main = _in_language(content, "headline", language)
    others = [headline for headline in children(content, "headline") if headline is not main]
    lower = [headline for headline in others if _is_lower(headline)]
    extra["headlines"] = [text_of(headline) for headline in others if headline not in lower]
    return {"headline": text_of(main), "subheadline": short(" / ".join(texts_of(lower)))}


def _is_lower(headline: Element) -> bool:
    return "sub" in (attribute(headline, "role") or "")


def _in_language(parent: Element | None, name: str, language: str | None) -> Element | None:
    """The element in the language, else one without a language, else the first; no subheadline.

    English of Britain is English first (RFC 4647 section 3.4).
    """
    candidates = [element for element in children(parent, name) if not _is_lower(element)]
    ranges = [language, *([language.partition("-")[0]] if language else []), None]
    for wanted in ranges:
        for element in candidates:
            if attribute(element, LANG) == wanted:
                return element
    return candidates[0] if candidates else None


def _name(concept: Element | None, language: str | None) -> str | None:
    return text_of(_in_language(concept, "name", language))


def name_or_literal(concept: Element | None, language: str | None) -> str | None:
    return _name(concept, language) or attribute(concept, "literal")


def _author(person: Element, language: str | None) -> dict[str, Any] | None:
    name = short(_name(person, language)) or short(concept_id(person))
    role = attribute(person, "role") or attribute(person, "jobtitle")
    return (
        {
            "name": name,
            "role": short(last_part(role)),
            "code": short(attribute(person, "qcode")),
            "uri": short(attribute(person, "uri")),
        }
        if name
        else None
    )


def _subjects(subjects: Iterable[Element], language: str | None) -> Iterable[dict[str, Any]]:
    """NAR subject; of one with facets, its main concept and each facet separately."""
    for subject in subjects:
        faceted = children(subject, "mainConcept", "facetConcept")
        for concept in faceted or [subject]:
            name, (scheme, code) = name_or_literal(concept, language), code_of(concept)
            if name or code:
                yield {"name": short(name), "code": code, "scheme": scheme}


def code_of(concept: Element) -> tuple[str | None, str | None]:
    """Scheme and code: a qcode's two halves, or a uri up to its last part and that part."""
    if qcode := attribute(concept, "qcode"):
        scheme, _, code = qcode.partition(":")
        return (short(scheme), short(code)) if code else (None, short(scheme))
    if uri := attribute(concept, "uri"):
        code = last_part(uri.rstrip("/")) or uri
        return short(uri.rstrip("/").removesuffix(code)), short(code)
    return None, short(attribute(concept, "literal"))
