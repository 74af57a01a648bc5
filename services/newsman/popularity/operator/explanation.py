"""The origin of an article's numbers: its views, read from the log and judged by the rule again.

Nothing of what the consumer has counted is used, so that the two can be compared.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, TypeAlias

from newsman.kafka.log import TopicLog, open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.records import Unprocessable, decode
from newsman.popularity.core import LoggedView, event_on, judge, timed_views
from newsman.rankings.core import NO_EDIT, Edit, RankingRow
from newsman.rankings.holds import RankingHold
from newsman.rankings.ranking import RankingRequest, Rankings
from newsman.redis.client import build_async_client
from newsman.settings import PopularitySettings
from newsman_schemas.popularity import WINDOW_SECONDS
from newsman_schemas.topics import ARTICLE_VIEWED, ARTICLE_VIEWED_V1

CLIENT_ID = "newsman-popularity-explain"
POLL_EVENTS = 5_000
LOOKED_AT = 100
LOGGED_BEFORE = timedelta(days=38)
"""Views that were logged so long ago can't lie in any window, nor keep another from counting."""


TimedView: TypeAlias = tuple[LoggedView, int, int]
"""A view with its second, and the one at which it was logged."""


@dataclass
class Explanation:
    """An article's counts by the log and by Redis."""

    article_id: str
    at: datetime
    verdicts: Counter[str] = field(default_factory=Counter)
    counted: list[tuple[int, str]] = field(default_factory=list)
    """Seconds and reader of each counted view."""
    stored: dict[str, tuple[int, int]] | None = None
    tokens: Counter[str] = field(default_factory=Counter)
    """Views without a key, by their token."""
    edit: Edit = NO_EDIT
    hold: RankingHold | None = None
    rows: dict[str, tuple[int, RankingRow]] = field(default_factory=dict)

    def numbers(self, window: str) -> tuple[int, int]:
        """Views and readers that the log makes of a window."""
        last = int(self.at.timestamp()) // 60
        first = last - WINDOW_SECONDS[window] // 60  # type: ignore[index]
        inside = [reader for at, reader in self.counted if first < at // 60 <= last]
        return len(inside), len(set(inside))

    @property
    def agrees(self) -> bool:
        """True if Redis holds what the log makes, where it was asked."""
        stored = self.stored
        return stored is None or all(self.numbers(w) == counts for w, counts in stored.items())

    def lines(self) -> Iterator[str]:
        """The explanation for people."""
        yield f"article {self.article_id}, as of {self.at:%Y-%m-%d %H:%M:%S} UTC"
        yield f"on the log: {_listed(self.verdicts) or 'nothing'}"
        if self.tokens:
            yield f"without a key, by their pages' tokens: {_listed(self.tokens)}"
        yield from map(self._window_line, WINDOW_SECONDS)
        if edits := self._edits():
            yield f"editors and rules: {', '.join(edits)}"
        if self.hold is not None:
            yield f"a rule: {self.hold}"
        if self.stored is not None:
            yield "Redis says the same" if self.agrees else f"Redis says {self.stored}"

    def document(self) -> dict[str, Any]:
        """The explanation for programs."""
        windows = {window: self.numbers(window) for window in WINDOW_SECONDS}
        return {
            "article": self.article_id,
            "as_of": self.at.isoformat(),
            "verdicts": dict(self.verdicts),
            "tokens": dict(self.tokens),
            "windows": {w: {"views": v, "readers": r} for w, (v, r) in windows.items()},
            "ranks": {window: rank for window, (rank, _) in self.rows.items()},
            "edits": self._edits(),
            "hold": None if self.hold is None else str(self.hold),
            "agrees": self.agrees,
        }

    def _window_line(self, window: str) -> str:
        views, readers = self.numbers(window)
        line = f"  {window:>4}  {views} views by {readers} readers"
        if window not in self.rows:
            return line
        rank, row = self.rows[window]
        why = f"{row.velocity:.0f} views/h now, {row.filtered_share:.0%} filtered"
        return f"{line}  rank {rank}{', pinned' if row.pinned else ''} ({why})"

    def _edits(self) -> list[str]:
        flags = [name for name in ("banned", "held", "admitted") if getattr(self.edit, name)]
        front = [f"pinned at {self.edit.front.rank} on the front"] if self.edit.front else []
        return [*flags, *(f"pinned at {rank} in {scope}" for scope, rank in self.edit.pins), *front]


def _listed(numbers: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items()))


async def explain(
    settings: PopularitySettings, article_id: str, *, as_of: datetime | None, now: datetime
) -> Explanation:
    """Reads the log of the last weeks, which takes seconds per million views."""
    explanation = Explanation(article_id, as_of or now)
    names = [topic.full_name(settings.namespace) for topic in (ARTICLE_VIEWED_V1, ARTICLE_VIEWED)]
    since_ms = int((explanation.at - LOGGED_BEFORE).timestamp() * 1_000)
    with open_log(
        settings.kafka_bootstrap, client_id=CLIENT_ID, gone=warn_gone, max_poll_records=POLL_EVENTS
    ) as topics:
        views = chain.from_iterable(_views(topics, n, article_id, since_ms) for n in names)
        _judge_all(explanation, views, settings.view_window_seconds)
    client = build_async_client(settings.redis_url)
    rankings = Rankings(client, settings.namespace, ARTICLE_VIEWED.partitions)
    explanation.edit = (await rankings.edits.read()).get(article_id, NO_EDIT)
    explanation.hold = (await rankings.edits.holds.read()).get(article_id)
    if as_of is None:
        explanation.stored = {}
        for window in WINDOW_SECONDS:
            count = await rankings.counts.of(article_id, window)
            explanation.stored[window] = (count.views, count.readers)
            rows = await rankings.rows(RankingRequest("views", window, limit=LOOKED_AT), now=now)
            ranks = {row.article_id: (rank, row) for rank, row in enumerate(rows, start=1)}
            if article_id in ranks:
                explanation.rows[window] = ranks[article_id]
    await client.aclose()
    return explanation


def _judge_all(explanation: Explanation, views: Iterable[TimedView], view_window: int) -> None:
    times: dict[str, list[int]] = {}
    resent: set[str] = set()
    for view, at, logged in views:
        verdict: str = judge(view, at, logged)
        may_count = verdict == "count"
        if may_count:
            is_new = _is_new(times.setdefault(view.reader, []), at, view_window)
            verdict = "counted" if is_new and view.resend_id not in resent else "duplicate"
        if verdict == "counted":
            insort(times[view.reader], at)
            explanation.counted.append((at, view.reader))
        if may_count and view.resend_id is not None:
            resent.add(view.resend_id)
        explanation.verdicts[verdict] += 1
        if view.token is not None:
            explanation.tokens[view.token] += 1


def _is_new(times: list[int], at: int, view_window: int) -> bool:
    place = bisect_left(times, at)
    return all(abs(at - t) >= view_window for t in times[max(0, place - 1) : place + 1])


def _views(topics: TopicLog, topic: str, article_id: str, since_ms: int) -> Iterator[TimedView]:
    """The article's views in the order of one log."""
    parts, named = topics.partitions(topic), article_id.encode()
    kind = event_on(topic)
    for record in topics.read(topics.at_times(dict.fromkeys(parts, since_ms)), topics.ends(parts)):
        if record.value is None or named not in record.value:
            continue
        try:
            views = timed_views(decode(kind, record.value))
        except Unprocessable:
            continue  # it is on `rejected` with its reason
        for view, at in views:
            if view.article_id == article_id:
                yield view, at, record.timestamp // 1000
