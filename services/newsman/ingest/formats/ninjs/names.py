"""Names of an article's fields in ninjs, and names by which ninjs items are recognised."""

from collections.abc import Iterable
from typing import Any

from newsman.ingest.formats.ninjs.plural import PLURAL_NAMES, has_lists

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
OTHER_NAMES = frozenset(
    "altids charcount contentcreated copyrightholder copyrightnotice digitalsourcetype embargoed "
    "event expires firstcreated infosource object organisation person place rightsinfo subject "
    "title trustindicator usageterms wordcount".split()
)
"""Names of ninjs 1.x that anybody may give to a field of their own."""
OTHER_PREFIXES = ("headline_", "description_", "body_")
NATIVE_MARKS = frozenset(
    "version_created first_created published_at embargoed_until expires_at section canonical_url "
    "slug summary images editorial_note copyright usage_terms keywords".split()
)
"""Names in Newsman's own JSON that ninjs lacks."""
WORDS = ("headline", "body_html", "body_text")
DIALECT_MARKS = frozenset(
    "guid _id service extra extra_items evolvedfrom ancestors original_id authors priority "
    "products signal attachments annotations readtime firstpublished coverage_id "
    "planning_id".split()
)
"""Names in Superdesk's dialect that the IPTC's schemas lack."""
IDENTIFIERS = ("uri", "guid", "_id")
HEADLINES = ("headline", "title")
BODIES = ("body_html", "body_xhtml")
COPYRIGHTS = ("copyrightnotice", "copyrightholder")
LIST_FIELDS = ("subject", "service", "authors", "keywords", "ancestors")
ENTRY_LISTS = ("subject", "service", "authors")
"""Lists of objects."""
HIGHEST_VERSION = 2**53 - 1


_NATIVE_DATES = ("version_created", "published_at")
# Both have subjects, but ninjs 2.x and 3.x have no headline and no body of these names.
_NINJS_ONLY = (MARKS - {"pubstatus"}) | {"slugline"} | (PLURAL_NAMES - {"subjects"})


def is_ninjs(item: dict[str, Any]) -> bool:
    """Tells ninjs from Newsman's own JSON by names that only one of them has.

    Where there are none, `may_be_ninjs` and the schema tell.
    """
    if "headline" in item and _has_any(item, _NATIVE_DATES):
        return False
    if _has_any(item, _NINJS_ONLY):
        return True
    if "subjects" in item and _has_any(item, WORDS):
        return False
    if item.get("uri") in (None, "") or _has_any(item, NATIVE_MARKS):
        return False
    if _has_any(item, IPTC_MARKS) or has_lists(item):
        return True
    # A version is a string in ninjs, a number in Newsman's own JSON.
    return "headline" not in item and not isinstance(item.get("version"), int)


def may_be_ninjs(item: dict[str, Any]) -> bool:
    """True if the item, which no name tells from Newsman's own JSON, has something that is only
    meant in ninjs; it is ninjs if it keeps to the schema."""
    if not isinstance(item.get("uri"), str) or _has_any(item, NATIVE_MARKS):
        return False
    if isinstance(item.get("version"), str) or _has_any(item, OTHER_NAMES):
        return True
    return any(name.startswith(OTHER_PREFIXES) and name not in WORDS for name in item)


def is_dialect(item: dict[str, Any]) -> bool:
    """Tells if the item carries names of Superdesk's dialect."""
    return _has_any(item, DIALECT_MARKS)


def _has_any(item: dict[str, Any], names: Iterable[str]) -> bool:
    return any(name in item for name in names)
