"""Authors of an entry: names, "address (name)" of RSS and the persons of RFC 4287 section 3.2."""

import re
from typing import Any

from newsman.ingest.formats.feed.values import value
from newsman.ingest.formats.markup.tree import Node

_ROLES = {
    "author": None,
    "atom:author": None,
    "dc:creator": None,
    "dcterms:creator": None,
    "itunes:author": None,
    "contributor": "contributor",
    "atom:contributor": "contributor",
    "dc:contributor": "contributor",
}
_ADDRESS_AND_NAME = re.compile(r"[^\s()]{1,200}@[^\s()]{1,200}\s{1,9}\(([^()]{1,500})\)")
_NAME_AND_ADDRESS = re.compile(r"([^<>]{1,500})<[^<>\s]{1,400}>")
MAX_CHARACTERS = 2_000
MAX_PEOPLE = 200
MAX_SHARED_PEOPLE = 10
"""Authors of a whole feed, and so of every entry."""
_SOURCES = ("source", "atom:source")


def people(children: list[Node]) -> list[dict[str, Any]]:
    """The authors and contributors among the children, each once."""
    by_name: dict[str, dict[str, Any]] = {}
    for node in [child for child in children if child.name in _ROLES][:MAX_PEOPLE]:
        person = _person(node)
        if person["name"]:
            by_name.setdefault(person["name"], {**person, "role": _ROLES[node.name]})
    return list(by_name.values())


def authors_of(children: list[Node], around: list[Node]) -> list[dict[str, Any]]:
    """The people of an entry; without an author of its own it has those of its source, or of the
    feed around it (RFC 4287 section 4.2.1)."""
    own = people(children)
    if any(person["role"] is None for person in own):
        return own
    sources = [part for node in children if node.name in _SOURCES for part in node.elements()]
    shared = (people(sources) or people(around))[:MAX_SHARED_PEOPLE]
    names = {person["name"] for person in shared}
    return [*shared, *(person for person in own if person["name"] not in names)]


def byline(authors: list[dict[str, Any]]) -> str | None:
    """The names of the authors on one line."""
    names = (author["name"] for author in authors if not author["role"])
    return ", ".join(names)[:MAX_CHARACTERS] or None


def _person(node: Node) -> dict[str, Any]:
    parts = node.elements()
    if parts:
        address = value(parts, "atom:uri", "uri", "atom:url", "url")
        name = value(parts, "atom:name", "name") or address
        return {"name": name or value(parts, "atom:email", "email"), "uri": address}
    text = node.text().strip()[:MAX_CHARACTERS]
    match = _ADDRESS_AND_NAME.fullmatch(text) or _NAME_AND_ADDRESS.fullmatch(text)
    return {"name": match[1].strip() if match else text, "uri": None}
