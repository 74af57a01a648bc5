"""Waiting for a Redis that is away; only for effects that may happen twice."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisSlow

from newsman.runtime.outage import Outage

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_SECONDS = 0.5
AWAY = "Redis is away"
REFUSALS = ("MISCONF", "NOREPLICAS")
"""First words of answers of a server that takes no writes for a while: its disk is full, or too few
replicas are connected."""


def retry_while_redis_is_down(
    effect: Callable[[], T], waiting: Callable[[], None] = lambda: None
) -> T:
    """Repeats an effect until Redis has answered; `waiting` is called before each repetition."""
    outage = Outage(log, AWAY)
    while True:
        try:
            result = effect()
        except RedisError as problem:
            if not _is_away(problem):
                raise
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
        except RedisError as problem:
            if not _is_away(problem):
                raise
            outage.failed(problem)
            await asyncio.sleep(PATIENCE_SECONDS)
        else:
            outage.over()
            return result


def _is_away(problem: RedisError) -> bool:
    if isinstance(problem, ResponseError):
        # A pipeline puts the command before what the server said, one of asyncio a tuple of it.
        said = str(problem).rpartition(" caused error: ")[2].lstrip("('\"")
        return isinstance(problem, OutOfMemoryError) or said.startswith(REFUSALS)
    return isinstance(problem, (RedisAway, RedisSlow))
