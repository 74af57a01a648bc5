"""Articles that a rule holds out of the rankings just now, as popularity keeps them in Redis.

They are no edits: each holds as long as its rule says so, and nothing of it is left when it ends.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import redis.asyncio

from newsman.redis.keys import RankingKeys

KEPT_SECONDS = 60
"""Without a process that looks at surges nothing is held for longer."""


@dataclass(frozen=True)
class RankingHold:
    """The reason of a hold, its beginning, and its end if nothing like it comes; times are Unix
    seconds."""

    reason: str
    since: int
    passes_at: int

    def __str__(self) -> str:
        since, passes = (datetime.fromtimestamp(at, UTC) for at in (self.since, self.passes_at))
        return (
            f"held since {since:%H:%M:%S} UTC: {self.reason}; ends by itself at about "
            f"{passes:%H:%M} if nothing like it comes, and at once with "
            "`newsman popularity admit`"
        )


class HoldsStore:
    """The holds of every article that has one."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._redis = client
        self._key = RankingKeys(namespace).holds

    async def read(self) -> dict[str, RankingHold]:
        """By article id."""
        return holds_in(await self.raw())

    async def raw(self) -> bytes | None:
        """The stored bytes: others whenever a hold is another."""
        stored: Any = await self._redis.get(self._key)
        return None if stored is None else bytes(stored)

    async def write(self, holds: Mapping[str, RankingHold]) -> None:
        """Replaces all of them."""
        if holds:
            by_article = {article_id: asdict(hold) for article_id, hold in sorted(holds.items())}
            await self._redis.set(self._key, json.dumps(by_article), ex=KEPT_SECONDS)
        else:
            await self._redis.delete(self._key)


def holds_in(raw: bytes | None) -> dict[str, RankingHold]:
    """The holds in what `raw` answers."""
    return (
        {article: RankingHold(**fields) for article, fields in json.loads(raw).items()}
        if raw
        else {}
    )
