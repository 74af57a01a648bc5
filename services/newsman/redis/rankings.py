"""Reading the counts that popularity keeps: the partitions' tops, merged."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import redis.asyncio

from newsman.redis.keys import PopularityKeys, row
from newsman_schemas.popularity import WINDOW_SECONDS

ARRIVALS = "dpl"


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
        keys = [keys.count(window) for keys in self._partitions]
        merged = await self._merged(keys, offset + limit)
        return [Count(member, *row(score)) for score, member in merged[offset:]]

    async def decayed(self, *, offset: int = 0, limit: int = 20) -> list[tuple[str, float]]:
        """Articles by their time-decayed views, with log2 of a sum that only its order tells."""
        merged = await self._merged([keys.decayed for keys in self._partitions], offset + limit)
        return [(member, score) for score, member in merged[offset:]]

    async def of(self, article_id: str, window: str) -> Count:
        """One article's numbers in a window; zeros when nobody looked."""
        return (await self.of_many([article_id], window))[article_id]

    async def of_many(self, article_ids: Sequence[str], window: str) -> dict[str, Count]:
        """The numbers of several."""
        scores = await self._scores([k.count(window) for k in self._partitions], article_ids)
        return {ident: Count(ident, *row(score or 0)) for ident, score in scores.items()}

    async def decayed_of_many(self, article_ids: Sequence[str]) -> dict[str, float | None]:
        """The time-decayed scores of several; None for what has faded away."""
        return await self._scores([keys.decayed for keys in self._partitions], article_ids)

    async def spans(
        self, article_ids: Sequence[str], span: str, numbers: Sequence[int]
    ) -> list[dict[str, Count]]:
        """The numbers of several in each of these minutes, hours or days."""
        if not article_ids:
            return [{} for _ in numbers]
        async with self._redis.pipeline(transaction=False) as pipe:
            for number in numbers:
                for keys in self._partitions:
                    pipe.hmget(keys.span(span, number), list(article_ids))
            answers = await pipe.execute()
        size = len(self._partitions)
        by_number = (answers[start : start + size] for start in range(0, len(answers), size))
        return [_counts(article_ids, rows) for rows in by_number]

    async def arrivals(
        self, article_ids: Sequence[str], minutes: Sequence[int]
    ) -> dict[str, dict[str, list[int]]]:
        """Known arrivals of several articles' views, by letter and minute."""
        arrivals: dict[str, dict[str, list[int]]] = {
            article_id: {letter: [] for letter in ARRIVALS} for article_id in article_ids
        }
        for minute in minutes:
            hashes = [keys.arrivals(minute) for keys in self._partitions]
            for article_id, sums in (await self._sums(hashes, article_ids, ARRIVALS)).items():
                for letter, number in sums.items():
                    arrivals[article_id][letter].append(number)
        return arrivals

    async def filtered(
        self, article_ids: Sequence[str], span: str, numbers: Sequence[int], reasons: str
    ) -> dict[str, dict[str, int]]:
        """Filtered views of several articles in these hours or days together, by a reason's
        letter."""
        hashes = [keys.filtered(span, n) for n in numbers for keys in self._partitions]
        return await self._sums(hashes, article_ids, reasons)

    async def attention(
        self, article_ids: Sequence[str], days: Sequence[int]
    ) -> dict[str, dict[str, int]]:
        """Number of attention reports (`n`), seconds (`s`) and read-to-end (`e`) per article."""
        hashes = [keys.attention(day) for day in days for keys in self._partitions]
        return await self._sums(hashes, article_ids, "nse")

    async def state(self) -> tuple[Any, ...]:
        """Another one whenever a count or a window is another."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for keys in self._partitions:
                pipe.get(keys.offset)
                pipe.hmget(keys.state, [*WINDOW_SECONDS, "second"])
                pipe.llen(keys.queue)
            return tuple(map(str, await pipe.execute()))

    async def everything(self, span: str, number: int) -> dict[str, int]:
        """The views of every article in a minute, hour or day."""
        totals: dict[str, int] = {}
        async with self._redis.pipeline(transaction=False) as pipe:
            for keys in self._partitions:
                pipe.hgetall(keys.span(span, number))
            for rows in await pipe.execute():
                totals |= {member.decode(): row(float(v))[0] for member, v in rows.items()}
        return totals

    async def _sums(
        self, hashes: Sequence[str], article_ids: Sequence[str], letters: str
    ) -> dict[str, dict[str, int]]:
        fields = [one + letter for one in article_ids for letter in letters]
        totals = dict.fromkeys(fields, 0)
        if fields:
            async with self._redis.pipeline(transaction=False) as pipe:
                for key in hashes:
                    pipe.hmget(key, fields)
                for values in await pipe.execute():
                    for field, value in zip(fields, values, strict=True):
                        totals[field] += int(value or 0)
        return {one: {letter: totals[one + letter] for letter in letters} for one in article_ids}

    async def _merged(self, keys: Sequence[str], limit: int) -> list[tuple[float, str]]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.zrevrange(key, 0, limit - 1, withscores=True)
            tops = await pipe.execute()
        # Each partition's top is in Redis' own order, the last id first, and so is the whole.
        merged = heapq.nlargest(limit, ((score, member) for top in tops for member, score in top))
        return [(score, member.decode()) for score, member in merged]

    async def _scores(
        self, keys: Sequence[str], article_ids: Sequence[str]
    ) -> dict[str, float | None]:
        if not article_ids:
            return {}
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.zmscore(key, list(article_ids))
            columns = zip(*await pipe.execute(), strict=True)
        # An article's views meet in one partition.
        scores = [max((s for s in column if s is not None), default=None) for column in columns]
        return dict(zip(article_ids, scores, strict=True))


def _counts(article_ids: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Count]:
    """The numbers of articles from the answers of all partitions, those of zero left out."""
    # An article's views meet in one partition.
    columns = zip(*rows, strict=True)
    scores = [max((float(v) for v in column if v), default=0.0) for column in columns]
    pairs = zip(article_ids, scores, strict=True)
    return {article_id: Count(article_id, *row(score)) for article_id, score in pairs if score}
