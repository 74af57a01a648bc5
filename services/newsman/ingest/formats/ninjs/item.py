"""IPTC ninjs 1.0 to 3.1 as agencies write it, and the dialect that Superdesk sends."""

from collections.abc import Iterable
from typing import Any

from newsman.ingest.formats.feed.values import plain
from newsman.ingest.formats.model import Draft, FieldProblem
from newsman.ingest.formats.ninjs.leniency import (
    SINGULAR_VERSION,
    in_singular,
    mixes_generations,
    without_nulls,
    without_odd_dates,
)
from newsman.ingest.formats.ninjs.names import (
    BODIES,
    COPYRIGHTS,
    ENTRY_LISTS,
    HEADLINES,
    HIGHEST_VERSION,
    IDENTIFIERS,
    LIST_FIELDS,
    RENAMED,
    is_dialect,
)
from newsman.ingest.formats.ninjs.pictures import images
from newsman.ingest.formats.ninjs.plural import has_lists, is_plural, to_singular
from newsman.ingest.formats.ninjs.schema import schema_problems, version_of
from newsman.ingest.formats.ninjs.unmodelled import beside, unmodelled
from newsman_schemas.agenda import AGENDA_KINDS
from newsman_schemas.pubstatus import CANCELED, names_embargo, status_named

_NAMES_OF_DATES = {
    ours: theirs for theirs, ours in RENAMED.items() if ours.endswith(("_created", "_at", "_until"))
}


def draft(item: dict[str, Any], version: str | None = None) -> Draft:
    """The draft of one item; anything without a field in the article is kept in `extra`.

    An item of the IPTC's has a `uri` and must keep to its schema; Superdesk's dialect, known by
    its `guid` or other names of its own, is what each newsroom made of it.
    """
    if not any(item.get(name) for name in ("uri", "guid", "_id")):
        return Draft({}, problems=(FieldProblem("/uri", "an item needs a uri (or guid)"),))
    in_dialect = version is None and is_dialect(item)
    problems = [] if in_dialect else schema_problems(item, version or version_of(item))
    if problems and version is None:
        item = without_nulls(item)
        problems = [] if _is_clear(item) else problems
    if problems:
        return Draft({}, problems=tuple(problems))
    if not (has_lists(item) if in_dialect else is_plural(item)):
        return _told(item, item, _pointers(item))
    singular, sent_as = to_singular(item)
    pointers = {ours: sent_as.get(theirs, f"/{theirs}") for theirs, ours in RENAMED.items()}
    return _told(singular, item, {**_pointers(singular), **pointers})


def _is_clear(item: dict[str, Any]) -> bool:
    """True if an item breaks its schema by odd dates or by mixing generations only."""
    judged = without_odd_dates(item)
    if not mixes_generations(judged):
        return not schema_problems(judged, version_of(judged))
    return not schema_problems(in_singular(judged), SINGULAR_VERSION)


def _told(item: dict[str, Any], sent: dict[str, Any], pointers: dict[str, str]) -> Draft:
    if item.get("type") in AGENDA_KINDS:
        return _agenda(item, sent)
    return _draft(item, pointers)


def _agenda(item: dict[str, Any], sent: dict[str, Any]) -> Draft:
    titles = (item.get(name) for name in (*HEADLINES, "name", "slugline"))
    fields = {
        "uri": _first(item, "uri", "guid", "_id"),
        "headline": next((title for title in titles if isinstance(title, str) and title), None),
        "version": _version(item, {}),
        "version_created": item.get("versioncreated"),
        "pubstatus": _status(item),
    }
    return Draft(fields, kind=str(item["type"]), item=sent)


def _status(item: dict[str, Any]) -> Any:
    # Superdesk may tell of a kill in the state only.
    state = item.get("state")
    is_ended = isinstance(state, str) and status_named(state) == CANCELED
    return CANCELED if is_ended else item.get("pubstatus")


def _draft(item: dict[str, Any], pointers: dict[str, str]) -> Draft:
    problems = _wrong_containers(item)
    if problems:
        return Draft({}, problems=tuple(problems))
    fields = {
        ours: item[theirs] for theirs, ours in RENAMED.items() if item.get(theirs) is not None
    }
    if "embargoed_until" not in fields:
        # Superdesk's own items, from which many write theirs, call it `embargo`.
        named = (value for name, value in item.items() if value and names_embargo(name))
        fields["embargoed_until"] = next(named, None)
    if (status := _status(item)) is not None:
        fields["pubstatus"] = status
    fields["uri"] = _first(item, *IDENTIFIERS)
    fields["headline"] = _first(item, *HEADLINES)
    fields.update(_lists(item))
    fields["body_html"] = _first(item, *BODIES)
    _take_texts_by_other_names(item, fields)
    fields["copyright"] = _first(item, *COPYRIGHTS)
    fields["associations"] = {k: v for k, v in (item.get("associations") or {}).items() if v}
    fields["images"] = images(item)
    others = unmodelled(item, fields)
    fields["version"] = _version(item, others)
    fields.update(beside(item.get("extra"), others))
    return Draft(fields, pointers=pointers, names_aside=_NAMES_OF_DATES)


