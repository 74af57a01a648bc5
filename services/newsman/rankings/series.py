"""Views over time, of an article or of a scope, by minute, hour or day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from newsman.rankings.past import cover
from newsman.rankings.ranking import Rankings
from newsman_schemas.popularity import OVERALL

SPAN_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
MOST_OF_ARTICLE = {"minute": 1_440, "hour": 720, "day": 400}
MOST_OF_SCOPE = {"minute": 180, "hour": 168, "day": 92}
MOST_DAYS_OF_ARTICLE, MOST_DAYS_OF_SCOPE = 30, 14
"""Of days that begin elsewhere than those of UTC, which are made of hours."""
AT_ONCE = 100


@dataclass(frozen=True)
class SeriesPoint:
    """The counted views of one minute, hour or day that begins at `at`."""

    at: datetime
    views: int


@dataclass(frozen=True)
class Period:
    """A minute, hour or day of a series, and the rows that its views are the sum of."""

    at: datetime
    rows: tuple[tuple[str, int], ...]


async def of_article(
    rankings: Rankings,
    article_id: str,
    span: str,
    last: int,
    *,
    now: datetime,
    zone: tzinfo = UTC,
) -> list[SeriesPoint]:
    """The last so many minutes, hours or days, the current one at the end."""
    series = await of_articles(rankings, [article_id], span, last, now=now, zone=zone)
    return series[article_id]


async def of_articles(
    rankings: Rankings,
    article_ids: Sequence[str],
    span: str,
    last: int,
    *,
    now: datetime,
    zone: tzinfo = UTC,
) -> dict[str, list[SeriesPoint]]:
    """The series of several articles at once; days are those of the zone."""
    periods = _periods(span, last, now, zone)
    views = await _views_of(rankings, article_ids, periods)
    return {
        article_id: [
            SeriesPoint(period.at, sum(views[row].get(article_id, 0) for row in period.rows))
            for period in periods
        ]
        for article_id in article_ids
    }


async def of_scope(
    rankings: Rankings, scope: str, span: str, last: int, *, now: datetime, zone: tzinfo = UTC
) -> list[SeriesPoint]:
    """The views of every published article that stands in the scope now."""
    points = []
    for period in _periods(span, last, now, zone):
        views: Counter[str] = Counter()
        for row in period.rows:
            views.update(await rankings.counts.everything(*row))
        shown = await rankings.shown.scopes(list(views))
        inside = (views[ident] for ident, scopes in shown.items() if scope in (OVERALL, *scopes))
        points.append(SeriesPoint(period.at, sum(inside)))
    return points


def day_minutes(day: date, zone: tzinfo) -> tuple[int, int]:
    """The first and the last minute since 1970 of a day in a zone."""
    first, after = (
        int(datetime.combine(one, time(0), zone).timestamp()) // 60
        for one in (day, day + timedelta(days=1))
    )
    return first, after - 1


async def _views_of(
    rankings: Rankings, article_ids: Sequence[str], periods: Iterable[Period]
) -> dict[tuple[str, int], dict[str, int]]:
    """The views of the articles by row."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for period in periods:
        for span, number in period.rows:
            numbers[span].append(number)
    views = {}
    for span, all_numbers in numbers.items():
        for start in range(0, len(all_numbers), AT_ONCE):
            part = all_numbers[start : start + AT_ONCE]
            counts = await rankings.counts.spans(article_ids, span, part)
            for number, row in zip(part, counts, strict=False):
                views[span, number] = {ident: count.views for ident, count in row.items()}
    return views


def _periods(span: str, last: int, now: datetime, zone: tzinfo) -> list[Period]:
    if span == "day" and zone is not UTC:
        return _days(last, now, zone)
    seconds = SPAN_SECONDS[span]
    newest = int(now.timestamp()) // seconds
    return [
        Period(datetime.fromtimestamp(number * seconds, UTC), ((span, number),))
        for number in range(newest - last + 1, newest + 1)
    ]


def _days(last: int, now: datetime, zone: tzinfo) -> list[Period]:
    today = now.astimezone(zone).date()
    periods = []
    for ago in reversed(range(last)):
        first, until = day_minutes(today - timedelta(days=ago), zone)
        at = datetime.fromtimestamp(first * 60, zone)
        periods.append(Period(at, tuple(cover(first, until))))
    return periods
