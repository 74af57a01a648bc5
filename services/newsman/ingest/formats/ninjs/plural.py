"""IPTC ninjs 2.x and 3.x: lists with roles, translated to the names of 1.x."""

from collections.abc import Callable
from typing import Any

from newsman.ingest.formats.values.text import MAX_DEPTH

SINGULAR = {
    "people": "person",
    "organisations": "organisation",
    "places": "place",
    "subjects": "subject",
    "events": "event",
    "objects": "object",
    "infoSources": "infosource",
    "infosources": "infosource",
    "genres": "genre",
    "by": "byline",
    "versionCreated": "versioncreated",
    "firstCreated": "firstcreated",
    "contentCreated": "contentcreated",
    "embargoedUntil": "embargoed",
    "pubStatus": "pubstatus",
    "representationType": "representationtype",
    "copyrightHolder": "copyrightholder",
    "copyrightNotice": "copyrightnotice",
    "usageTerms": "usageterms",
    "edNote": "ednote",
    "trustIndicators": "trustindicator",
    "trustindicators": "trustindicator",
    "rightsInfo": "rightsinfo",
    "digitalSourceType": "digitalsourcetype",
    "altIds": "altids",
    "standard": "$standard",
}
"""Names in 2.x and 3.x with their names in 1.x; all others are unchanged."""
PLURAL_NAMES = frozenset((*SINGULAR, "headlines", "bodies", "descriptions"))
NAMED_ENTRIES = ("renditions", "associations")
"""Objects by name in 1.x, lists of objects with names in 2.x and 3.x."""
CONCEPTS = ("subject", "genre", "place", "organisation", "person")

TEXT, XHTML, HTML = "text", "xhtml", "html"
MAIN_ROLES = ("main", "headline", "title", "")


def is_plural(item: dict[str, Any]) -> bool:
    """Tells if the item has a name that only 2.x and 3.x have, or a list where 1.x has none."""
    return not PLURAL_NAMES.isdisjoint(item) or has_lists(item)


def has_lists(item: dict[str, Any]) -> bool:
    """Tells if renditions or associations are a list, as in 2.x and 3.x."""
    return any(isinstance(item.get(name), list) for name in NAMED_ENTRIES)


def to_singular(item: dict[str, Any], *, depth: int = 0) -> tuple[dict[str, Any], dict[str, str]]:
    """The item with 1.x names, and the JSON pointer under which each of them was sent.

    What has more parts than 1.x has room for stays whole under its own name beside it, and what
    is nested deeper than any article may be stays as it is.
    """
    sent_as = {SINGULAR.get(name, name): name for name in item}
    singular = {SINGULAR.get(name, name): value for name, value in item.items()}
    pointers = {name: f"/{sent_name}" for name, sent_name in sent_as.items()}
    for name, read_entries in _TEXTS.items():
        texts = _take_texts(singular, name, read_entries)
        pointers.update(dict.fromkeys(texts, f"/{name}"))
    for name in CONCEPTS:
        if isinstance(singular.get(name), list):
            singular[name] = [_coded(entry) for entry in singular[name]]
    for name in NAMED_ENTRIES:
        if isinstance(singular.get(name), list):
            singular[name] = _by_name(singular[name], depth + 1)
    return singular, pointers


def _take_texts(
    item: dict[str, Any], name: str, read_entries: Callable[[list[dict[str, Any]]], dict[str, Any]]
) -> dict[str, Any]:
    """Adds the texts in a list with roles to the item; entries with more than text are kept."""
    entries = item.get(name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return {}
    texts = read_entries(entries)
    item.update(texts)
    item[name] = _unsaid(entries, texts)
    if not item[name]:
        del item[name]
    return texts


def _headlines(entries: list[dict[str, Any]]) -> dict[str, Any]:
    fields = {"headline": _value(_first(entries, MAIN_ROLES))}
    others = [entry for entry in entries if str(entry.get("role", "")).startswith("sub")]
    if others:
        fields["subheadline"] = _value(others[0])
    return fields


def _bodies(entries: list[dict[str, Any]]) -> dict[str, Any]:
    bodies: dict[str, Any] = {}
    for entry in entries:
        name = "body_html" if _is_markup(entry) else "body_text"
        bodies.setdefault(name, _value(entry))
    return bodies


def _descriptions(entries: list[dict[str, Any]]) -> dict[str, Any]:
    plain = [entry for entry in entries if not _is_markup(entry)]
    if plain:
        return {"description_text": _value(_first(plain, ("main", "text", "summary")))}
    return {"description_html": _value(entries[0])} if entries else {}


_TEXTS = {"headlines": _headlines, "bodies": _bodies, "descriptions": _descriptions}


def _is_markup(entry: dict[str, Any]) -> bool:
    kind = entry.get("contentType") or entry.get("contenttype")
    if kind:
        return "html" in str(kind)
    return str(entry.get("role")) in (XHTML, HTML)


def _first(entries: list[dict[str, Any]], roles: tuple[str, ...]) -> dict[str, Any]:
    for role in roles:
        for entry in entries:
            if str(entry.get("role", "")) == role:
                return entry
    return entries[0] if entries else {}


def _value(entry: dict[str, Any]) -> Any:
    return entry.get("value")


def _unsaid(entries: list[dict[str, Any]], fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Entries that the fields do not hold: none or all; a body's text only once."""
    bodies = {name: value for name, value in fields.items() if name in ("body_html", "body_text")}
    left = [_without_body(entry, bodies) for entry in entries]
    if all(entry.keys() <= {"value"} for entry in left) and len(entries) == len(fields):
        return []
    return left


def _without_body(entry: dict[str, Any], bodies: dict[str, Any]) -> dict[str, Any]:
    name = "body_html" if _is_markup(entry) else "body_text"
    if name not in bodies or entry.get("value") != bodies[name]:
        return entry
    del bodies[name]
    return {key: value for key, value in entry.items() if key != "value"}


def _coded(entry: Any) -> Any:
    # The concept's code was called `code` in 1.x and is `literal` here.
    if not isinstance(entry, dict) or "code" in entry or not (code := _code(entry)):
        return entry
    return {**entry, "code": code}


def _code(entry: dict[str, Any]) -> Any:
    return entry.get("literal") or entry.get("uri")


def _by_name(entries: list[Any], depth: int) -> dict[str, Any]:
    by_name: dict[str, Any] = {}
    for number, entry in enumerate(entries):
        name = str(entry.get("name") or number) if isinstance(entry, dict) else str(number)
        by_name[name if name not in by_name else f"{name}--{number}"] = _singular_entry(
            entry, depth
        )
    return by_name


def _singular_entry(entry: Any, depth: int) -> Any:
    if not isinstance(entry, dict) or depth > MAX_DEPTH:
        return entry
    fields = to_singular(entry, depth=depth)[0]
    if "contentType" in fields or "contenttype" in fields:
        fields["mimetype"] = fields.pop("contentType", None) or fields.pop("contenttype", None)
    return fields
