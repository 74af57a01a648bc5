"""Usual behaviour of a source, learnt from its articles by the hour of the week; and what is not.

Numbers of articles are taken for Poisson's: a source is silent once what usually comes in the time
would have been absent by chance once in 3,000 times. Pure; the time is that of the log.
"""

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Kind = Literal["silent", "dropped", "jumped", "fields-lost", "format-changed"]

HOUR = 3_600
DAY_HOURS, WEEK_HOURS = 24, 168
KEPT_HOURS = 5 * WEEK_HOURS
SILENT_EXPECTED = 8.0
"""e^-8 is 1 in 3,000."""
LOOKED_AT_HOURS = 3
UNLIKELY = 1e-4
JUMP_FACTOR, JUMP_LEAST = 3.0, 10
LEARNT_ARTICLES, RECENT_ARTICLES = 50, 20
USUAL_SHARE = 0.95
SAID_BY_US = frozenset(
    {"id", "source", "received_at", "log_place", "first_received_at", "corrected_at", "extra"}
)


@dataclass(frozen=True)
class Notice:
    """Something unusual; numbers of articles, or shares of them for fields and formats."""

    kind: Kind
    since: datetime
    expected: float
    seen: float
    detail: str


class SourceProfile:
    """One source: articles by hour, and what they hold."""

    def __init__(self) -> None:
        self._by_hour: Counter[int] = Counter()
        self._first_hour: int | None = None
        self.last_at: float | None = None
        self._recent: deque[tuple[str, frozenset[str]]] = deque()
        self._learnt = 0
        self._formats: Counter[str] = Counter()
        self._fields: Counter[str] = Counter()

    def take(self, at: float, form: str, article: Mapping[str, Any]) -> None:
        """One article at a Unix second of the log, in a format, with the fields that it has."""
        hour = int(at) // HOUR
        self._first_hour = hour if self._first_hour is None else min(hour, self._first_hour)
        self._by_hour[hour] += 1
        self.last_at = max(at, self.last_at or at)
        fields = frozenset(k for k, v in article.items() if v and k not in SAID_BY_US)
        self._recent.append((form, fields))
        if len(self._recent) > RECENT_ARTICLES:
            old_form, old_fields = self._recent.popleft()
            self._learnt += 1
            self._formats[old_form] += 1
            self._fields.update(old_fields)

    def forget_before(self, at: float) -> None:
        """Hours that are too long ago are no longer usual."""
        oldest = int(at) // HOUR - KEPT_HOURS
        for hour in [hour for hour in self._by_hour if hour < oldest]:
            del self._by_hour[hour]
        if self._first_hour is not None:
            self._first_hour = max(self._first_hour, oldest)

    def hourly(self, hour: int) -> float | None:
        """Articles that usually come in this hour of the week, by the weeks before it.

        In the first week those of the same hour of the days; None before a day was seen.
        """
        if self._first_hour is None:
            return None
        step = WEEK_HOURS if hour - self._first_hour >= WEEK_HOURS else DAY_HOURS
        hours = range(hour - step, self._first_hour - 1, -step)
        if not len(hours):
            return None
        return sum(self._by_hour[each] for each in hours) / len(hours)

    def expected(self, since: float, until: float) -> float:
        """Articles that usually come between two Unix seconds; 0 where nothing is known."""
        total, at = 0.0, since
        while at < until:
            hour = int(at) // HOUR
            end = min(until, (hour + 1) * HOUR)
            total += (self.hourly(hour) or 0.0) * (end - at) / HOUR
            at = end
        return total

    def notices(self, now: float) -> Iterator[Notice]:
        """Everything that is unusual at this moment."""
        silence = self._silence(now)
        if silence:
            yield silence
        else:
            yield from self._rate(now)
        yield from self._content()

    def _silence(self, now: float) -> Notice | None:
        if self.last_at is None:
            return None
        usual = self.expected(self.last_at, now)
        if usual < SILENT_EXPECTED:
            return None
        minutes = (now - self.last_at) / 60
        detail = f"nothing came for {minutes:.0f} min, in which {usual:.0f} articles usually come"
        return Notice("silent", _moment(self.last_at), usual, 0.0, detail)

    def _rate(self, now: float) -> Iterator[Notice]:
        hour = int(now) // HOUR
        hours = range(hour - LOOKED_AT_HOURS, hour)
        known = [usual for usual in map(self.hourly, hours) if usual is not None]
        if len(known) < LOOKED_AT_HOURS:
            return
        usual, seen = sum(known), sum(self._by_hour[each] for each in hours)
        since = _moment(hours[0] * HOUR)
        detail = f"{seen} articles in {LOOKED_AT_HOURS} hours, in which {usual:.0f} usually come"
        # Nothing at all was a silence, which is told by itself.
        if seen and poisson_at_most(seen, usual) < UNLIKELY:
            yield Notice("dropped", since, usual, float(seen), detail)
        elif seen > JUMP_FACTOR * usual + JUMP_LEAST:
            yield Notice("jumped", since, usual, float(seen), detail)

    def _content(self) -> Iterator[Notice]:
        if self._learnt < LEARNT_ARTICLES or self.last_at is None:
            return
        since = _moment(self.last_at)
        now_there = frozenset[str]().union(*(fields for _, fields in self._recent))
        usual = {name for name, n in self._fields.items() if n >= USUAL_SHARE * self._learnt}
        if lost := sorted(usual - now_there):
            share = min(self._fields[name] for name in lost) / self._learnt
            detail = f"no {', '.join(lost)} in the last {len(self._recent)} articles"
            yield Notice("fields-lost", since, share, 0.0, detail)
        forms = {form for form, _ in self._recent}
        if not forms & set(self._formats):
            known = ", ".join(sorted(self._formats))
            detail = f"{', '.join(sorted(forms))} comes in the place of {known}"
            yield Notice("format-changed", since, 1.0, 0.0, detail)


def poisson_at_most(seen: int, expected: float) -> float:
    """The probability of so many or fewer events where so many are expected."""
    if expected <= 0:
        return 1.0
    if expected > 500:
        # The normal distribution with the correction for steps.
        return 0.5 * math.erfc((expected - seen - 0.5) / math.sqrt(2 * expected))
    term = total = math.exp(-expected)
    for number in range(1, seen + 1):
        term *= expected / number
        total += term
    return min(1.0, total)


def changes(
    before: Mapping[tuple[str, Kind], Notice], now: Iterable[tuple[str, Notice]]
) -> tuple[dict[tuple[str, Kind], Notice], list[tuple[str, Notice]], list[tuple[str, Notice]]]:
    """The notices of all sources that hold now, those that are new, and those that are over."""
    found = {(source, notice.kind): notice for source, notice in now}
    # What goes on keeps its beginning.
    current = {key: before.get(key, notice) for key, notice in found.items()}
    new = [(key[0], notice) for key, notice in found.items() if key not in before]
    over = [(key[0], notice) for key, notice in before.items() if key not in found]
    return current, new, over


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=at)
