"""Keeps articles out of the rankings while their surge looks artificial."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from newsman.popularity import metrics
from newsman.popularity.ranking.surges import MINUTES, Surge, artificial
from newsman.rankings.core import NO_EDIT, Edit
from newsman.rankings.holds import RankingHold
from newsman.rankings.ranking import Rankings
from newsman.runtime.logs import about

log = logging.getLogger(__name__)

WINDOW = "15m"
LOOKED_AT = 1_000
LEAST_SECONDS = 60
"""A hold lasts so long, lest an article come and go with each second."""


class Quarantine:
    """Looks at the published articles that are read most just now; 0 for `least_views` at none."""

    def __init__(self, rankings: Rankings, *, least_views: int) -> None:
        self._rankings = rankings
        self._least_views = least_views
        self._seen_at: dict[str, int] = {}
        """When a rule last said so, of each article that is held."""

    async def look(self, edits: Mapping[str, Edit], *, now: datetime) -> None:
        """Holds what looks artificial, and lets in what no longer does; what an operator has held
        or let in is let alone."""
        second, before = int(now.timestamp()), await self._rankings.edits.holds.read()
        held: dict[str, RankingHold] = {}
        for article, surge in (await self._surges(edits, now)).items():
            hold = self._hold(article, surge, before.get(article), second)
            if hold is not None:
                held[article] = hold
        self._seen_at = {article: at for article, at in self._seen_at.items() if article in held}
        _tell(before, held)
        await self._rankings.edits.holds.write(held)
        metrics.held.set(len(held) + sum(edit.held for edit in edits.values()))

    def _hold(
        self, article: str, surge: Surge, before: RankingHold | None, second: int
    ) -> RankingHold | None:
        finding = artificial(surge, least_views=self._least_views)
        if finding is not None:
            self._seen_at[article] = second
            passes_at = (second // 60 + finding.passes_in_minutes) * 60
            since = before.since if before else second
            return RankingHold(finding.reason, since, max(passes_at, second + LEAST_SECONDS))
        seen_at = self._seen_at.get(article, before.since if before else 0)
        return before if before and second < seen_at + LEAST_SECONDS else None

    async def _surges(self, edits: Mapping[str, Edit], now: datetime) -> dict[str, Surge]:
        if not self._least_views:
            return {}
        counts = self._rankings.counts
        top = await counts.top(WINDOW, limit=LOOKED_AT)
        ids = [c.article_id for c in top if c.views >= self._least_views]
        ids = [article for article in ids if not _is_decided(edits.get(article, NO_EDIT))]
        ids = list(await self._rankings.shown.scopes(ids))
        newest = int(now.timestamp()) // 60
        numbers = range(newest - MINUTES + 1, newest + 1)
        return await self._received(ids, numbers)

    async def _received(self, ids: Sequence[str], numbers: Sequence[int]) -> dict[str, Surge]:
        spans = await self._rankings.counts.spans(ids, "minute", numbers)
        came = await self._rankings.counts.arrivals(ids, numbers)
        return {
            article: Surge(
                views=[
                    max(0, (rows[article].views if article in rows else 0) - late)
                    for rows, late in zip(spans, came[article]["d"], strict=True)
                ],
                pages=came[article]["p"],
                leaving=came[article]["l"],
            )
            for article in ids
        }


def _is_decided(edit: Edit) -> bool:
    return edit.held or edit.admitted


def _tell(before: Mapping[str, RankingHold], held: Mapping[str, RankingHold]) -> None:
    for article, hold in held.items():
        if article not in before:
            text = "article %s is held out of the rankings: %s"
            log.warning(text, article, hold.reason, extra=about(article))
    for article in before.keys() - held.keys():
        text = "article %s is let into the rankings again: its reason has passed"
        log.info(text, article, extra=about(article))
