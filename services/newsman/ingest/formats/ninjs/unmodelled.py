"""What an item says that the article can't say back, so that ninjs output can."""

from collections.abc import Mapping
from typing import Any

from newsman.slugs import slugify
from newsman_schemas.articles import Author, Subject

CONCEPT = frozenset(Subject.model_fields)
AUTHOR = frozenset(Author.model_fields)
SAID_BY_THE_ARTICLE = frozenset(
    "versioncreated firstcreated firstpublished embargoed expires pubstatus evolvedfrom "
    "original_id headline subheadline byline language located body_html body_text "
    "description_text urgency ednote usageterms version ancestors keywords extra".split()
)
"""Names of ninjs whose values the article's own fields hold whole."""


def unmodelled(item: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the item, under their names, that the draft's fields do not hold whole."""
    found = {
        name: value
        for name, value in item.items()
        if name not in SAID_BY_THE_ARTICLE and not _is_said(name, value, fields)
    }
    if found.get("associations"):
        found["associations"] = _empty(found["associations"])
    return found


def _empty(associations: Mapping[str, Any]) -> dict[str, Any]:
    # Superdesk sends null for what was taken out; the article keeps what is there only.
    return {name: value for name, value in associations.items() if not value}


def beside(extra: Mapping[str, Any] | None, others: Mapping[str, Any]) -> dict[str, Any]:
    """The article's `extra`, and in `item_fields` which of it stood beside the newsroom's own.

    Where both have a name, the newsroom's `extra` is kept whole under its own name, too.
    """
    held, said = dict(extra or {}), dict(others)
    if held.keys() & said.keys():
        said.setdefault("extra", dict(held))
    return {"extra": {**held, **said}, "item_fields": sorted(said)}


def _is_said(name: str, value: Any, fields: Mapping[str, Any]) -> bool:
    match name:
        case "uri" | "guid":
            return value is None or value == fields["uri"]
        case "body_xhtml":
            return value is None or value == fields["body_html"]
        case "copyrightnotice":
            return value is None or value == fields["copyright"]
        case "slugline":
            return value is None or value == slugify(value if isinstance(value, str) else "")
        case "subject":
            return not value or all(_holds(entry, CONCEPT) for entry in value)
        case "authors":
            return not value or all(_holds(entry, AUTHOR) for entry in value)
        case "associations":
            return not value or all(value.values())
        case "service" | "renditions" | "copyrightholder":
            return not value
    return False


def _holds(entry: Mapping[str, Any], names: frozenset[str]) -> bool:
    return entry.keys() <= names and None not in entry.values()
