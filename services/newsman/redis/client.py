"""Builders of Newsman's Redis clients."""

import redis
import redis.asyncio
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry

from newsman.redis.quick_connection import QuickConnection

CONNECT_TIMEOUT_SECONDS = 3
ANSWER_TIMEOUT_SECONDS = 10
RETRIES = 3
IMPATIENT_SECONDS = 0.7
"""For answers about readiness, which are due within a second."""


def build_client(url: str) -> "redis.Redis":
    """A blocking client that answers bytes."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=ANSWER_TIMEOUT_SECONDS,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), RETRIES),
    )


def build_impatient_client(url: str) -> "redis.Redis":
    """A blocking client that gives up within a second, for questions that others wait for."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=IMPATIENT_SECONDS,
        socket_timeout=IMPATIENT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def build_async_client(url: str) -> "redis.asyncio.Redis":
    """An asyncio client that answers bytes."""
    return redis.asyncio.Redis.from_url(
        url,
        connection_class=QuickConnection,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=ANSWER_TIMEOUT_SECONDS,
    )


def build_pooled_async_client(url: str, *, connections: int) -> "redis.asyncio.Redis":
    """An asyncio client for many requests at once, which wait for one of its connections instead
    of failing; answers bytes."""
    pool: redis.asyncio.BlockingConnectionPool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=ANSWER_TIMEOUT_SECONDS,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=ANSWER_TIMEOUT_SECONDS,
    )
    return redis.asyncio.Redis.from_pool(pool)
