"""Pictures of an entry (Media RSS, enclosures), and what else it says."""

import re
from typing import Any

from newsman.ingest.formats.feed.values import add, as_json, plain, value
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.values.urls import resolve

MAX_EXTRA = 500
MODELLED = frozenset(
    "title atom:title dc:title guid atom:id id content:encoded atom:content content xhtml:body "
    "body fullitem description atom:summary summary dc:description dcterms:abstract "
    "pubdate atom:published published atom:issued issued dcterms:issued dc:date atom:updated "
    "updated atom:modified modified dcterms:modified atom:created created dcterms:created "
    "expirationdate dcterms:valid category atom:category dc:subject media:category atom:rights "
    "rights dc:rights copyright dcterms:rights author atom:author dc:creator dcterms:creator "
    "itunes:author contributor atom:contributor dc:contributor dc:language language "
    "dcterms:language media:credit media:description media:title".split()
)
MAX_IMAGES = 100
_FILES = frozenset({"media:group", "media:content", "enclosure", "link", "atom:link"})
_ABOUT_PICTURES = frozenset({"media:description", "media:title", "media:credit", "media:copyright"})
_SMALL = frozenset({"media:thumbnail", "itunes:image"})
_LINKS = ("link", "atom:link")
_PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:$|[?#])", re.IGNORECASE)


def images(children: list[Node], base: str | None) -> list[dict[str, Any]]:
    """The pictures; of a group only the largest, a thumbnail only where there is no other."""
    about = _named(children, _ABOUT_PICTURES)[:MAX_IMAGES]
    files = [_image(node, about, base) for node in _named(children, _FILES)[:MAX_IMAGES]]
    if not any(files):
        files = [_described(node, [about], base) for node in _named(children, _SMALL)[:1]]
    by_address: dict[str, dict[str, Any]] = {}
    for image in filter(None, files):
        by_address.setdefault(image["href"], image)
    return list(by_address.values())


def _named(nodes: list[Node], names: frozenset[str]) -> list[Node]:
    return [node for node in nodes if node.name in names]


def leftovers(entry: Node, base: str | None) -> dict[str, Any]:
    """Parts of an entry beyond the fields of the article."""
    extra: dict[str, Any] = {}
    enclosures = []
    for node in entry.elements()[:MAX_EXTRA]:
        if _is_enclosure(node):
            enclosures += [] if _is_picture(node) else [_enclosure(node, base)]
        elif _is_left(node):
            add(extra, node.name, as_json(node))
        elif node.name == "guid" and "ispermalink" in node.attributes:
            extra["guid_is_permalink"] = node.attributes["ispermalink"].lower() == "true"
    if enclosures:
        extra["enclosures"] = enclosures
    return extra


def _is_left(node: Node) -> bool:
    if node.name == "media:content":
        return not _is_picture(node)
    if node.name in _LINKS:
        return node.attributes.get("rel", "alternate") != "alternate"
    return node.name not in MODELLED


def _is_enclosure(node: Node) -> bool:
    is_link = node.name in _LINKS and node.attributes.get("rel") == "enclosure"
    return node.name == "enclosure" or is_link


def _enclosure(node: Node, base: str | None) -> dict[str, Any]:
    attributes = {k: v for k, v in node.attributes.items() if k not in ("rel", "url", "href")}
    return {"href": _address(node, base), **attributes}


def _address(node: Node, base: str | None) -> str | None:
    return resolve(base, node.attributes.get("url") or node.attributes.get("href"))


def _is_picture(node: Node) -> bool:
    attributes = node.attributes
    kind = attributes.get("type") or attributes.get("medium")
    if kind:
        return kind.lower().startswith("image")
    address = attributes.get("url") or attributes.get("href") or ""
    return bool(_PICTURE_NAME.search(address)) or node.name == "media:content"


def _image(node: Node, siblings: list[Node], base: str | None) -> dict[str, Any] | None:
    if node.name == "media:group":
        return _largest(node, siblings, base)
    is_file = node.name == "media:content" or _is_enclosure(node)
    if is_file and _is_picture(node):
        return _described(node, [node.elements(), siblings], base)
    return None


def _largest(group: Node, siblings: list[Node], base: str | None) -> dict[str, Any] | None:
    members = group.elements()
    pictures = [node for node in members if node.name == "media:content" and _is_picture(node)]
    if not pictures:
        return None
    best = max(pictures, key=lambda node: _pixels(node.attributes.get("width")) or 0)
    return _described(best, [best.elements(), members, siblings], base)


def _described(node: Node, around: list[list[Node]], base: str | None) -> dict[str, Any] | None:
    href = _address(node, base)
    if not href:
        return None
    caption = _nearest(around, "media:description", "media:title")
    kind = node.attributes.get("type") or ""
    return {
        "href": href,
        "caption": (plain(caption) or "")[:2_000] or None if caption else None,
        "credit": _nearest(around, "media:credit", "media:copyright"),
        "mimetype": kind if "/" in kind else None,
        "width": _pixels(node.attributes.get("width")),
        "height": _pixels(node.attributes.get("height")),
    }


def _nearest(around: list[list[Node]], *names: str) -> str | None:
    return next((text[:2_000] for nodes in around if (text := value(nodes, *names))), None)


def _pixels(text: str | None) -> int | None:
    number = (text or "").strip().removesuffix("px")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else None
