"""Asking every master that holds a part of the keys."""

from collections.abc import Mapping
from typing import Any

import redis


def ping(client: "redis.Redis | redis.RedisCluster") -> None:
    """Returns once every master has answered; raises RedisError."""
    if isinstance(client, redis.RedisCluster):
        client.ping(target_nodes=redis.RedisCluster.PRIMARIES)
    else:
        client.ping()


def told_by_each(client: "redis.Redis | redis.RedisCluster") -> dict[str, Mapping[str, Any]]:
    """All of INFO by the address of each master; of a single server under no address."""
    if not isinstance(client, redis.RedisCluster):
        return {"": client.info("all")}
    cluster: Any = client
    told = {
        node.name: cluster.info("all", target_nodes=node)
        for node in sorted(cluster.get_primaries(), key=lambda node: node.name)
    }
    return {name: each.get(name, each) for name, each in told.items()}


def time_of(client: "redis.Redis | redis.RedisCluster") -> float:
    """The clock of one of the servers, in Unix seconds."""
    cluster: Any = client
    if isinstance(client, redis.RedisCluster):
        told = cluster.time(target_nodes=redis.RedisCluster.RANDOM)
    else:
        told = client.time()
    seconds, microseconds = next(iter(told.values())) if isinstance(told, dict) else told
    return float(seconds) + float(microseconds) / 1_000_000
