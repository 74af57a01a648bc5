"""Articles that readers may see now, and the scopes they stand in."""

from collections.abc import Sequence
from typing import Any

import redis.asyncio
from cachetools import LRUCache

from newsman.rankings.core import SCOPE_KINDS
from newsman.redis.articles import PUBLISHED
from newsman.redis.documents import readable
from newsman.redis.served_store import ServedStore
from newsman_schemas.article_rules import terms_of

KEPT = 50_000


class ShownArticles:
    """Asks the store each time; of an article whose revision is known the scopes are kept."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._store = ServedStore(client, namespace)
        self._kept: LRUCache[str, tuple[bytes, frozenset[str]]] = LRUCache(KEPT)

    async def scopes(self, article_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """The scopes of those that are published; killed, embargoed and withheld ones are not."""
        rows = await self._store.ask(
            lambda keys: [("HMGET", keys.article(one), "status", "revision") for one in article_ids]
        )
        pairs = zip(article_ids, rows, strict=True)
        revisions = {one: revision for one, (status, revision) in pairs if status == PUBLISHED}
        new = [one for one, revision in revisions.items() if self._known(one) != revision]
        await self._read(new)
        # Articles killed between the two queries are neither read nor shown.
        return {one: self._kept[one][1] for one in revisions if one in self._kept}

    async def state(self) -> tuple[Any, ...]:
        """Another one whenever an article is."""
        return tuple(
            await self._store.ask(lambda keys: [("GET", keys.marker), ("GET", keys.changes)])
        )

    def _known(self, article_id: str) -> bytes | None:
        return self._kept[article_id][0] if article_id in self._kept else None

    async def _read(self, article_ids: Sequence[str]) -> None:
        if not article_ids:
            return
        fields = ("status", "revision", "doc")
        rows = await self._store.ask(
            lambda keys: [("HMGET", keys.article(ident), *fields) for ident in article_ids]
        )
        for ident, (status, revision, doc) in zip(article_ids, rows, strict=True):
            self._kept.pop(ident, None)
            # A damaged one is nobody's to see.
            if status == PUBLISHED and (article := readable(ident, doc)) is not None:
                scopes = frozenset(terms_of(article, SCOPE_KINDS))
                self._kept[ident] = (revision, scopes)

    async def under(self, scope: str, *, at_most: int) -> list[str] | None:
        """The articles of a scope, if the store lists them and they are not too many to look at."""
        (size,) = await self._store.ask(lambda keys: [("ZCARD", keys.index(scope))])
        if not 0 < size <= at_most:
            return None
        (members,) = await self._store.ask(lambda keys: [("ZRANGE", keys.index(scope), 0, -1)])
        return [member.decode() for member in members]
