"""Waiting for a Redis that is away; only for effects that may happen twice."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_SECONDS = 0.5


def patiently(effect: Callable[[], T]) -> T:
    """Repeats an effect until Redis has answered."""
    while True:
        try:
            return effect()
        except (RedisAway, RedisSlow) as problem:
            log.warning("Redis is away, trying again: %s", problem)
            time.sleep(PATIENCE_SECONDS)


async def patiently_async(effect: Callable[[], Awaitable[T]]) -> T:
    """The same without blocking the event loop."""
    while True:
        try:
            return await effect()
        except (RedisAway, RedisSlow) as problem:
            log.warning("Redis is away, trying again: %s", problem)
            await asyncio.sleep(PATIENCE_SECONDS)
