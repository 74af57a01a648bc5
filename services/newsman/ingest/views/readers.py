"""Readers without names: keyed hashes of whom a pusher names, or of address and user agent."""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError, ResponseError

from newsman.redis.keys import ReaderKeys

log = logging.getLogger(__name__)

SALT_BYTES = 32
DAY_SECONDS = 86_400
GRACE_SECONDS = 900
"""So long after midnight (UTC) a day's salt is kept, for processes whose clocks are slow."""
TRY_AGAIN = timedelta(minutes=1)
IN_PROGRESS = "already in progress"
"""What the server says to BGREWRITEAOF while it does that."""
HASH_CHARACTERS = 22
REDIS_SECONDS = 0.8
"""Added to the wait for Kafka, this still answers within 5 s."""


class ReaderHasher:
    """Makes reader ids that can't be turned back into an address or a name."""

    def __init__(
        self, client: "redis.asyncio.Redis", namespace: str, fixed_salt: str | None
    ) -> None:
        self._redis = client
        self._keys = ReaderKeys(namespace)
        self._fixed = fixed_salt.encode() if fixed_salt else None
        self._salts: dict[str, bytes] = {}
        self._forgotten = ""
        self._tries_again: datetime | None = None

    async def naming(self, source: str) -> Callable[[str], str]:
        """The function from the readers whom a source names to their ids, the same for as long as
        Redis lives."""
        salt = await self._salt(self._keys.secret, None)
        return _hashing(salt, "named", source)

    async def deriving(self, now: datetime) -> Callable[[str, str], str]:
        """The function from address and user agent to the id of whoever has them today; tomorrow it
        is another one."""
        day = now.date().isoformat()
        salt = await self._salt(self._keys.salt(day), _seconds_to_midnight(now) + GRACE_SECONDS)
        await self._forget_yesterday(day, now)
        hashed = _hashing(salt, "derived", day)
        return lambda address, agent: hashed(f"{address}\n{agent}")

    async def _forget_yesterday(self, day: str, now: datetime) -> None:
        """Deletes the old salt once a day, from Redis's append-only file as well."""
        if self._fixed or self._forgotten == day or _seconds_since_midnight(now) < GRACE_SECONDS:
            return
        if self._tries_again is not None and now < self._tries_again:
            return
        self._tries_again = now + TRY_AGAIN
        try:
            is_done = await self._rewrite_without_yesterday(day, now)
        except RedisError as error:
            log.warning("the append-only file, with yesterday's salt, was not rewritten: %s", error)
            is_done = True
        if is_done:
            self._forgotten = day

    async def _rewrite_without_yesterday(self, day: str, now: datetime) -> bool:
        """True if that was done today; not while the server rewrites the file as it was before."""
        mark = self._keys.forgotten(day)
        if not await self._redis.set(mark, 1, nx=True, ex=DAY_SECONDS):
            return True
        # A key that expires within this second, or has just expired, would be rewritten.
        yesterday = (now - timedelta(days=1)).date().isoformat()
        await self._redis.delete(self._keys.salt(yesterday))
        try:
            await self._redis.bgrewriteaof()
        except ResponseError as error:
            if IN_PROGRESS not in str(error):
                raise
            await self._redis.delete(mark)
            return False
        return True

    async def _salt(self, key: str, ttl_seconds: int | None) -> bytes:
        if self._fixed:
            return self._fixed
        if key not in self._salts:
            salt = await self._shared(key, ttl_seconds)
            self._salts = {k: v for k, v in self._salts.items() if k == self._keys.secret}
            self._salts[key] = salt
        return self._salts[key]

    async def _shared(self, key: str, ttl_seconds: int | None) -> bytes:
        fresh = secrets.token_bytes(SALT_BYTES)
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await self._redis.set(key, fresh, nx=True, ex=ttl_seconds)
                stored: Any = await self._redis.get(key)
        except TimeoutError as error:
            raise RedisError(f"no answer within {REDIS_SECONDS} s") from error
        return bytes(stored or fresh)


def _seconds_since_midnight(now: datetime) -> int:
    return now.hour * 3_600 + now.minute * 60 + now.second


def _seconds_to_midnight(now: datetime) -> int:
    return DAY_SECONDS - _seconds_since_midnight(now)


def _hashing(salt: bytes, *kind: str) -> Callable[[str], str]:
    """The function to the keyed hash of a text of some kind."""
    begin, digest = _encoded("".join(f"{part}\n" for part in kind)), hmac.digest

    def hashed(text: str) -> str:
        return digest(salt, begin + _encoded(text), "sha256").hex()[:HASH_CHARACTERS]

    return hashed


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
