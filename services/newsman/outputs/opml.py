"""OPML 2.0 (opml.org): every feed, to be taken into a reader at once."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass

from newsman.outputs.listing import Site
from newsman.outputs.text.xml_text import add, to_bytes

MEDIA_TYPE = "text/x-opml; charset=utf-8"


@dataclass(frozen=True)
class Outline:
    """A feed by its title, and the paths of its page and of itself."""

    title: str
    page: str
    feed: str


@dataclass(frozen=True)
class FeedGroup:
    """Feeds of one kind."""

    title: str
    outlines: tuple[Outline, ...]


def render(groups: Iterable[FeedGroup], site: Site) -> bytes:
    """The document; groups without feeds are left out."""
    root = ET.Element("opml", {"version": "2.0"})
    add(add(root, "head"), "title", f"Feeds of {site.name}")
    body = add(root, "body")
    for group in groups:
        if not group.outlines:
            continue
        held = add(body, "outline", text=group.title)
        for outline in group.outlines:
            add(
                held,
                "outline",
                type="rss",
                text=outline.title,
                xmlUrl=site.url + outline.feed,
                htmlUrl=site.url + outline.page,
            )
    return to_bytes(root)
