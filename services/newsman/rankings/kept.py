"""Rankings that are read often: each is made once a second, however many ask for it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

from newsman.rankings.core import Row
from newsman.rankings.ranking import RankingRequest, Rankings

FRESH_SECONDS = 1.0
KEPT = 1_000


class KeptRankings:
    """The same rows for a second; whoever shows them still asks what may be seen now."""

    def __init__(
        self,
        rankings: Rankings,
        *,
        fresh_seconds: float = FRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rankings = rankings
        self._fresh_seconds = fresh_seconds
        self._clock = clock
        self._kept: OrderedDict[RankingRequest, tuple[float, asyncio.Future[list[Row]]]] = (
            OrderedDict()
        )

    async def rows(self, asked: RankingRequest) -> list[Row]:
        """The rows of a ranking, at most a second old; several who ask at once wait for one."""
        made_at, found = self._kept.get(asked, (0.0, None))
        if found is None or found.cancelled() or self._clock() - made_at >= self._fresh_seconds:
            found = asyncio.ensure_future(self._rankings.rows(asked, now=datetime.now(UTC)))
            self._kept[asked] = (self._clock(), found)
            self._kept.move_to_end(asked)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        try:
            # Whoever goes away must not take the answer from the others.
            return await asyncio.shield(found)
        except Exception:
            self._kept.pop(asked, None)
            raise
