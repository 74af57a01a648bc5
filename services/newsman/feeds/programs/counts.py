"""Counts of programs that read the site, noted in memory and added to Redis once a second or so."""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import redis.asyncio
from cachetools import LRUCache
from redis.exceptions import RedisError

from newsman.feeds import metrics
from newsman.feeds.programs.kinds import (
    KINDS,
    MOST_JUDGED,
    ProgramKind,
    kind_of,
    subscribers_of,
)
from newsman.redis.keys import FeedsKeys

log = logging.getLogger(__name__)

DAYS_KEPT = 90
FLUSH_SECONDS = 2.0
REMEMBERED = 4_096
"""So many user agents are known without looking at them again."""
MOST_WAITING = 20_000
MOST_FEEDS = 5_000
MOST_COUNTED = 20_000
"""So many counts are kept of a day; of articles beyond these only the sums of the site tell."""
SUBSCRIBED_DAYS = 7
"""A reader that was not here for so long has no subscribers any more."""
LONGEST_PATH = 200
_ARTICLE = re.compile(rb"/articles/([a-z2-7]{16})(?=[./?]|$)")

# KEYS: the day. ARGV: seconds that it is kept, most counts, then pairs of count and number. Counts
# of the whole site, which name no article, are kept in any case.
_ADD = """
for i = 3, #ARGV, 2 do
  if redis.call('HLEN', KEYS[1]) < tonumber(ARGV[2]) or not string.find(ARGV[i], ' ')
      or redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1 then
    redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
  else
    redis.call('HSET', KEYS[1], 'full', 1)
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
"""
_FULL = "full"

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class FeedAudience:
    """A feed, and the subscribers that readers say they fetch it for."""

    path: str
    subscribers: int
    readers: int


@dataclass(frozen=True)
class ProgramSums:
    """Requests of each kind; `are_least` where a day had more counts than are kept, so that there
    may have been others."""

    numbers: Mapping[ProgramKind, int]
    are_least: bool = False


@dataclass(frozen=True)
class KnownAgent:
    """A user agent as it was judged."""

    kind: ProgramKind | None
    subscribers: tuple[str, int] | None


class ProgramCounts:
    """Notes from the thread of the event loop, which costs a look into a table where the user agent
    is a browser's; what Redis does not take is noted again later, up to a bound."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        namespace: str,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._redis = client
        self._keys = FeedsKeys(namespace)
        self._clock = clock
        self._agents: LRUCache[bytes, KnownAgent] = LRUCache(REMEMBERED)
        self._waiting: Counter[str] = Counter()
        self._audiences: dict[str, int] = {}

    def note(self, agent: bytes, target: bytes) -> None:
        """Notes that a program asked for an address and got an answer."""
        beginning = agent[:MOST_JUDGED]
        known = self._agents.get(beginning)
        if known is None:
            text = beginning.decode("latin-1")
            known = self._agents[beginning] = KnownAgent(kind_of(text), subscribers_of(text))
        if known.kind is None and known.subscribers is None:
            return
        self._note(known, target)

    def _note(self, known: KnownAgent, target: bytes) -> None:
        if known.kind is not None:
            metrics.programs.labels(known.kind).inc()
            if len(self._waiting) < MOST_WAITING:
                self._waiting[known.kind] += 1
                if found := _ARTICLE.match(target):
                    self._waiting[f"{known.kind} {found[1].decode()}"] += 1
        if known.subscribers is not None and len(target) <= LONGEST_PATH:
            reader, number = known.subscribers
            if len(self._audiences) < MOST_WAITING:
                self._audiences[f"{reader} {target.decode('latin-1')}"] = number

    async def run(self) -> None:
        """Adds what was noted to Redis, until it is cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Adds what was noted so far to Redis."""
        waiting, self._waiting = self._waiting, Counter()
        audiences, self._audiences = self._audiences, {}
        if not waiting and not audiences:
            return
        try:
            await self._write(waiting, audiences)
        except RedisError as error:
            log.warning("who reads could not be counted just now: %s", error)
            self._waiting.update(waiting)
            self._audiences = audiences | self._audiences

    async def _write(self, waiting: Counter[str], audiences: dict[str, int]) -> None:
        day = self._clock().date()
        key = self._keys.programs(day.isoformat())
        if waiting:
            counts = [part for count in waiting.items() for part in count]
            kept_seconds = round(timedelta(days=DAYS_KEPT).total_seconds())
            added: Any = self._redis.eval(_ADD, 1, key, kept_seconds, MOST_COUNTED, *counts)
            await added
        if audiences:
            if await self._redis.hlen(self._keys.audiences) >= MOST_FEEDS:
                await self._redis.delete(self._keys.audiences)  # readers are here again in hours
            told: dict[Any, Any] = {k: f"{n} {day.isoformat()}" for k, n in audiences.items()}
            await self._redis.hset(self._keys.audiences, mapping=told)

    async def of_site(self, days: int) -> ProgramSums:
        """Requests of each kind in the last days, today included."""
        rows = await self._rows(KINDS, days)
        return ProgramSums(_sums(rows))

    async def of_article(self, article_id: str, days: int) -> ProgramSums:
        """Requests of each kind for an article, in whatever format."""
        rows = await self._rows([*(f"{kind} {article_id}" for kind in KINDS), _FULL], days)
        return ProgramSums(_sums(rows), any(row[-1] for row in rows))

    async def audiences(self, limit: int) -> list[FeedAudience]:
        """The feeds with the most subscribers, of readers that were here lately."""
        oldest = (self._clock() - timedelta(days=SUBSCRIBED_DAYS)).date().isoformat()
        feeds: dict[str, list[int]] = {}
        rows: dict[Any, Any] = await self._redis.hgetall(self._keys.audiences)
        for field, value in rows.items():
            number, _, day = value.decode().partition(" ")
            if day >= oldest:
                feeds.setdefault(field.decode().partition(" ")[2], []).append(int(number))
        audiences = [FeedAudience(path, sum(each), len(each)) for path, each in feeds.items()]
        return sorted(audiences, key=lambda one: (-one.subscribers, one.path))[:limit]

    async def _rows(self, fields: Sequence[str], days: int) -> list[Sequence[bytes | None]]:
        """The values of some fields of each of the last days."""
        today = self._clock().date()
        async with self._redis.pipeline(transaction=False) as pipe:
            for ago in range(days):
                pipe.hmget(
                    self._keys.programs((today - timedelta(days=ago)).isoformat()), list(fields)
                )
            rows: list[Sequence[bytes | None]] = await pipe.execute()
        return rows


def _sums(rows: Sequence[Sequence[bytes | None]]) -> dict[ProgramKind, int]:
    return {kind: sum(int(row[n] or 0) for row in rows) for n, kind in enumerate(KINDS)}
