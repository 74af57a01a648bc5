"""Publishes ranking-changed when who stands where in a ranking changes."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta

import redis.asyncio
from cachetools import LRUCache

from newsman.popularity import metrics
from newsman.popularity.core import changed, gone, standings
from newsman.rankings.core import PAST_OF
from newsman.rankings.ranking import RankingRequest, RankingRound, Rankings, RankingsState
from newsman.redis.keys import RankingKeys
from newsman_schemas.events import Event, digest
from newsman_schemas.popularity import (
    OVERALL,
    WINDOWS,
    OrderName,
    Ranked,
    RankingChanged,
    RankingChangedV1,
    Standing,
    WindowName,
)

LOCK_MS = 5_000
SCOPE_WINDOW: WindowName = "24h"
SCOPE_ROWS = 100
SCOPE_SECONDS = 0.05
"""So long a round looks at rankings of scopes, which take turns."""
SELDOM_SECONDS: Mapping[WindowName, int] = {"7d": 5, "30d": 15, "all": 15}
"""Rankings of long windows, which views change slowly, wait so long for the next look; a change of
what readers may see, or of what editors say, shows at once."""
RISING_SECONDS = 5
"""What rises is found among so many that it takes more than all other rankings together."""
KEPT_RANKINGS = 1_000

Publish = Callable[[Event], Awaitable[None]]
_Published = tuple[bytes | str, tuple[Standing, ...]]


def overall_rankings() -> Iterator[tuple[OrderName, WindowName]]:
    """Every order with the windows that it is kept for."""
    for window in WINDOWS:
        yield "views", window
        yield "readers", window
        if window in PAST_OF:
            yield "rising", window
    yield "decayed", SCOPE_WINDOW


class Ranker:
    """One round looks at every ranking; of several processes one does it."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        rankings: Rankings,
        publish: Publish,
        *,
        namespace: str,
        instance: str,
        size: int,
    ) -> None:
        self._redis = client
        self._rankings = rankings
        self._publish = publish
        self._keys = RankingKeys(namespace)
        self._instance = instance
        self._size = size
        self._scopes: list[str] = []
        self._looked: dict[tuple[OrderName, WindowName], tuple[RankingsState, datetime]] = {}
        """The state and time of the last look at each ranking of everything."""
        self._state_of_scopes: object = None
        """That of the rankings when the last turn of scopes began."""
        self._last: LRUCache[str, tuple[bytes | str, tuple[Standing, ...]]] = LRUCache(
            KEPT_RANKINGS
        )
        """What was published last, as Redis holds it and as it is read."""

    async def round(self, state: RankingsState, *, now: datetime) -> None:
        """Publishes what has changed since the last round."""
        due = [each for each in overall_rankings() if self._is_due(*each, state, now)]
        at_once = RankingRound(self._rankings)
        for order, window in due:
            asked = RankingRequest(order, window, OVERALL, self._size)
            await self._look_at(at_once, asked, now)
        self._looked |= dict.fromkeys(due, (state, now))
        until = time.monotonic() + SCOPE_SECONDS
        if not self._scopes and state != self._state_of_scopes:
            self._scopes = await self._scopes_that_are_read()
            self._state_of_scopes = state
        while self._scopes and time.monotonic() < until:
            asked = RankingRequest("views", SCOPE_WINDOW, self._scopes[-1], self._size)
            await self._look_at(at_once, asked, now)
            self._scopes.pop()

    def _is_due(
        self, order: OrderName, window: WindowName, state: RankingsState, now: datetime
    ) -> bool:
        if (order, window) not in self._looked:
            return True
        before, at = self._looked[order, window]
        if state[1:] != before[1:]:
            return True
        pause = max(SELDOM_SECONDS.get(window, 0), RISING_SECONDS if order == "rising" else 0)
        return state != before and now - at >= timedelta(seconds=pause)

    async def leads(self) -> bool:
        """True if this process is the one that publishes."""
        if await self._redis.set(self._keys.lock, self._instance, nx=True, px=LOCK_MS):
            return True
        if await self._redis.get(self._keys.lock) != self._instance.encode():
            return False
        await self._redis.pexpire(self._keys.lock, LOCK_MS)
        return True

    async def _look_at(self, at_once: RankingRound, asked: RankingRequest, now: datetime) -> None:
        name = f"{asked.order} {asked.window} {asked.scope}"
        before = await self._published_last(name)
        rows = await at_once.placed(asked, now=now)
        if not changed(before, rows):
            return
        rows = await at_once.explained(rows, asked.window, now=now)
        after = standings(rows, before)
        event = RankingChanged(
            event_id=digest("ranking-changed", name, now.isoformat()),
            occurred_at=now,
            window=asked.window,
            order=asked.order,
            scope=asked.scope,
            as_of=now,
            items=after,
            gone=gone(before, after),
        )
        await self._publish(event)
        if (older := _first_version(event)) is not None:
            await self._publish(older)
        await self._redis.set(self._keys.last(name), event.model_dump_json())
        metrics.rankings.labels(asked.window).inc()

    async def _published_last(self, name: str) -> tuple[Standing, ...]:
        # Another process may have published since.
        raw = await self._redis.get(self._keys.last(name))
        if not raw:
            return ()
        known = self._last.get(name)
        if known is not None and known[0] == raw:
            return known[1]
        items = RankingChanged.model_validate_json(raw).items
        self._last[name] = raw, items
        return items

    async def _scopes_that_are_read(self) -> list[str]:
        top = await self._rankings.counts.top(SCOPE_WINDOW, limit=SCOPE_ROWS)
        shown = await self._rankings.shown.scopes([count.article_id for count in top])
        return sorted(frozenset().union(*shown.values()))


def _first_version(event: RankingChanged) -> RankingChangedV1 | None:
    """The event for readers of the first version."""
    if event.order != "views" or event.scope != OVERALL:
        return None
    if event.window not in ("1h", "24h", "7d"):
        return None
    rows = tuple(
        Ranked(rank=r.rank, article_id=r.article_id, views=r.views, readers=r.readers)
        for r in event.items
    )
    return RankingChangedV1(
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        window=event.window,
        as_of=event.as_of,
        items=rows,
    )
