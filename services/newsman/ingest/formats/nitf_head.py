"""The head of a NITF document beside its docdata: subjects, section, and what agencies add."""

import re
from collections.abc import Iterable
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
from newsman.ingest.formats.markup.xml_values import number

LEVELS = ("type", "matter", "detail")
"""Names of a subject in NITF 3.6, the finest last."""
_SLUGS = ("anpa-keyword", "slugline", "slug")
_KEYWORDS = ("keywords", "keyword")
_AUTHORS = {"author": None, "writer": "writer"}
_SUBJECT_CODES = ("category_iptc", "iptc-subject", "subject_iptc")
# ANPA 1312: flash, bulletin, urgent, regular, deferred.
_PRIORITIES = {"f": 1, "b": 2, "u": 3, "r": 5, "d": 6}
_SUBJECT_CODE = re.compile(r"[0-9]{8}")
# ANSA's mark before a headline or keyword.
_AGENCY_MARK = re.compile(r"\A>{2,9}[A-Z]{2,12}/")


def of_head(head: Element | None, data: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """The fields of the head, where docdata leaves room for them; all else goes to `extra`."""
    if head is None:
        return {}
    extra["meta"] = [dict(meta.items()) for meta in children(head, "meta")]
    extra |= unmodelled(head, frozenset(("title", "meta", "docdata", "tobject")))
    tobject = child(head, "tobject")
    if tobject is not None:
        kind = {f"@{name}": value for name, value in tobject.items()}
        extra["tobject"] = {**kind, **unmodelled(tobject, frozenset(("tobject.subject",)))}
    section = next(
        (text for data in children(head, "pubdata") if (text := data.get("position.section"))), None
    )
    docdata, metas = child(head, "docdata"), list(_metas(head))
    topics = [t for topic in children(tobject, "tobject.subject") for t in _topics(topic)]
    codes = [text for name, text in metas if name in _SUBJECT_CODES and text]
    named = {topic["code"] for topic in topics}
    fields: dict[str, Any] = {
        "section": section[:200] if section else None,
        "slug": _first(metas, _SLUGS) or attribute(child(docdata, "du-key"), "key"),
        "keywords": _keywords(docdata) or _meta_keywords(metas),
        "authors": [
            {"name": short(text), "role": _AUTHORS[name]}
            for name, text in metas
            if name in _AUTHORS and text
        ],
        "subjects": [
            *_distinct(topics),
            *(
                {"name": None, "code": code, "scheme": "IPTC"}
                for code in codes
                if code not in named
            ),
            *_identified(child(docdata, "identified-content")),
        ],
    }
    if not data.get("urgency"):
        fields["urgency"] = _urgency(_first(metas, ("priority", "anpa-priority")))
    return fields


def without_mark(line: str | None) -> str | None:
    """A headline or keyword without the mark that an agency's software puts before it."""
    return _AGENCY_MARK.sub("", line) if line else line


def _metas(head: Element) -> Iterable[tuple[str, str]]:
    for meta in children(head, "meta"):
        yield (attribute(meta, "name") or "").lower(), attribute(meta, "content") or ""


def _first(metas: list[tuple[str, str]], names: tuple[str, ...]) -> str | None:
    texts = (text for wanted in names for name, text in metas if name == wanted)
    return next(filter(None, texts), None)


def _urgency(priority: str | None) -> int | None:
    if priority is None:
        return None
    return _PRIORITIES.get(priority.lower()) or number(priority, lowest=1, highest=9)


def _keywords(docdata: Element | None) -> list[str]:
    keywords = (
        short(attribute(keyword, "key") or text_of(keyword))
        for key_list in children(docdata, "key-list")
        for keyword in children(key_list, "keyword")
    )
    return [keyword for keyword in keywords if keyword]


def _meta_keywords(metas: list[tuple[str, str]]) -> list[str]:
    texts = (without_mark(text) or "" for name, text in metas if name in _KEYWORDS)
    words = (short(word.strip()) for text in texts for word in re.split("[,;]", text))
    return [word for word in words if word]


def _topics(subject: Element) -> Iterable[dict[str, Any]]:
    """NITF 3.6 tobject.subject: a subject for each of its names, whose codes its own has in it.

    A code that is no IPTC subject code (two digits of the type, three of the matter, three of
    the detail) stands for the finest name alone. An element without name and code is none.
    """
    names = {level: short(attribute(subject, f"tobject.subject.{level}")) for level in LEVELS}
    reference = short(attribute(subject, "tobject.subject.refnum"))
    code = reference or short(attribute(subject, "tobject.subject.code"))
    scheme = short(attribute(subject, "tobject.subject.ipr")) or "IPTC"
    finest = names["detail"] or names["matter"] or names["type"] or short(text_of(subject))
    if not finest and not code:
        return
    by_code: dict[str | None, str | None] = {code: finest}
    if code and _SUBJECT_CODE.fullmatch(code):
        levels = {"type": code[:2] + "000000", "matter": code[:5] + "000", "detail": code}
        by_code = {levels[level]: name for level, name in names.items() if name}
        by_code.setdefault(code, finest)
    for each, name in by_code.items():
        yield {"name": name, "code": each, "scheme": scheme}


def _distinct(subjects: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return {tuple(subject.values()): subject for subject in subjects}.values()


def _identified(content: Element | None) -> list[dict[str, Any]]:
    concepts = []
    for entry in () if content is None else content:
        name = text_of(entry, "alt-code") or attribute(entry, "value")
        alternative = child(entry, "alt-code")
        code = attribute(entry, "value") or attribute(alternative, "value")
        code = code or attribute(entry, "location-code")
        scheme = attribute(entry, "idsrc") or attribute(alternative, "idsrc")
        scheme = scheme or attribute(entry, "code-source") or attribute(entry, "type")
        if name:
            concepts.append({"name": short(name), "code": short(code), "scheme": short(scheme)})
    return concepts
