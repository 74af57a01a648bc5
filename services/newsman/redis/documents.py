"""Stored articles, parsed once for as long as their bytes are the same."""

from collections import OrderedDict

from newsman_schemas.articles import EnrichedArticle

CAPACITY_BYTES = 4 * 1024 * 1024
"""Of JSON; what is parsed takes some eight times as much."""


class Documents:
    """Keeps parsed articles by their very bytes, so it can be wrong about none; the one that was
    not asked for longest goes first. Whoever gets one shares it, and changes nothing of it."""

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._capacity_bytes = capacity_bytes
        self._size_bytes = 0
        self._parsed: OrderedDict[bytes, EnrichedArticle] = OrderedDict()

    def article(self, raw: bytes) -> EnrichedArticle:
        """The article; raises pydantic's ValidationError where the bytes are none."""
        found = self._parsed.get(raw)
        if found is not None:
            self._parsed.move_to_end(raw)
            return found
        found = self._parsed[raw] = EnrichedArticle.model_validate_json(raw)
        self._size_bytes += len(raw)
        while self._size_bytes > self._capacity_bytes:
            oldest, _ = self._parsed.popitem(last=False)
            self._size_bytes -= len(oldest)
        return found
