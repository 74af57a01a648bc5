"""Views over time, of an article or of a scope, by minute, hour or day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsman.rankings.ranking import Rankings
from newsman_schemas.popularity import OVERALL

SPAN_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
MOST_OF_ARTICLE = {"minute": 1_440, "hour": 720, "day": 400}
MOST_OF_SCOPE = {"minute": 180, "hour": 168, "day": 92}
AT_ONCE = 100


@dataclass(frozen=True)
class SeriesPoint:
    """The counted views of one minute, hour or day that begins at `at`."""

    at: datetime
    views: int


async def of_article(
    rankings: Rankings, article_id: str, span: str, last: int, *, now: datetime
) -> list[SeriesPoint]:
    """The last so many minutes, hours or days, the current one at the end."""
    series = await of_articles(rankings, [article_id], span, last, now=now)
    return series[article_id]


async def of_articles(
    rankings: Rankings, article_ids: Sequence[str], span: str, last: int, *, now: datetime
) -> dict[str, list[SeriesPoint]]:
    """The series of several articles at once."""
    numbers = _numbers(span, last, now)
    series: dict[str, list[SeriesPoint]] = {article_id: [] for article_id in article_ids}
    for start in range(0, len(numbers), AT_ONCE):
        part = numbers[start : start + AT_ONCE]
        rows = await rankings.counts.spans(article_ids, span, part)
        for number, counts in zip(part, rows, strict=False):
            for article_id, points in series.items():
                views = counts[article_id].views if article_id in counts else 0
                points.append(_point(span, number, views))
    return series


async def of_scope(
    rankings: Rankings, scope: str, span: str, last: int, *, now: datetime
) -> list[SeriesPoint]:
    """The views of every published article that stands in the scope now."""
    points = []
    for number in _numbers(span, last, now):
        views = await rankings.counts.everything(span, number)
        shown = await rankings.shown.scopes(list(views))
        inside = (views[ident] for ident, scopes in shown.items() if scope in (OVERALL, *scopes))
        points.append(_point(span, number, sum(inside)))
    return points


def _numbers(span: str, last: int, now: datetime) -> range:
    newest = int(now.timestamp()) // SPAN_SECONDS[span]
    return range(newest - last + 1, newest + 1)


def _point(span: str, number: int, views: int) -> SeriesPoint:
    return SeriesPoint(datetime.fromtimestamp(number * SPAN_SECONDS[span], UTC), views)
