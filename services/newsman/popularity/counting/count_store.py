"""Counts in Redis: what one partition's views add and its offset change in one step."""

from collections.abc import Callable, Set
from importlib.resources import files
from typing import Any

import redis
from redis.exceptions import RedisError, ResponseError

from newsman.kafka.offset_in_store import OffsetMoved
from newsman.popularity.counting.batch import Batch
from newsman.popularity.counting.partition_state import CountedViews, Judged, PartitionState
from newsman.redis.keys import RESET, PopularityKeys
from newsman_schemas.popularity import WINDOW_SECONDS

LAYOUT = "4"
BUDGET = 1_000
"""About so many rows one call writes, so that Redis is held for a millisecond or two."""
HALF_LIFE_SECONDS = 6 * 3_600
HOURS_AT_ONCE = 24
SCRIPTS = ("counting.lua", "folding.lua", "advancing.lua")
NOTHING = Judged(CountedViews(0, 0, 0), {}, [])

Arguments = list[bytes | str | int]


class CountStore:
    """The counts of every partition; the view window is part of what they mean.

    Who has seen what is kept in memory too: as long as the offset in Redis is the one that was put
    there from here, it is what Redis has. When it is another, it is read from Redis again.
    """

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
        folder = files("newsman.popularity.counting")
        self._count = client.register_script("\n".join((folder / n).read_text() for n in SCRIPTS))
        self._open = client.register_script((folder / "opening.lua").read_text())
        longest_first = sorted(WINDOW_SECONDS.items(), key=lambda item: -item[1])
        self._windows = [part for name, s in longest_first for part in (name, s // 60)]
        rule = (LAYOUT, window_seconds, half_life_seconds, *WINDOW_SECONDS)
        self._rule = " ".join(map(str, rule))
        self._tallies: dict[int, PartitionState] = {}

    def offset(self, partition: int) -> int | None:
        """The next offset to read, or None to begin at the beginning.

        Counts that were made under another view window, or that an operator wants
        recounted, are dropped here first.
        """
        keys = PopularityKeys(self._namespace, partition)
        arguments = [keys.prefix, self._rule, RESET, *WINDOW_SECONDS]
        tally = self._tallies.pop(partition, None)
        while True:
            stored = self._open(keys=[keys.offset], args=arguments)
            offset = int(stored) if stored else None
            if tally is not None and tally.offset == offset:
                self._tallies[partition] = tally
                return offset
            tally = self._read(keys, offset)

    def keep(self, partitions: Set[int]) -> None:
        """Frees the memory of all other partitions, which another process counts now."""
        self._tallies = {n: tally for n, tally in self._tallies.items() if n in partitions}

    def pairs(self, partition: int) -> int:
        """The number of pairs of article and reader in memory."""
        tally = self._tallies.get(partition)
        return len(tally.seen) if tally else 0

    def waiting(self, partition: int) -> int:
        """The number of counted pieces that wait for their way into the rows."""
        tally = self._tallies.get(partition)
        return tally.waiting if tally else 0

    def count(
        self,
        partition: int,
        batch: Batch,
        *,
        expected: int | None,
        next_offset: int,
        clock_seconds: int,
        real_seconds: int | None = None,
    ) -> CountedViews | OffsetMoved:
        """Counts the views that stand between two offsets of a partition, and moves it on.

        `clock_seconds` is the log's time, `real_seconds` the real one where that is later.
        """
        real = real_seconds or clock_seconds
        result = self.begin(
            partition,
            batch,
            expected=expected,
            next_offset=next_offset,
            clock_seconds=clock_seconds,
            real_seconds=real,
        )()
        while self.waiting(partition) and self.go_on(partition, real_seconds=real)():
            pass
        return result

    def begin(
        self,
        partition: int,
        batch: Batch,
        *,
        expected: int | None,
        next_offset: int,
        clock_seconds: int,
        real_seconds: int,
    ) -> Callable[[], CountedViews | OffsetMoved]:
        """Begins the same; the function that it answers waits for the end.

        What is counted then may still wait for its way into the rows, as `waiting` says. Should
        the answer get lost, the function asks again, and finds the offset moved if the first time
        was not in vain.
        """
        tally = self._tally(partition, expected)
        if tally is None:
            return OffsetMoved
        judged = tally.judge(batch, clock_seconds=clock_seconds, half_life=self._half_life_seconds)
        clocks = clock_seconds, batch.first_second(clock_seconds), real_seconds
        arguments = self._arguments(partition, tally, next_offset, clocks, judged)
        tally.move(next_offset, clock_seconds)
        end = self._step(partition, tally, arguments)
        return lambda: judged.counted if end() else OffsetMoved()

    def go_on(self, partition: int, *, real_seconds: int) -> Callable[[], bool]:
        """Begins to put some of what waits into the rows, and to take off what has left the
        windows; False at the end if the stored offset is another than it was."""
        tally = self._tallies[partition]
        log_seconds = tally.told or real_seconds
        clocks = log_seconds, log_seconds, real_seconds
        arguments = self._arguments(partition, tally, tally.offset, clocks, NOTHING)
        return self._step(partition, tally, arguments)

    def advance(self, partition: int, *, expected: int | None, clock_seconds: int) -> bool:
        """Takes off what has left the windows by now.

        False when the stored offset is not the expected one, as after a flush of Redis.
        """
        tally = self._tally(partition, expected)
        if tally is None:
            return False
        tally.move(expected, clock_seconds)
        while self.go_on(partition, real_seconds=clock_seconds)():
            if not tally.waiting:
                return True
        return False

    def _tally(self, partition: int, expected: int | None) -> PartitionState | None:
        """The state of a partition if its offset is the expected one."""
        tally = self._tallies.get(partition)
        if tally is None or tally.offset != expected:
            return self._tallies[partition] if self.offset(partition) == expected else None
        return tally

    def _read(self, keys: PopularityKeys, offset: int | None) -> PartitionState:
        """The state in Redis, of which the offset is to be compared once more."""
        log_seconds = self._redis.hget(keys.state, "told")
        tally = PartitionState(
            offset=offset,
            told=None if log_seconds is None else int(log_seconds),
            view_window=self._window_seconds,
        )
        hours = sorted(map(int, self._redis.hkeys(keys.seen)))
        for start in range(0, len(hours), HOURS_AT_ONCE):
            some = hours[start : start + HOURS_AT_ONCE]
            for records in self._redis.mget([keys.seen_in(hour) for hour in some]):
                tally.read(records or b"")  # type: ignore[arg-type]
        return tally

    def _arguments(
        self,
        partition: int,
        tally: PartitionState,
        next_offset: int | None,
        clocks: tuple[int, int, int],
        judged: Judged,
    ) -> Arguments:
        return [
            PopularityKeys(self._namespace, partition).prefix,
            self._rule,
            "" if tally.offset is None else tally.offset,
            "" if next_offset is None else next_offset,
            *clocks,
            BUDGET,
            self._half_life_seconds,
            tally.kept_seconds,
            len(judged.journal),
            *(part for record in judged.journal.items() for part in record),
            len(judged.pieces),
            *judged.pieces,
            *self._windows,
        ]

    def _step(
        self, partition: int, tally: PartitionState, arguments: Arguments
    ) -> Callable[[], bool]:
        sent = self._send(partition, arguments)

        def end() -> bool:
            answer = self._receive(sent.pop()) if sent else None
            done, left = answer or self._run(partition, arguments)
            tally.waiting = left if done else 0
            if not done and self._tallies.get(partition) is tally:
                del self._tallies[partition]
            return bool(done)

        return end

    def _run(self, partition: int, arguments: Arguments) -> list[int]:
        offset = PopularityKeys(self._namespace, partition).offset
        answer: list[int] = self._count(keys=[offset], args=arguments)
        return answer

    def _send(self, partition: int, arguments: Arguments) -> list[Any]:
        """The connection on which the script was sent; none when that did not work."""
        if not isinstance(self._redis, redis.Redis):
            return []  # the cluster client chooses the node
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
            return None  # the server lost the script, or will repeat its error
        except RedisError:
            connection.disconnect()
            return None
        finally:
            assert isinstance(self._redis, redis.Redis)
            self._redis.connection_pool.release(connection)
        return answer
