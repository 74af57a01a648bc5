"""Facts that may still be told of an article that readers may not see any more."""

import redis.asyncio

from newsman.outputs.listing import Tombstone
from newsman.redis.articles import Gone
from newsman.redis.served_store import ServedStore
from newsman.redis.withdrawn import Withdrawn
from newsman_schemas.articles import article_id


class TombstoneReader:
    """Reads the names of an article that is gone, and nothing else of it."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._store = ServedStore(client, namespace)

    async def of(self, gone: Gone) -> Tombstone:
        """The article's tombstone."""
        (raw,) = await self._store.ask(
            lambda keys: [("HGET", keys.article(gone.article_id), "gone")]
        )
        if raw:
            return tombstone(Withdrawn.model_validate_json(raw))
        last = gone.trail[-1]
        return Tombstone(
            gone.article_id, None, last.version, last.at, gone.status, revision=gone.revision
        )


def tombstone(gone: Withdrawn) -> Tombstone:
    """The tombstone of what the store lists as gone."""
    is_first = gone.original_id == gone.uri
    chain_id = gone.article_id if is_first else article_id(gone.source, gone.original_id)
    named = (gone.article_id, gone.uri, gone.version, gone.at, gone.action, chain_id)
    return Tombstone(*named, revision=gone.revision)
