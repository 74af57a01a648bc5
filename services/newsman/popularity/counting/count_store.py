"""Counts in Redis: what one partition's views add and its offset change in one step."""

from collections.abc import Callable, Mapping, Set
from importlib.resources import files

import redis

from newsman.kafka.offset_in_store import OffsetMoved
from newsman.popularity.counting.batch import CountedBatch
from newsman.popularity.counting.judging import CountedViews, Judged, PartitionState
from newsman.popularity.counting.script import Arguments, CountingScript
from newsman.redis.keys import RESET, PopularityKeys
from newsman_schemas.popularity import WINDOW_SECONDS

LAYOUT = "4"
BUDGET = 1_000
"""About so many rows one call writes, so that Redis is held for a millisecond or two."""
HALF_LIFE_SECONDS = 6 * 3_600
HOURS_AT_ONCE = 24
NOTHING = CountedViews(0, 0, 0)


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
        self._script = CountingScript(client)
        opening = files("newsman.popularity.counting") / "opening.lua"
        self._open = client.register_script(opening.read_text())
        longest_first = sorted(WINDOW_SECONDS.items(), key=lambda item: -item[1])
        self._windows = [part for name, s in longest_first for part in (name, s // 60)]
        rule = (LAYOUT, window_seconds, half_life_seconds, *WINDOW_SECONDS)
        self._rule = " ".join(map(str, rule))
        self._states: dict[int, PartitionState] = {}

    def offset(self, partition: int, *, version: int = 1) -> int | None:
        """The next offset to read in the log of a version, or None to begin at the beginning.

        Counts that were made under another view window, or that an operator wants
        recounted, are dropped here first.
        """
        keys = PopularityKeys(self._namespace, partition)
        arguments = [keys.prefix, self._rule, RESET, *WINDOW_SECONDS]
        state = self._states.pop(partition, None)
        while True:
            stored = self._open(keys=[keys.offset], args=arguments)
            first, second = (int(offset) if offset else None for offset in stored)
            if state is not None and state.offsets == {1: first, 2: second}:
                self._states[partition] = state
                return state.offsets[version]
            state = self._read(keys, first, second)

    def state(
        self, partition: int, expected: int | None, *, version: int = 1
    ) -> PartitionState | None:
        """Who has seen what of a partition up to an offset of a version's log; None if the stored
        one is another, as after a flush of Redis."""
        state = self._states.get(partition)
        if state is None or state.offsets[version] != expected:
            is_there = self.offset(partition, version=version) == expected
            return self._states[partition] if is_there else None
        return state

    def keep(self, partitions: Set[int]) -> None:
        """Frees the memory of all other partitions, which another process counts now."""
        self._states = {n: state for n, state in self._states.items() if n in partitions}

    def pairs(self, partition: int) -> int:
        """The number of pairs of article and reader in memory."""
        state = self._states.get(partition)
        return len(state.seen) if state else 0

    def waiting(self, partition: int) -> int:
        """The number of counted pieces that wait for their way into the rows."""
        state = self._states.get(partition)
        return state.waiting if state else 0

    def count(
        self,
        partition: int,
        batch: CountedBatch,
        *,
        expected: int | None,
        next_offset: int,
        clock_seconds: int,
        real_seconds: int | None = None,
        version: int = 1,
    ) -> CountedViews | OffsetMoved:
        """Counts the views that stand between two offsets of a partition, and moves it on.

        `clock_seconds` is the log's time, `real_seconds` the real one where that is later.
        """
        state = self.state(partition, expected, version=version)
        if state is None:
            return OffsetMoved()
        real = real_seconds or clock_seconds
        judged = state.judge(batch, clock_seconds=clock_seconds)
        end = self.begin(
            partition, judged, next_offset=next_offset, real_seconds=real, version=version
        )
        if not end():
            return OffsetMoved()
        while self.waiting(partition) and self.go_on(partition, real_seconds=real)():
            pass
        return judged.counted

    def begin(
        self,
        partition: int,
        judged: Judged,
        *,
        next_offset: int,
        real_seconds: int,
        version: int = 1,
    ) -> Callable[[], bool]:
        """Begins to write what was judged with the next offset of a version, in one step; the
        function that it answers waits for the end, and is False if a stored offset is another than
        it was.

        What is counted then may still wait for its way into the rows, as `waiting` says. Should
        the answer get lost, the function asks again, and finds the offset moved if the first time
        was not in vain.
        """
        state = self._states[partition]
        after = {**state.offsets, version: next_offset}
        arguments = self._arguments(partition, state, after, judged, real_seconds)
        state.offsets = after
        state.move(judged.clock_seconds)
        return self._step(partition, state, arguments)

    def go_on(self, partition: int, *, real_seconds: int) -> Callable[[], bool]:
        """Begins to put some of what waits into the rows, and to take off what has left the
        windows; False at the end if the stored offset is another than it was."""
        state = self._states[partition]
        log_seconds = state.told or real_seconds
        nothing = Judged(NOTHING, clock_seconds=log_seconds, first_second=log_seconds)
        arguments = self._arguments(partition, state, state.offsets, nothing, real_seconds)
        return self._step(partition, state, arguments)

    def advance(
        self, partition: int, *, expected: int | None, clock_seconds: int, version: int = 1
    ) -> bool:
        """Takes off what has left the windows by now; False if the stored offset is not the
        expected one."""
        state = self.state(partition, expected, version=version)
        if state is None:
            return False
        state.move(clock_seconds)
        while self.go_on(partition, real_seconds=clock_seconds)():
            if not state.waiting:
                return True
        return False

    def _read(self, keys: PopularityKeys, first: int | None, second: int | None) -> PartitionState:
        """The state in Redis, of which the offsets are to be compared once more."""
        log_seconds = self._redis.hget(keys.state, "told")
        state = PartitionState(
            offset=first,
            second_offset=second,
            told=None if log_seconds is None else int(log_seconds),
            view_window=self._window_seconds,
            half_life=self._half_life_seconds,
        )
        hours = sorted(map(int, self._redis.hkeys(keys.seen)))
        for start in range(0, len(hours), HOURS_AT_ONCE):
            some = hours[start : start + HOURS_AT_ONCE]
            for records in self._redis.mget([keys.seen_in(hour) for hour in some]):
                state.read(records or b"")  # type: ignore[arg-type]
        return state

    def _arguments(
        self,
        partition: int,
        state: PartitionState,
        after: Mapping[int, int | None],
        judged: Judged,
        real_seconds: int,
    ) -> Arguments:
        return [
            PopularityKeys(self._namespace, partition).prefix,
            self._rule,
            *(_told(offsets[version]) for version in (1, 2) for offsets in (state.offsets, after)),
            judged.clock_seconds,
            judged.first_second,
            real_seconds,
            BUDGET,
            self._half_life_seconds,
            state.kept_seconds,
            len(judged.journal),
            *(part for record in judged.journal.items() for part in record),
            len(judged.pieces),
            *judged.pieces,
            *self._windows,
        ]

    def _step(
        self, partition: int, state: PartitionState, arguments: Arguments
    ) -> Callable[[], bool]:
        answer = self._script.send(PopularityKeys(self._namespace, partition).offset, arguments)

        def end() -> bool:
            done, left = answer()
            state.waiting = left if done else 0
            if not done and self._states.get(partition) is state:
                del self._states[partition]
            return bool(done)

        return end


def _told(offset: int | None) -> str | int:
    return "" if offset is None else offset
