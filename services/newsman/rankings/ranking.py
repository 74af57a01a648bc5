"""Rankings in every order, window and scope, of what readers may see now."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import redis.asyncio

from newsman.rankings.core import (
    ATTENTION,
    NO_EDIT,
    PAST_OF,
    Edit,
    RankingRow,
    by_readers,
    expected_views,
    pins_of,
    rising,
    section_pasts,
    with_pins,
)
from newsman.rankings.edits import EditsStore
from newsman.rankings.shares import attention_shares, filtered_shares, spans_of
from newsman.rankings.shown import ShownArticles
from newsman.redis.rankings import Count, RankingReader
from newsman_schemas.popularity import OVERALL

PAGE_ROWS = 200
LONGEST_WALK = 5_000
"""So many rows of a ranking are looked at for those of a scope."""
SMALL_SCOPE = 1_000
"""A scope of at most so many articles is looked at as a whole instead."""
CANDIDATES = 300
"""So many of the most viewed are looked at for what rises, or is read for long."""
RATE_WINDOW, RATES_PER_HOUR = "15m", 4


@dataclass(frozen=True)
class RankingRequest:
    """The order, window and scope of a ranking."""

    order: str
    window: str
    scope: str = OVERALL
    limit: int = 20


class RankingsState(NamedTuple):
    """All that rankings are made of: the counts, what readers may see, the edits up to an offset
    of their log, and the holds of rules."""

    counts: tuple[Any, ...]
    shown: tuple[Any, ...]
    edits: int | None
    holds: bytes | None


class Rankings:
    """Every row is published, not banned and not held; pins stand where editors put them."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str, partitions: int) -> None:
        self.counts = RankingReader(client, namespace, partitions)
        self.edits = EditsStore(client, namespace)
        self.shown = ShownArticles(client, namespace)

    async def rows(self, asked: RankingRequest, *, now: datetime) -> list[RankingRow]:
        """The rows of a ranking with the reasons why they stand there."""
        rows = await self.explained(await self.placed(asked, now=now), asked.window, now=now)
        ids = [row.article_id for row in rows]
        attention = await attention_shares(self.counts, ids, asked.window, now=now)
        return [replace(row, attention=attention[row.article_id]) for row in rows]

    async def placed(self, asked: RankingRequest, *, now: datetime) -> list[RankingRow]:
        """The rows of a ranking without reasons, which take most of the time."""
        edits = await self._read_edits()
        ranked = await self._ordered(asked, edits, now)
        ranks = pins_of(edits, asked.scope)
        if ranks:
            shown = await self._shown_scopes(list(ranks))
            rows = await self._plain_rows([pin for pin in ranks if pin in shown], asked.window)
            ranked = with_pins(ranked, {row.article_id: row for row in rows}, ranks, asked.limit)
        return ranked[: asked.limit]

    async def explained(
        self, rows: Sequence[RankingRow], window: str, *, now: datetime
    ) -> list[RankingRow]:
        """The rows with their velocity and the share of what did not count."""
        ids = [row.article_id for row in rows]
        recent = await self.counts.of_many(ids, RATE_WINDOW)
        shares = await filtered_shares(self.counts, ids, window, now=now)
        return [
            replace(
                row,
                velocity=float(recent[row.article_id].views * RATES_PER_HOUR),
                filtered_share=shares[row.article_id],
            )
            for row in rows
        ]

    async def state(self) -> RankingsState:
        """Another one whenever a ranking may be."""
        position, holds = await self.edits.position(), await self.edits.holds.raw()
        return RankingsState(await self.counts.state(), await self.shown.state(), position, holds)

    async def _ordered(
        self, asked: RankingRequest, edits: Mapping[str, Edit], now: datetime
    ) -> list[RankingRow]:
        if asked.order == "rising":
            return await self._rising(asked, edits)
        if asked.order == ATTENTION:
            return await self._by_attention(asked, edits, now)
        if small := await self._small_scope(asked.scope):
            rows = await self._rows_of(await self._allowed(small, asked.scope, edits), asked)
            return sorted((r for r in rows if r.views), key=_place(asked.order), reverse=True)
        if asked.order == "readers":
            return await self._by_readers(asked, edits)
        return await self._in_page_order(asked, edits)

    async def _in_page_order(
        self, asked: RankingRequest, edits: Mapping[str, Edit]
    ) -> list[RankingRow]:
        """As many of the allowed rows as were asked for, page by page."""
        rows: list[RankingRow] = []
        async for page in self._pages(asked):
            allowed = set(await self._allowed([r.article_id for r in page], asked.scope, edits))
            rows += [row for row in page if row.article_id in allowed]
            if len(rows) >= asked.limit:
                break
        return sorted(rows, key=_place(asked.order), reverse=True)

    async def _by_readers(
        self, asked: RankingRequest, edits: Mapping[str, Edit]
    ) -> list[RankingRow]:
        # Nobody has more readers than views: once a page's views are fewer than the readers of
        # the last row, nothing that follows can stand above it.
        rows: list[RankingRow] = []
        async for page in self._pages(replace(asked, order="views")):
            if len(rows) >= asked.limit and page[0].views < rows[asked.limit - 1].readers:
                break
            allowed = set(await self._allowed([r.article_id for r in page], asked.scope, edits))
            rows += [replace(r, score=r.readers) for r in page if r.article_id in allowed]
            rows.sort(key=_place("readers"), reverse=True)
        return rows

    async def _rising(self, asked: RankingRequest, edits: Mapping[str, Edit]) -> list[RankingRow]:
        """Allowed articles by how far their views exceed what their past makes one expect."""
        top = await self._most_viewed(asked)
        shown = await self._shown_scopes([count.article_id for count in top])
        counts = [count for count in top if count.article_id in shown]
        pasts = await self.counts.of_many(list(shown), PAST_OF[asked.window])
        scores = _rising_scores(asked.window, counts, pasts, shown)
        rows = [
            _row(count, scores[count.article_id])
            for count in counts
            if _is_allowed(count.article_id, shown, asked.scope, edits)
        ]
        return sorted((row for row in rows if row.score > 0), key=_place("rising"), reverse=True)

    async def _most_viewed(self, asked: RankingRequest) -> list[Count]:
        """The counts of a small scope as a whole, else of the most viewed of all."""
        if small := await self._small_scope(asked.scope):
            return list((await self.counts.of_many(small, asked.window)).values())
        return await self._top(asked.window, limit=CANDIDATES)

    async def _by_attention(
        self, asked: RankingRequest, edits: Mapping[str, Edit], now: datetime
    ) -> list[RankingRow]:
        small = await self._small_scope(asked.scope)
        top = await self._top(asked.window, limit=CANDIDATES)
        candidates = small or [count.article_id for count in top]
        rows = await self._plain_rows(
            await self._allowed(candidates, asked.scope, edits), asked.window
        )
        ids = [row.article_id for row in rows]
        attention = await attention_shares(self.counts, ids, asked.window, now=now)
        # More reports than views do not mean more reading.
        scored = [
            replace(row, score=round(min(how.told, row.views) * how.seconds, 1))
            for row in rows
            if row.views and (how := attention[row.article_id]) is not None
        ]
        return sorted(scored, key=_place(ATTENTION), reverse=True)

    async def _pages(self, asked: RankingRequest) -> AsyncIterator[list[RankingRow]]:
        """The rows of everything that was read, whatever became of it, in order."""
        size = asked.limit if asked.scope == OVERALL else PAGE_ROWS
        offset, size = 0, max(10, size)
        while offset < LONGEST_WALK:
            if asked.order == "decayed":
                scores = await self.counts.decayed(offset=offset, limit=size)
                counts = await self.counts.of_many([ident for ident, _ in scores], asked.window)
                page = [_row(counts[ident], score) for ident, score in scores]
            else:
                top = await self._top(asked.window, offset=offset, limit=size)
                page = [_row(count, count.views) for count in top]
            if not page:
                return
            yield page
            offset, size = offset + len(page), PAGE_ROWS

    async def _allowed(
        self, article_ids: Sequence[str], scope: str, edits: Mapping[str, Edit]
    ) -> list[str]:
        may = [ident for ident in article_ids if not edits.get(ident, NO_EDIT).is_out]
        shown = await self._shown_scopes(may)
        return [ident for ident in may if ident in shown and scope in (OVERALL, *shown[ident])]

    async def _small_scope(self, scope: str) -> list[str] | None:
        return None if scope == OVERALL else await self.shown.under(scope, at_most=SMALL_SCOPE)

    async def _rows_of(self, article_ids: Sequence[str], asked: RankingRequest) -> list[RankingRow]:
        rows = await self._plain_rows(article_ids, asked.window)
        if asked.order == "decayed":
            scores = await self.counts.decayed_of_many(article_ids)
            scored = {ident: score for ident, score in scores.items() if score is not None}
            return [replace(r, score=scored[r.article_id]) for r in rows if r.article_id in scored]
        return [replace(r, score=r.readers) for r in rows] if asked.order == "readers" else rows

    async def _plain_rows(self, article_ids: Sequence[str], window: str) -> list[RankingRow]:
        counts = await self.counts.of_many(article_ids, window)
        return [_row(count, count.views) for count in counts.values()]

    async def _top(self, window: str, *, offset: int = 0, limit: int = 20) -> list[Count]:
        return await self.counts.top(window, offset=offset, limit=limit)

    async def _shown_scopes(self, article_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        return await self.shown.scopes(article_ids)

    async def _read_edits(self) -> Mapping[str, Edit]:
        return await self.edits.read()


class RankingRound(Rankings):
    """The rankings of one moment: what several of them need is asked for once."""

    def __init__(self, rankings: Rankings) -> None:
        self.counts, self.edits, self.shown = rankings.counts, rankings.edits, rankings.shown
        self._edits: Mapping[str, Edit] | None = None
        self._tops: dict[tuple[str, int, int], list[Count]] = {}
        self._scopes: dict[str, frozenset[str] | None] = {}
        self._reasons: dict[tuple[str, int], dict[str, RankingRow]] = {}

    async def explained(
        self, rows: Sequence[RankingRow], window: str, *, now: datetime
    ) -> list[RankingRow]:
        """The rows with their reasons, which windows that touch the same hours or days share."""
        known = self._reasons.setdefault(spans_of(window), {})
        new = [row for row in rows if row.article_id not in known]
        if new:
            found = await super().explained(new, window, now=now)
            known.update((row.article_id, row) for row in found)
        return [_for_the_reasons_of(row, known[row.article_id]) for row in rows]

    async def _top(self, window: str, *, offset: int = 0, limit: int = 20) -> list[Count]:
        asked = (window, offset, limit)
        first = self._tops.get((window, 0, CANDIDATES))
        if first is not None and offset + limit <= CANDIDATES:
            return first[offset : offset + limit]
        if asked not in self._tops:
            self._tops[asked] = await super()._top(window, offset=offset, limit=limit)
        return self._tops[asked]

    async def _shown_scopes(self, article_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        known = self._scopes
        new = [one for one in article_ids if one not in known]
        if new:
            found = await super()._shown_scopes(new)
            known.update((one, found.get(one)) for one in new)
        return {one: scopes for one in article_ids if (scopes := known[one]) is not None}

    async def _read_edits(self) -> Mapping[str, Edit]:
        if self._edits is None:
            self._edits = await super()._read_edits()
        return self._edits


def _for_the_reasons_of(row: RankingRow, other: RankingRow) -> RankingRow:
    return replace(row, velocity=other.velocity, filtered_share=other.filtered_share)


def _rising_scores(
    window: str,
    counts: Sequence[Count],
    pasts: Mapping[str, Count],
    scopes: Mapping[str, frozenset[str]],
) -> dict[str, float]:
    """The excess of each article's views over what its own and its section's past promise."""
    expected = {
        count.article_id: expected_views(window, count.views, pasts[count.article_id].views)
        for count in counts
    }
    sections = {article_id: _section(scopes[article_id]) for article_id in expected}
    means = section_pasts((sections[article_id], past) for article_id, past in expected.items())
    return {
        count.article_id: rising(
            count.views, expected[count.article_id], means[sections[count.article_id]]
        )
        for count in counts
    }


def _is_allowed(
    article_id: str, shown: Mapping[str, frozenset[str]], scope: str, edits: Mapping[str, Edit]
) -> bool:
    if edits.get(article_id, NO_EDIT).is_out:
        return False
    return scope in (OVERALL, *shown[article_id])


def _row(count: Count, score: float) -> RankingRow:
    return RankingRow(count.article_id, count.views, count.readers, float(score))


def _place(order: str) -> Callable[[RankingRow], tuple[float | str, ...]]:
    # Rounded, since the sum of the same views in another order may differ in its last digits.
    def place(row: RankingRow) -> tuple[float | str, ...]:
        if order == "readers":
            return (*by_readers(row), row.article_id)
        if order == "views":
            return (row.views, row.readers, row.article_id)
        return (round(row.score, 6), row.views, row.article_id)

    return place


def _section(scopes: frozenset[str]) -> str | None:
    return next((scope for scope in scopes if scope.startswith("section:")), None)
