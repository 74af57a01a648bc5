"""Ritzau's XML: an RBNews for each piece of news, alone or in the answer of the agency's queue.

An empty element has `i:nil`. Moments are those of Copenhagen, and the text is HTML in a string.
"""

import re
from typing import Any
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from newsman.ingest.formats.feed.values import plain
from newsman.ingest.formats.kills import KILLS
from newsman.ingest.formats.leftovers import keep_leftovers, xml_leaves
from newsman.ingest.formats.markup.xml_document import child, child_text, children, short
from newsman.ingest.formats.markup.xml_reader import read_xml
from newsman.ingest.formats.markup.xml_texts import texts_of
from newsman.ingest.formats.markup.xml_values import HIGHEST_VERSION, number
from newsman.ingest.formats.members import add_members, priority_of
from newsman.ingest.formats.model import BadDocument, Defaults, Draft
from newsman.ingest.formats.values.dates import parse_date
from newsman_schemas.pubstatus import CANCELED

MEDIA_TYPES = ("application/x-ritzau+xml",)
ROOTS = frozenset(("RBNews", "XMLNewsQueuedResponse"))
MAX_ITEMS = 1_000
ZONE = "Europe/Copenhagen"
LANGUAGE = "da"
_NAMES = (
    *("NewsID", "PublishDate", "version", "headline", "subtitle", "byLine", "town", "section"),
    *("strapline", "TilRedaktionen", "Annuleret", "replacedID", "Priority", "origin"),
)
_POINTERS = {
    "uri": "/NewsID",
    "version": "/version",
    "version_created": "/PublishDate",
    "headline": "/headline",
    "body_html": "/content",
    "byline": "/byLine",
}


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """A draft for each RBNews; raises BadDocument for anything else."""
    root = read_xml(body, defaults.charset)
    if root.tag not in ROOTS:
        raise BadDocument(f"not Ritzau's XML: its root is {root.tag[:40]!r}")
    items = list(root.iter("RBNews"))
    if not items:
        raise BadDocument("an answer of the queue without RBNews")
    if len(items) > MAX_ITEMS:
        raise BadDocument(f"more than {MAX_ITEMS} items")
    return [_draft(item, defaults) for item in items]


def _draft(item: Element, defaults: Defaults) -> Draft:
    said = {name: child_text(item, name) or "" for name in _NAMES}
    fields: dict[str, Any] = {
        "uri": said["NewsID"],
        **_version(said),
        **_replaced(said),
        "headline": said["headline"],
        "subheadline": short(said["subtitle"]),
        "body_html": _text(item),
        "byline": short(said["byLine"]),
        "located": short(said["town"]),
        "section": said["section"][:200],
        "keywords": [short(word) for word in re.split("[/-]+", said["strapline"]) if word],
        "subjects": list(map(_subject, texts_of(children(child(item, "IPTCList"), "int")))),
        "editorial_note": plain(said["TilRedaktionen"]),
        "language": defaults.language or LANGUAGE,
    }
    members = {
        "priority": priority_of(said["Priority"]),
        "source": said["origin"].strip("/"),
        "slugline": said["strapline"],
    }
    add_members(fields, members)
    fields = {name: value for name, value in fields.items() if value not in (None, "", [])}
    keep_leftovers(xml_leaves(item, children(item, "content")), fields)
    return Draft(fields, pointers=_POINTERS)


def _version(said: dict[str, str]) -> dict[str, Any]:
    version = number(said["version"], lowest=0, highest=HIGHEST_VERSION)
    moment = _moment(said["PublishDate"])
    is_first = (version or 1) == 1
    return {
        "version": version,
        "version_created": moment,
        "first_created": moment if is_first else None,
    }


def _replaced(said: dict[str, str]) -> dict[str, Any]:
    """The story an update evolved from; an annulled one takes that away as well."""
    if said["Annuleret"].lower() in ("true", "1"):
        return {"pubstatus": CANCELED, KILLS: said["replacedID"]}
    return {"evolved_from": said["replacedID"]}


def _text(item: Element) -> str | None:
    content = child(item, "content")
    return None if content is None else (content.text or "").strip() or None


def _moment(said: str) -> Any:
    """The moment in Copenhagen's time where it names no zone; what is no date stays as it is."""
    try:
        return parse_date(said, ZoneInfo(ZONE)) if said else None
    except ValueError:
        return said


def _subject(code: str) -> dict[str, Any]:
    """IPTC's subject code, which lacks the zeros that it begins with."""
    return {"name": None, "code": short(code.zfill(8)), "scheme": "IPTC"}
