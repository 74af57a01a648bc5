"""Noticing that a consumer has stopped although its topic goes on.

After a rebalance Faust can stop fetching without saying so; only the broker's own end offsets
show it.
"""

from collections.abc import Hashable, Mapping


class Progress:
    """Compares what is finished with where the partitions end, over time."""

    def __init__(self, *, limit_seconds: float) -> None:
        self._limit_seconds = limit_seconds
        self._finished: dict[Hashable, int] = {}
        self._seen: dict[Hashable, int] = {}
        self._moved_at: float | None = None

    def reached(self, partition: Hashable, committed: int) -> int:
        """Everything of the partition before this offset is done, by this process or before it."""
        return max(self._finished.get(partition, 0), committed)

    def finish(self, partition: Hashable, next_offset: int) -> None:
        """Everything of the partition before this offset is done."""
        self._finished[partition] = next_offset

    def stalled_seconds(
        self, ends: Mapping[Hashable, int], committed: Mapping[Hashable, int], *, now: float
    ) -> float | None:
        """For how long nothing has moved although there is work, once that is too long.

        `committed` says where a partition began that has finished nothing yet; `now` is a
        monotonic time in seconds.
        """
        done = {part: self._finished.get(part, committed.get(part, 0)) for part in ends}
        idle = all(done[part] >= end for part, end in ends.items())
        if idle or done != self._seen or self._moved_at is None:
            self._seen, self._moved_at = done, now
            return None
        still = now - self._moved_at
        return still if still > self._limit_seconds else None
