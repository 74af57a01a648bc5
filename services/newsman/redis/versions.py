"""The versions of an article beside the newest, its kills and its statements, as they are kept in
Redis."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from newsman_schemas.article_order import in_version_order
from newsman_schemas.article_rules import Kill, Status, status_at
from newsman_schemas.articles import EnrichedArticle, LogPlace
from newsman_schemas.copies import Hold, Holds, hold_of

ZLIB = b"\x78"
"""First byte of what is deflated (RFC 1950 section 2.2); JSON begins otherwise."""
_WITH_DICTIONARY = 0x20
"""The bit of the second byte that says that a preset dictionary is needed."""
_DICTIONARY = (files("newsman.redis") / "article.zdict").read_bytes()
"""What the JSON of most articles has in common. It never changes: what was deflated with it can't
be read without it."""
HOLD_FIELDS = ("status", "earlier")
"""Fields of an article that tell whether copies of it are on hold."""


def deflated_document(document: str) -> bytes:
    """The JSON of what readers see as it is kept (zlib, RFC 1950): a quarter of its size."""
    return _packed(document)


def read_document(raw: bytes) -> bytes:
    """The JSON of what readers see, of which earlier versions kept every byte."""
    return _unpacked(raw) if raw.startswith(ZLIB) else raw


def deflated(article: EnrichedArticle) -> bytes:
    """A version as it is kept (zlib, RFC 1950, of its JSON)."""
    return _packed(article.model_dump_json())


def inflated(raw: bytes) -> EnrichedArticle:
    """A kept version."""
    return EnrichedArticle.model_validate_json(_unpacked(raw))


def _packed(document: str) -> bytes:
    packer = zlib.compressobj(6, zdict=_DICTIONARY)
    return packer.compress(document.encode()) + packer.flush()


def _unpacked(raw: bytes) -> bytes:
    """The bytes that were deflated, with the dictionary or before there was one; raises zlib.error
    of what is cut off or was never deflated."""
    if len(raw) < 2 or not raw[1] & _WITH_DICTIONARY:
        return zlib.decompress(raw)
    unpacker = zlib.decompressobj(zdict=_DICTIONARY)
    document = unpacker.decompress(raw)
    if not unpacker.eof:
        raise zlib.error("the end of what was deflated is missing")
    return document


@dataclass(frozen=True)
class StatedRevision:
    """A signed statement about an article, and the revision that it is of."""

    revision: int
    statement: str

    def packed(self) -> str:
        """Both as they are kept."""
        return f"{self.revision} {self.statement}"


def read_stated(raw: bytes | None) -> StatedRevision | None:
    """A kept statement with its revision."""
    if raw is None:
        return None
    revision, _, statement = raw.decode().partition(" ")
    return StatedRevision(int(revision), statement)


def kill_json(kill: Kill) -> str:
    """The reach of an article's kills as it is kept: the highest version, the latest creation,
    and where there are any the latest time that was given and the last place in the log."""
    bounds: list[Any] = [kill.version, kill.version_created.isoformat()]
    if kill.stated_at or kill.place:
        bounds.append(kill.stated_at and kill.stated_at.isoformat())
        bounds.append(kill.place and kill.place.model_dump(mode="json"))
    return json.dumps(bounds)


def read_kill(raw: bytes) -> Kill:
    """A kept reach."""
    version, created, *more = json.loads(raw)
    stated, place = more or (None, None)
    return Kill(
        version,
        datetime.fromisoformat(created),
        datetime.fromisoformat(stated) if stated else None,
        LogPlace.model_validate(place) if place else None,
    )


def holds_of(article_ids: Sequence[str], rows: Iterable[Sequence[bytes | None]]) -> Holds:
    """The holds on copies of articles, by HOLD_FIELDS of each as they are kept."""
    holds: dict[str, Hold] = {}
    for article_id, (status, earlier) in zip(article_ids, rows, strict=True):
        hold = hold_of(
            Status(status.decode()) if status else None,
            json.loads(earlier)[-1]["article"]["version"] if earlier else None,
        )
        if hold is not None:
            holds[article_id] = hold
    return holds


def visible_versions(
    versions: Mapping[bytes, EnrichedArticle], kill: Kill | None, *, now: datetime
) -> tuple[EnrichedArticle, ...]:
    """Those of an article's versions, by event id, that readers may see; the oldest first."""
    in_order = in_version_order((event.decode(), article) for event, article in versions.items())
    return tuple(
        article for article in in_order if status_at(article, kill, now) is Status.PUBLISHED
    )
