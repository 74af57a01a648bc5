"""Rankings that are read often: each is made once a second, however many ask for it."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cachetools import TTLCache

from newsman.rankings.core import RankingRow
from newsman.rankings.ranking import RankingRequest, Rankings

FRESH_SECONDS = 1.0
KEPT = 1_000


class KeptRankings:
    """Rows kept for a second; whoever shows them still asks which articles may be seen now."""

    def __init__(
        self,
        rankings: Rankings,
        *,
        fresh_seconds: float = FRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rankings = rankings
        self._kept: TTLCache[RankingRequest, asyncio.Future[list[RankingRow]]] = TTLCache(
            KEPT, ttl=fresh_seconds, timer=clock
        )

    async def rows(self, asked: RankingRequest) -> list[RankingRow]:
        """The rows of a ranking, at most a second old; several who ask at once wait for one."""
        rows = self._kept.get(asked)
        if rows is None or rows.cancelled():
            rows = asyncio.ensure_future(self._rankings.rows(asked, now=datetime.now(UTC)))
            self._kept[asked] = rows
        try:
            # One request that is cancelled must not cancel the answer for the others.
            return await asyncio.shield(rows)
        except Exception:
            self._kept.pop(asked, None)
            raise
