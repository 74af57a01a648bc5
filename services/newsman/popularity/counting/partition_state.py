"""Counting of one partition's views, by the rule and by those before; no I/O.

The journal is all that has to be kept of who has seen what; the rest of the state is read from it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from newsman.popularity.core import LATEST_MINUTES
from newsman.popularity.counting.batch import Batch
from newsman.popularity.counting.rows import (
    Arrivals,
    CountableViews,
    Numbers,
    beginnings,
    pieces_of_arrivals,
    pieces_of_attention,
    pieces_of_filtered,
    pieces_of_views,
)
from newsman.popularity.counting.seen_pairs import Mask, Pairs, Seconds, SeenPairs
from newsman_schemas.popularity import WINDOW_SECONDS

LONGEST_SECONDS = max(WINDOW_SECONDS.values())
SPARE_SECONDS, DAY = 7_200, 86_400
ARRIVAL_MINUTES = 20
"""Surges are of the last minutes only."""
RECORD = np.dtype([("pair", "<u8"), ("at", "<u4")])
"""One counted view in the journal, or the id of one."""


@dataclass(frozen=True)
class CountedViews:
    """The outcome of a run of views; `past`: out of every window by now."""

    counted: int
    duplicates: int
    past: int


@dataclass(frozen=True)
class Judged:
    """The outcome of a run with its data to be kept: by hour since 1970 the records of the
    journal, and the pieces for the rows."""

    counted: CountedViews
    journal: dict[int, bytes]
    pieces: list[str]


class PartitionState:
    """The state of a partition up to an offset."""

    def __init__(self, *, offset: int | None, told: int | None, view_window: int) -> None:
        self.offset = offset
        self.told = told
        """The latest second of the log's clock."""
        self.waiting = 0
        """How much of what is counted waits for its way into the rows."""
        # Views are kept so long that a late one meets the same views as it would have in time.
        near = LATEST_MINUTES * 60 + view_window + SPARE_SECONDS
        self.kept_seconds = LONGEST_SECONDS + near
        self.seen = SeenPairs(view_window=view_window, near=near)

    def read(self, records: bytes) -> None:
        """Takes in records of the journal."""
        entries = np.frombuffer(records, RECORD)
        self.seen.put(entries["pair"].astype(np.uint64), entries["at"].astype(np.int64))

    def judge(self, batch: Batch, *, clock_seconds: int, half_life: int) -> Judged:
        """Counts a batch that begins at the offset."""
        ids, pairs, at = list(batch.articles), batch.pairs, batch.at
        resend_ids, resent_at = batch.resend_ids, batch.resent_at
        log_seconds = batch.first_second(clock_seconds) if self.told is None else self.told
        edge_minute = (log_seconds - LONGEST_SECONDS) // 60
        resent = np.zeros(len(at), np.bool_)
        new_ids = self.seen.admit(resend_ids, resent_at, self._is_resend)
        resent[batch.has_id] = ~new_ids
        past = (at // 60 <= edge_minute) & ~resent
        may = np.flatnonzero(~resent & ~past)
        outcome = self.seen.count(pairs[may], at[may])
        counts, late = may[outcome.counted], outcome.late[outcome.counted]
        numbers = np.array(batch.numbers, np.int64)[counts]
        views = CountableViews(numbers, at[counts], late, outcome.left[outcome.counted])
        attention = (
            item
            for item in batch.attention
            if item.at_seconds // 60 > edge_minute and (item.view is None or not resent[item.view])
        )
        filtered = [item for item in batch.filtered.items() if item[0][1] * 60 + 59 > edge_minute]
        pieces = [
            *pieces_of_views(
                views, ids, clock_seconds=clock_seconds, half_life=half_life, away=LONGEST_SECONDS
            ),
            *pieces_of_filtered(filtered, ids),
            *pieces_of_arrivals(_arrivals(batch, at, counts, clock_seconds // 60), ids),
            *pieces_of_attention(attention, ids),
        ]
        journal = _by_hour(
            np.concatenate([pairs[counts], resend_ids[new_ids]]),
            np.concatenate([at[counts], resent_at[new_ids]]),
        )
        too_old = int(past.sum())
        counted = CountedViews(len(counts), len(at) - len(counts) - too_old, too_old)
        return Judged(counted, dict(journal), pieces)

    def move(self, offset: int | None, clock_seconds: int) -> None:
        """Goes on to an offset and a second of the log's clock, and forgets what is too old."""
        self.offset = offset
        if offset is None:
            return  # an empty log may begin with old views
        before = self.told or clock_seconds
        self.told = max(clock_seconds, before)
        if self.told // DAY != before // DAY:
            self.seen.forget(self.told - self.kept_seconds)

    def _is_resend(self, ids: Pairs, logged: Seconds) -> Mask:
        # An id seen within the longest window belongs to a resend, whatever its view holds.
        last = self.seen.last_of(ids)
        resend: Mask = (last != 0) & (logged - last < LONGEST_SECONDS)
        return resend


def _arrivals(batch: Batch, at: Seconds, counts: Numbers, clock_minute: int) -> Arrivals:
    """The arrivals that surges are judged by beside the counts, of the last minutes by the
    clock."""
    arrivals: Arrivals = Counter()
    if not (batch.late or batch.of_pages or batch.leaving):
        return arrivals
    counted = np.zeros(len(at), np.bool_)
    counted[counts] = True
    numbers = np.array(batch.numbers, np.int64)
    for letter, noted in (("d", batch.late), ("p", batch.of_pages)):
        places = np.array(noted, np.int64)
        places = places[counted[places]]
        both, many = np.unique(numbers[places] << 32 | at[places] // 60, return_counts=True)
        for packed, times in zip(both.tolist(), many.tolist(), strict=True):
            arrivals[packed >> 32, packed & 0xFFFFFFFF, letter] += times
    for (number, minute), times in batch.leaving.items():
        arrivals[number, minute, "l"] += times
    oldest = clock_minute - ARRIVAL_MINUTES
    return Counter({key: times for key, times in arrivals.items() if key[1] > oldest})


def _by_hour(pairs: Pairs, at: Seconds) -> Iterator[tuple[int, bytes]]:
    records = np.empty(len(pairs), RECORD)
    records["pair"], records["at"] = pairs, at
    hours = at // 3_600
    order = np.argsort(hours, kind="stable")
    records, hours = records[order], hours[order]
    for first, last in pairwise([*beginnings(hours), len(hours)]):
        yield int(hours[first]), records[first:last].tobytes()
