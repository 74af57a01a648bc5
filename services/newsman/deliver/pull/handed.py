"""What those who fetch were handed out, unacknowledged until the next cursor comes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis.asyncio

from newsman.deliver.intake.recipients import Told, read_told
from newsman.deliver.queue.inlet import TOLD_SECONDS
from newsman.deliver.queue.references import Reference, dump, load
from newsman.kafka.positions import Part, Positions
from newsman.redis.keys import DeliverKeys, FetchKeys

MOST_ITEMS = 500
"""Unacknowledged at a time; of the oldest nobody learns that they were acknowledged."""


@dataclass(frozen=True, slots=True)
class HandedItem:
    """A reference that was handed out, and its place in the log."""

    part: Part
    offset: int
    reference: Reference


@dataclass(frozen=True, slots=True)
class Handed:
    """`at` is the cursor from which it goes on without one; None before the first."""

    at: str | None = None
    items: tuple[HandedItem, ...] = ()

    def split(self, positions: Positions) -> tuple[list[HandedItem], list[HandedItem]]:
        """Those that lie before the positions, and the others."""
        before = [i for i in self.items if positions.get(i.part, 0) > i.offset]
        return before, [item for item in self.items if item not in before]


class HandedOut:
    """Keeps it in Redis, so that any process may be asked next."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._redis = client
        self._keys = FetchKeys(namespace)
        self._told = DeliverKeys(namespace)

    async def read(self, subscription_id: str) -> Handed:
        """What was handed out last."""
        raw = await self._redis.get(self._keys.handed(subscription_id))
        if raw is None:
            return Handed()
        kept: dict[str, Any] = json.loads(raw)
        items = (
            HandedItem((topic, part), offset, load(key, entry))
            for topic, part, offset, key, entry in kept["items"]
        )
        return Handed(kept["at"], tuple(items))

    async def write(self, subscription_id: str, handed: Handed) -> None:
        """Replaces it."""
        items = [
            [*item.part, item.offset, item.reference.key, dump(item.reference)]
            for item in handed.items[-MOST_ITEMS:]
        ]
        kept = json.dumps({"at": handed.at, "items": items}, separators=(",", ":"))
        await self._redis.set(self._keys.handed(subscription_id), kept, ex=TOLD_SECONDS)

    async def told(self, article_ids: Sequence[str], subscription_id: str) -> dict[str, Told]:
        """The last that the subscription was told of each article that it was told of."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for article_id in article_ids:
                pipe.hget(self._told.told(article_id), subscription_id)
            rows = await pipe.execute()
        pairs = zip(article_ids, rows, strict=True)
        return {article_id: read_told(raw.decode()) for article_id, raw in pairs if raw}

    async def told_any(self, article_id: str, subscription_ids: Sequence[str]) -> set[str]:
        """Those of the subscriptions that were told of an article."""
        if not subscription_ids:
            return set()
        rows = await self._redis.hmget(self._told.told(article_id), list(subscription_ids))
        return {ident for ident, raw in zip(subscription_ids, rows, strict=True) if raw}

    async def revisions_told(self, article_id: str) -> dict[str, int]:
        """The last revision of an article that each subscription was told of, or is about to be."""
        told: dict[Any, Any] = await self._redis.hgetall(self._told.told(article_id))
        return {ident.decode(): read_told(raw.decode()).revision for ident, raw in told.items()}

    async def note_told(self, subscription_id: str, told: Mapping[str, str]) -> None:
        """Keeps that the subscription was told of articles; an empty text forgets it."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for article_id, last in told.items():
                key = self._told.told(article_id)
                if last:
                    pipe.hset(key, subscription_id, last)
                    pipe.expire(key, TOLD_SECONDS)
                else:
                    pipe.hdel(key, subscription_id)
            await pipe.execute()
