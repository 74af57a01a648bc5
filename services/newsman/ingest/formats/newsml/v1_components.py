"""The tree of a NewsML 1.2 item's components, flattened, and the contents of their lines."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import (
    attribute,
    child,
    child_text,
    children,
    rendered,
    short,
    text_of,
    unmodelled,
)
from newsman.ingest.formats.newsml.v1_content import is_text, pictures
from newsman.ingest.formats.newsml.v1_rights import rights_of

BODIES = ("body", "main", "main text", "text", "story", "article")
NO_BODIES = frozenset(
    "headline subheadline stylesheet contact logo photo caption video audio graphic byline "
    "dateline summary abstract copyright creditline slugline title subtitle lead teaser "
    "ednote".split()
)
LEADS = ("lead", "summary", "abstract", "teaser", "caption")
"""Roles of texts that serve as the body if there is no other."""
ADVISORIES = ("advisoryline", "editorialnote", "ednote", "note", "editorsnote")
ORIGINS = ("Origin", "origin", "From", "DateLine")
_LINES = frozenset("HeadLine SubHeadLine ByLine CreditLine CopyrightLine SlugLine".split())
_PARTS = frozenset(
    "NewsComponent NewsLines ContentItem Role BasisForChoice Metadata Comment".split()
)


@dataclass(frozen=True)
class Component:
    """One NewsComponent and the ones that enclose it, nearest first."""

    element: Element
    around: "Component | None"

    @property
    def role(self) -> str:
        return (attribute(child(self.element, "Role"), "FormalName") or "").lower()

    def lineage(self) -> Iterable["Component"]:
        at: Component | None = self
        while at is not None:
            yield at
            at = at.around


@dataclass(frozen=True)
class Lines:
    """All components in document order, and the one that holds the text."""

    components: tuple[Component, ...]
    main: Component | None

    @classmethod
    def of(cls, roots: list[Element]) -> "Lines":
        components = tuple(c for root in roots for c in _flat(Component(root, None)))
        return cls(components, _main(components))


def body_of(lines: Lines) -> Element | None:
    """The component that holds the text."""
    return lines.main.element if lines.main else None


def told(lines: Lines, *roles: str) -> str | None:
    """The text of the first component with one of the roles, those beside the text first."""
    around = set(map(id, lines.main.lineage())) if lines.main else set()
    of_role = [c for c in lines.components if c.role in roles and c is not lines.main]
    of_role.sort(key=lambda component: id(component.around) not in around)
    contents = (child(c.element, "ContentItem", "DataContent") for c in of_role)
    return next((text for each in contents if (text := text_of(each, "head", "title"))), None)


def fields_of(lines: Lines, extra: dict[str, Any]) -> dict[str, Any]:
    """The fields from the components' metadata, those nearest to the text first."""
    lineage = [component.element for component in lines.main.lineage()] if lines.main else []
    extra["components"] = _left_of_components(lines, lineage)
    extra["creditline"] = _line(lineage, "CreditLine")
    keywords = filter(None, [*_keywords(lineage), *_keyword_lines(lineage)])
    return {
        "headline": _line(lineage, "HeadLine"),
        "subheadline": short(_line(lineage, "SubHeadLine")),
        "byline": short(_line(lineage, "ByLine")),
        **rights_of(lineage),
        "editorial_note": "\n\n".join(_advisories(lineage)) or None,
        "slug": _line(lineage, "SlugLine"),
        "located": _origin(lineage) or short(_line(lineage, "DateLine")),
        "language": next(filter(None, _languages(lineage)), None),
        "keywords": list(dict.fromkeys(map(short, keywords))),
        "subjects": _distinct(
            [*(s for c in described(lineage, "SubjectCode") for s in _subjects(c))]
            + [{"name": topic, "code": None, "scheme": None} for topic in _topics(lineage)]
        ),
        "authors": _authors(lineage),
        "images": [image for c in lines.components for image in pictures(c.element, c.role)],
    }


def _left_of_components(lines: Lines, lineage: list[Element]) -> list[dict[str, Any]]:
    """The parts of all components that no field takes, the text's own last."""
    near = set(map(id, lineage))
    others = [component for component in lines.components if component is not lines.main]
    left = [_told(component, whole=id(component.element) not in near) for component in others]
    return left if lines.main is None else [*left, _told(lines.main, whole=False)]


def _flat(component: Component) -> Iterable[Component]:
    yield component
    for inner in children(component.element, "NewsComponent"):
        yield from _flat(Component(inner, component))
    for item in children(component.element, "NewsItem"):
        for inner in children(item, "NewsComponent"):
            yield from _flat(Component(inner, component))


def _main(components: tuple[Component, ...]) -> Component | None:
    texts = [c for c in components if is_text(c.element) and c.role not in NO_BODIES]
    named = [c for c in texts if c.role in BODIES or c.role.endswith("body")]
    leads = [c for c in components if c.role in LEADS and is_text(c.element)]
    return next(iter(named or texts or leads or components), None)


