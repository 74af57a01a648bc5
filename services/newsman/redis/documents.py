"""Stored articles, parsed once for as long as their bytes are the same."""

from collections.abc import Hashable
from operator import itemgetter
from typing import Any

from cachetools import LRUCache

from newsman.redis.versions import read_document
from newsman_schemas.articles import EnrichedArticle

KeptPieces = dict[Hashable, Any]
CAPACITY_BYTES = 4 * 1024 * 1024
"""Of JSON; what is parsed takes some eight times as much."""


class Documents:
    """Keeps parsed articles by their very bytes, so it can be wrong about none; the one that was
    not asked for longest goes first. Whoever gets one shares it, and changes nothing of it."""

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES) -> None:
        # An entry counts as large as its JSON, of which the deflated bytes say nothing.
        self._parsed: LRUCache[bytes, tuple[EnrichedArticle, int, KeptPieces]] = LRUCache(
            capacity_bytes, getsizeof=itemgetter(1)
        )

    def article(self, raw: bytes) -> EnrichedArticle:
        """The article; raises pydantic's ValidationError where the bytes are none."""
        parsed = self._parsed.get(raw)
        if parsed is not None:
            return parsed[0]
        document = read_document(raw)
        article = EnrichedArticle.model_validate_json(document)
        if len(document) <= self._parsed.maxsize:
            self._parsed[raw] = (article, len(document), {})
        return article

    def pieces(self, raw: bytes) -> KeptPieces:
        """The place for what is made of the article with these bytes, as long as it is kept."""
        parsed = self._parsed.get(raw)
        return parsed[2] if parsed is not None else {}
