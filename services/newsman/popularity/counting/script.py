"""The script that counts, sent to Redis without waiting for its answer."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import redis
from redis.exceptions import RedisError, ResponseError

PARTS = ("arguments.lua", "folding.lua", "advancing.lua", "counting.lua")
"""One script in four files, which share their locals; the last is what it does."""

Arguments = list[bytes | str | int]


class CountingScript:
    """The script of counting.lua."""

    def __init__(self, client: "redis.Redis | redis.RedisCluster") -> None:
        folder = files("newsman.popularity.counting")
        self._redis = client
        self._script = client.register_script("\n".join((folder / n).read_text() for n in PARTS))

    def send(self, offset_key: str, arguments: Arguments) -> Callable[[], list[int]]:
        """Sends it; the function that it answers waits for the answer, and asks again if that got
        lost."""
        sent = self._send(offset_key, arguments)

        def answer() -> list[int]:
            answered = self._receive(sent.pop()) if sent else None
            return answered or self._run(offset_key, arguments)

        return answer

    def _run(self, offset_key: str, arguments: Arguments) -> list[int]:
        answer: list[int] = self._script(keys=[offset_key], args=arguments)
        return answer

    def _send(self, offset_key: str, arguments: Arguments) -> list[Any]:
        """The connection on which the script was sent; none when that did not work."""
        if not isinstance(self._redis, redis.Redis):
            return []  # the cluster client chooses the node
        connection: Any = None
        try:
            connection = self._redis.connection_pool.get_connection()
            connection.send_command("EVALSHA", self._script.sha, 1, offset_key, *arguments)
        except RedisError:
            if connection is not None:
                self._redis.connection_pool.release(connection)
            return []
        return [connection]

    def _receive(self, connection: Any) -> list[int] | None:
        try:
            answer: list[int] = connection.read_response()
        except ResponseError:
            return None  # the server lost the script, or will repeat its error
        except RedisError:
            connection.disconnect()
            return None
        finally:
            assert isinstance(self._redis, redis.Redis)
            self._redis.connection_pool.release(connection)
        return answer
