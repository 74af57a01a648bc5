"""Reading the article store that publish keeps: what readers may see, and nothing else."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import redis.asyncio

from newsman.redis.keys import STORE_LAYOUT, ArticleKeys
from newsman.redis.withdrawn import Withdrawn
from newsman_schemas.articles import EnrichedArticle, Stage


@dataclass(frozen=True)
class StoredArticle:
    """A published article as it stands in the store."""

    article: EnrichedArticle
    revision: int
    published_at_ms: int
    trail: tuple[Stage, ...]


@dataclass(frozen=True)
class Gone:
    """An article that was published once and may not be seen any more."""

    article_id: str
    status: str
    trail: tuple[Stage, ...]


@dataclass(frozen=True)
class Term:
    """The display name of a section, tag or entity."""

    name: str
    type: str


class ArticleReader:
    """The read side of the store; every answer leaves out what is not published now."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._redis = client
        self._keys = ArticleKeys(namespace)

    async def is_whole(self) -> bool:
        """Whether the store is there at all; False after a flush, until it is rebuilt."""
        return await self._redis.get(self._keys.marker) == STORE_LAYOUT.encode()

    async def changes(self) -> int:
        """How many changes the gate has accepted; the same number means the same content."""
        return int(await self._redis.get(self._keys.changes) or 0)

    async def changes_if_whole(self) -> int | None:
        """The same, or None while the store is not whole; one round trip."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.get(self._keys.marker)
            pipe.get(self._keys.changes)
            marker, changes = await pipe.execute()
        return int(changes or 0) if marker == STORE_LAYOUT.encode() else None

    async def find(self, article_id: str) -> StoredArticle | Gone | None:
        """The article, or that it is gone, or None if readers never saw it."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hmget(self._keys.article(article_id), "status", "doc", "revision", "at_ms")
            pipe.lrange(self._keys.history(article_id), 0, -1)
            (status, doc, revision, at_ms), history = await pipe.execute()
        trail = tuple(Stage.model_validate_json(entry) for entry in history)
        if status == b"published":
            article = EnrichedArticle.model_validate_json(doc)
            return StoredArticle(article, int(revision), int(at_ms), trail)
        if status is not None and int(revision or 0) > 0:
            return Gone(article_id, status.decode(), trail)
        return None

    async def many(self, article_ids: Sequence[str]) -> list[StoredArticle]:
        """The published ones among these, in the order given, without their trails."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for article_id in article_ids:
                pipe.hmget(self._keys.article(article_id), "status", "doc", "revision", "at_ms")
            rows = await pipe.execute()
        return [
            StoredArticle(EnrichedArticle.model_validate_json(doc), int(revision), int(at_ms), ())
            for status, doc, revision, at_ms in rows
            if status == b"published"
        ]

    async def published(self, article_ids: Iterable[str]) -> set[str]:
        """Those of the ids that readers may see now."""
        wanted = list(article_ids)
        async with self._redis.pipeline(transaction=False) as pipe:
            for article_id in wanted:
                pipe.hget(self._keys.article(article_id), "status")
            statuses = await pipe.execute()
        pairs = zip(wanted, statuses, strict=True)
        return {article_id for article_id, status in pairs if status == b"published"}

    async def listed(self, term: str, *, offset: int = 0, limit: int = 50) -> list[StoredArticle]:
        """Published articles under an index term, newest first."""
        found: list[Any] = await self._redis.zrevrange(
            self._keys.index(term), offset, offset + limit - 1
        )
        return await self.many([member.decode() for member in found])

    async def gone(
        self, term: str, *, since_ms: int | None = None, limit: int = 50
    ) -> list[Withdrawn]:
        """What was taken away from under a term (killed, withheld, expired), the last first;
        with `since_ms` only what went at that Unix millisecond or later."""
        found: list[Any] = await self._redis.zrevrangebyscore(
            self._keys.gone(term), "+inf", since_ms or "-inf", start=0, num=limit
        )
        async with self._redis.pipeline(transaction=False) as pipe:
            for member in found:
                pipe.hget(self._keys.article(member.decode()), "gone")
            rows = await pipe.execute()
        # An article that lives again may stand here for a moment longer.
        return [Withdrawn.model_validate_json(row) for row in rows if row]

    async def count(self, term: str) -> int:
        """How many articles stand under an index term."""
        return int(await self._redis.zcard(self._keys.index(term)))

    async def term(self, term: str) -> Term | None:
        """The display name of an index term, or None if no article ever carried it."""
        raw = await self._redis.hget(self._keys.names, term)
        return Term(**json.loads(raw)) if raw else None
