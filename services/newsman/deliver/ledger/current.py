"""The state of an article now, as publish's store has it."""

import redis.asyncio

from newsman.deliver.ledger.state import Current
from newsman.redis.aliases import AliasReader
from newsman.redis.documents import stored_article
from newsman.redis.served_store import ServedStore
from newsman.redis.withdrawn import Withdrawn
from newsman_schemas.article_order import changed_at
from newsman_schemas.article_rules import Status
from newsman_schemas.articles import Stage


class CurrentReader:
    """Reads which revision of an article readers have now."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._store = ServedStore(client, namespace)
        self._aliases = AliasReader(client, namespace)

    async def of(self, article_id: str) -> Current:
        """The article under this id or the one that the id leads to; raises Damaged."""
        named = (await self._aliases.places([article_id]))[article_id]
        (status, revision, doc, gone), history = await self._store.ask(
            lambda keys: [
                ("HMGET", keys.article(named), "status", "revision", "doc", "gone"),
                ("LRANGE", keys.history(named), -1, -1),
            ]
        )
        if status is None or not int(revision or 0):
            return Current(named, "unknown", 0, None, None)
        last = Stage.model_validate_json(history[0]) if history else None
        if status == Status.PUBLISHED.encode():
            article = stored_article(doc)
            at = last.at if last else changed_at(article)
            return Current(named, "published", int(revision), article.version, at, article.headline)
        if gone is None:
            known = last.version if last else None
            return Current(named, status.decode(), int(revision), known, last.at if last else None)
        remains = Withdrawn.model_validate_json(gone)
        return Current(named, remains.action, remains.revision, remains.version, remains.at)
