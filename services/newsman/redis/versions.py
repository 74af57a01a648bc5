"""The versions of an article beside the newest, and its kills, as they are kept in Redis."""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime

from newsman_schemas.article_rules import Kill, Status, status_at, version_order
from newsman_schemas.articles import EnrichedArticle


def deflated(article: EnrichedArticle) -> bytes:
    """A version as it is kept (zlib, RFC 1950, of its JSON)."""
    return zlib.compress(article.model_dump_json().encode(), 6)


def inflated(raw: bytes) -> EnrichedArticle:
    """A kept version."""
    return EnrichedArticle.model_validate_json(zlib.decompress(raw))


def kill_json(kill: Kill) -> str:
    """The reach of an article's kills as it is kept: the highest version, the latest creation."""
    return json.dumps([kill.version, kill.version_created.isoformat()])


def read_kill(raw: bytes) -> Kill:
    """A kept reach."""
    version, created = json.loads(raw)
    return Kill(version, datetime.fromisoformat(created))


def visible_versions(
    versions: Mapping[bytes, EnrichedArticle], kill: Kill | None, *, now: datetime
) -> tuple[EnrichedArticle, ...]:
    """Those of an article's versions, by event id, that readers may see; the oldest first."""
    in_order = sorted(versions.items(), key=lambda pair: version_order(pair[1], pair[0].decode()))
    return tuple(
        article for _, article in in_order if status_at(article, kill, now) is Status.PUBLISHED
    )
