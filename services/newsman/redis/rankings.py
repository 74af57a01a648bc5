"""Reading the rankings that popularity keeps: the partitions' tops, merged."""

import heapq
from dataclasses import dataclass

import redis.asyncio

from newsman.redis.keys import PopularityKeys


@dataclass(frozen=True)
class Count:
    """One article's numbers in one window."""

    article_id: str
    views: int
    readers: int


class RankingReader:
    """The read side of the counts, over all partitions."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str, partitions: int) -> None:
        self._redis = client
        self._partitions = [PopularityKeys(namespace, number) for number in range(partitions)]

    async def top(self, window: str, *, offset: int = 0, limit: int = 20) -> list[Count]:
        """The most viewed articles; equal views by more readers, then by id."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for keys in self._partitions:
                pipe.zrevrange(keys.views(window), 0, offset + limit - 1, withscores=True)
            tops = await pipe.execute()
        ids = [(member, number) for number, top in enumerate(tops) for member, _ in top]
        readers = await self._readers(window, ids)
        views = {member: int(score) for top in tops for member, score in top}
        counts = [Count(m.decode(), views[m], readers[m]) for m, _ in ids if views[m] > 0]
        ranked = heapq.nsmallest(
            offset + limit, counts, key=lambda c: (-c.views, -c.readers, c.article_id)
        )
        return ranked[offset:]

    async def of(self, article_id: str, window: str) -> Count:
        """One article's numbers in a window; zeros when nobody looked."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for keys in self._partitions:
                pipe.zscore(keys.views(window), article_id)
                pipe.zscore(keys.readers(window), article_id)
            scores = await pipe.execute()
        views = sum(int(score or 0) for score in scores[::2])
        return Count(article_id, views, sum(int(score or 0) for score in scores[1::2]))

    async def _readers(self, window: str, ids: list[tuple[bytes, int]]) -> dict[bytes, int]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for member, number in ids:
                pipe.zscore(self._partitions[number].readers(window), member)
            scores = await pipe.execute()
        return {member: int(score or 0) for (member, _), score in zip(ids, scores, strict=True)}
