"""Readiness checks that every service shares: is the broker there, is Redis there."""

import socket

import redis.exceptions

from newsman.kafka.clients import brokers
from newsman.redis.client import build_client
from newsman.runtime.health import Check

CONNECT_TIMEOUT_SECONDS = 1.0


def kafka_check(bootstrap: str) -> Check:
    """Whether at least one of the brokers takes a connection."""

    def check() -> str | None:
        problems = [_connect(broker) for broker in brokers(bootstrap)]
        return None if None in problems else "; ".join(str(problem) for problem in problems)

    return check


def redis_check(url: str) -> Check:
    """Whether Redis answers a PING."""
    client = build_client(url)

    def check() -> str | None:
        try:
            client.ping()
        except redis.exceptions.RedisError as problem:
            return f"Redis does not answer: {problem}"
        return None

    return check


def _connect(broker: str) -> str | None:
    host, _, port = broker.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_TIMEOUT_SECONDS).close()
    except OSError as problem:
        return f"{broker} takes no connection: {problem}"
    return None
