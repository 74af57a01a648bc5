"""The bell that is rung wherever something was queued, so that the loops that send can wait."""

import asyncio
import logging
from collections.abc import Callable

import redis.asyncio
from redis.exceptions import RedisError

from newsman.redis.keys import DeliverKeys
from newsman.redis.patience import PATIENCE_SECONDS
from newsman.runtime.outage import Outage

log = logging.getLogger(__name__)

LISTEN_SECONDS = 5.0
"""Of one wait for a message; nothing follows from its end."""


class Bell:
    """Hears what every process queues, by Redis' publish and subscribe."""

    def __init__(
        self, client: "redis.asyncio.Redis", namespace: str, heard: Callable[[], None]
    ) -> None:
        """`heard` is called for each ring, and once it can be heard at all."""
        self._redis = client
        self._channel = DeliverKeys(namespace).bell
        self._heard = heard
        self._outage = Outage(log, "what is queued is looked for, since nothing tells of it")
        self.is_heard = False
        """False while a ring would be missed."""

    async def listen(self) -> None:
        """Listens without end; cancelled at the end of the process."""
        while True:
            try:
                # A cluster's client finds its nodes, and those that took over, by a command only.
                await self._redis.exists(self._channel)
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    while True:
                        # The first is the confirmation that the subscription has begun.
                        if await subscription.get_message(timeout=LISTEN_SECONDS):
                            self.is_heard = True
                            self._outage.over()
                            self._heard()
            except (RedisError, OSError) as problem:
                self.is_heard = False
                self._outage.failed(problem)
                await asyncio.sleep(PATIENCE_SECONDS)
