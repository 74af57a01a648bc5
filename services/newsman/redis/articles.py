"""Reading the article store that publish keeps: what readers may see, and nothing else."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import redis.asyncio

from newsman.redis.command_batcher import CommandBatcher
from newsman.redis.documents import Damaged, Documents, KeptPieces, stored_article, tell_damaged
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import read_marker
from newsman.redis.served_store import ServedStore
from newsman.redis.versions import (
    HOLD_FIELDS,
    holds_of,
    inflated,
    read_kill,
    read_stated,
    visible_versions,
)
from newsman.redis.withdrawn import Withdrawn
from newsman_schemas.article_rules import Status
from newsman_schemas.articles import EnrichedArticle, Stage
from newsman_schemas.copies import copied_ids, without_held

PUBLISHED = Status.PUBLISHED.encode()
"""The status of an article that readers may see, as it is kept."""
_VERSION_FIELDS = ("status", "doc", "head", "head_event", "kill")
_FIELDS = ("status", "doc", "revision", "at_ms", "ancestors", "original")


class StoreRebuilding(Exception):
    """The article store is being rebuilt, so nobody can say what may be seen."""


@dataclass(frozen=True)
class StoredArticle:
    """A published article as it stands in the store."""

    article: EnrichedArticle
    revision: int
    published_at_ms: int
    trail: tuple[Stage, ...]
    replaced_by: tuple[str, ...] = ()
    """The ids of the articles that took its place in an update chain; lists show those."""
    pieces: KeptPieces = field(default_factory=dict, compare=False, repr=False)
    """Renderings of it, kept by whoever makes them for as long as the article is."""


@dataclass(frozen=True)
class Gone:
    """An article that was published once and may not be seen any more."""

    article_id: str
    status: str
    trail: tuple[Stage, ...]
    revision: int


@dataclass(frozen=True)
class Term:
    """The display name of a section, tag or entity."""

    name: str
    type: str


class ArticleReader:
    """The read side of the store; every answer leaves out what is not published now."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        namespace: str,
        batcher: CommandBatcher | None = None,
    ) -> None:
        self._redis = client
        self._keys = ArticleKeys(namespace)
        self._store = ServedStore(client, namespace, batcher)
        self._documents = Documents()

    async def is_whole(self) -> bool:
        """True if the store is there at all; False after a flush, until it is rebuilt."""
        return read_marker(await self._redis.get(self._keys.marker)) is not None

    async def require_whole(self) -> None:
        """Raises StoreRebuilding unless the store is there."""
        if not await self.is_whole():
            raise StoreRebuilding("the article store is being rebuilt")

    async def changes_if_whole(self) -> int | None:
        """The number of changes that the gate has accepted: the same number means the same content.

        None while the store is not whole.
        """
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.get(self._keys.marker)
            pipe.get(self._keys.changes)
            marker, changes = await pipe.execute()
        return int(changes or 0) if read_marker(marker) else None

    async def find(self, article_id: str) -> StoredArticle | Gone | None:
        """The article, or that it is gone, or None if readers never saw it; raises Damaged."""
        (found,) = await self.find_all([article_id])
        return found

    async def find_all(self, article_ids: Sequence[str]) -> list[StoredArticle | Gone | None]:
        """The answers of `find` to each of the ids, in one round trip; raises Damaged."""
        answers = await self._store.ask(
            lambda keys: [
                command
                for article_id in article_ids
                for command in (
                    ("HMGET", keys.article(article_id), *_FIELDS),
                    ("LRANGE", keys.history(article_id), 0, -1),
                    ("HGETALL", keys.children(article_id)),
                )
            ]
        )
        triples = zip(article_ids, answers[::3], answers[1::3], answers[2::3], strict=True)
        return [self._found(*each) for each in triples]

    def _found(
        self,
        article_id: str,
        row: Sequence[Any],
        history: Sequence[bytes],
        children: Mapping[bytes, bytes],
    ) -> StoredArticle | Gone | None:
        trail = tuple(Stage.model_validate_json(entry) for entry in history)
        status, _, revision, *_ = row
        if status == PUBLISHED:
            replaced_by = sorted(child.decode() for child, flag in children.items() if flag == b"1")
            return replace(self._stored(row), trail=trail, replaced_by=tuple(replaced_by))
        if status is not None and int(revision or 0) > 0:
            return Gone(article_id, status.decode(), trail, int(revision))
        return None

    async def many(self, article_ids: Sequence[str]) -> list[StoredArticle]:
        """The published ones among these, in the order given, without their trails; damaged ones
        are left out."""
        if not article_ids:
            return []
        rows = await self._store.ask(
            lambda keys: [("HMGET", keys.article(ident), *_FIELDS) for ident in article_ids]
        )
        pairs = zip(article_ids, rows, strict=True)
        stored = [self._unless_damaged(*pair) for pair in pairs if pair[1][0] == PUBLISHED]
        return [one for one in stored if one is not None]

    async def published(self, article_ids: Iterable[str]) -> set[str]:
        """Those of the ids that readers may see now."""
        return set(await self.revisions(article_ids))

    async def revisions(self, article_ids: Iterable[str]) -> dict[str, int]:
        """Those of the ids that readers may see now, each with its revision."""
        wanted = list(article_ids)
        if not wanted:
            return {}
        rows = await self._store.ask(
            lambda keys: [("HMGET", keys.article(ident), "status", "revision") for ident in wanted]
        )
        pairs = zip(wanted, rows, strict=True)
        return {
            article_id: int(revision or 0)
            for article_id, (status, revision) in pairs
            if status == PUBLISHED
        }

    async def listed(self, term: str, *, offset: int = 0, limit: int = 50) -> list[StoredArticle]:
        """Published articles under an index term, newest first."""
        if limit < 1:
            return []  # to ZREVRANGE an end of -1 is the end of the list
        (members,) = await self._store.ask(
            lambda keys: [("ZREVRANGE", keys.index(term), offset, offset + limit - 1)]
        )
        return await self.many([member.decode() for member in members])

    async def versions(self, article_id: str, *, now: datetime) -> tuple[EnrichedArticle, ...]:
        """Every version of a published article that readers may see, the oldest first; none of
        an article that they may not see now.

        Versions that are withheld, under embargo, expired or that a kill reaches are left out;
        one may have been superseded before anybody saw it. Raises Damaged.
        """
        row, stored = await self._store.ask(
            lambda keys: [
                ("HMGET", keys.article(article_id), *_VERSION_FIELDS),
                ("HGETALL", keys.versions(article_id)),
            ]
        )
        status, doc, head, head_event, kill = row
        if status != PUBLISHED:
            return ()
        versions = {event: inflated(raw) for event, raw in stored.items()}
        # A text that stands again has the event of when it stood before.
        newest = b"%b again" % head_event if head_event in versions else head_event or b""
        versions[newest] = stored_article(head or doc)
        visible = visible_versions(versions, read_kill(kill) if kill else None, now=now)
        return await self._without_held(visible, now)

    async def statements(self, article_id: str) -> tuple[str, ...]:
        """The signed statements about an article (JWS), the oldest first."""
        newest, earlier = await self._store.ask(
            lambda keys: [
                ("HGET", keys.article(article_id), "stated"),
                ("HGETALL", keys.statements(article_id)),
            ]
        )
        stated = read_stated(newest)
        if stated is None:
            return ()
        in_order = (earlier[revision].decode() for revision in sorted(earlier, key=int))
        return (*in_order, stated.statement)

    async def _without_held(
        self, versions: tuple[EnrichedArticle, ...], now: datetime
    ) -> tuple[EnrichedArticle, ...]:
        """The versions without copies of other articles that readers may not see."""
        copied = tuple({one for version in versions for one in copied_ids(version)})
        if not copied:
            return versions
        rows = await self._store.ask(
            lambda keys: [("HMGET", keys.article(one), *HOLD_FIELDS) for one in copied]
        )
        holds = holds_of(copied, rows)
        return tuple(
            version.model_copy(update=without_held(version, holds, now)) for version in versions
        )

    async def gone(
        self, term: str, *, since_ms: int | None = None, limit: int = 50
    ) -> list[Withdrawn]:
        """Articles taken away from under a term (killed, withheld, expired), the last first;
        with `since_ms` only those that went at that Unix millisecond or later."""
        since = "-inf" if since_ms is None else since_ms
        (members,) = await self._store.ask(
            lambda keys: [
                ("ZREVRANGEBYSCORE", keys.gone(term), "+inf", since, "LIMIT", 0, limit),
            ]
        )
        rows = await self._store.ask(
            lambda keys: [
                ("HMGET", keys.article(member.decode()), "gone", "original") for member in members
            ]
        )
        # A restored article may remain in this index for a moment.
        return [_withdrawn(raw, original) for raw, original in rows if raw]

    async def count(self, term: str, *, since_ms: int | None = None) -> int:
        """The number of articles under an index term; with `since_ms` only those published at
        that Unix millisecond or later."""
        since = "-inf" if since_ms is None else since_ms
        (size,) = await self._store.ask(lambda keys: [("ZCOUNT", keys.index(term), since, "+inf")])
        return int(size)

    async def term(self, term: str) -> Term | None:
        """The display name of an index term, or None if no article ever carried it."""
        (raw,) = await self._store.ask(lambda keys: [("HGET", keys.names, term)])
        return Term(**json.loads(raw[raw.index(b"{") :])) if raw else None

    def _unless_damaged(self, article_id: str, row: Sequence[Any]) -> StoredArticle | None:
        try:
            return self._stored(row)
        except Damaged:
            tell_damaged(article_id)
            return None

    def _stored(self, row: Sequence[bytes | None]) -> StoredArticle:
        _, doc, revision, at_ms, ancestors, original = row
        article = self._documents.article(doc or b"")
        pieces = self._documents.pieces(doc or b"")
        if original is not None:
            chain = {"ancestors": tuple(json.loads(ancestors or b"[]"))}
            article = article.model_copy(update={**chain, "original_id": original.decode()})
        return StoredArticle(article, int(revision or 0), int(at_ms or 0), (), pieces=pieces)


def _withdrawn(raw: bytes, original: bytes | None) -> Withdrawn:
    entry = Withdrawn.model_validate_json(raw)
    return entry.model_copy(update={"original_id": original.decode()}) if original else entry
