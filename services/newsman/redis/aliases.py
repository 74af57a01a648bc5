"""Reading which ids lead to an article that is stored under another one."""

from collections.abc import Sequence

import redis.asyncio

from newsman.redis.served_store import ServedStore


class AliasReader:
    """The aliases that publish keeps."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._store = ServedStore(client, namespace)

    async def places(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Where each of the ids leads: mostly to itself."""
        if not article_ids:
            return {}
        (places,) = await self._store.ask(lambda keys: [("HMGET", keys.aliases, *article_ids)])
        pairs = zip(article_ids, places, strict=True)
        return {name: place.decode() if place else name for name, place in pairs}
