"""The gate at work: decide on one article at a time, write, index, and say what to emit."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from newsman.publish import core, metrics
from newsman.publish.chains import Chain
from newsman.publish.links import Links
from newsman.publish.records import Loaded, Waiting, waiting
from newsman.publish.state import Outcome, State
from newsman.publish.store import ArticleStore, StoreMoved
from newsman_schemas.articles import ArticleEnriched, ArticlePublished

Clock = Callable[[], datetime]
Decide = Callable[[State], Outcome]
T = TypeVar("T")

MOVE_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Release:
    """What time has made of an article, and when it was looked at."""

    article_id: str
    looked_at: datetime
    events: tuple[Waiting, ...]


class Gate:
    """One process's side of the gate; the store arbitrates between processes."""

    def __init__(self, store: ArticleStore, clock: Clock) -> None:
        self._store = store
        self._links = Links(store)
        self._clock = clock
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}
        self._on_their_way: set[tuple[str, int]] = set()

    async def accept(self, incoming: ArticleEnriched) -> tuple[Waiting, ...]:
        """Takes one version in; the events that must be on the topic before it is done."""
        return await self.accept_at(incoming, now=self._clock())

    async def accept_at(self, incoming: ArticleEnriched, *, now: datetime) -> tuple[Waiting, ...]:
        """The same at a given moment."""
        return await self._change(
            incoming.article.id, lambda state: core.accept(state, incoming, now=now)
        )

    async def due(self, partition: int) -> list[str]:
        """The articles of a partition whose embargo or life has ended by now."""
        return await self._where_it_serves(lambda: self._store.due(partition, self._clock()))

    async def release(self, article_id: str) -> Release:
        """Looks again at an article that time alone may have changed."""
        now = self._clock()
        events = await self._change(article_id, lambda state: core.reconsider(state, now=now))
        return Release(article_id, now, events)

    async def confirm(self, event: ArticlePublished) -> None:
        """The event is acknowledged by Kafka."""
        await self.settled_before(event)
        metrics.published.labels(event.action).inc()
        metrics.seconds_to_publish.observe((self._clock() - _received_at(event)).total_seconds())

    async def settled_before(self, event: ArticlePublished) -> None:
        """The event was acknowledged by Kafka when its version came for the first time."""
        await self._store.confirm(event)
        self._on_their_way.discard(_name(event))

    async def released(self, release: Release) -> None:
        """Everything that was due for the article is on the topic."""
        await self._store.settled(release.article_id, release.looked_at)

    async def _change(self, article_id: str, decide: Decide) -> tuple[Waiting, ...]:
        # Of one article they take their turns.
        try:
            async with self._turn(article_id):
                loaded = await self._where_it_serves(lambda: self._settle(article_id, decide))
                # An event left over from a process that died is sent by whoever comes across it.
                found = [w for w in loaded.pending if _name(w.event) not in self._on_their_way]
                self._on_their_way.update(_name(w.event) for w in found)
                return tuple(_linked(w, loaded.chain) for w in found)
        finally:
            self._leave(article_id)

    async def _settle(self, article_id: str, decide: Decide) -> Loaded:
        # Also when nothing has changed: whoever wrote it may have died before the rest was done.
        loaded = await self._decide_and_write(article_id, decide)
        return await self._links.settle(article_id, loaded)

    async def _decide_and_write(self, article_id: str, decide: Decide) -> Loaded:
        while True:
            loaded = await self._store.load(article_id)
            outcome = decide(loaded.state)
            if outcome.notes:
                await self._store.note(article_id, outcome.notes, outcome.older)
                outcome = replace(outcome, notes=(), older=())
                metrics.unchanged.labels("superseded").inc()
            elif outcome.state is None:
                metrics.unchanged.labels("repeated").inc()
            if outcome.state is None:
                return loaded
            written = await self._store.write(article_id, loaded, outcome)
            if written is not None:
                return written
            metrics.contended.inc()

    async def _where_it_serves(self, effect: Callable[[], Awaitable[T]]) -> T:
        """The effect on the generation of the store that serves, once it is settled which does."""
        while True:
            try:
                return await effect()
            except StoreMoved:
                await self._store.stay_if_given_up()
                await asyncio.sleep(MOVE_POLL_SECONDS)

    def _turn(self, article_id: str) -> asyncio.Lock:
        lock, users = self._turns.get(article_id, (asyncio.Lock(), 0))
        self._turns[article_id] = (lock, users + 1)
        return lock

    def _leave(self, article_id: str) -> None:
        lock, users = self._turns.pop(article_id)
        if users > 1:
            self._turns[article_id] = (lock, users - 1)


def _name(event: ArticlePublished) -> tuple[str, int]:
    return event.article_id, event.revision


def _linked(found: Waiting, chain: Chain) -> Waiting:
    """The event with the article's chain as it is known now."""
    article = found.event.article
    if article is None or chain in (Chain(), Chain(article.ancestors, article.original_id)):
        return found
    known = {"ancestors": chain.ancestors, "original_id": chain.original_id}
    linked = found.event.model_copy(update={"article": article.model_copy(update=known)})
    return waiting(linked)


def _received_at(event: ArticlePublished) -> datetime:
    received = [stage.at for stage in event.trail if stage.stage == "received"]
    return received[-1] if received else event.occurred_at
