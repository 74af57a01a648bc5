"""Forgetting articles that are older than the store is to keep them; the log keeps them all.

What is left of one is its newest version without its text, by which a version that comes late is
known to be late, the number of its revision, and how far its kills reach. Nobody is told: it is
not withdrawn.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import redis.asyncio

from newsman.publish import metrics
from newsman.publish.identity.bare_names import bare_name
from newsman.publish.left_terms import left_terms
from newsman.publish.state import GateOutcome, State
from newsman.publish.store.article_store import ArticleStore, StoreLost, StoreMoved
from newsman.publish.store.indexes import due_key
from newsman.publish.store.records import StoredState
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import read_marker
from newsman.redis.patience import retry_async_while_redis_is_down
from newsman.runtime.crash import bugs_crash
from newsman_schemas.article_rules import LATEST, Status
from newsman_schemas.articles import RECEIPT, EnrichedArticle, article_id
from newsman_schemas.events import unix_ms

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3_600
AT_ONCE = 100

KEPT = {"id", "source", "uri", "version", "version_created", "headline", "slug", "enrichment"}
KEPT |= {"evolved_from", "evolved_from_id", "original_id", *RECEIPT}

# KEYS: article, history, versions. ARGV: the token of the process that forgot it.
_EMPTY = """
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'stale_terms')
redis.call('DEL', KEYS[2], KEYS[3])
return 1
"""


def forgotten(state: State) -> State:
    """The state without the text: the version is over, so nothing shows it, and it still is the
    newest."""
    assert state.head is not None
    names = {name: value for name, value in dict(state.head).items() if name in KEPT}
    head = EnrichedArticle(**names, expires_at=state.as_of)
    left = left_terms(state.left_terms, before=state.shown, now=None, revision=state.revision + 1)
    return replace(
        state, token=state.token + 1, head=head, shown=None, status=None, left_terms=left
    )


class Retention:
    """Sweeps the store of one installation."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        namespace: str,
        *,
        days: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._redis = client
        self._namespace = namespace
        self._store = ArticleStore(client, namespace)
        self._kept = timedelta(days=days)
        self._clock = clock

    async def run(self, *, should_stop: Callable[[], bool]) -> None:
        """Sweeps once an hour."""
        with bugs_crash():
            while not should_stop():
                if total := await retry_async_while_redis_is_down(self.sweep):
                    log.info("%s articles are older than the store keeps them", total)
                await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> int:
        """Forgets what was published, and came last, longer ago than articles are kept; how many
        it were. What waits for a moment of its own, as to expire, stays until that."""
        marker = read_marker(await self._redis.get(ArticleKeys(self._namespace).marker))
        if marker is None or marker.taking_over is not None:
            return 0
        keys = ArticleKeys(self._namespace, marker.serving)
        oldest, offset, total = self._clock() - self._kept, 0, 0
        bound = unix_ms(oldest)
        while heads := await self._old(keys, bound, offset):
            for head in heads:
                forgot = await self._forget_chain(head, keys, oldest)
                total += forgot
                offset += 0 if forgot else 1
        return total

    async def _old(self, keys: ArticleKeys, bound: int, offset: int) -> list[str]:
        members: Any = await self._redis.zrangebyscore(
            keys.index(LATEST), "-inf", f"({bound}", start=offset, num=AT_ONCE
        )
        return [member.decode() for member in members]

    async def _forget_chain(self, head: str, keys: ArticleKeys, oldest: datetime) -> int:
        """Forgets the head of a chain and all that it replaced; 0 where the head stays."""
        try:
            seen = await self._store.load(head)
            if seen.state.head is None or not await self._forget(head, seen, keys, oldest):
                return 0
            forgot = 1
            for uri in seen.chain.ancestors:
                older = article_id(seen.state.head.source, uri)
                forgot += await self._forget(older, await self._store.load(older), keys, oldest)
        except (StoreLost, StoreMoved):
            return 0  # the next sweep goes on
        return forgot

    async def _forget(
        self, article_id: str, seen: StoredState, keys: ArticleKeys, oldest: datetime
    ) -> bool:
        if seen.state.status is None and seen.stale_terms:
            left: StoredState | None = seen  # a sweep was broken off here
        elif await self._stays(article_id, seen, keys, oldest):
            return False
        else:
            left = await self._store.write(article_id, seen, GateOutcome(forgotten(seen.state)))
        if left is None:
            return False
        token = left.state.token
        while not await self._store.place(article_id, left):
            left = await self._store.load(article_id)
        names = (keys.article(article_id), keys.history(article_id), keys.versions(article_id))
        emptied: Any = self._redis.eval(_EMPTY, len(names), *names, str(token))
        await emptied
        if left.state.head is not None and (name := bare_name(left.state.head)):
            nameless: Any = self._redis.hdel(keys.bearers(name), article_id)
            await nameless
        metrics.forgotten.inc()
        return True

    async def _stays(
        self, article_id: str, seen: StoredState, keys: ArticleKeys, oldest: datetime
    ) -> bool:
        state = seen.state
        is_old = state.as_of is not None and state.as_of < oldest
        if state.status is not Status.PUBLISHED or not is_old or seen.pending:
            return True
        return await self._redis.zscore(due_key(article_id, keys), article_id) is not None
