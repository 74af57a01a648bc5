"""IPTC ninjs 2.x and 3.x: lists with roles, told in the names of 1.x."""

from typing import Any

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
"""What 2.x and 3.x call otherwise; all else has kept its name."""

TEXT, XHTML, HTML = "text", "xhtml", "html"
MAIN_ROLES = ("main", "headline", "title", "")


def is_plural(item: dict[str, Any]) -> bool:
    """Whether the item is written as 2.x or 3.x have it (or is empty of anything that differs)."""
    return any(name in item for name in (*SINGULAR, "headlines", "bodies", "descriptions"))


def to_singular(item: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The item in the names of 1.x, and under which JSON pointer each of them was sent.

    What has more parts than 1.x has room for stays whole under its own name beside it.
    """
    told: dict[str, Any] = {}
    pointers: dict[str, str] = {}
    for name, value in item.items():
        single = SINGULAR.get(name, name)
        told[single] = value
        pointers[single] = f"/{name}"
    for name, tell in (
        ("headlines", _headlines),
        ("bodies", _bodies),
        ("descriptions", _descriptions),
    ):
        entries = told.get(name)
        if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
            found = tell(entries)
            told.update(found)
            pointers.update(dict.fromkeys(found, f"/{name}"))
            told[name] = _unsaid(entries, found)
            if not told[name]:
                del told[name]
    for name in ("subject", "genre", "place", "organisation", "person"):
        if isinstance(told.get(name), list):
            told[name] = [_coded(entry) for entry in told[name]]
    for name in ("renditions", "associations"):
        if isinstance(told.get(name), list):
            told[name] = _by_name(told[name])
    return told, pointers


def _headlines(entries: list[dict[str, Any]]) -> dict[str, Any]:
    found = {"headline": _value(_first(entries, MAIN_ROLES))}
    others = [entry for entry in entries if str(entry.get("role", "")).startswith("sub")]
    if others:
        found["subheadline"] = _value(others[0])
    return found


def _bodies(entries: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        name = "body_html" if _is_markup(entry) else "body_text"
        found.setdefault(name, _value(entry))
    return found


def _descriptions(entries: list[dict[str, Any]]) -> dict[str, Any]:
    plain = [entry for entry in entries if not _is_markup(entry)]
    if plain:
        return {"description_text": _value(_first(plain, ("main", "text", "summary")))}
    return {"description_html": _value(entries[0])} if entries else {}


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


def _unsaid(entries: list[dict[str, Any]], found: dict[str, Any]) -> list[dict[str, Any]]:
    """What the fields found leave unsaid: nothing, or all entries; a body's text only once."""
    bodies = {name: value for name, value in found.items() if name in ("body_html", "body_text")}
    left = [_without_body(entry, bodies) for entry in entries]
    if all(entry.keys() <= {"value"} for entry in left) and len(entries) == len(found):
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


def _by_name(entries: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, entry in enumerate(entries):
        name = str(entry.get("name") or number) if isinstance(entry, dict) else str(number)
        found[name if name not in found else f"{name}--{number}"] = _singular_entry(entry)
    return found


def _singular_entry(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    told = to_singular(entry)[0]
    if "contentType" in told or "contenttype" in told:
        told["mimetype"] = told.pop("contentType", None) or told.pop("contenttype", None)
    return told
