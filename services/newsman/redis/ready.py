"""Readiness: asking Redis whether it is there."""

import redis.exceptions

from newsman.redis.client import build_impatient_client
from newsman.redis.servers.masters import ping
from newsman.runtime.health import Check


def redis_check(url: str) -> Check:
    """A check that fails unless Redis answers a PING within a second; of a cluster every master."""
    client = build_impatient_client(url)

    def check() -> str | None:
        try:
            ping(client)
        except redis.exceptions.RedisError as problem:
            return f"Redis does not answer: {problem}"
        return None

    return check
