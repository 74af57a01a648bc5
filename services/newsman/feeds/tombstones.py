"""What may still be said of an article that readers may not see any more."""

import json

import redis.asyncio

from newsman.feeds.core import Tombstone
from newsman.redis.articles import Gone
from newsman.redis.keys import ArticleKeys


class TombstoneReader:
    """Reads the names of articles that are gone, and nothing else of them."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._redis = client
        self._keys = ArticleKeys(namespace)

    async def of(self, gone: Gone) -> Tombstone:
        """The article's tombstone; when it went is the last stage of its trail."""
        head = await self._redis.hget(self._keys.article(gone.article_id), "head")
        uri = json.loads(head).get("uri") if head else None
        last = gone.trail[-1]
        return Tombstone(gone.article_id, uri, last.version, last.at, gone.status)
