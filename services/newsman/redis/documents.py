"""Stored articles, parsed once for as long as their bytes are the same."""

import logging
import zlib
from collections.abc import Hashable
from operator import itemgetter
from typing import Any

from cachetools import LRUCache
from pydantic import ValidationError

from newsman.redis.versions import read_document
from newsman.runtime.logs import about
from newsman_schemas.articles import EnrichedArticle

log = logging.getLogger(__name__)

KeptPieces = dict[Hashable, Any]
CAPACITY_BYTES = 4 * 1024 * 1024
"""Of JSON; what is parsed takes some eight times as much."""


class Damaged(Exception):
    """A stored article cannot be read; `newsman rebuild store` makes it again."""


def stored_article(raw: bytes | None) -> EnrichedArticle:
    """A stored article; raises Damaged."""
    return _read(raw or b"")[0]


def readable(article_id: str, raw: bytes | None) -> EnrichedArticle | None:
    """A stored article; None where it is damaged, which is logged."""
    try:
        return stored_article(raw)
    except Damaged:
        tell_damaged(article_id)
        return None


def tell_damaged(article_id: str) -> None:
    """Logs that an article is left out."""
    text = "the stored article %s is damaged; `newsman rebuild store` mends it"
    log.error(text, article_id, extra=about(article_id))


def _read(raw: bytes) -> tuple[EnrichedArticle, int]:
    """The article and the size of its JSON in bytes; raises Damaged."""
    try:
        document = read_document(raw)
        return EnrichedArticle.model_validate_json(document), len(document)
    except (zlib.error, ValidationError) as problem:
        raise Damaged("the stored article is damaged") from problem


class Documents:
    """Keeps parsed articles by their very bytes, so it can be wrong about none; the one that was
    not asked for longest goes first. Whoever gets one shares it, and changes nothing of it."""

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES) -> None:
        # An entry counts as large as its JSON, of which the deflated bytes say nothing.
        self._parsed: LRUCache[bytes, tuple[EnrichedArticle, int, KeptPieces]] = LRUCache(
            capacity_bytes, getsizeof=itemgetter(1)
        )

    def article(self, raw: bytes) -> EnrichedArticle:
        """The article; raises Damaged where the bytes are none."""
        parsed = self._parsed.get(raw)
        if parsed is not None:
            return parsed[0]
        article, size = _read(raw)
        if size <= self._parsed.maxsize:
            self._parsed[raw] = (article, size, {})
        return article

    def pieces(self, raw: bytes) -> KeptPieces:
        """The place for what is made of the article with these bytes, as long as it is kept."""
        parsed = self._parsed.get(raw)
        return parsed[2] if parsed is not None else {}
