"""What each receiver took last, so that the same bytes do not go to it twice."""

import hashlib
import logging

import redis.asyncio
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

KEPT_SECONDS = 11 * 24 * 3_600
"""Longer than any lease."""


class SentContent:
    """Digests in Redis; where they are lost, content goes once more."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._redis = client
        self._prefix = f"{namespace}:hub:sent:"

    async def has(self, subscription_id: str, body: bytes) -> bool:
        """True if these bytes are what the receiver took last."""
        try:
            return bool(await self._redis.get(self._key(subscription_id)) == _digest(body))
        except RedisError as problem:
            log.warning("what a receiver took last is not known, so it is sent again: %s", problem)
            return False

    async def note(self, subscription_id: str, body: bytes) -> None:
        """The receiver has taken these bytes."""
        try:
            await self._redis.set(self._key(subscription_id), _digest(body), ex=KEPT_SECONDS)
        except RedisError as problem:
            log.warning("what a receiver took is not noted and may go again: %s", problem)

    def _key(self, subscription_id: str) -> str:
        return f"{self._prefix}{{{subscription_id}}}"


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
