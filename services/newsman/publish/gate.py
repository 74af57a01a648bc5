"""The gate at work: decide on articles, write, index, and say what to emit.

Articles that come together are worked on together, step by step, for a round trip costs more than
most of what is asked in it. Each is still decided on and written by itself: what is not done at the
first go, somebody else having been first, goes on with what is left.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from newsman.kafka.records import Unprocessable
from newsman.publish import core, metrics
from newsman.publish.article_locks import ArticleLocks, Turn
from newsman.publish.chain_repair import ChainLinker
from newsman.publish.changes import (
    Accepted,
    Change,
    Changes,
    Clock,
    Decide,
    Persistence,
    T,
    accepting,
    answers,
)
from newsman.publish.copy_reviews import CopyReviews
from newsman.publish.identity.identities import Identities
from newsman.publish.outgoing import linked, received_at, with_first_mentions
from newsman.publish.state import GateOutcome
from newsman.publish.store.aliases import AliasTable
from newsman.publish.store.article_store import ArticleStore, StoreMoved
from newsman.publish.store.bearers import BearerTable
from newsman.publish.store.mentions import MentionTable
from newsman.publish.store.records import OutboxEvent, StoredState
from newsman.redis.patience import retry_async_while_redis_is_down
from newsman_schemas.articles import ArticleEnriched, ArticlePublished

MOVE_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Release:
    """A change that time has made to an article, and the moment of looking."""

    article_id: str
    looked_at: datetime
    events: tuple[OutboxEvent, ...]


class Gate:
    """One process's side of the gate; the store arbitrates between processes."""

    def __init__(
        self, store: ArticleStore, clock: Clock, mentions: MentionTable | None = None
    ) -> None:
        """Without `mentions`, events do not tell of first mentions: those of a rebuild are sent by
        nobody."""
        self._mentions = mentions
        self._store = store
        self._links = ChainLinker(store)
        self._identities = Identities(AliasTable(store), BearerTable(store))
        self._naming = asyncio.Lock()
        self._copies = CopyReviews(store)
        self._clock = clock
        self._turns = ArticleLocks()
        self._on_their_way: set[tuple[str, int]] = set()

    async def accept(self, incoming: Sequence[ArticleEnriched]) -> list[Accepted]:
        """Takes several in, of one article in this order; waits for a Redis that is away."""
        now = self._clock()
        return await self._take_in(incoming, lambda _: now, retry_async_while_redis_is_down)

    async def replay(self, incoming: Sequence[ArticleEnriched]) -> list[tuple[OutboxEvent, ...]]:
        """Takes several in, each at the moment at which it entered the log."""
        done = await self._take_in(incoming, lambda event: event.occurred_at, _once)
        # What was parked when it came for the first time makes no events.
        return [() if isinstance(each, Unprocessable) else each for each in done]

    async def _take_in(
        self,
        incoming: Sequence[ArticleEnriched],
        moment: Callable[[ArticleEnriched], datetime],
        how: Persistence,
    ) -> list[Accepted]:
        # One after another, so that none overtakes while it is asked where it belongs.
        async with self._naming:
            placed = await how(
                lambda: self._where_it_serves(lambda: self._identities.placed(incoming))
            )
            versions = [[] if isinstance(each, Unprocessable) else each for each in placed]
            changes = [accepting(new, moment(new)) for each in versions for new in each]
            # Every event is queued before any of them starts.
            parts = [(part, self._turns.take(list(part))) for part in self._parts(changes)]
        done = await asyncio.gather(*(self._change(part, turn, how) for part, turn in parts))
        results = {
            id(change): done[number][article_id]
            for number, (part, _) in enumerate(parts)
            for article_id, change in part.items()
        }
        return list(answers(placed, [results[id(change)] for _, change in changes]))

    def _parts(self, changes: Iterable[tuple[str, Change]]) -> list[Changes]:
        """Changes that can be made together first, then each that has to wait for another."""
        together: dict[str, Change] = {}
        later: list[Changes] = []
        for article_id, change in changes:
            if article_id not in together and self._turns.is_free(article_id):
                together[article_id] = change
            else:
                later.append({article_id: change})
        return [together, *later]

    async def due(self, partition: int) -> list[str]:
        """The articles of a partition whose embargo or life has ended by now."""
        return await self._where_it_serves(lambda: self._store.due(partition, self._clock()))

    async def release(self, article_id: str) -> Release:
        """Looks again at an article that time alone may have changed."""
        now = self._clock()
        events = await self._change_one(article_id, partial(core.reconsider, now=now))
        return Release(article_id, now, events)

    async def confirm(self, events: Sequence[ArticlePublished]) -> None:
        """The events are acknowledged by Kafka."""
        await self.settled_before(events)
        now = self._clock()
        for event in events:
            metrics.published.labels(event.action).inc()
            metrics.seconds_to_publish.observe((now - received_at(event)).total_seconds())

    async def settled_before(self, events: Sequence[ArticlePublished]) -> None:
        """The events were acknowledged by Kafka when their versions came for the first time."""
        if events:
            await self._store.confirm(events)
        self._on_their_way.difference_update(map(_name, events))

    async def released(self, release: Release) -> None:
        """Everything that was due for the article is on the topic."""
        await self._store.settled(release.article_id, release.looked_at)

    async def _change(
        self, changes: Changes, turn: Turn, how: Persistence
    ) -> dict[str, tuple[OutboxEvent, ...]]:
        # The lock is held to the end: versions are accepted in order of arrival.
        async with turn:
            settled = await how(partial(self._settle_where_it_serves, changes))
            unsent = self._to_send(settled)
            if self._mentions is None:
                return unsent
            named: dict[str, tuple[OutboxEvent, ...]] = await how(
                partial(with_first_mentions, self._mentions, unsent)
            )
            return named

    async def _change_one(self, article_id: str, decide: Decide) -> tuple[OutboxEvent, ...]:
        turn = self._turns.take([article_id])
        return (await self._change({article_id: Change(decide)}, turn, _once))[article_id]

    def _to_send(self, settled: Mapping[str, StoredState]) -> dict[str, tuple[OutboxEvent, ...]]:
        # Any process that finds the pending event of a dead process sends it.
        unsent = {
            article_id: tuple(
                linked(waits, loaded.chain, loaded.aliases)
                for waits in loaded.pending
                if _name(waits.event) not in self._on_their_way
            )
            for article_id, loaded in settled.items()
        }
        self._on_their_way.update(_name(w.event) for part in unsent.values() for w in part)
        return unsent

    async def _settle_where_it_serves(self, changes: Changes) -> dict[str, StoredState]:
        return await self._where_it_serves(lambda: self._settle(changes))

    async def _settle(self, changes: Changes) -> dict[str, StoredState]:
        # Even without a change: the writer may have died before it finished the rest.
        settled = await self._links.settle(await self._decide_and_write(changes))
        for copiers in await self._copies.to_review(settled):
            await self._review(copiers)
        return settled

    async def _review(self, copiers: Sequence[str]) -> None:
        """Looks again at articles with copies of others; whoever reads their partition sends what
        comes of it, so that an article's events stay in order."""
        now = self._clock()
        review = Change(partial(core.review, now=now))
        written = await self._decide_and_write(dict.fromkeys(copiers, review))
        settled = await self._links.settle(written)
        waiting = [article_id for article_id, stored in settled.items() if stored.pending]
        await asyncio.gather(*(self._store.look_again(one, now) for one in waiting))

    async def _decide_and_write(self, changes: Changes) -> dict[str, StoredState]:
        """Decides on each article and writes it, again where another process came first."""
        settled: dict[str, StoredState] = {}
        while left := [article_id for article_id in changes if article_id not in settled]:
            loaded = await self._store.load_all(left)
            incoming = {name: changes[name].incoming for name in left}
            states = await self._copies.with_holds(loaded, incoming)
            outcomes = {name: changes[name].decide(state) for name, state in states.items()}
            await self._note_all(outcomes)
            looks = {
                article_id: (loaded[article_id], _to_write(outcome))
                for article_id, outcome in outcomes.items()
                if outcome.state is not None
            }
            settled |= {name: stored for name, stored in loaded.items() if name not in looks}
            written = await self._store.write_all(looks)
            metrics.contended.inc(len(looks) - len(written))
            settled |= written
        return settled

    async def _note_all(self, outcomes: Mapping[str, GateOutcome]) -> None:
        """Stores the notes of the outcomes, and counts the outcomes that change nothing."""
        noted = [pair for pair in outcomes.items() if pair[1].notes]
        await asyncio.gather(*(self._note(*pair) for pair in noted))
        repeated = [o for o in outcomes.values() if o.state is None and not o.notes]
        metrics.unchanged.labels("repeated").inc(len(repeated))

    async def _note(self, article_id: str, outcome: GateOutcome) -> None:
        await self._store.note(article_id, outcome.notes, outcome.older)
        metrics.unchanged.labels("superseded").inc()

    async def _where_it_serves(self, effect: Callable[[], Awaitable[T]]) -> T:
        """The effect on the generation of the store that serves, once it is settled which does."""
        while True:
            try:
                return await effect()
            except StoreMoved:
                await self._store.stay_if_given_up()
                await asyncio.sleep(MOVE_POLL_SECONDS)


def _to_write(outcome: GateOutcome) -> GateOutcome:
    """The outcome without the older versions that were stored with its notes."""
    return replace(outcome, older=()) if outcome.notes else outcome


async def _once(effect: Callable[[], Awaitable[T]]) -> T:
    return await effect()


def _name(event: ArticlePublished) -> tuple[str, int]:
    return event.article_id, event.revision
