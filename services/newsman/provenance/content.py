"""The part of an article that a statement vouches for, and its digest. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Any

from newsman.provenance.base64url import encoded
from newsman.provenance.canonical_json import canonical_json
from newsman_schemas.articles import Article

PROFILE = "newsman-article/1"
"""The name of this choice of members; another choice gets another name."""
COVERED = (
    "uri version first_created published_at embargoed_until expires_at pubstatus evolved_from "
    "headline subheadline slug byline authors language located section body_html body_text summary "
    "keywords subjects urgency editorial_note images associations canonical_url copyright "
    "usage_terms extra"
).split()
"""Everything that the newsroom says. Left out is what may change without a new revision (times of
receipt, `version_created`, the chain above) and what Newsman adds (tags, entities, stories)."""
_NAMES = set(COVERED)
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def covered(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an article's JSON that are vouched for.

    Members that are null or empty are left out at any depth, so that all forms in which Newsman
    shows an article give the same, also once an article can have more members.
    """
    members = {name: document[name] for name in COVERED if name in document}
    told: dict[str, Any] = _without_empty(members)
    return told


def covered_of(article: Article) -> dict[str, Any]:
    """The members of an article that are vouched for, as JSON types."""
    return covered(article.model_dump(mode="json", include=_NAMES, exclude_none=True))


def content_digest_of(members: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of what is vouched for, in base64url; raises
    NotCanonical."""
    return encoded(hashlib.sha256(canonical_json(dict(members))).digest())


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        members = ((name, _without_empty(each)) for name, each in value.items())
        return {name: each for name, each in members if each not in _EMPTY}
    if isinstance(value, list):
        return [_without_empty(each) for each in value]
    return value
