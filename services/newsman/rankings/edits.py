"""Edits of editors and rules, as popularity keeps them in Redis for whoever ranks."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import redis.asyncio

from newsman.rankings.core import NO_EDIT, Edit, FrontPin
from newsman.rankings.holds import HoldsStore
from newsman.redis.keys import RankingKeys

POSITION = "position"


class EditsStore:
    """The edits of every article that has any; the log of them is ranking-edited."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._redis = client
        self._key = RankingKeys(namespace).edits
        self.holds = HoldsStore(client, namespace)

    async def read(self) -> dict[str, Edit]:
        """By article id, with what rules hold just now."""
        fields: dict[Any, Any] = await self._redis.hgetall(self._key)
        edits = {k.decode(): _edit(v) for k, v in fields.items() if k != POSITION.encode()}
        for article_id in await self.holds.read():
            edits[article_id] = replace(edits.get(article_id, NO_EDIT), held=True)
        return edits

    async def position(self) -> int | None:
        """The offset of the log up to which the edits reach; None after a flush."""
        offset = await self._redis.hget(self._key, POSITION)
        return None if offset is None else int(offset)

    async def write(self, edits: Mapping[str, Edit], position: int) -> None:
        """Replaces all of them in one step."""
        fields: dict[Any, Any] = {k: json.dumps(_fields(v)) for k, v in edits.items()}
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(self._key)
            pipe.hset(self._key, mapping={**fields, POSITION: position})
            await pipe.execute()


def _fields(edit: Edit) -> dict[str, Any]:
    """The edit as it is kept; an older release knows no pins of the front."""
    fields = asdict(edit)
    return fields if edit.front else {k: v for k, v in fields.items() if k != "front"}


def _edit(raw: bytes) -> Edit:
    fields = json.loads(raw)
    pins = tuple((str(scope), int(rank)) for scope, rank in fields.pop("pins"))
    front = fields.pop("front", None)
    return Edit(pins=pins, front=FrontPin(**front) if front else None, **fields)
