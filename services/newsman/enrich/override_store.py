"""Where editors' overrides are kept: a hash in Redis from article id to the override."""

from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from newsman.enrich.overrides import NOTHING, Override
from newsman.redis.patience import patiently_async


def overrides_key(namespace: str) -> str:
    """Hash from article id to the Override, as JSON."""
    return f"{namespace}:enrich:overrides"


class OverrideStore:
    """What enrich asks; it waits for a Redis that is away, since a human's word is at stake."""

    def __init__(self, client: "AsyncRedis", namespace: str) -> None:
        self._client = client
        self._key = overrides_key(namespace)

    async def get(self, article_id: str) -> Override:
        """The article's override."""
        stored = await patiently_async(lambda: self._client.hget(self._key, article_id))
        return Override.model_validate_json(stored) if stored else NOTHING


def read_override(client: "Redis", namespace: str, article_id: str) -> Override:
    """The article's override; raises RedisError."""
    stored = client.hget(overrides_key(namespace), article_id)
    return Override.model_validate_json(stored) if stored else NOTHING


def write_override(client: "Redis", namespace: str, article_id: str, override: Override) -> None:
    """Keeps the override, or forgets an empty one; raises RedisError."""
    if override == NOTHING:
        client.hdel(overrides_key(namespace), article_id)
    else:
        client.hset(overrides_key(namespace), article_id, override.model_dump_json())
