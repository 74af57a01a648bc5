"""What editors and rules have said, as popularity keeps it in Redis for whoever ranks."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import redis.asyncio

from newsman.rankings.core import Edit
from newsman.redis.keys import RankingKeys

POSITION = "position"


class EditsStore:
    """The edits of every article that has any; the log of them is ranking-edited."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._redis = client
        self._key = RankingKeys(namespace).edits

    async def read(self) -> dict[str, Edit]:
        """By article id."""
        told: dict[Any, Any] = await self._redis.hgetall(self._key)
        return {k.decode(): _edit(v) for k, v in told.items() if k != POSITION.encode()}

    async def position(self) -> int | None:
        """How far of the log they reach; None after a flush."""
        told = await self._redis.hget(self._key, POSITION)
        return None if told is None else int(told)

    async def write(self, edits: Mapping[str, Edit], position: int) -> None:
        """Replaces all of them in one step."""
        fields: dict[Any, Any] = {k: json.dumps(asdict(v)) for k, v in edits.items()}
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(self._key)
            pipe.hset(self._key, mapping={**fields, POSITION: position})
            await pipe.execute()


def _edit(raw: bytes) -> Edit:
    told = json.loads(raw)
    pins = tuple((str(scope), int(rank)) for scope, rank in told.pop("pins"))
    return Edit(pins=pins, **told)
