"""IPTC ninjs 1.0 to 3.1 as agencies write it, and the dialect that Superdesk sends."""

from datetime import UTC
from typing import Any

from newsman.ingest.formats.model import Draft, Problem
from newsman.ingest.formats.ninjs_plural import is_plural, to_singular
from newsman.ingest.formats.ninjs_schema import schema_problems, version_of
from newsman.ingest.formats.text_values import parse_date
from newsman.ingest.formats.unmodelled import beside, unmodelled
from newsman_schemas.agenda import AGENDA_KINDS
from newsman_schemas.articles import PubStatus

RENAMED = {
    "versioncreated": "version_created",
    "firstcreated": "first_created",
    "firstpublished": "published_at",
    "embargoed": "embargoed_until",
    "expires": "expires_at",
    "pubstatus": "pubstatus",
    "evolvedfrom": "evolved_from",
    "original_id": "original_id",
    "headline": "headline",
    "subheadline": "subheadline",
    "slugline": "slug",
    "byline": "byline",
    "language": "language",
    "located": "located",
    "body_text": "body_text",
    "description_text": "summary",
    "urgency": "urgency",
    "ednote": "editorial_note",
    "usageterms": "usage_terms",
    "version": "version",
}
MARKS = frozenset({"versioncreated", "guid", "body_xhtml", "pubstatus", "$standard", "ednote"})
IPTC_MARKS = frozenset({"type", "profile", "renditions", "mimetype", "representationtype", "genre"})
NATIVE_MARKS = frozenset(
    "version_created first_created published_at embargoed_until expires_at section canonical_url "
    "slug summary images editorial_note copyright usage_terms keywords".split()
)
"""Names of Newsman's own JSON that ninjs has not."""
WORDS = ("headline", "body_html", "body_text")
DIALECT_MARKS = frozenset(
    "guid _id service extra extra_items evolvedfrom ancestors original_id authors priority "
    "products signal attachments annotations readtime firstpublished coverage_id "
    "planning_id".split()
)
"""Names that Superdesk's dialect has and the IPTC's schemas have not."""
ENDED = ("cancelled", "canceled", "killed")
LIST_FIELDS = ("subject", "service", "authors", "keywords", "ancestors")
HIGHEST_VERSION = 2**53 - 1
PREFERRED_RENDITIONS = ("viewImage", "baseImage", "original", "thumbnail")


def is_ninjs(item: dict[str, Any]) -> bool:
    """Whether the object carries names that ninjs has and Newsman's own JSON has not."""
    if "headline" in item and ("version_created" in item or "published_at" in item):
        return False
    if any(name in item for name in MARKS - {"pubstatus"} | {"slugline"}):
        return True
    # Both have subjects, but ninjs 2.x and 3.x have no headline and no body of these names.
    if is_plural({name: 1 for name in item if name != "subjects"}):
        return True
    if "subjects" in item and any(name in item for name in WORDS):
        return False
    if item.get("uri") in (None, "") or any(name in item for name in NATIVE_MARKS):
        return False
    if any(name in item for name in IPTC_MARKS):
        return True
    # A version is a string in ninjs, a number in Newsman's own JSON.
    return "headline" not in item and not isinstance(item.get("version"), int)


def draft(item: dict[str, Any], version: str | None = None) -> Draft:
    """The draft of one item; what the article has no place for survives in `extra`.

    An item of the IPTC's has a `uri` and must keep to its schema; Superdesk's dialect, known by
    its `guid` or other names of its own, is what each newsroom made of it.
    """
    if not any(item.get(name) for name in ("uri", "guid", "_id")):
        return Draft({}, problems=(Problem("/uri", "an item needs a uri (or guid)"),))
    if version is None and any(name in item for name in DIALECT_MARKS):
        return _told(item, item, _pointers(item))
    found = schema_problems(item, version or version_of(item))
    if found:
        return Draft({}, problems=tuple(found))
    if not is_plural(item):
        return _told(item, item, _pointers(item))
    told, sent_as = to_singular(item)
    pointers = {ours: sent_as.get(theirs, f"/{theirs}") for theirs, ours in RENAMED.items()}
    return _told(told, item, {**_pointers(told), **pointers})


def _told(item: dict[str, Any], sent: dict[str, Any], pointers: dict[str, str]) -> Draft:
    if item.get("type") in AGENDA_KINDS:
        return _agenda(item, sent)
    return _draft(item, pointers)


def _agenda(item: dict[str, Any], sent: dict[str, Any]) -> Draft:
    titles = (item.get(name) for name in ("headline", "title", "name", "slugline"))
    fields = {
        "uri": _first(item, "uri", "guid", "_id"),
        "headline": next((title for title in titles if isinstance(title, str) and title), None),
        "version": _version(item, {}),
        "version_created": item.get("versioncreated"),
        "pubstatus": _agenda_status(item),
    }
    return Draft(fields, kind=str(item["type"]), item=sent)


def _agenda_status(item: dict[str, Any]) -> Any:
    # Superdesk spells it both ways for events, and says it in the state, too.
    if any(item.get(name) in ENDED for name in ("pubstatus", "state")):
        return PubStatus.CANCELED
    return item.get("pubstatus")


