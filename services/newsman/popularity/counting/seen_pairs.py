"""Pairs of reader and article that have counted, with their times: compact, in memory, no I/O.

An open-addressing table in arrays of numpy, so that a run of thousands of views is looked up in a
few steps, and a pair of article and reader takes about 30 bytes instead of 200.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.uint64]
"""Fingerprints of article and reader, never 0."""
Seconds = NDArray[np.int64]
"""Seconds since 1970, never 0."""
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]
Refused = Callable[[Pairs, Seconds], Mask]
"""Which views may not count, by what has counted so far."""

SMALLEST = 1 << 10
MOST_FULL, WORTHWHILE = 0.6, 0.9
END = -1


@dataclass(frozen=True)
class PairVerdicts:
    """The outcome of a run of views, by the place of each in the run.

    `late` are those that count while a later one of the same reader counted before; `left` is the
    second of the view in whose stead a counted one makes a reader, 0 where there is none.
    """

    counted: Mask
    late: Mask
    left: Seconds


class SeenPairs:
    """The times at which each pair has counted.

    A view counts if no counted one of its pair is less than `view_window` seconds away; none is
    kept for that which lies more than `near` seconds before the pair's last.
    """

    def __init__(self, *, view_window: int, near: int) -> None:
        self._view_window = view_window
        self._near = near
        self._size = 0
        self._pairs: Pairs = np.zeros(SMALLEST, np.uint64)
        self._last: NDArray[np.uint32] = np.zeros(SMALLEST, np.uint32)
        # Earlier times of a pair form a chain through two append-only arrays.
        self._chain: NDArray[np.int32] = np.full(SMALLEST, END, np.int32)
        self._links = 0
        self._link_time: NDArray[np.uint32] = np.zeros(SMALLEST, np.uint32)
        self._link_next: NDArray[np.int32] = np.zeros(SMALLEST, np.int32)

    def __len__(self) -> int:
        return self._size

    @property
    def nbytes(self) -> int:
        """Bytes of memory in all."""
        arrays = (self._pairs, self._last, self._chain, self._link_time, self._link_next)
        return sum(array.nbytes for array in arrays)

    def count(self, pairs: Pairs, at: Seconds) -> PairVerdicts:
        """Counts a run of views in its order."""
        before = self.last_of(pairs)
        if self._view_window:
            counted = self.admit(pairs, at, self._near_any)
        else:
            counted = np.ones(len(pairs), np.bool_)
            self.put(pairs, at)
        places = np.flatnonzero(counted)
        late, left = np.zeros(len(pairs), np.bool_), np.zeros(len(pairs), np.int64)
        last = _last_before(pairs[places], at[places], before[places])
        late[places] = last > at[places]
        left[places] = np.where(last > at[places], 0, last)
        return PairVerdicts(counted, late, left)

    def put(self, pairs: Pairs, at: Seconds) -> None:
        """Notes views that have counted."""
        if not self._view_window:
            pairs, at = _latest(pairs, at)
        self.admit(pairs, at, lambda pairs, _: np.zeros(len(pairs), np.bool_))

    def admit(self, pairs: Pairs, at: Seconds, refused: Refused) -> Mask:
        """Notes the views that may count, and answers which.

        Of each pair the first that is left is noted if it is not refused; each turn also drops
        what is refused since, so that turns are as many as views of one pair that are noted.
        """
        noted = np.zeros(len(pairs), np.bool_)
        left = np.arange(len(pairs))
        while len(left):
            left = left[~refused(pairs[left], at[left])]
            first = np.unique(pairs[left], return_index=True)[1]
            self._put_each(pairs[left[first]], at[left[first]])
            noted[left[first]] = True
            left = np.delete(left, first)
        return noted

    def last_of(self, pairs: Pairs) -> Seconds:
        """The time of each pair's last counted view; 0 for one that never counted."""
        slots = self._find(pairs)
        return np.where(self._pairs[slots] == pairs, self._last[slots], 0).astype(np.int64)

    def forget(self, before: int) -> None:
        """Drops the pairs that counted last before a second, once they are many."""
        here = self._pairs != 0
        stays = np.flatnonzero(here & (self._last >= before))
        if len(stays) < self._size * WORTHWHILE:
            self._rebuild(stays, self._capacity_for(len(stays)))

    def _near_any(self, pairs: Pairs, at: Seconds) -> Mask:
        slots = self._find(pairs)
        present = np.flatnonzero(self._pairs[slots] == pairs)
        near = np.zeros(len(pairs), np.bool_)
        near[present] = np.abs(self._last[slots[present]] - at[present]) < self._view_window
        links = self._chain[slots]
        open_ = present[~near[present] & (links[present] != END)]
        while len(open_):
            link = links[open_]
            near[open_] = np.abs(self._link_time[link] - at[open_]) < self._view_window
            links[open_] = self._link_next[link]
            open_ = open_[~near[open_] & (links[open_] != END)]
        return near

    def _put_each(self, pairs: Pairs, at: Seconds) -> None:
        """Notes one view of each of these pairs, of which none is there twice."""
        if self._size + len(pairs) > MOST_FULL * len(self._pairs):
            here = np.flatnonzero(self._pairs)
            self._rebuild(here, self._capacity_for(2 * (self._size + len(pairs))))
        slots = self._find(pairs)
        present = self._pairs[slots] == pairs
        self._enter(pairs[~present], at[~present])
        slots, at = slots[present], at[present]
        last = self._last[slots].astype(np.int64)
        if self._view_window:
            # The later of two times is the last; the earlier matters while it is near.
            linked = np.abs(last - at) < self._near
            self._link(slots[linked], np.minimum(last, at)[linked])
        self._last[slots] = np.maximum(last, at)

    def _enter(self, pairs: Pairs, at: Seconds) -> None:
        self._size += len(pairs)
        while len(pairs):
            slots = self._find(pairs)
            # Two pairs may find one free slot: both write, and the overwritten one searches on.
            self._pairs[slots] = pairs
            there = self._pairs[slots] == pairs
            self._last[slots[there]] = at[there]
            self._chain[slots[there]] = END
            pairs, at = pairs[~there], at[~there]

    def _link(self, slots: Places, times: Seconds) -> None:
        end = self._links + len(slots)
        if end > len(self._link_time):
            self._link_time = np.resize(self._link_time, 2 * end)
            self._link_next = np.resize(self._link_next, 2 * end)
        new = slice(self._links, end)
        self._link_time[new] = times
        self._link_next[new] = self._chain[slots]
        self._chain[slots] = np.arange(self._links, end)
        self._links = end

    def _find(self, pairs: Pairs) -> Places:
        """The slot of each pair, or the free one where it would be."""
        capacity = len(self._pairs)
        slots = _home(pairs, capacity)
        open_ = np.arange(len(pairs))
        while len(open_):
            occupants = self._pairs[slots[open_]]
            open_ = open_[(occupants != pairs[open_]) & (occupants != 0)]
            slots[open_] = (slots[open_] + 1) % capacity
        return slots

    def _rebuild(self, slots: Places, capacity: int) -> None:
        pairs, last, chain = self._pairs[slots], self._last[slots], self._chain[slots]
        link_time, link_next = self._link_time, self._link_next
        self._pairs = np.zeros(capacity, np.uint64)
        self._last = np.zeros(capacity, np.uint32)
        self._chain = np.full(capacity, END, np.int32)
        self._size = self._links = 0
        self._link_time = np.zeros(SMALLEST, np.uint32)
        self._link_next = np.zeros(SMALLEST, np.int32)
        self._enter(pairs, last.astype(np.int64))
        moved = self._find(pairs)
        while len(open_ := np.flatnonzero(chain != END)):
            moved, last, chain = moved[open_], last[open_], chain[open_]
            times = link_time[chain].astype(np.int64)
            linked = last - times < self._near
            self._link(moved[linked], times[linked])
            chain = link_next[chain]

    @staticmethod
    def _capacity_for(pairs: int) -> int:
        return max(SMALLEST, int(pairs / MOST_FULL) + 1)


