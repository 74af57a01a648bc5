"""Files of an entry (Media RSS, enclosures), and its other parts besides the text."""

import re
from typing import Any

from newsman.ingest.formats.feed.values import add, as_json
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.values.urls import resolve

MAX_EXTRA = 500
MODELLED = frozenset(
    "title atom:title dc:title guid atom:id id content:encoded atom:content content xhtml:body "
    "body fullitem turbo:content yandex:full-text mailru:full-text rambler:fulltext full-text "
    "fulltext description atom:summary summary dc:description dcterms:abstract "
    "pubdate atom:pubdate atom:guid atom:description atom:published published atom:issued "
    "issued dcterms:issued dc:date atom:updated updated atom:modified modified dcterms:modified "
    "atom:created created dcterms:created "
    "expirationdate dcterms:valid dcterms:available prism:expirationdate prism:killdate "
    "prism:embargodate embargo embargodate embargoed embargoeduntil prism:publicationdate "
    "prism:modificationdate prism:creationdate category atom:category dc:subject "
    "media:category atom:rights rights dc:rights copyright dcterms:rights author atom:author "
    "dc:creator dcterms:creator "
    "itunes:author contributor atom:contributor dc:contributor dc:language language "
    "dcterms:language media:credit media:description media:title".split()
)
_LINKS = ("link", "atom:link")
_PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:$|[?#])", re.IGNORECASE)


def leftovers(entry: Node, base: str | None) -> dict[str, Any]:
    """Parts of an entry beyond the fields of the article."""
    extra: dict[str, Any] = {}
    enclosures = []
    for node in entry.elements()[:MAX_EXTRA]:
        if is_enclosure(node):
            enclosures += [] if is_picture(node) else [_enclosure(node, base)]
        elif _is_left(node):
            add(extra, node.name, as_json(node))
        elif node.name == "guid" and "ispermalink" in node.attributes:
            extra["guid_is_permalink"] = node.attributes["ispermalink"].lower() == "true"
    if enclosures:
        extra["enclosures"] = enclosures
    return extra


def _is_left(node: Node) -> bool:
    if node.name == "media:content":
        return not is_picture(node)
    if node.name in _LINKS:
        return node.attributes.get("rel", "alternate") != "alternate"
    return node.name not in MODELLED


def is_enclosure(node: Node) -> bool:
    """True if it is an enclosure of RSS or Atom."""
    is_link = node.name in _LINKS and node.attributes.get("rel") == "enclosure"
    return node.name == "enclosure" or is_link


def _enclosure(node: Node, base: str | None) -> dict[str, Any]:
    attributes = {k: v for k, v in node.attributes.items() if k not in ("rel", "url", "href")}
    return {"href": address(node, base), **attributes}


def address(node: Node, base: str | None) -> str | None:
    """The address that it names."""
    return resolve(base, node.attributes.get("url") or node.attributes.get("href"))


def is_picture(node: Node) -> bool:
    """True if it is a picture, judging by its type, or else by its address."""
    attributes = node.attributes
    kind = attributes.get("type") or attributes.get("medium")
    if kind:
        return kind.lower().startswith("image")
    address = attributes.get("url") or attributes.get("href") or ""
    return is_picture_name(address) or node.name == "media:content"


def is_picture_name(address: str) -> bool:
    """True if an address has a picture's file extension."""
    return bool(_PICTURE_NAME.search(address))
