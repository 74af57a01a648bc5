"""Reading which ids lead to an article that is stored under another one."""

import asyncio
import time
from collections.abc import Callable, Sequence

import redis.asyncio
from redis.exceptions import RedisError

from newsman.redis.served_store import ServedStore

REMEMBERED, REMEMBERED_SECONDS = 20_000, 10.0
"""About so many places are remembered, none of them for longer."""
PATIENCE_SECONDS, ANSWER_SECONDS = 5.0, 0.5
"""After so long without an answer, so long without a question."""


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


class RememberedAliases:
    """The aliases as far as they are known; without Redis ids are taken as they come."""

    def __init__(self, aliases: AliasReader, clock: Callable[[], float] = time.monotonic) -> None:
        self._aliases = aliases
        self._clock = clock
        self._places: dict[str, str] = {}
        self._forget_at = 0.0
        self._not_before = 0.0

    async def places(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Where each of the ids leads: mostly to itself."""
        now = self._clock()
        if now >= self._forget_at or len(self._places) > REMEMBERED:
            self._places, self._forget_at = {}, now + REMEMBERED_SECONDS
        places = self._places
        unknown = [name for name in article_ids if name not in places]
        if unknown and now >= self._not_before:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    places.update(await self._aliases.places(unknown))
            except (RedisError, TimeoutError):
                self._not_before = self._clock() + PATIENCE_SECONDS
        return {name: places.get(name, name) for name in article_ids}
