"""The gate at work: decide on one article at a time, write, index, and say what to emit."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from newsman.publish import core, metrics
from newsman.publish.core import Outcome, State
from newsman.publish.store import ArticleStore, Loaded
from newsman_schemas.articles import ArticleEnriched, ArticlePublished

Clock = Callable[[], datetime]
Decide = Callable[[State], Outcome]


@dataclass(frozen=True)
class Release:
    """What time has made of an article, and when it was looked at."""

    article_id: str
    looked_at: datetime
    events: tuple[ArticlePublished, ...]


class Gate:
    """One process's side of the gate; the store arbitrates between processes."""

    def __init__(self, store: ArticleStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        self._on_their_way: set[str] = set()

    async def accept(self, incoming: ArticleEnriched) -> tuple[ArticlePublished, ...]:
        """Takes one version in; the events that must be on the topic before it is done."""
        now = self._clock()
        return await self._change(
            incoming.article.id, lambda state: core.accept(state, incoming, now=now), now
        )

    async def due(self) -> list[str]:
        """The articles whose embargo or life has ended by now."""
        return await self._store.due(self._clock())

    async def release(self, article_id: str) -> Release:
        """Looks again at an article that time alone may have changed."""
        now = self._clock()
        events = await self._change(article_id, lambda state: core.reconsider(state, now=now), now)
        return Release(article_id, now, events)

    async def confirm(self, event: ArticlePublished) -> None:
        """The event is acknowledged by Kafka."""
        await self._store.confirm(event)
        self._on_their_way.discard(event.event_id)
        metrics.published.labels(event.action).inc()
        metrics.seconds_to_publish.observe((self._clock() - _received_at(event)).total_seconds())

    async def released(self, release: Release) -> None:
        """Everything that was due for the article is on the topic."""
        await self._store.settled(release.article_id, release.looked_at)

    async def _change(
        self, article_id: str, decide: Decide, now: datetime
    ) -> tuple[ArticlePublished, ...]:
        async with self._alone(article_id):
            loaded, was_written = await self._decide_and_write(article_id, decide)
            # An event left over from a process that died means that its indexing may be
            # unfinished too; both are safe to repeat.
            waiting = [e for e in loaded.pending if e.event_id not in self._on_their_way]
            if was_written or waiting:
                await self._store.index(article_id, loaded, now=now)
            self._on_their_way.update(event.event_id for event in waiting)
            return tuple(waiting)

    async def _decide_and_write(self, article_id: str, decide: Decide) -> tuple[Loaded, bool]:
        while True:
            loaded = await self._store.load(article_id)
            outcome = decide(loaded.state)
            if outcome.state is None:
                await self._store.record(article_id, outcome.stages)
                metrics.unchanged.labels("superseded" if outcome.stages else "repeated").inc()
                return loaded, False
            written = await self._store.write(article_id, loaded, outcome)
            if written is not None:
                return written, True
            metrics.contended.inc()

    @asynccontextmanager
    async def _alone(self, article_id: str) -> AsyncIterator[None]:
        lock, users = self._locks.get(article_id, (asyncio.Lock(), 0))
        self._locks[article_id] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[article_id]
            if users == 1:
                del self._locks[article_id]
            else:
                self._locks[article_id] = (lock, users - 1)


def _received_at(event: ArticlePublished) -> datetime:
    received = [stage.at for stage in event.trail if stage.stage == "received"]
    return received[-1] if received else event.occurred_at
