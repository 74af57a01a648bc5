"""Builders of Newsman's Redis clients: of one server, of Sentinels' master, of a cluster.

A cluster's client is taken for one of a single server: it has the same commands, pipelines and
scripts, as long as what one script or transaction touches shares a hash tag.
"""

from typing import Any, cast

import redis
import redis.asyncio
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from newsman.redis.quick_connection import QuickConnection
from newsman.redis.servers.address import RedisAddress, RedisKind, address_of
from newsman.redis.servers.cluster import async_cluster, blocking_cluster

CONNECT_TIMEOUT_SECONDS = 3
ANSWER_TIMEOUT_SECONDS = 10
RETRIES = 3
IMPATIENT_SECONDS = 0.7
"""For answers about readiness, which are due within a second."""
_PATIENT: dict[str, Any] = {
    "socket_connect_timeout": CONNECT_TIMEOUT_SECONDS,
    "socket_timeout": ANSWER_TIMEOUT_SECONDS,
}


def build_client(url: str) -> "redis.Redis":
    """A blocking client that answers bytes."""
    retry = Retry(ExponentialBackoff(cap=1, base=0.05), RETRIES)
    return _blocking(url, **_PATIENT, retry=retry)


def build_impatient_client(url: str, *, seconds: float = IMPATIENT_SECONDS) -> "redis.Redis":
    """A blocking client that gives up at the first silence, for questions that others wait for."""
    return _blocking(
        url,
        socket_connect_timeout=seconds,
        socket_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )


def _blocking(url: str, **options: Any) -> "redis.Redis":
    address = address_of(url)
    if address.kind is RedisKind.CLUSTER:
        return cast("redis.Redis", blocking_cluster(address, **options))
    if address.kind is RedisKind.SENTINEL:
        timeouts = {name: options[name] for name in _PATIENT}
        sentinels: Any = Sentinel(  # type: ignore[no-untyped-call]
            address.servers, sentinel_kwargs={**address.sentinel_options, **timeouts}
        )
        return cast(
            "redis.Redis", sentinels.master_for(address.master, **address.options, **options)
        )
    return redis.Redis.from_url(url, **options)


def build_async_client(url: str) -> "redis.asyncio.Redis":
    """An asyncio client that answers bytes."""
    address = address_of(url)
    if address.kind is not RedisKind.SINGLE:
        return _async_of_several(address)
    return redis.asyncio.Redis.from_url(url, connection_class=QuickConnection, **_PATIENT)


def build_pooled_async_client(url: str, *, connections: int) -> "redis.asyncio.Redis":
    """An asyncio client for many requests at once, which wait for one of its connections instead
    of failing; answers bytes."""
    address = address_of(url)
    if address.kind is not RedisKind.SINGLE:
        return _async_of_several(address)
    pool: redis.asyncio.BlockingConnectionPool = redis.asyncio.BlockingConnectionPool.from_url(
        url, max_connections=connections, timeout=ANSWER_TIMEOUT_SECONDS, **_PATIENT
    )
    return redis.asyncio.Redis.from_pool(pool)


def _async_of_several(address: RedisAddress) -> "redis.asyncio.Redis":
    if address.kind is RedisKind.CLUSTER:
        return cast("redis.asyncio.Redis", async_cluster(address, **_PATIENT))
    sentinels: Any = redis.asyncio.Sentinel(  # type: ignore[no-untyped-call]
        address.servers, sentinel_kwargs={**address.sentinel_options, **_PATIENT}
    )
    return cast(
        "redis.asyncio.Redis",
        sentinels.master_for(address.master, **address.options, **_PATIENT),
    )