def _home(pairs: Pairs, capacity: int) -> Places:
    # The upper half of a fingerprint, scaled to the table, so that any capacity works.
    scaled = (pairs >> np.uint64(32)) * np.uint64(capacity) >> np.uint64(32)
    return scaled.astype(np.int64)


def _latest(pairs: Pairs, at: Seconds) -> tuple[Pairs, Seconds]:
    """Each pair once, with its latest time."""
    unique, inverse = np.unique(pairs, return_inverse=True)
    latest = np.zeros(len(unique), np.int64)
    np.maximum.at(latest, inverse, at)
    return unique, latest


def _last_before(pairs: Pairs, at: Seconds, before: Seconds) -> Seconds:
    """The latest time of each view's pair before the view, in the run or `before` it; 0: none."""
    order: Any = np.argsort(pairs, kind="stable")
    new = np.ones(len(pairs), np.bool_)
    new[1:] = pairs[order][1:] != pairs[order][:-1]
    # Each group of a pair lies above those before it, so that one running maximum serves all.
    lift = np.cumsum(new) << 33
    latest = np.maximum.accumulate(np.maximum(at, before)[order] + lift) - lift
    last = np.empty(len(pairs), np.int64)
    last[order] = np.where(new, before[order], np.roll(latest, 1))
    return last
