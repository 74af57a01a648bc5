"""Takes articles out of the rankings whose surge looks artificial, until an operator says."""

import asyncio
import logging
from datetime import datetime

from newsman.popularity import metrics
from newsman.popularity.edit_log import EditLog, Say
from newsman.popularity.surges import artificial
from newsman.rankings.core import NO_EDIT
from newsman.rankings.ranking import Rankings
from newsman_schemas.events import digest
from newsman_schemas.popularity import RankingEdited

log = logging.getLogger(__name__)

WINDOW, MINUTES = "15m", 15
LOOKED_AT = 50
RULE = "newsman"
"""Who holds an article when it is a rule and nobody."""


class Quarantine:
    """Looks at the articles that are read most just now; 0 for `least_views` looks at none."""

    def __init__(
        self, rankings: Rankings, edit_log: EditLog, say: Say, *, least_views: int
    ) -> None:
        self._rankings = rankings
        self._log = edit_log
        self._say = say
        self._least_views = least_views
        self._said: set[str] = set()

    async def look(self, *, now: datetime) -> None:
        """Holds what looks artificial; what an operator has let in is let alone."""
        edits = self._log.edits
        metrics.held.set(sum(edit.held for edit in edits.values()))
        if not self._least_views:
            return
        top = await self._rankings.counts.top(WINDOW, limit=LOOKED_AT)
        ids = [c.article_id for c in top if c.views >= self._least_views]
        ids = [one for one in ids if self._may_be_held(one)]
        if not ids:
            return
        newest = int(now.timestamp()) // 60
        numbers = range(newest - MINUTES + 1, newest + 1)
        spans = await self._rankings.counts.spans(ids, "minute", numbers)
        shares = await self._rankings.filtered_shares(ids, WINDOW, now=now)
        for one in ids:
            minutes = [rows[one].views if one in rows else 0 for rows in spans]
            reason = artificial(minutes, shares[one], least_views=self._least_views)
            if reason is not None:
                await self._hold(one, reason, now)

    def _may_be_held(self, article_id: str) -> bool:
        edit = self._log.edits.get(article_id, NO_EDIT)
        if edit.held or edit.admitted:
            self._said.discard(article_id)
            return False
        return article_id not in self._said

    async def _hold(self, article_id: str, reason: str, now: datetime) -> None:
        log.warning("article %s is held out of the rankings: %s", article_id, reason)
        event = RankingEdited(
            event_id=digest("hold", article_id, now.isoformat()),
            occurred_at=now,
            article_id=article_id,
            action="hold",
            by=RULE,
            reason=reason,
        )
        self._said.add(article_id)
        await asyncio.to_thread(self._say, event)
