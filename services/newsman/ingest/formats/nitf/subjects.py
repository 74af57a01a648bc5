"""Subjects of a NITF document: tobject.subject, and what docdata identifies."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import attribute, child, children, short, text_of
from newsman.ingest.formats.nitf.meta import Metas

LEVELS = ("type", "matter", "detail")
"""Names of a subject in NITF 3.6, the most specific last."""
_SUBJECT_CODE = re.compile(r"[0-9]{8}")


def subjects_of(head: Element, metas: Metas) -> list[dict[str, Any]]:
    """The subjects of the tobject, codes in `meta` that it lacks, and identified content."""
    elements = children(child(head, "tobject"), "tobject.subject")
    topics = [topic for element in elements for topic in _topics(element)]
    codes = {topic["code"] for topic in topics}
    others = [subject for subject in metas.subjects if subject["code"] not in codes]
    content = child(head, "docdata", "identified-content")
    return [*_distinct([*topics, *others]), *_identified(content)]


def _topics(subject: Element) -> Iterator[dict[str, Any]]:
    """NITF 3.6 tobject.subject: a subject for each of its names, whose codes its own has in it.

    An element without name and code is none.
    """
    names = {level: short(attribute(subject, f"tobject.subject.{level}")) for level in LEVELS}
    reference = short(attribute(subject, "tobject.subject.refnum"))
    code = reference or short(attribute(subject, "tobject.subject.code"))
    scheme = short(attribute(subject, "tobject.subject.ipr")) or "IPTC"
    named = [name for name in reversed(names.values()) if name]
    finest = next(iter(named), None) or short(text_of(subject))
    if finest or code:
        by_code = _levels(code, names) if code else {}
        by_code.setdefault(code, finest)
        for each, name in by_code.items():
            yield {"name": name, "code": each, "scheme": scheme}


def _levels(code: str, names: dict[str, str | None]) -> dict[str | None, str | None]:
    """The names by the codes of their levels.

    IPTC's subject code has two digits of the type, three of the matter and three of the detail;
    any other stands for the finest name alone.
    """
    if not _SUBJECT_CODE.fullmatch(code):
        return {}
    codes = {"type": code[:2] + "000000", "matter": code[:5] + "000", "detail": code}
    return {codes[level]: name for level, name in names.items() if name}


def _distinct(subjects: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return {tuple(subject.values()): subject for subject in subjects}.values()


def _name(entry: Element) -> str | None:
    """The words of an identified thing; a place's parts are told apart: `Bergen, Norway`."""
    parts = [text for part in entry if part.tag != "alt-code" and (text := text_of(part))]
    if (entry.text or "").strip() or len(parts) < 2:
        return text_of(entry, "alt-code")
    return (" " if entry.tag == "person" else ", ").join(parts)


def _identified(content: Element | None) -> list[dict[str, Any]]:
    concepts = []
    for entry in () if content is None else content:
        value, alternative = attribute(entry, "value"), child(entry, "alt-code")
        code = value or attribute(alternative, "value")
        name = _name(entry) or (None if value and value.isdecimal() else value)
        code = code or attribute(entry, "location-code")
        scheme = attribute(entry, "idsrc") or attribute(alternative, "idsrc")
        scheme = scheme or attribute(entry, "code-source") or attribute(entry, "type")
        if name or value:
            concepts.append({"name": short(name), "code": short(code), "scheme": short(scheme)})
    return concepts
