"""The versions of an article beside the newest: how they are kept, and which readers may see."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from newsman_schemas.articles import EnrichedArticle, PubStatus


def deflated(article: EnrichedArticle) -> bytes:
    """A version as it is kept (zlib, RFC 1950, of its JSON)."""
    return zlib.compress(article.model_dump_json().encode(), 6)


def inflated(raw: bytes) -> EnrichedArticle:
    """A kept version."""
    return EnrichedArticle.model_validate_json(zlib.decompress(raw))


def visible_versions(
    versions: Mapping[bytes, EnrichedArticle], kill: Sequence[object] | None, *, now: datetime
) -> tuple[EnrichedArticle, ...]:
    """Those that readers may see, in the gate's order (number, creation, event id).

    `versions` are by event id; `kill` is how far the article's kills reach, as the highest
    version and the latest creation among them.
    """
    in_order = sorted(
        versions.items(), key=lambda pair: (pair[1].version, pair[1].version_created, pair[0])
    )
    return tuple(article for _, article in in_order if _is_visible(article, kill, now))


def _is_visible(article: EnrichedArticle, kill: Sequence[object] | None, now: datetime) -> bool:
    if article.pubstatus is not PubStatus.USABLE:
        return False
    if article.embargoed_until and article.embargoed_until > now:
        return False
    if article.expires_at and article.expires_at <= now:
        return False
    if kill is None:
        return True
    number, created = int(str(kill[0])), datetime.fromisoformat(str(kill[1]))
    return article.version > number and article.version_created > created
