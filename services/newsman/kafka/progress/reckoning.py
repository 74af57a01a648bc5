"""Progress of a consumer, per partition: what may come next, what is finished, what stands still.

An offset counts as finished when everything before it is, by this reckoning alone. A partition
is reckoned from the offset that was committed when it was assigned; whoever loses it forgets all
of that, and begins again at what is committed by then.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)
"""A partition: `(topic, number)` as both client libraries name it, or any name of the caller."""

UNREADY_SECONDS = 20.0
"""A partition that has stood still for so long is a problem of readiness."""


class EventGap(Exception):
    """Events of a partition are missing between the last one that came and this one."""


class OutOfOrder(Exception):
    """An event was said to be finished before the one that stands before it."""


@dataclass
class PartitionPlace:
    """A member's place in a partition, from its assignment until it is lost."""

    expected: int
    finished: int
    committed: int
    is_held: bool = True
    _skips: dict[int, int] = field(default_factory=dict)

    def enter(self, offset: int) -> bool:
        """True for the event that comes next, False for one that is in work or done already.

        Raises Gap when events before it have not come.
        """
        if offset > self.expected:
            raise EventGap(f"offset {offset} came where {self.expected} was expected")
        if offset < self.expected:
            return False
        self.expected = offset + 1
        return True

    def skip_to(self, offset: int) -> None:
        """Leaves out what the log no longer holds; the offset is where the log begins."""
        if offset > self.expected:
            self._skips[self.expected] = offset
            self.expected = offset

    def finish(self, offset: int) -> None:
        """The event at the offset is finished; raises OutOfOrder when it is not the next one."""
        if offset < self.finished:
            return
        self.finished = self._skips.pop(self.finished, self.finished)
        if offset != self.finished:
            raise OutOfOrder(f"offset {offset} is finished, but {self.finished} is not")
        self.finished = offset + 1


@dataclass(frozen=True)
class StandingPartition(Generic[P]):
    """A partition that holds work of which nothing is finished; `waiting` is None if unknown."""

    partition: P
    seconds: float
    finished: int | None
    waiting: int | None

    def __str__(self) -> str:
        where = "without a place in it" if self.finished is None else f"at offset {self.finished}"
        count = "an unknown number of" if self.waiting is None else str(self.waiting)
        return (
            f"{partition_name(self.partition)} has stood still for {self.seconds:.0f} s "
            f"{where}; {count} messages wait"
        )


class ConsumerProgress(Generic[P]):
    """The places of one consumer, and since when each of its partitions has stood still.

    To be changed from one thread; `problem` may be asked from any.
    """

    def __init__(self, *, limit_seconds: float) -> None:
        self._limit_seconds = limit_seconds
        self._places: dict[P, PartitionPlace] = {}
        self._furthest: dict[P, int | None] = {}
        self._moved_at: dict[P, float] = {}
        self._standing: tuple[StandingPartition[P], ...] = ()

    def assign(self, partition: P, committed: int) -> PartitionPlace:
        """Begins at the committed offset (0 if there is none); forgets what was before."""
        self.forget(partition)
        place = self._places[partition] = PartitionPlace(committed, committed, committed)
        return place

    def forget(self, partition: P) -> None:
        """Gives the place up: nothing that came under it counts any more."""
        place = self._places.pop(partition, None)
        if place:
            place.is_held = False

    def forget_all(self) -> None:
        """Gives up every place."""
        for partition in tuple(self._places):
            self.forget(partition)

    def place(self, partition: P) -> PartitionPlace | None:
        """The place that is held in the partition."""
        return self._places.get(partition)

    def finish_before(self, partition: P, next_offset: int) -> None:
        """Everything of the partition before the offset is finished, as the caller knows."""
        place = self._places[partition]
        place.finished = max(place.finished, next_offset)
        place.expected = max(place.expected, place.finished)

    def finished(self, partition: P) -> int | None:
        """Everything of the partition before this offset is finished; None without a place."""
        place = self._places.get(partition)
        return place.finished if place else None

    def look(self, ends: Mapping[P, int], *, now: float) -> tuple[StandingPartition[P], ...]:
        """The partitions that hold work and since when nothing of it was finished.

        `ends` are the ends of the log of every assigned partition; `now` is a monotonic time in
        seconds. What one partition finishes says nothing of another, and going through again
        what was finished before is no progress.
        """
        for partition in self._moved_at.keys() - ends.keys():
            del self._moved_at[partition], self._furthest[partition]
        looks = (self._look_at(partition, end, now) for partition, end in ends.items())
        self._standing = tuple(standing for standing in looks if standing)
        return self._standing

    def _look_at(self, partition: P, end: int, now: float) -> StandingPartition[P] | None:
        done = self.finished(partition)
        furthest = self._furthest.get(partition)
        if done is not None and (furthest is None or done > furthest):
            self._furthest[partition] = done
            self._moved_at[partition] = now
        is_idle = done is not None and done >= end
        if is_idle or partition not in self._moved_at:
            self._furthest.setdefault(partition, done)
            self._moved_at[partition] = now
        seconds = now - self._moved_at[partition]
        if is_idle:
            return None
        return StandingPartition(partition, seconds, done, None if done is None else end - done)

    def stalled(self) -> StandingPartition[P] | None:
        """The partition that has stood still for the longest, once that is beyond the limit."""
        longest = max(self._standing, key=lambda part: part.seconds, default=None)
        return longest if longest and longest.seconds > self._limit_seconds else None

    def problem(self) -> str | None:
        """Names the partitions that stand still, before they are beyond the limit."""
        standing = [str(part) for part in self._standing if part.seconds > UNREADY_SECONDS]
        return "; ".join(standing) or None


def partition_name(partition: Hashable) -> str:
    """`topic[number]` of a partition as the client libraries have it."""
    if isinstance(partition, tuple) and len(partition) == 2:
        return f"{partition[0]}[{partition[1]}]"
    return str(partition)