def _draft(item: dict[str, Any], pointers: dict[str, str]) -> Draft:
    problems = _wrong_containers(item)
    if problems:
        return Draft({}, problems=tuple(problems))
    fields = {
        ours: item[theirs] for theirs, ours in RENAMED.items() if item.get(theirs) is not None
    }
    fields["uri"] = _first(item, "uri", "guid", "_id")
    fields.update(_lists(item))
    fields["body_html"] = _first(item, "body_html", "body_xhtml")
    fields["copyright"] = _first(item, "copyrightnotice", "copyrightholder")
    associations = item.get("associations") or {}
    fields["associations"] = {name: value for name, value in associations.items() if value}
    fields["images"] = _images(item)
    others = unmodelled(item, fields)
    fields["version"] = _version(item, others)
    _set_aside_words(item, fields, others)
    fields.update(beside(item.get("extra"), others))
    return Draft(fields, pointers=pointers)


def _first(item: dict[str, Any], *names: str) -> Any:
    """The first that says something; 0, false, [] and {} are no words and are refused later."""
    return next((item[name] for name in names if item.get(name) not in (None, "")), None)


def _set_aside_words(item: dict[str, Any], fields: dict[str, Any], others: dict[str, Any]) -> None:
    """Words in the place of a date, which the schemas let pass, go to what has no field.

    An embargo that can't be timed holds the article back.
    """
    for name in ("firstcreated", "firstpublished", "expires", "embargoed"):
        if not _is_date_or_absent(item.get(name)):
            others[name] = fields.pop(RENAMED[name])
            if name == "embargoed" and fields.get("pubstatus", "usable") == "usable":
                fields["pubstatus"] = "withheld"


def _is_date_or_absent(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        parse_date(value, UTC)
    except ValueError:
        return False
    return True


def _pointers(item: dict[str, Any]) -> dict[str, str]:
    pointers = {ours: f"/{theirs}" for theirs, ours in RENAMED.items()}
    pointers["uri"] = "/uri" if "uri" in item else "/guid"
    pointers["body_html"] = "/body_html" if "body_html" in item else "/body_xhtml"
    pointers["subjects"] = "/subject"
    pointers["copyright"] = "/copyrightnotice"
    pointers["images"] = "/renditions"
    return pointers


def _wrong_containers(item: dict[str, Any]) -> list[Problem]:
    problems = [
        Problem(f"/{name}", "must be an array")
        for name in LIST_FIELDS
        if item.get(name) is not None and not isinstance(item[name], list)
    ]
    for name in ("subject", "service", "authors"):
        for number, entry in enumerate(item.get(name) or [] if not problems else []):
            if not isinstance(entry, dict):
                problems.append(Problem(f"/{name}/{number}", "must be an object"))
    problems += [
        Problem(f"/{name}", "must be an object")
        for name in ("associations", "renditions", "extra")
        if item.get(name) is not None and not isinstance(item[name], dict)
    ]
    return problems


def _lists(item: dict[str, Any]) -> dict[str, Any]:
    services = [entry.get("name") for entry in item.get("service") or []]
    found: dict[str, Any] = {
        "subjects": [_concept(entry) for entry in item.get("subject") or []],
        "authors": [_author(entry) for entry in item.get("authors") or []],
        "keywords": item.get("keywords") or [],
        "ancestors": item.get("ancestors") or [],
    }
    if services and services[0]:
        found["section"] = services[0]
    return found


def _concept(entry: dict[str, Any]) -> dict[str, Any]:
    return {"name": entry.get("name"), "code": entry.get("code"), "scheme": entry.get("scheme")}


def _author(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": entry.get("name") or entry.get("code") or "",
        "role": entry.get("role"),
        "code": entry.get("code"),
        "uri": entry.get("uri"),
    }


def _images(item: dict[str, Any]) -> list[dict[str, Any]]:
    pictures = [item] if item.get("type") in ("picture", "graphic") else []
    pictures += [
        related
        for related in (item.get("associations") or {}).values()
        if isinstance(related, dict) and related.get("type") in ("picture", "graphic")
    ]
    return [image for picture in pictures if (image := _image(picture))]


def _image(picture: dict[str, Any]) -> dict[str, Any] | None:
    renditions = picture.get("renditions")
    if not isinstance(renditions, dict):
        return None
    named = [renditions.get(name) for name in PREFERRED_RENDITIONS]
    for rendition in (*named, *renditions.values()):
        if isinstance(rendition, dict) and isinstance(rendition.get("href"), str):
            return {
                "href": rendition["href"],
                "caption": _text(picture.get("description_text") or picture.get("headline")),
                "credit": _text(picture.get("byline")),
                "mimetype": _text(rendition.get("mimetype")),
                "width": _pixels(rendition.get("width")),
                "height": _pixels(rendition.get("height")),
            }
    return None


def _text(value: Any) -> str | None:
    return value[:2_000] if isinstance(value, str) else None


def _pixels(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


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
