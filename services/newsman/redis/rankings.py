"""Reading the rankings that popularity keeps: the partitions' tops, merged."""

import heapq
from dataclasses import dataclass

import redis.asyncio

from newsman.redis.keys import PopularityKeys, row


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
        """The most viewed articles; of equal views those with more readers, then by id."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for keys in self._partitions:
                pipe.zrevrange(keys.count(window), 0, offset + limit - 1, withscores=True)
            tops = await pipe.execute()
        # Each partition's top is in Redis' own order, the last id first, and so is the whole.
        merged = heapq.nlargest(
            offset + limit, ((score, member) for top in tops for member, score in top)
        )
        return [Count(member.decode(), *row(score)) for score, member in merged[offset:]]

    async def of(self, article_id: str, window: str) -> Count:
        """One article's numbers in a window; zeros when nobody looked."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for keys in self._partitions:
                pipe.zscore(keys.count(window), article_id)
            scores = await pipe.execute()
        # An article's views meet in one partition.
        return Count(article_id, *row(max(score or 0 for score in scores)))
