"""Clients of a Redis Cluster that are made like any other, and whose trouble is Redis' trouble.

redis-py's client of a cluster connects while it is made, and says of a cluster that is away or
without a master what no other client says. Here it connects when it is first asked for something,
and whatever passes by itself is a ConnectionError, as of a single server.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import redis
import redis.asyncio
from redis.asyncio.cluster import ClusterNode as AsyncClusterNode
from redis.asyncio.cluster import ClusterPipeline as AsyncClusterPipeline
from redis.cluster import ClusterNode, ClusterPipeline
from redis.exceptions import (
    AskError,
    ClusterError,
    MovedError,
    RedisClusterException,
    SlotNotCoveredError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisAway

from newsman.redis.servers.address import RedisAddress

MOST_CONNECTIONS = 10_000
"""To each node; a client that has as many fails instead of waiting for one."""
PASSING = (ClusterError, SlotNotCoveredError, AskError, MovedError, TryAgainError)
"""Errors of a cluster while another node becomes a master, or slots move."""
NOT_WHOLE = ("Redis Cluster cannot be connected", "All slots are not", "startup_nodes could")
"""Beginnings of the others, which redis-py does not tell from a command that no node can run."""


@contextmanager
def _as_of_one_server() -> Iterator[None]:
    try:
        yield
    except PASSING as problem:
        raise RedisAway(f"the cluster is not whole: {problem}") from problem
    except RedisClusterException as problem:
        if str(problem).startswith(NOT_WHOLE):
            raise RedisAway(f"the cluster is not whole: {problem}") from problem
        raise


class LateCluster(redis.RedisCluster):
    """A blocking client that connects when it is first asked for something."""

    def __init__(self, **options: Any) -> None:
        self._late_options = options
        self._late_lock = threading.RLock()
        self._is_opening = False
        self._is_open = False

    def __getattr__(self, name: str) -> Any:
        # Comes here for what is only there once the client is open.
        if name.startswith(("__", "_late", "_is_open")) or self._is_open:
            raise AttributeError(name)
        with self._late_lock:
            if self._is_opening:
                raise AttributeError(name)
            if not self._is_open:
                self._open()
        return getattr(self, name)

    def _open(self) -> None:
        self._is_opening = True
        try:
            with _as_of_one_server():
                super().__init__(**self._late_options)
            self._is_open = True
        finally:
            self._is_opening = False

    def execute_command(self, *args: Any, **named: Any) -> Any:
        """As redis-py has it; raises ConnectionError while the cluster is not whole."""
        with _as_of_one_server():
            return super().execute_command(*args, **named)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> Any:
        """As redis-py has it."""
        made: Any = super().pipeline(transaction, shard_hint)  # type: ignore[no-untyped-call]
        made.__class__ = PlainPipeline
        return made

    def close(self) -> None:
        """Closes what was opened."""
        if self._is_open:
            super().close()


class PlainPipeline(ClusterPipeline):
    """A pipeline whose commands go to the nodes that have their keys."""

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002
        """As redis-py has it; raises ConnectionError while the cluster is not whole."""
        with _as_of_one_server():
            answers: list[Any] = super().execute(raise_on_error)
            return answers


class AsyncCluster(redis.asyncio.RedisCluster):
    """An asyncio client; redis-py's connects late by itself."""

    async def initialize(self, *args: Any, **named: Any) -> Self:
        """As redis-py has it, before the first command; raises ConnectionError likewise."""
        with _as_of_one_server():
            await super().initialize(*args, **named)
        return self

    async def execute_command(self, *args: Any, **named: Any) -> Any:
        """As redis-py has it; raises ConnectionError while the cluster is not whole."""
        with _as_of_one_server():
            return await super().execute_command(*args, **named)

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> Any:
        """As redis-py has it."""
        made: Any = super().pipeline(transaction, shard_hint)
        made.__class__ = AsyncPlainPipeline
        return made


class AsyncPlainPipeline(AsyncClusterPipeline):
    """A pipeline whose commands go to the nodes that have their keys."""

    async def execute(
        self,
        raise_on_error: bool = True,  # noqa: FBT001, FBT002
        allow_redirections: bool = True,  # noqa: FBT001, FBT002
    ) -> list[Any]:
        """As redis-py has it; raises ConnectionError while the cluster is not whole."""
        with _as_of_one_server():
            answers: list[Any] = await super().execute(raise_on_error, allow_redirections)
            return answers


def blocking_cluster(address: RedisAddress, **options: Any) -> LateCluster:
    """A client of the cluster."""
    nodes = [ClusterNode(*server) for server in address.servers]  # type: ignore[no-untyped-call]
    return LateCluster(startup_nodes=nodes, **address.options, **options)


def async_cluster(address: RedisAddress, **options: Any) -> AsyncCluster:
    """An asyncio client of the cluster."""
    nodes = [AsyncClusterNode(host, port, **address.options) for host, port in address.servers]
    return AsyncCluster(
        startup_nodes=nodes, max_connections=MOST_CONNECTIONS, **address.options, **options
    )
