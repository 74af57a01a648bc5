"""Readiness: asking Redis whether it is there."""

from contextlib import closing

import redis.exceptions

from newsman.redis.client import build_impatient_client
from newsman.redis.servers.masters import ping
from newsman.runtime.health import Check

ANSWER_SECONDS = 3.0


def require_redis(url: str) -> None:
    """Raises RedisError unless it answers a PING soon; a patient client would wait most of a minute
    for one that hangs."""
    with closing(build_impatient_client(url, seconds=ANSWER_SECONDS)) as client:
        ping(client)


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