def _languages(lineage: list[Element]) -> Iterable[str | None]:
    """NewsML 1.2: Language of the metadata, then xml:lang from the text outwards."""
    yield from map(formal, described(lineage, "Language"))
    contents = [c for element in lineage[:1] for c in children(element, "ContentItem")]
    data = [d for content in contents for d in children(content, "DataContent")]
    lines = [lines for element in lineage for lines in children(element, "NewsLines")]
    headlines = [headline for each in lines for headline in children(each, "HeadLine")]
    for element in (*data, *contents, *lineage, *headlines, *lines):
        yield attribute(element, "xml:lang")


def _advisories(lineage: list[Element]) -> Iterable[str]:
    """NewsML 1.2 NewsLine: the texts of lines that are for editors."""
    for element in lineage:
        for line in children(child(element, "NewsLines"), "NewsLine"):
            kind = (_formal_of(line, "NewsLineType") or "").lower()
            text = child_text(line, "NewsLineText")
            if text and kind in ADVISORIES:
                yield text


def _distinct(subjects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({tuple(subject.values()): subject for subject in subjects}.values())


def _line(lineage: list[Element], name: str) -> str | None:
    lines = (child_text(element, "NewsLines", name) for element in lineage)
    return next(filter(None, lines), None)


def formal(element: Element) -> str | None:
    """The FormalName of an element."""
    return attribute(element, "FormalName")


def _origin(lineage: list[Element]) -> str | None:
    """NewsML 1.2 Location: the city that a text comes from."""
    places = [p for p in described(lineage, "Location") if p.get("HowPresent") in ORIGINS]
    named = (p for place in places for p in children(place, "Property") if formal(p) == "City")
    return next((short(city) for element in named if (city := attribute(element, "Value"))), None)


def described(lineage: list[Element], name: str) -> list[Element]:
    """The elements of a name in the descriptive metadata, nearest to the text first."""
    return [
        detail
        for element in lineage
        for metadata in children(element, "DescriptiveMetadata")
        for detail in children(metadata, name)
    ]


def _keywords(lineage: list[Element]) -> Iterable[str | None]:
    for element in lineage:
        for metadata in children(element, "Metadata", "DescriptiveMetadata"):
            for entry in children(metadata, "Property"):
                if (formal(entry) or "").lower().endswith(("keyword", "keywords")):
                    yield attribute(entry, "Value")
        for listed in children(element, "item_keywords"):  # Belga's own
            yield from map(text_of, children(listed, "item_keyword"))


def _keyword_lines(lineage: list[Element]) -> Iterable[str]:
    for element in lineage:
        for line in children(child(element, "NewsLines"), "KeywordLine"):
            yield from (word.strip() for word in re.split("[,;]", text_of(line) or ""))


def _subjects(code: Element) -> Iterable[dict[str, Any]]:
    """NewsML 1.2 SubjectCode: Subject, SubjectMatter and SubjectDetail, each separately."""
    for subject in code:
        code_name = short(formal(subject))
        if code_name and subject.tag.startswith("Subject"):
            scheme = attribute(subject, "Scheme") or attribute(subject, "Vocabulary")
            yield {"name": short(text_of(subject)), "code": code_name, "scheme": short(scheme)}


def properties(lineage: list[Element], name: str) -> list[str]:
    """The values of the properties of a name, nearest to the text first."""
    entries = (entry for entry in described(lineage, "Property") if formal(entry) == name)
    return [value for entry in entries if (value := attribute(entry, "Value"))]


def _topics(lineage: list[Element]) -> list[str | None]:
    """Subjects by their names alone, as the Press Association's are."""
    return [short(topic) for topic in properties(lineage, "Topic")]


def _authors(lineage: list[Element]) -> list[dict[str, Any]]:
    names: list[str | None] = []
    for element in lineage:
        metadata = child(element, "AdministrativeMetadata")
        parties = [
            p for creator in children(metadata, "Creator") for p in children(creator, "Party")
        ]
        names += map(formal, parties)
        properties = children(metadata, "Property")
        names += [p.get("Value") for p in properties if (formal(p) or "").lower() == "author"]
    # Beside a byline an agency that is named as the maker of all its texts wrote none of them.
    agencies = parties_of(lineage) if _line(lineage, "ByLine") else []
    named = dict.fromkeys(short(name) for name in names if name not in agencies)
    return [{"name": name} for name in named if name]


def parties_of(lineage: list[Element]) -> list[str]:
    """The names of those who a text is from, as its source and then as its provider."""
    parties = (
        attribute(child(element, "AdministrativeMetadata", kind, "Party"), "FormalName")
        for kind in ("Source", "Provider")
        for element in lineage
    )
    return [party for party in parties if party]


def _told(component: Component, *, whole: bool) -> dict[str, Any]:
    """Parts of a component that no field takes; of enclosing components only the metadata."""
    element = component.element
    details: dict[str, Any] = {
        "role": _formal_of(element, "Role"),
        "lines": unmodelled(child(element, "NewsLines"), frozenset() if whole else _LINES),
        "metadata": [rendered(details) for details in children(element, "Metadata")],
        **unmodelled(element, _PARTS),
    }
    if whole:
        details["content"] = [rendered(item) for item in children(element, "ContentItem")]
    return {name: value for name, value in details.items() if value}


def _formal_of(element: Element, name: str) -> str | None:
    return attribute(child(element, name), "FormalName")
