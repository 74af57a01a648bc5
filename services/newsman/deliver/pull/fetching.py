"""Handing out what a subscription's subscriber fetches: chosen, rendered, noted in the ledger."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from newsman.deliver.intake.recipients import KILLED, Told
from newsman.deliver.pull.handed import HandedItem, HandedOut
from newsman.deliver.pull.items import Chosen, Item, items, news, reference_to, untold
from newsman.deliver.pull.log import BoundedReads
from newsman.deliver.pull.matching import Candidate, SubscriptionFilter
from newsman.deliver.pull.window import EventWindow, LogEntry
from newsman.deliver.pull.window_filling import WindowFilling
from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.bodies import Body
from newsman.deliver.sending.notes import Note, Noted, Notes
from newsman.deliver.sending.texts import Texts
from newsman.kafka.positions import Positions
from newsman.redis.articles import ArticleReader
from newsman.subscribers.registry import Registry
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.events import unix_ms
from newsman_schemas.popularity import RankingChanged
from newsman_schemas.subscriptions import Subscription

SCANNED_AT_ONCE = 500
"""Entries of the window that are looked at before others have their turn."""
INLINE = 50
"""More entries than this are looked at beside the event loop."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is handed out, and where to go on; `is_live` if there is nothing more for now."""

    items: tuple[Item, ...] = ()
    positions: Positions = field(default_factory=dict)
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class _Scan:
    candidates: list[Candidate]
    positions: Positions
    is_live: bool


