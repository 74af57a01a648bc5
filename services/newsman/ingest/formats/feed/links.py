"""Addresses of a feed and its entries, and the name of a feed."""

from newsman.ingest.formats.feed.tree import Entry
from newsman.ingest.formats.feed.values import value
from newsman.ingest.formats.markup.sanitise import is_web_address
from newsman.ingest.formats.markup.tree import Node, first
from newsman.ingest.formats.model import Defaults
from newsman.ingest.formats.values.urls import resolve

TITLES = ("title", "atom:title", "dc:title", "media:title")


def name_of_feed(channel: Node | None, defaults: Defaults) -> str | None:
    """The name of a feed, the scope of guids that are not URIs: its `atom:id`, else its own
    address, else the address of its site, else its title."""
    around = channel.elements() if channel else []
    names = (
        value(around, "atom:id", "id"),
        next((link for link in _links(around, "self") if link), None),
        channel.attributes.get("rdf:about") if channel else None,
        defaults.document_url,
        home_of(channel),
        value(around, *TITLES),
    )
    return next((name.strip() for name in names if name and name.strip()), None)


def home_of(channel: Node | None) -> str | None:
    """The address of the site that a feed is about."""
    return home_in(channel.elements()) if channel else None


def link_of(entry: Entry, children: list[Node], around: list[Node]) -> str | None:
    """The address of an entry's page."""
    links = _alternates(children)
    guid = first(children, "guid")
    if guid is not None and guid.attributes.get("ispermalink", "true").lower() == "true":
        links.append(_web_address(guid.text()))
    links.append(_web_address(entry.node.attributes.get("rdf:about", "")))
    link = next((address for address in links if address), None)
    return resolve(entry.base or home_in(around), link)


def _alternates(nodes: list[Node]) -> list[str]:
    return _links(nodes, "alternate")


def _links(nodes: list[Node], relation: str) -> list[str]:
    links = [
        node
        for node in nodes
        if node.name in ("link", "atom:link")
        and node.attributes.get("rel", "alternate") == relation
    ]
    return [(node.attributes.get("href") or node.text()).strip() for node in links]


def _web_address(text: str) -> str:
    return text.strip() if is_web_address(text) else ""


def home_in(around: list[Node]) -> str | None:
    """The address of the site, from what a feed says about itself."""
    return next((link for link in _alternates(around) if is_web_address(link)), None)
