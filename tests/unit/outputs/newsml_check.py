"""Checks NewsML-G2 against the model of the IPTC's own library, and what its types say.

The library reads leniently: it takes what it knows and drops the rest. Here all that it does not
know is a violation, as is a wrong order, a value that is none of its type, or a name whose
prefix no catalogue of the document explains.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib import import_module
from importlib.resources import files

import NewsMLG2
from lxml import etree

G2 = "{http://iptc.org/std/nar/2006-10-01/}"
XML = "{http://www.w3.org/XML/1998/namespace}"
IN_ORDER = {"newsItem", "packageItem", "newsMessage", "header", "itemMeta", "rightsInfo"}
IN_ORDER |= {"group", "groupSet"}
DATES = {"sent", "versionCreated", "firstCreated", "embargoed", "contentCreated"}
NEEDED = {
    "newsMessage": {"header", "itemSet"},
    "header": {"sent"},
    "newsItem": {"itemMeta"},
    "packageItem": {"itemMeta", "groupSet"},
    "itemMeta": {"itemClass", "provider", "versionCreated"},
    "groupSet": {"group"},
}
IDENTIFIED = {"newsItem", "packageItem"}
MODELS = {
    "newsItem": NewsMLG2.NewsItem,
    "packageItem": NewsMLG2.PackageItem,
    "newsMessage": NewsMLG2.NewsMessage,
}
NEEDED_ATTRIBUTES = ("guid", "version", "standard", "standardversion", "conformance")
PATTERNS = {
    "QCodeType": r"[^\s:]+:\S+",
    "QCodeListType": r"[^\s:]+:\S+( [^\s:]+:\S+)*",
    "IRIType": r"[a-z][a-z0-9+.-]*:\S+",
    "xs:anyURI": r"\S+",
    "xs:language": r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*",
    "xs:positiveInteger": r"[1-9]\d*",
    "positive integer": r"[1-9]\d*",
    "xs:nonNegativeInteger": r"\d+",
    "xs:ID": r"[A-Za-z_][\w.-]*",
    "xs:IDREF": r"[A-Za-z_][\w.-]*",
}


def violations(document: bytes) -> list[str]:
    """What is wrong with a document, as paths and reasons; nothing if it is sound."""
    root = etree.fromstring(document)
    return [*_element(root, MODELS[_name(root)], _name(root)), *_references(root)]


def _element(element: etree._Element, model: type, path: str) -> Iterator[str]:
    name = _name(element)
    attributes, definitions = _definitions(model)
    yield from _attributes(element, attributes, path)
    children = [child for child in element.iterchildren("*") if child.tag.startswith(G2)]
    names = [_name(child) for child in children]
    yield from (f"{path}: no {lacking}" for lacking in NEEDED.get(name, set()) - set(names))
    if name in DATES and not _is_moment(element.text):
        yield f"{path}: no time with a zone: {element.text!r}"
    if name == "itemRef":
        return  # hints of what the item itself says
    if name in IN_ORDER:
        ranks = [definitions[child][0] for child in names if child in definitions]
        if ranks != sorted(ranks):
            yield f"{path}: order {names}"
    for child, own in zip(children, names, strict=True):
        known = MODELS if name == "itemSet" else definitions
        if own not in known:
            yield f"{path}: unknown {own}"
        elif name == "itemSet":
            yield from _element(child, MODELS[own], f"{path}/{own}")
        else:
            _, definition = definitions[own]
            if definition["type"] == "single" and names.count(own) > 1:
                yield f"{path}: {names.count(own)} of {own}"
            yield from _element(child, _model(definition["element_class"]), f"{path}/{own}")


@cache
def _definitions(model: type) -> tuple[dict, dict]:
    """The attributes of a model, and its elements by name with their rank in its order."""
    made = object.__new__(model)
    found = enumerate(made.get_element_definitions())
    return made.get_attribute_definitions(), {d["xml_name"]: (rank, d) for rank, (_, d) in found}


def _attributes(element: etree._Element, definitions: dict, path: str) -> Iterator[str]:
    types = {d["xml_name"]: d.get("xml_type", "") for d in definitions.values()}
    if path.rpartition("/")[2] in IDENTIFIED:
        yield from (f"{path}: no @{n}" for n in NEEDED_ATTRIBUTES if not element.get(n))
    for name, value in element.attrib.items():
        pattern = PATTERNS.get(types.get(name, ""))
        if name == f"{XML}lang":
            pattern = PATTERNS["xs:language"]
        elif name not in types:
            yield f"{path}: unknown @{name}"
        if pattern and not re.fullmatch(pattern, value):
            yield f"{path}: @{name} is {value!r}"


def _references(root: etree._Element) -> Iterator[str]:
    """Prefixes that no catalogue explains, and groups that are not there."""
    for element in root.iter(f"{G2}*"):
        item = next((one for one in element.iterancestors() if one.get("guid")), element)
        aliases = {found.get("alias") for found in item.iter(f"{G2}scheme")}
        for reference in item.iter(f"{G2}catalogRef"):
            aliases |= _iptc_aliases(reference.get("href"))
        for name in ("qcode", "type", "role", "rel", "mode"):
            value = element.get(name)
            if value and value.partition(":")[0] not in aliases:
                yield f"{element.tag}: @{name} {value!r} is of no catalogue"
    groups = {found.get("id") for found in root.iter(f"{G2}group")}
    for found in root.iter(f"{G2}groupSet"):
        if found.get("root") not in groups:
            yield f"groupSet: no group {found.get('root')}"


def _name(element: etree._Element) -> str:
    return element.tag.removeprefix(G2)


@cache
def _iptc_aliases(href: str) -> set[str]:
    file = files("NewsMLG2") / "catalogs" / href.rpartition("/")[2]
    catalogue = etree.fromstring(file.read_bytes()) if file.is_file() else etree.Element("none")
    return {found.get("alias") for found in catalogue.iter("{*}scheme")}


def _model(element_class: object) -> type:
    if not isinstance(element_class, str):
        return element_class
    module, _, name = element_class.rpartition(".")
    return getattr(import_module(f"NewsMLG2.{module}"), name)


def _is_moment(text: str | None) -> bool:
    try:
        return datetime.fromisoformat(text or "").tzinfo is not None
    except ValueError:
        return False
