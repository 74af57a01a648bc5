"""Taking turns at the registry: one process at a time changes what all have read."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.exceptions import LockError, RedisError

from newsman.redis.keys import RegistryKeys
from newsman.subscribers.registry import Registry
from newsman_schemas.topics import SUBSCRIPTION_CHANGED, Topic

TURN_SECONDS = 30.0
"""A turn ends by itself after so long; writing takes ten seconds at most."""
WAIT_SECONDS = 5.0
NOTED_SECONDS = 60
"""By then every process has read it, or cannot write either."""


class TurnRefused(Exception):
    """It is somebody else's turn for too long, or Redis does not say whose."""


class RegistryTurns:
    """Turns of all processes of deliver, by a lock in Redis.

    Whoever has a turn has read what was written in the turns before.
    """

    def __init__(self, client: "redis.Redis", namespace: str, registry: Registry) -> None:
        self._redis = client
        self._keys = RegistryKeys(namespace)
        self._registry = registry

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A turn; raises TurnRefused."""
        lock = self._redis.lock(
            self._keys.lock, timeout=TURN_SECONDS, blocking_timeout=WAIT_SECONDS
        )
        try:
            if not lock.acquire():
                raise TurnRefused("others are changing subscriptions for too long")
            written = self._redis.get(self._keys.written)
        except RedisError as problem:
            raise TurnRefused(f"Redis does not say whose turn it is: {problem}") from problem
        try:
            offset = int(written or 0)
            if not self._registry.wait_for(SUBSCRIPTION_CHANGED, offset, seconds=WAIT_SECONDS):
                raise TurnRefused("what others changed has not been read yet")
            yield
        finally:
            self._end(lock)

    def note(self, topic: Topic, next_offset: int) -> None:
        """The offset behind what was written in this turn."""
        if topic is SUBSCRIPTION_CHANGED:
            try:
                self._redis.set(self._keys.written, next_offset, ex=NOTED_SECONDS)
            except RedisError as problem:
                raise TurnRefused(f"Redis does not take a note: {problem}") from problem

    def _end(self, lock: "redis.lock.Lock") -> None:
        try:
            lock.release()
        except (LockError, RedisError):
            # It ends by itself.
            return