def _take_texts_by_other_names(item: dict[str, Any], fields: dict[str, Any]) -> None:
    """1.x: `body_` and `description_` may be followed by any suffix an agency chooses."""
    if fields["body_html"] is None and fields.get("body_text") is None:
        fields["body_html"] = _first_text(item, "body_")
    if fields.get("summary") is None:
        description = _first_text(item, "description_") or _first_text(item, "abstract")
        fields["summary"] = None if description is None else plain(description)


def _first_text(item: dict[str, Any], prefix: str) -> str | None:
    """The first string under a name that begins with the prefix."""
    values = (value for name, value in item.items() if name.startswith(prefix))
    return next((value for value in values if isinstance(value, str)), None)


def _first(item: dict[str, Any], *names: str) -> Any:
    """The first that says anything; 0, false, [] and {} are not words and are refused later."""
    return next((item[name] for name in names if item.get(name) not in (None, "")), None)


def _pointers(item: dict[str, Any]) -> dict[str, str]:
    pointers = {ours: f"/{theirs}" for theirs, ours in RENAMED.items()}
    pointers["uri"] = "/uri" if "uri" in item else "/guid"
    pointers["body_html"] = "/body_html" if "body_html" in item else "/body_xhtml"
    pointers["subjects"] = "/subject"
    pointers["copyright"] = "/copyrightnotice"
    pointers["images"] = "/renditions"
    return pointers


def _wrong_containers(item: dict[str, Any]) -> list[FieldProblem]:
    """Members that are not arrays or objects where the reader needs them to be."""
    problems = _not_of(list, item, LIST_FIELDS)
    if not problems:
        wrong_entries = (_wrong_entries(item, name) for name in ENTRY_LISTS)
        problems = next(filter(None, wrong_entries), [])
    return problems + _not_of(dict, item, ("associations", "renditions", "extra"))


def _not_of(kind: type, item: dict[str, Any], names: Iterable[str]) -> list[FieldProblem]:
    """The members that are present but not of the kind, list or dict."""
    detail = "must be an array" if kind is list else "must be an object"
    present = [name for name in names if item.get(name) is not None]
    return [
        FieldProblem(f"/{name}", detail) for name in present if not isinstance(item[name], kind)
    ]


def _wrong_entries(item: dict[str, Any], name: str) -> list[FieldProblem]:
    return [
        FieldProblem(f"/{name}/{number}", "must be an object")
        for number, entry in enumerate(_listed(item, name))
        if not isinstance(entry, dict)
    ]


def _lists(item: dict[str, Any]) -> dict[str, Any]:
    """The fields that are lists, and the section: the name of the first service."""
    services = [entry.get("name") for entry in _listed(item, "service")]
    fields: dict[str, Any] = {
        "subjects": [_concept(entry) for entry in _listed(item, "subject")],
        "authors": [_author(entry) for entry in _listed(item, "authors")],
        "keywords": _listed(item, "keywords"),
        "ancestors": _listed(item, "ancestors"),
    }
    if services and services[0]:
        fields["section"] = services[0]
    return fields


def _listed(item: dict[str, Any], name: str) -> list[Any]:
    return item.get(name) or []


def _concept(entry: dict[str, Any]) -> dict[str, Any]:
    return {"name": entry.get("name"), "code": entry.get("code"), "scheme": entry.get("scheme")}


def _author(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": entry.get("name") or entry.get("code") or "",
        "role": entry.get("role"),
        "code": entry.get("code"),
        "uri": entry.get("uri"),
    }


def _version(item: dict[str, Any], others: dict[str, Any]) -> Any:
    """Superdesk sends the number as a string; other words can't be put in order."""
    version = item.get("version")
    if version is None:
        return 1
    if not isinstance(version, str):
        return version
    if version.strip().isdecimal() and int(version[:20]) <= HIGHEST_VERSION:
        return int(version)
    others["version"] = version
    return 1
