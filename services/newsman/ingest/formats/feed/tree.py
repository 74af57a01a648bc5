"""Finding the entries of a feed, with the names, language and base address in force there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from newsman.ingest.formats.markup.tree import Node, Rules
from newsman.ingest.formats.values.urls import resolve

PREFIXES = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://news.yandex.ru": "yandex",
    "http://turbo.yandex.ru": "turbo",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://www.w3.org/2007/app": "app",
}
MAX_NAMESPACES = 60
_ENTRIES = ("item", "entry", "atom:entry")
_LINES = frozenset(
    "title link guid pubdate category comments dc:creator dc:date dc:subject id published "
    "updated".split()
)
_STARTS = _LINES | frozenset(
    "author source description content:encoded enclosure media:content media:group "
    "media:thumbnail summary content item entry".split()
)
RULES = Rules(
    void=frozenset({"br", "hr", "img"}),
    ended_by=dict.fromkeys(_LINES, _STARTS),
    never_nested=frozenset({"item", "entry"}),
)


@dataclass(frozen=True)
class Entry:
    """An item or entry, and what the feed says about all of them."""

    node: Node
    base: str | None
    language: str | None
    channel: Node | None


@dataclass(frozen=True)
class _Scope:
    namespaces: dict[str, str]
    base: str | None
    language: str | None
    channel: Node | None


def entries(root: Node) -> list[Entry]:
    """All items and entries; names get the usual prefixes of their namespaces."""
    listed = [
        Entry(node, scope.base, scope.language, scope.channel)
        for node, scope in _scoped(root)
        if node.name in _ENTRIES
    ]
    if all(entry.channel for entry in listed):
        return listed
    # In RDF the items stand beside the channel (RSS 1.0 section 5.2).
    channel = next((node for node in root.walk() if node.name == "channel"), None)
    return [replace(entry, channel=entry.channel or channel) for entry in listed]


def _scoped(root: Node) -> Iterator[tuple[Node, _Scope]]:
    """Every element in document order, renamed, with its scope."""
    waiting = [(root, _Scope({}, None, None, None))]
    while waiting:
        node, outer = waiting.pop()
        scope = _scope(node, outer)
        if node.name:
            node.name = _usual_name(node.name, scope.namespaces)
        yield node, scope
        waiting.extend((child, scope) for child in reversed(node.elements()))


def _scope(node: Node, outer: _Scope) -> _Scope:
    attributes = node.attributes
    is_channel = node.name.rpartition(":")[2] in ("channel", "feed")
    if not is_channel and not any(name.startswith("xml") for name in attributes):
        return outer
    return _Scope(
        _namespaces(attributes, outer.namespaces),
        resolve(outer.base, attributes.get("xml:base")) or outer.base,
        attributes.get("xml:lang", outer.language),
        node if is_channel else outer.channel,
    )


def _namespaces(attributes: dict[str, str], outer: dict[str, str]) -> dict[str, str]:
    """The outer namespaces and those declared here, unless there are too many."""
    declared = {
        name[6:]: uri.strip().lower()
        for name, uri in attributes.items()
        if name == "xmlns" or name.startswith("xmlns:")
    }
    if not declared or len(outer) + len(declared) > MAX_NAMESPACES:
        return outer
    return {**outer, **declared}


def _usual_name(name: str, namespaces: dict[str, str]) -> str:
    prefix, _, local = name.rpartition(":")
    usual = PREFIXES.get(namespaces.get(prefix, ""), prefix)
    return f"{usual}:{local}" if usual else local
