"""Counts of addresses that the processes of ingest share through Redis, some times a second.

A view is judged by what this process knows, without asking anybody; so of an address that all
processes hear of at once a few more count than its bound says: what comes within an interval.
"""

import asyncio
import hashlib
import logging
from datetime import UTC, datetime

import redis.asyncio
from redis.exceptions import RedisError

from newsman.ingest.views.windowed_counts import WindowedCounts
from newsman.redis.keys import IngestKeys
from newsman.redis.view_secret import ViewSecret

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.2
KEPT_SECONDS = 150
SHARED_FROM = 20
"""An address is shared once it has had so many views in a minute here: few ever do."""


class SharedAddresses:
    """Adds what was counted here to Redis, and learns what was counted elsewhere."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        namespace: str,
        tallies: WindowedCounts,
        secret: ViewSecret,
    ) -> None:
        self._redis = client
        self._keys = IngestKeys(namespace)
        self._tallies = tallies
        self._secret = secret
        self._window = 0
        self._told: dict[str, int] = {}
        """What of each key stands in Redis from here."""

    async def run(self) -> None:
        """Shares for ever; while Redis is away each process counts alone."""
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            try:
                await self.share(now=datetime.now(UTC))
            except RedisError as error:
                log.debug("counts of addresses were not shared: %s", error)

    async def share(self, *, now: datetime) -> None:
        """One exchange of the current minute's counts."""
        self._tallies.move_to(now)
        window = self._tallies.window
        if window != self._window:
            self._window, self._told = window, {}
        counts = self._tallies.at_least(SHARED_FROM)
        if not counts:
            return
        # Redis holds an address only as a keyed hash.
        secret = (await self._secret.tokens()).secrets[0]
        key = self._keys.addresses(window)
        async with self._redis.pipeline(transaction=False) as pipe:
            for address, count in counts.items():
                pipe.hincrby(key, _hashed(secret, address), count - self._told.get(address, 0))
            pipe.expire(key, KEPT_SECONDS)
            totals = (await pipe.execute())[:-1]
        self._told.update(counts)
        pairs = zip(counts.items(), totals, strict=True)
        elsewhere = {address: int(total) - count for (address, count), total in pairs}
        self._tallies.learn(window, elsewhere)


def _hashed(secret: bytes, address: str) -> bytes:
    return hashlib.blake2b(address.encode(), key=secret[:64], digest_size=9).digest()
