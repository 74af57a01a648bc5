"""Changes that counted views make in the rows of Redis, in pieces that one step can take."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsman.popularity.counting.batch import CountedBatch, ViewAttention
from newsman.popularity.counting.seen_pairs import Mask, Seconds
from newsman.redis.keys import READ

MOST_ROWS, MOST_ARTICLES, MOST_FIELDS = 800, 120, 400
"""Most of a piece: Redis takes about a millisecond for one."""
ARRIVAL_MINUTES = 20
"""Surges are of the last minutes only."""

Numbers = NDArray[np.int64]
Arrivals = Counter[tuple[int, int, str]]
"""By the number of an article, the minute since 1970, and a letter."""
Changes = dict[str, dict[str, int]]
"""By minute, hour or day since 1970, what is added for each article."""


@dataclass(frozen=True)
class CountableViews:
    """Views that count: the number of each one's article, its second, whether one of the same
    reader counted that is later, and the second of the one in whose stead it makes a reader."""

    number: Numbers
    at: Seconds
    late: Mask
    left: Seconds


def pieces_of_views(
    views: CountableViews, ids: Sequence[str], *, clock_seconds: int, half_life: int, away: int
) -> Iterator[str]:
    """The rows of minutes, and of each article those of hours and days, and what its views are
    worth at the clock; `oldest` is the oldest minute of all.

    A reader stands in the minute of the last counted view of the article, and moves there from
    the one before, unless that is `away` seconds ago: then it is a new one.
    """
    moves = (views.left > 0) & (views.at - views.left < away)
    number = np.concatenate([views.number, views.number[moves]])
    minute = np.concatenate([views.at, views.left[moves]]) // 60
    comes, goes = np.where(views.late, READ, READ + 1), np.full(np.count_nonzero(moves), -1)
    number, minute, change = _summed(number, minute, np.concatenate([comes, goes]))
    worth = np.bincount(
        views.number, np.exp2((views.at - clock_seconds) / half_life), minlength=len(ids)
    )
    names = np.array(ids, object)
    oldest = int(minute.min(initial=np.iinfo(np.int64).max))
    in_time = np.argsort(minute, kind="stable")
    for start in range(0, len(minute), MOST_ROWS):
        some = in_time[start : start + MOST_ROWS]
        changes = _by_span(number[some], minute[some], change[some], 1, names)
        yield _piece(minute=changes, oldest=oldest)
    for rows in _by_article(number):
        part = number[rows], minute[rows], change[rows]
        here = np.unique(part[0])
        yield _piece(
            hour=_by_span(*part, 60, names),
            day=_by_span(*part, 1_440, names),
            oldest=oldest,
            worth=dict(zip(names[here].tolist(), worth[here].tolist(), strict=True)),
            base=clock_seconds,
        )


def pieces_of_filtered(
    filtered: Iterable[tuple[tuple[int, int, str], int]], ids: Sequence[str]
) -> Iterator[str]:
    """Views that did not count, by hour and day, article and letter of the reason."""
    for some in _some(filtered):
        hours: Changes = defaultdict(dict)
        days: Changes = defaultdict(lambda: defaultdict(int))
        for (number, hour, letter), many in some:
            field = ids[number] + letter
            hours[str(hour)][field] = many
            days[str(hour // 24)][field] += many
        yield _piece(filtered={"hour": hours, "day": days})


def pieces_of_arrivals(
    batch: CountedBatch, at: Seconds, counts: Numbers, clock_seconds: int
) -> Iterator[str]:
    """Arrivals of views, by minute, article and letter (`PopularityKeys.arrivals`); `counts` are
    the places of those that count."""
    ids = list(batch.articles)
    for some in _some(_arrivals(batch, at, counts, clock_seconds // 60).items()):
        minutes: Changes = defaultdict(dict)
        for (number, minute, letter), many in some:
            minutes[str(minute)][ids[number] + letter] = many
        yield _piece(arrivals=minutes)


def _arrivals(batch: CountedBatch, at: Seconds, counts: Numbers, clock_minute: int) -> Arrivals:
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


def pieces_of_attention(reports: Iterable[ViewAttention], ids: Sequence[str]) -> Iterator[str]:
    """Number of attention reports (`n`), seconds (`s`) and read-to-end (`e`) per article and
    day."""
    for some in _some(reports):
        days: Changes = defaultdict(lambda: defaultdict(int))
        for report in some:
            day, article = days[str(report.at_seconds // 86_400)], ids[report.number]
            day[article + "n"] += 1
            day[article + "s"] += report.seconds
            day[article + "e"] += report.ended
        yield _piece(attention=days)


def _piece(**parts: Any) -> str:
    return json.dumps(parts, separators=(",", ":"))


def _some(items: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(items)
    while some := list(islice(left, MOST_FIELDS)):
        yield some


def _summed(number: Numbers, span: Numbers, change: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """One row for each article and span, sorted by article; what adds up to nothing is left out."""
    both, inverse = np.unique(number << 32 | span, return_inverse=True)
    # Sums of whole numbers below 2^53, which floating-point numbers hold exactly.
    total = np.bincount(inverse, change, minlength=len(both)).astype(np.int64)
    both, total = both[total != 0], total[total != 0]
    return both >> 32, both & 0xFFFFFFFF, total


def _by_article(number: Numbers) -> Iterator[slice]:
    """Rows that are sorted by article, cut between articles."""
    borders = beginnings(number)[::MOST_ARTICLES]
    return (slice(*both) for both in pairwise([*borders, len(number)]))


def beginnings(values: Numbers) -> list[int]:
    """The first index of each distinct number in a sorted list of numbers that are not negative."""
    return np.flatnonzero(np.diff(values, prepend=-1)).tolist()


def _by_span(
    number: Numbers, minute: Numbers, change: Numbers, minutes: int, names: NDArray[Any]
) -> Changes:
    span, number, change = _summed(minute // minutes, number, change)
    ids, changes = names[number].tolist(), change.tolist()
    return {
        str(span[first]): dict(zip(ids[first:last], changes[first:last], strict=True))
        for first, last in pairwise([*beginnings(span), len(ids)])
    }
