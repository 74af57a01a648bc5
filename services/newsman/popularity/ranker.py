"""Publishes ranking-changed when the order of a window's most popular articles changes."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import redis.asyncio

from newsman.popularity import metrics
from newsman.popularity.core import changed, ranked
from newsman.redis.articles import ArticleReader
from newsman.redis.keys import RankingKeys
from newsman.redis.rankings import RankingReader
from newsman_schemas.events import digest
from newsman_schemas.popularity import WINDOW_SECONDS, Ranked, RankingChanged, WindowName

LOCK_MS = 5_000
PAGE_ROWS = 100

Publish = Callable[[RankingChanged], Awaitable[None]]


class Ranker:
    """One round looks at every window; of several processes one does it."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        articles: ArticleReader,
        rankings: RankingReader,
        publish: Publish,
        *,
        namespace: str,
        instance: str,
        size: int,
    ) -> None:
        self._redis = client
        self._articles = articles
        self._rankings = rankings
        self._publish = publish
        self._keys = RankingKeys(namespace)
        self._instance = instance
        self._size = size

    async def round(self, *, now: datetime) -> None:
        """Publishes what has changed since the last round."""
        if not await self._holds_lock():
            return
        for window in WINDOW_SECONDS:
            await self._look_at(window, now)

    async def _look_at(self, window: WindowName, now: datetime) -> None:
        raw = await self._redis.get(self._keys.last(window))
        before = RankingChanged.model_validate_json(raw).items if raw else ()
        after = await self._visible(window)
        if not changed(before, after):
            return
        event = RankingChanged(
            event_id=digest("ranking-changed", window, now.isoformat()),
            occurred_at=now,
            window=window,
            as_of=now,
            items=after,
        )
        await self._publish(event)
        await self._redis.set(self._keys.last(window), event.model_dump_json())
        metrics.rankings.labels(window).inc()

    async def _visible(self, window: WindowName) -> tuple[Ranked, ...]:
        rows: list[tuple[str, int, int]] = []
        offset = 0
        while len(rows) < self._size:
            page = await self._rankings.top(window, offset=offset, limit=PAGE_ROWS)
            if not page:
                break
            shown = await self._articles.published(count.article_id for count in page)
            rows += [(c.article_id, c.views, c.readers) for c in page if c.article_id in shown]
            offset += PAGE_ROWS
        return ranked(rows[: self._size])

    async def _holds_lock(self) -> bool:
        if await self._redis.set(self._keys.lock, self._instance, nx=True, px=LOCK_MS):
            return True
        if await self._redis.get(self._keys.lock) != self._instance.encode():
            return False
        await self._redis.pexpire(self._keys.lock, LOCK_MS)
        return True