class Fetching:
    """Reads on for one subscription after the other, from wherever it stands."""

    def __init__(
        self,
        window: EventWindow,
        filling: WindowFilling,
        reads: BoundedReads,
        registry: Registry,
        texts: Texts,
        articles: ArticleReader,
        handed: HandedOut,
        notes: Notes,
    ) -> None:
        self._window = window
        self._filling = filling
        self._reads = reads
        self._registry = registry
        self._texts = texts
        self._articles = articles
        self._handed = handed
        self._notes = notes

    async def take(self, subscription: Subscription, start: Positions, limit: int) -> Batch:
        """The next events from a position on, at least one unless there is none for now.

        Raises KafkaError, RedisError or StoreRebuilding while they cannot be had.
        """
        positions = start
        while True:
            scan = await self._scan(subscription, positions, limit)
            items = await self._hand_out(subscription, scan.candidates, positions)
            positions = scan.positions
            if items or scan.is_live:
                return Batch(tuple(items), positions, scan.is_live)

    async def acknowledge(self, subscription: Subscription, positions: Positions, at: str) -> None:
        """Whoever comes with these positions has all that lies before them."""
        handed = await self._handed.read(subscription.id)
        before, others = handed.split(positions)
        if before:
            await self._note(subscription, before, "acknowledged")
        if before or handed.at != at:
            await self._handed.write(subscription.id, type(handed)(at, tuple(others)))

    async def _scan(self, subscription: Subscription, start: Positions, limit: int) -> _Scan:
        if self._window.covers(start):
            entries = list(islice(self._window.since(start), SCANNED_AT_ONCE))
            is_live = len(entries) < SCANNED_AT_ONCE
            end = _within(self._window.positions, start) if is_live else _after(start, entries)
        else:
            ends = {part: max(self._window.starts[part], at) for part, at in start.items()}
            entries, end = await self._reads.read(start, ends)
            is_live = False
        candidates = await self._candidates(subscription, entries)
        chosen = list(islice(candidates, limit))
        if len(chosen) < len(candidates):
            last = chosen[-1]
            until = next(n for n, e in enumerate(entries) if _is_at(e, last)) + 1
            return _Scan(chosen, _after(start, entries[:until]), is_live=False)
        return _Scan(chosen, end, is_live)

    async def _candidates(
        self, subscription: Subscription, entries: Sequence[LogEntry]
    ) -> list[Candidate]:
        products = self._registry.visible_products(subscription)
        own = SubscriptionFilter(subscription, products)
        since = self._filling.matched_since.get(subscription.id)
        is_known = since is not None and (since.filter, since.products) == (
            subscription.filter,
            products,
        )
        matched_from = since.number if since and is_known else None
        if len(entries) <= INLINE:
            return list(own.candidates(entries, matched_from))
        return await asyncio.to_thread(lambda: list(own.candidates(entries, matched_from)))

    async def _hand_out(
        self, subscription: Subscription, candidates: Sequence[Candidate], start: Positions
    ) -> list[Item]:
        if not candidates:
            return []
        about = [c.event.article_id for c in candidates if isinstance(c.event, ArticlePublished)]
        told = await self._handed.told(about, subscription.id)
        chosen = [
            Chosen(candidate, reference)
            for candidate in candidates
            if (reference := await self._reference(candidate, told)) is not None
        ]
        # Before the text is read: a kill that comes after this finds whom to tell.
        await self._handed.note_told(subscription.id, news(chosen, told))
        ready = await self._rendered(subscription, chosen)
        await self._handed.note_told(subscription.id, untold(chosen, ready, told))
        handed = [
            HandedItem(c.part, c.offset, reference)
            for (c, reference), _ in ready
            if reference.is_article
        ]
        await self._note(subscription, handed, "fetched")
        await self._keep(subscription, handed)
        return items(subscription, ready, start)

    async def _rendered(
        self, subscription: Subscription, chosen: Sequence[Chosen]
    ) -> list[tuple[Chosen, Body]]:
        """Those of which readers may see just this revision now, with their bodies."""
        wanted = [(subscription.payload, each.reference) for each in chosen]
        bodies = await self._texts.bodies(wanted)
        await self._articles.require_whole()
        pairs = zip(chosen, bodies, strict=True)
        return [(each, body) for each, body in pairs if isinstance(body, Body)]

    async def _reference(self, candidate: Candidate, told: dict[str, Told]) -> Reference | None:
        event = candidate.event
        if isinstance(event, RankingChanged):
            return await self._ranking(candidate, event)
        if candidate.is_match:
            return reference_to(event, candidate.name)
        last = told.get(event.article_id)
        if last is None:
            return None
        was_gone_before = last.is_gone and last.revision < event.revision
        if was_gone_before and candidate.name != KILLED:
            return None
        return reference_to(event, candidate.name)

    async def _ranking(self, candidate: Candidate, event: RankingChanged) -> Reference:
        """A ranking without what may not be seen any more; the others move up."""
        public = await self._articles.published([row.article_id for row in event.items])
        rows = [row for row in event.items if row.article_id in public]
        data = event.model_dump(mode="json", include={"window", "order", "scope", "as_of", "gone"})
        data["items"] = [
            {**row.model_dump(mode="json"), "rank": rank} for rank, row in enumerate(rows, 1)
        ]
        body = {
            "type": candidate.name,
            "timestamp": event.occurred_at.isoformat(),
            "data": data,
        }
        return Reference(
            key=f"ranking:{event.key}",
            event=candidate.name,
            event_id=event.event_id,
            revision=candidate.offset,
            at_ms=unix_ms(event.occurred_at),
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        )

    async def _note(
        self, subscription: Subscription, items: Sequence[HandedItem], outcome: Noted
    ) -> None:
        if items:
            notes = [Note(subscription, item.reference, outcome, 1) for item in items]
            await asyncio.to_thread(self._notes.write, notes)

    async def _keep(self, subscription: Subscription, items: Sequence[HandedItem]) -> None:
        if items:
            before = await self._handed.read(subscription.id)
            places = {(item.part, item.offset) for item in items}
            others = [i for i in before.items if (i.part, i.offset) not in places]
            await self._handed.write(subscription.id, type(before)(before.at, (*others, *items)))


def _within(positions: Positions, parts: Positions) -> Positions:
    return {part: max(positions[part], at) for part, at in parts.items()}


def _after(start: Positions, entries: Sequence[LogEntry]) -> Positions:
    return {**start, **{entry.part: entry.offset + 1 for entry in entries}}


def _is_at(entry: LogEntry, candidate: Candidate) -> bool:
    return (entry.part, entry.offset) == (candidate.part, candidate.offset)
