"""Judging the views of one partition: each event by itself, then by the views that counted before.

No I/O. The journal is all that has to be kept of who has seen what; the rest of the state is read
from it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
from kafka import TopicPartition

from newsman.kafka.records import Record, Unprocessable, decode
from newsman.kafka.rejects import PlacedMessage, RejectionGuard, park_message
from newsman.popularity.core import (
    FILTERED,
    FUTURE_TOLERANCE_SECONDS,
    LATEST_MINUTES,
    LoggedEvent,
    LoggedView,
    Verdict,
    event_on,
    judge,
    timed_views,
)
from newsman.popularity.counting.batch import CountedBatch
from newsman.popularity.counting.rows import (
    CountableViews,
    beginnings,
    pieces_of_arrivals,
    pieces_of_attention,
    pieces_of_filtered,
    pieces_of_views,
)
from newsman.popularity.counting.seen_pairs import Mask, Pairs, Seconds, SeenPairs
from newsman_schemas.popularity import WINDOW_SECONDS

PROVEN = "valid"
"""What the intake says of a view that came with the token of a page."""
OF_READERS = ("count", "leaving")
"""Verdicts on events that may tell how an article was read."""
LONGEST_SECONDS = max(WINDOW_SECONDS.values())
SPARE_SECONDS, DAY = 7_200, 86_400
RECORD = np.dtype([("pair", "<u8"), ("at", "<u4")])
"""One counted view in the journal, or the id of one."""


@dataclass
class PendingBatch:
    """Events up to an offset that are read but not counted yet; `began` is monotonic seconds."""

    began: float
    batch: CountedBatch = field(default_factory=CountedBatch)
    noted: Counter[str] = field(default_factory=Counter)
    parked: list[Record] = field(default_factory=list)
    next_offset: int = 0
    logged_seconds: int = 0
    events: int = 0

    def add(self, part: TopicPartition, records: Sequence[Any], guard: RejectionGuard) -> None:
        """Judges records that follow; what is unreadable or from the future is to be parked."""
        kind, noted_to, latest = event_on(part.topic), 0, self.logged_seconds
        for index, record in enumerate(records):
            logged = record.timestamp // 1000
            if logged > latest:
                latest = logged
            try:
                event = decode(kind, record.value)
            except Unprocessable as problem:
                self.parked.append(_parked(part, record, problem, record.value))
                self.noted["unreadable"] += 1
                self.events += 1
                guard.note_good(index - noted_to)
                guard.note(was_rejected=True)
                noted_to = index + 1
                continue
            self._add_views(part, record, event, logged)
        guard.note_good(len(records) - noted_to)
        self.next_offset = records[-1].offset + 1
        self.logged_seconds = latest

    def _add_views(
        self, part: TopicPartition, record: Any, event: LoggedEvent, logged: int
    ) -> None:
        views = timed_views(event)
        ahead = [view for view, at in views if self._add_view(view, at, logged) == "future"]
        if ahead:
            is_whole = len(ahead) == len(views)
            value = record.value if is_whole else _with_these(event, ahead)
            self.parked.append(_parked(part, record, _future(event), value))
        self.events += len(views)

    def _add_view(self, view: LoggedView, at: int, logged: int) -> Verdict:
        batch, verdict = self.batch, judge(view, at, logged)
        if verdict == "count":
            batch.add(view.article_id, view.reader, at, logged, view.resend_id)
        else:
            self.noted[verdict] += 1
        if verdict in OF_READERS:
            if view.seconds is not None or view.read_to_end is not None:
                batch.add_attention(view, at, verdict)
            if view.token == PROVEN:
                batch.add_page(view, logged, verdict)
        elif verdict in FILTERED:
            batch.add_filtered(view.article_id, verdict, at)
        return verdict


@dataclass(frozen=True)
class CountedViews:
    """The outcome of a run of views; `past`: out of every window by now."""

    counted: int
    duplicates: int
    past: int


@dataclass(frozen=True)
class Judged:
    """The outcome of a run with its data to be kept: by hour since 1970 the records of the
    journal, and the pieces for the rows.

    `clock_seconds` is the log's time, `first_second` that of the run's first view.
    """

    counted: CountedViews
    clock_seconds: int
    first_second: int
    journal: Mapping[int, bytes] = field(default_factory=dict)
    pieces: Sequence[str] = ()


class PartitionState:
    """The state of a partition up to an offset of each version's log."""

    def __init__(
        self,
        *,
        offset: int | None,
        told: int | None,
        view_window: int,
        half_life: int,
        second_offset: int | None = None,
    ) -> None:
        self.offsets: dict[int, int | None] = {1: offset, 2: second_offset}
        """The next offset of each version of article-viewed."""
        self._half_life = half_life
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

    def judge(self, batch: CountedBatch, *, clock_seconds: int) -> Judged:
        """Counts a batch that begins at the offset."""
        pairs, at = batch.pairs, batch.at
        resend_ids, resent_at = batch.resend_ids, batch.resent_at
        first_second = batch.first_second(clock_seconds)
        log_seconds = first_second if self.told is None else self.told
        edge_minute = (log_seconds - LONGEST_SECONDS) // 60
        new_ids = self.seen.admit(resend_ids, resent_at, self._is_resend)
        resent = np.zeros(len(at), np.bool_)
        resent[batch.has_id] = ~new_ids
        past = (at // 60 <= edge_minute) & ~resent
        may = np.flatnonzero(~resent & ~past)
        outcome = self.seen.count(pairs[may], at[may])
        counts = may[outcome.counted]
        views = CountableViews(
            np.array(batch.numbers, np.int64)[counts],
            at[counts],
            outcome.late[outcome.counted],
            outcome.left[outcome.counted],
        )
        journal = _by_hour(
            np.concatenate([pairs[counts], resend_ids[new_ids]]),
            np.concatenate([at[counts], resent_at[new_ids]]),
        )
        too_old = int(past.sum())
        return Judged(
            CountedViews(len(counts), len(at) - len(counts) - too_old, too_old),
            clock_seconds,
            first_second,
            dict(journal),
            [
                *self._pieces(batch, views, clock_seconds),
                *pieces_of_arrivals(batch, at, counts, clock_seconds),
                *_pieces_beside(batch, resent, edge_minute),
            ],
        )

    def _pieces(
        self, batch: CountedBatch, views: CountableViews, clock_seconds: int
    ) -> Iterator[str]:
        return pieces_of_views(
            views,
            list(batch.articles),
            clock_seconds=clock_seconds,
            half_life=self._half_life,
            away=LONGEST_SECONDS,
        )

    def move(self, clock_seconds: int) -> None:
        """Goes on to a second of the log's clock, and forgets what is too old."""
        if all(offset is None for offset in self.offsets.values()):
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


def _pieces_beside(batch: CountedBatch, resent: Mask, edge_minute: int) -> Iterator[str]:
    """The views that did not count as a reader's, and the reports of how articles were read."""
    ids = list(batch.articles)
    filtered = [item for item in batch.filtered.items() if item[0][1] * 60 + 59 > edge_minute]
    attention = (
        item
        for item in batch.attention
        if item.at_seconds // 60 > edge_minute and (item.view is None or not resent[item.view])
    )
    yield from pieces_of_filtered(filtered, ids)
    yield from pieces_of_attention(attention, ids)


def _by_hour(pairs: Pairs, at: Seconds) -> Iterator[tuple[int, bytes]]:
    records = np.empty(len(pairs), RECORD)
    records["pair"], records["at"] = pairs, at
    hours = at // 3_600
    order = np.argsort(hours, kind="stable")
    records, hours = records[order], hours[order]
    for first, last in pairwise([*beginnings(hours), len(hours)]):
        yield int(hours[first]), records[first:last].tobytes()


def _with_these(event: LoggedEvent, views: Sequence[LoggedView]) -> bytes:
    """An event with some of its views; the others are counted."""
    return event.model_copy(update={"views": tuple(views)}).model_dump_json().encode()


def _future(event: LoggedEvent) -> Unprocessable:
    latest = max(at for _, at in timed_views(event))
    moment = datetime.fromtimestamp(latest, UTC).isoformat()
    detail = f"viewed at {moment}, over {FUTURE_TOLERANCE_SECONDS} s ahead"
    return Unprocessable("future", detail)


def _parked(
    part: TopicPartition, record: Any, problem: Unprocessable, value: bytes | None
) -> Record:
    place = (part.topic, part.partition, record.offset)
    message = PlacedMessage(*place, record.key, value, record.headers)
    return park_message(message, problem, stage="popularity", at=datetime.now(UTC))
