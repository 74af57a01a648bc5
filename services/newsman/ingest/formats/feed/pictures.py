"""Pictures of an entry: Media RSS, enclosures, iTunes; each in its largest size."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from newsman.ingest.formats.feed.media import address, is_enclosure, is_picture
from newsman.ingest.formats.feed.values import plain, value
from newsman.ingest.formats.markup.picture_address import pixels
from newsman.ingest.formats.markup.sanitise import is_web_address
from newsman.ingest.formats.markup.tree import Node

MAX_IMAGES = 100
MAX_CHARACTERS = 2_000
_FILES = frozenset({"media:group", "media:content", "enclosure", "link", "atom:link"})
_ABOUT_PICTURES = frozenset({"media:description", "media:title", "media:credit", "media:copyright"})
_SMALL = frozenset({"media:thumbnail", "itunes:image", "image"})
_NUMBER = re.compile(r"\d{1,6}")

Image = dict[str, Any]
_Siblings = list[list[Node]]
"""Elements that may describe a picture, nearest first."""


def images(children: list[Node], base: str | None) -> list[Image]:
    """The pictures; only the largest of a group, or of thumbnails if there are no others."""
    about = _named(children, _ABOUT_PICTURES)[:MAX_IMAGES]
    files = [_file(node, about, base) for node in _named(children, _FILES)[:MAX_IMAGES]]
    if not any(files):
        files = [_largest(_named(children, _SMALL), [about], base)]
    return _largest_first(_each_once(_each_once(filter(None, files), _address), _without_size))


def _named(nodes: list[Node], names: frozenset[str]) -> list[Node]:
    return [node for node in nodes if node.name in names]


def _file(node: Node, about: list[Node], base: str | None) -> Image | None:
    parts = node.elements()[:MAX_IMAGES]
    if node.name == "media:group":
        pictures = [part for part in _named(parts, _FILES) if is_picture(part)]
        return _largest(pictures, [parts, about], base) or _still(parts, about, base)
    if node.name == "media:content" and not is_picture(node):
        return _still([node], about, base)
    is_file = node.name == "media:content" or is_enclosure(node)
    return _described(node, [about], base) if is_file and is_picture(node) else None


def _still(contents: list[Node], about: list[Node], base: str | None) -> Image | None:
    """The largest picture of films: a thumbnail beside or within them."""
    within = [part for content in contents for part in content.elements()[:MAX_IMAGES]]
    thumbnails = _named([*contents, *within], _SMALL)
    return _largest(thumbnails, [contents, within, about], base)


def _largest(nodes: list[Node], around: _Siblings, base: str | None) -> Image | None:
    nodes = [node for node in nodes[:MAX_IMAGES] if _address_of(node, base)]
    best = max(nodes, key=_size, default=None)
    if best is None:
        return None
    others = [node.elements()[:MAX_IMAGES] for node in nodes if node is not best]
    return _described(best, [*around, *others], base)


def _size(node: Node) -> tuple[int, int, bool, int]:
    """Width and height; else whichever its feed prefers, and the bytes of the file."""
    width, height = (pixels(node.attributes.get(name)) or 0 for name in ("width", "height"))
    is_default = node.attributes.get("isdefault", "").lower() == "true"
    file_bytes = node.attributes.get("filesize", "")[:12]
    return width, height, is_default, int(file_bytes) if file_bytes.isdecimal() else 0


def _described(node: Node, around: _Siblings, base: str | None) -> Image | None:
    href = _address_of(node, base)
    if not href:
        return None
    around = [node.elements()[:MAX_IMAGES], *around]
    caption = _nearest(
        around, "media:description", "media:title", "media:text"
    ) or node.attributes.get("title")
    kind = node.attributes.get("type") or ""
    return {
        "href": href,
        "caption": (plain(caption) or "")[:MAX_CHARACTERS] or None if caption else None,
        "credit": _nearest(around, "media:credit", "media:copyright"),
        "mimetype": kind if "/" in kind else None,
        "width": pixels(node.attributes.get("width")) or None,
        "height": pixels(node.attributes.get("height")) or None,
    }


def _address_of(node: Node, base: str | None) -> str | None:
    """The address in an attribute, in a `url` element as in RSS's image, or as its only text."""
    text = "" if node.elements() else node.text().strip()
    named = value(node.elements(), "url") or (text if is_web_address(text) else "")
    return address(node, base) or address(Node("", {"url": named}), base)


def _nearest(around: _Siblings, *names: str) -> str | None:
    texts = (value(nodes, *names) for nodes in around)
    return next((text[:MAX_CHARACTERS] for text in texts if text), None)


def _each_once(pictures: Iterable[Image], name_of: Callable[[Image], str]) -> list[Image]:
    """Every picture in its largest size, with everything said about any of its sizes."""
    kept: dict[str, Image] = {}
    for picture in pictures:
        other = kept.setdefault(name_of(picture), picture)
        larger = max(other, picture, key=lambda image: image["width"] or 0)
        smaller = picture if larger is other else other
        kept[name_of(picture)] = {key: larger[key] or smaller[key] for key in larger}
    return list(kept.values())


def _address(picture: Image) -> str:
    return str(picture["href"])


def _without_size(picture: Image) -> str:
    """The address without the picture's size, the only difference between its versions."""
    sizes = {str(picture[name]) for name in ("width", "height") if picture[name]}
    path, _, query = _address(picture).partition("?")
    if not sizes.isdisjoint(_NUMBER.findall(query)):
        query = ""  # beside the size it may hold a signature
    path = _NUMBER.sub(lambda number: "#" if number[0] in sizes else number[0], path)
    return f"{path}?{query}"


def _largest_first(pictures: list[Image]) -> list[Image]:
    """The pictures in order, unless the first is just a thumbnail beside another."""
    if len(pictures) < 2:
        return pictures
    largest = max(pictures, key=lambda picture: picture["width"] or 0)
    first_width = pictures[0]["width"]
    if not first_width or 2 * first_width > largest["width"]:
        return pictures
    return [largest, *(picture for picture in pictures if picture is not largest)]
