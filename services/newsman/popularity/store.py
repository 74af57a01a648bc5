"""Counts in Redis: one partition's views, readers, windows and offset change in one step."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import redis
from redis.exceptions import RedisError, ResponseError

from newsman.popularity.core import Batch
from newsman.redis.keys import RESET, PopularityKeys
from newsman_schemas.popularity import WINDOW_SECONDS

LAYOUT = "3"
COUNT_BUDGET, ADVANCE_BUDGET = 3_000, 5_000
"""Most rows that one call takes off the windows, so that Redis is never held for long."""
HALF_LIFE_SECONDS = 6 * 3_600


@dataclass(frozen=True)
class Counted:
    """What became of a run of views; `past`: out of every window by now."""

    counted: int
    duplicates: int
    past: int


@dataclass(frozen=True)
class Moved:
    """The stored offset is not the expected one: go on from `CountStore.offset`."""


class CountStore:
    """The counts of every partition; the view window is part of what they mean."""

    def __init__(
        self,
        client: "redis.Redis | redis.RedisCluster",
        namespace: str,
        *,
        window_seconds: int,
        half_life_seconds: int = HALF_LIFE_SECONDS,
    ) -> None:
        self._redis = client
        self._namespace = namespace
        self._window_seconds = window_seconds
        self._half_life_seconds = half_life_seconds
        scripts = files("newsman.popularity")
        halves = ((scripts / name).read_text() for name in ("counting.lua", "advancing.lua"))
        self._count = client.register_script("\n".join(halves))
        self._open = client.register_script((scripts / "opening.lua").read_text())
        longest_first = sorted(WINDOW_SECONDS.items(), key=lambda item: -item[1])
        self._windows = [part for name, s in longest_first for part in (name, s // 60)]
        rule = (LAYOUT, window_seconds, half_life_seconds, *WINDOW_SECONDS)
        self._rule = " ".join(map(str, rule))

    def offset(self, partition: int) -> int | None:
        """The next offset to read, or None to begin at the beginning.

        Counts that were made under another view window, or that an operator wants
        recounted, are dropped here first.
        """
        keys = PopularityKeys(self._namespace, partition)
        stored = self._open(keys=[keys.offset], args=[keys.prefix, self._rule, RESET])
        return int(stored) if stored else None

    def count(
        self,
        partition: int,
        batch: Batch,
        *,
        expected: int | None,
        next_offset: int,
        clock_seconds: int,
        real_seconds: int | None = None,
    ) -> Counted | Moved:
        """Counts the views that stand between two offsets of a partition, and moves it on.

        `clock_seconds` is the log's time, `real_seconds` the real one where that is later.
        """
        clocks = clock_seconds, real_seconds or clock_seconds
        arguments = self._arguments(partition, batch, expected, next_offset, clocks, COUNT_BUDGET)
        return _counted(self._run(partition, arguments))

    def begin(
        self,
        partition: int,
        batch: Batch,
        *,
        expected: int | None,
        next_offset: int,
        clock_seconds: int,
        real_seconds: int | None = None,
    ) -> Callable[[], Counted | Moved]:
        """Begins the same; the function that it answers waits for the end.

        Should the answer get lost, that function counts again, which finds the offset moved if
        the first time was not in vain.
        """
        clocks = clock_seconds, real_seconds or clock_seconds
        arguments = self._arguments(partition, batch, expected, next_offset, clocks, COUNT_BUDGET)
        sent = self._send(partition, arguments)

        def end() -> Counted | Moved:
            answer = self._receive(sent.pop()) if sent else None
            return _counted(answer or self._run(partition, arguments))

        return end

    def advance(self, partition: int, *, expected: int | None, clock_seconds: int) -> bool:
        """Takes off what has left the windows by now.

        False when the stored offset is not the expected one, as after a flush of Redis.
        """
        clocks = clock_seconds, clock_seconds
        arguments = self._arguments(partition, Batch(), expected, expected, clocks, ADVANCE_BUDGET)
        while True:
            done, *rest = self._run(partition, arguments)
            if not done or not rest[3]:
                return bool(done)

    def _arguments(
        self,
        partition: int,
        batch: Batch,
        expected: int | None,
        next_offset: int | None,
        clocks: tuple[int, int],
        budget: int,
    ) -> list[bytes | str | int]:
        return [
            PopularityKeys(self._namespace, partition).prefix,
            "" if expected is None else expected,
            "" if next_offset is None else next_offset,
            self._window_seconds,
            clocks[0],
            budget,
            batch.articles,
            batch.views,
            batch.resends,
            batch.filtered,
            batch.attention,
            self._half_life_seconds,
            clocks[1],
            *self._windows,
        ]

    def _run(self, partition: int, arguments: list[bytes | str | int]) -> list[int]:
        offset = PopularityKeys(self._namespace, partition).offset
        answer: list[int] = self._count(keys=[offset], args=arguments)
        return answer

    def _send(self, partition: int, arguments: list[bytes | str | int]) -> list[Any]:
        """The connection on which the script was sent; none when that did not work."""
        if not isinstance(self._redis, redis.Redis):
            return []  # which node it would be is the cluster client's own business
        offset = PopularityKeys(self._namespace, partition).offset
        connection: Any = None
        try:
            connection = self._redis.connection_pool.get_connection()
            connection.send_command("EVALSHA", self._count.sha, 1, offset, *arguments)
        except RedisError:
            if connection is not None:
                self._redis.connection_pool.release(connection)
            return []
        return [connection]

    def _receive(self, connection: Any) -> list[int] | None:
        try:
            answer: list[int] = connection.read_response()
        except ResponseError:
            return None  # the server has lost the script, or has a complaint that it will repeat
        except RedisError:
            connection.disconnect()
            return None
        finally:
            assert isinstance(self._redis, redis.Redis)
            self._redis.connection_pool.release(connection)
        return answer


def _counted(answer: list[int]) -> Counted | Moved:
    done, *rest = answer
    return Counted(*rest[:3]) if done else Moved()
