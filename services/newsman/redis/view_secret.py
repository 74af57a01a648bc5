"""The secret of view tokens, which ingest and feeds share through Redis or a setting."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from newsman.redis.keys import ReaderKeys
from newsman.web.view_tokens import ViewTokens

log = logging.getLogger(__name__)

SECRET_BYTES = 32
FRESH_SECONDS = 30.0
"""After a flush of Redis another secret holds everywhere within this time."""
REDIS_SECONDS = 0.8
SECRETS_KEPT = 2


class ViewSecret:
    """Reads the secret now and then; tokens under the one before it hold a while longer."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        namespace: str,
        fixed: str | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = client
        self._key = ReaderKeys(namespace).page_secret
        self._clock = clock
        self._read_at = clock()
        self._is_fixed = fixed is not None
        self._tokens = ViewTokens((fixed.encode(),)) if fixed else None

    async def tokens(self) -> ViewTokens:
        """The maker and judge of tokens; raises RedisError where no secret was ever read."""
        if self._tokens is None:
            self._tokens = ViewTokens((await self._stored(),))
            self._read_at = self._clock()
        elif not self._is_fixed and self._clock() - self._read_at >= FRESH_SECONDS:
            self._read_at = self._clock()
            self._tokens = await self._renewed(self._tokens)
        return self._tokens

    async def _renewed(self, tokens: ViewTokens) -> ViewTokens:
        try:
            secret = await self._stored()
        except RedisError as error:
            log.warning("the secret of view tokens was not read again: %s", error)
            return tokens
        others = [older for older in tokens.secrets if older != secret]
        return ViewTokens((secret, *others)[:SECRETS_KEPT])

    async def _stored(self) -> bytes:
        fresh = secrets.token_bytes(SECRET_BYTES)
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await self._redis.set(self._key, fresh, nx=True)
                stored: Any = await self._redis.get(self._key)
        except TimeoutError as error:
            raise RedisError(f"no answer within {REDIS_SECONDS} s") from error
        return bytes(stored or fresh)
