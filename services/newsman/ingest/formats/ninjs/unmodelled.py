"""Members of an item that the article has no field for, kept so that ninjs output has them."""

from collections.abc import Callable, Mapping
from typing import Any

from newsman_schemas.articles import Author, Subject
from newsman_schemas.names.slugs import slugify

CONCEPT = frozenset(Subject.model_fields)
AUTHOR = frozenset(Author.model_fields)
SAID_BY_THE_ARTICLE = frozenset(
    "versioncreated firstcreated firstpublished embargoed expires pubstatus evolvedfrom "
    "original_id headline subheadline byline language located body_html body_text "
    "description_text urgency ednote usageterms version ancestors keywords extra".split()
)
"""Names in ninjs whose values the article's own fields hold whole."""


def unmodelled(item: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the item, under their names, that the draft's fields do not hold whole."""
    members = {
        name: value
        for name, value in item.items()
        if name not in SAID_BY_THE_ARTICLE and not _is_in_fields(name, value, fields)
    }
    if members.get("associations"):
        members["associations"] = _empty(members["associations"])
    return members


def _empty(associations: Mapping[str, Any]) -> dict[str, Any]:
    # Superdesk sends null for what was removed; the article keeps only what is there.
    return {name: value for name, value in associations.items() if not value}


def beside(extra: Mapping[str, Any] | None, others: Mapping[str, Any]) -> dict[str, Any]:
    """The article's `extra`, and in `item_fields` which of it stood beside the newsroom's own.

    Where both have a name, the newsroom's `extra` is kept whole under its own name, too.
    """
    own, members = dict(extra or {}), dict(others)
    if own.keys() & members.keys():
        members.setdefault("extra", dict(own))
    return {"extra": {**own, **members}, "item_fields": sorted(members)}


_Check = Callable[[Any, Mapping[str, Any]], bool]
"""Tells of a member's value, and the draft's fields, if they hold it whole."""


def _is_field(field: str) -> _Check:
    return lambda value, fields: value is None or value == fields[field]


def _has_only(names: frozenset[str]) -> _Check:
    return lambda value, _: not value or all(_holds(entry, names) for entry in value)


def _holds(entry: Mapping[str, Any], names: frozenset[str]) -> bool:
    return entry.keys() <= names and None not in entry.values()


def _is_slug(value: Any, _: Mapping[str, Any]) -> bool:
    return value is None or value == slugify(value if isinstance(value, str) else "")


def _lacks_nothing(value: Any, _: Mapping[str, Any]) -> bool:
    return not value or all(value.values())


def _is_empty(value: Any, _: Mapping[str, Any]) -> bool:
    return not value


_CHECKS: Mapping[str, _Check] = {
    "uri": _is_field("uri"),
    "guid": _is_field("uri"),
    "body_xhtml": _is_field("body_html"),
    "copyrightnotice": _is_field("copyright"),
    "slugline": _is_slug,
    "subject": _has_only(CONCEPT),
    "authors": _has_only(AUTHOR),
    "associations": _lacks_nothing,
    "service": _is_empty,
    "renditions": _is_empty,
    "copyrightholder": _is_empty,
}


def _is_in_fields(name: str, value: Any, fields: Mapping[str, Any]) -> bool:
    check = _CHECKS.get(name)
    return check is not None and check(value, fields)
