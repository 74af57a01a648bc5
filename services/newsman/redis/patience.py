"""Waiting for a Redis that is away; only for effects that may happen twice."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow

from newsman.runtime.outage import Outage

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_SECONDS = 0.5
AWAY = "Redis is away"


def retry_while_redis_is_down(
    effect: Callable[[], T], waiting: Callable[[], None] = lambda: None
) -> T:
    """Repeats an effect until Redis has answered; `waiting` is called before each repetition."""
    outage = Outage(log, AWAY)
    while True:
        try:
            result = effect()
        except (RedisAway, RedisSlow) as problem:
            outage.failed(problem)
            waiting()
            time.sleep(PATIENCE_SECONDS)
        else:
            outage.over()
            return result


async def retry_async_while_redis_is_down(effect: Callable[[], Awaitable[T]]) -> T:
    """Repeats an effect until Redis has answered, without blocking the event loop."""
    outage = Outage(log, AWAY)
    while True:
        try:
            result = await effect()
        except (RedisAway, RedisSlow) as problem:
            outage.failed(problem)
            await asyncio.sleep(PATIENCE_SECONDS)
        else:
            outage.over()
            return result
