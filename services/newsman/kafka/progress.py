"""Noticing that a consumer has stopped although its topic goes on.

After a rebalance Faust can stop fetching without saying so; only the broker's own end offsets
show it.
"""

from collections.abc import Hashable, Iterable, Mapping


class Progress:
    """Compares what is finished with where the partitions end, over time."""

    def __init__(self, *, limit_seconds: float) -> None:
        self._limit_seconds = limit_seconds
        self._begun: dict[Hashable, int] = {}
        self._finished: dict[Hashable, int] = {}
        self._seen: dict[Hashable, int] = {}
        self._moved_at: float | None = None

    def begin(self, partition: Hashable, offset: int) -> None:
        """The event at this offset is taken up."""
        self._begun.setdefault(partition, offset)

    def reached(self, partition: Hashable, position: int) -> int:
        """Everything of the partition before this offset is done; `position` is where reading
        stands, which is all there is to go by before the first event is taken up."""
        return self._finished.get(partition, self._begun.get(partition, position))

    def forget(self, partitions: Iterable[Hashable]) -> None:
        """The partitions are somebody else's from now on."""
        for partition in partitions:
            self._begun.pop(partition, None)
            self._finished.pop(partition, None)

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
