"""ninjs 2.2, valid against the schema of the IPTC: lists with roles in the place of names."""

from typing import Any

from newsman.ninjs.camels import in_small_letters
from newsman.ninjs.pruning import prune
from newsman.outputs.listing import Listing, Site, Tombstone
from newsman.outputs.ninjs import v1 as ninjs_1
from newsman.outputs.ninjs.dialect import Item, to_json
from newsman.redis.articles import StoredArticle

VERSION = "2.2"
STANDARD = {
    "name": "ninjs",
    "version": VERSION,
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_2.2.json",
}
CONCEPTS = {
    "person": "people",
    "organisation": "organisations",
    "place": "places",
    "subject": "subjects",
    "event": "events",
    "object": "objects",
    "infosource": "infosources",
    "genre": "genres",
}
RENAMED = {"byline": "by", "trustindicator": "trustindicators", "$standard": "standard"}
WORDS = {"headline": "headlines", "body": "bodies", "description": "descriptions"}
MARKUP = {"html": "text/html", "xhtml": "application/xhtml+xml", "text": "text/plain"}
EXTENTS = {"complete": "full", "incomplete": "partial"}


def render(listing: Listing, site: Site) -> bytes:
    """The listing as one valid composite item."""
    return to_json(prune(plural(ninjs_1.package(listing, site)), VERSION))


def render_article(stored: StoredArticle, site: Site) -> bytes:
    """One article as a valid item."""
    return to_json(prune(plural(ninjs_1.item(stored, site)), VERSION))


def render_tombstone(gone: Tombstone, _: Site) -> bytes:
    """The kill of an item."""
    return to_json(prune(plural(ninjs_1.canceled(gone)), VERSION))


def plural(item: Item) -> Item:
    """An item in the names of 1.6 in those of 2.2."""
    fields = {**_renamed(item), **_text_lists(item)}
    extent = item.get("representationtype")
    if isinstance(extent, str):
        fields["representationtype"] = EXTENTS.get(extent, extent)
    if "$standard" in item:
        fields["standard"] = STANDARD
    renamed: Item = in_small_letters(fields | _lists(item))
    return renamed


def _renamed(item: Item) -> Item:
    """The concepts as lists, and all that is no text under its name in 2.2."""
    fields: Item = {}
    for name, value in item.items():
        if name in CONCEPTS:
            fields[CONCEPTS[name]] = [_concept(name, entry) for entry in _objects(value)]
        elif name not in WORDS.values() and name.partition("_")[0] not in WORDS:
            fields[RENAMED.get(name, name)] = value
    return fields


def _text_lists(item: Item) -> Item:
    """The headlines, bodies and descriptions, each text with its role."""
    fields: Item = {}
    for single, many in WORDS.items():
        sent = _objects(item.get(many))
        if texts := _with_texts(sent, item) if sent else _words(item, single):
            fields[many] = texts
    return fields


def _words(item: Item, single: str) -> list[Item]:
    entries: list[Item] = []
    if single in item:
        entries.append({"role": "main", "value": item[single]})
    if single == "headline" and "subheadline" in item:
        entries.append({"role": "subheadline", "value": item["subheadline"]})
    for name, value in item.items():
        head, _, role = name.partition("_")
        if head == single and role and value != "":
            kind = {"contenttype": MARKUP[role]} if role in MARKUP else {}
            entries.append({"role": role, **kind, "value": value})
    return entries


def _with_texts(entries: list[Item], item: Item) -> list[Item]:
    """The entries as they were sent, with the texts that the article keeps once."""
    return [
        entry if "value" in entry else {**entry, "value": item.get(_text_of(entry))}
        for entry in entries
    ]


def _text_of(entry: Item) -> str:
    kind = entry.get("contentType") or entry.get("contenttype") or entry.get("role")
    return "body_html" if "html" in str(kind) else "body_text"


def _concept(name: str, entry: Item) -> Item:
    concept = {key: value for key, value in entry.items() if key not in ("code", "scheme")}
    code = entry.get("code")
    if code is not None and not concept.keys() & {"literal", "uri"}:
        concept["literal"] = code
        concept |= _uri(entry, "uri")
    if name == "infosource" and "rel" in concept:
        concept["role"] = concept.pop("rel")
    if name == "place" and "geometry_geojson" in concept:
        concept["geojson"] = concept.pop("geometry_geojson")
    return concept


def _uri(entry: Item, name: str) -> Item:
    """Scheme and code in one, as the IPTC's own examples of 2.x have them."""
    scheme, code = entry.get("scheme"), entry.get("code")
    if isinstance(scheme, str) and isinstance(code, str) and scheme.endswith(("/", "#", "=")):
        return {name: scheme + code}
    return {}


def _lists(item: Item) -> Item:
    lists: Item = {}
    for name, tell in (("renditions", _rendition), ("associations", _association)):
        value = item.get(name)
        if isinstance(value, dict):
            entries = ((key, entry) for key, entry in value.items() if isinstance(entry, dict))
            lists[name] = [tell(key, entry) for key, entry in entries]
    altids = item.get("altids")
    if isinstance(altids, dict):
        lists["altids"] = [{"role": key, "value": value} for key, value in altids.items()]
    if "trustindicator" in item:
        lists["trustindicators"] = [_indicator(entry) for entry in _objects(item["trustindicator"])]
    return lists


def _rendition(name: str, entry: Item) -> Item:
    rest = {key: value for key, value in entry.items() if key != "mimetype"}
    kind = {"contenttype": entry["mimetype"]} if "mimetype" in entry else {}
    return {"name": name, **rest, **kind}


def _association(name: str, entry: Item) -> Item:
    return {"name": name, **plural(entry)}


def _indicator(entry: Item) -> Item:
    rest = {key: value for key, value in entry.items() if key not in ("code", "scheme")}
    return _uri(entry, "role") | rest


def _objects(value: Any) -> list[Item]:
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, dict)]
