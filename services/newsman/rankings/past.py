"""Rankings as of a past minute, counted from the rows of minutes, hours and days."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from newsman.rankings.core import NO_EDIT, WINDOW_SECONDS_OF, Edit
from newsman.rankings.ranking import LONGEST_WALK, Rankings
from newsman_schemas.popularity import OVERALL

MINUTES_KEPT = max(WINDOW_SECONDS_OF.values()) // 60
HOUR, DAY = 60, 1_440


def cover(first: int, last: int) -> list[tuple[str, int]]:
    """The days, hours and minutes that make up the minutes from `first` to `last`."""
    spans: list[tuple[str, int]] = []
    at = first
    while at <= last:
        if at % DAY == 0 and at + DAY - 1 <= last:
            spans.append(("day", at // DAY))
            at += DAY
        elif at % HOUR == 0 and at + HOUR - 1 <= last:
            spans.append(("hour", at // HOUR))
            at += HOUR
        else:
            spans.append(("minute", at))
            at += 1
    return spans


async def views_as_of(
    rankings: Rankings, window: str, scope: str, *, at: datetime, now: datetime, limit: int
) -> list[tuple[str, int]]:
    """Article ids and the views that a window had at the end of a minute, most first.

    They are counted by the views' own times, so what came late is in it. A window that begins
    before the rows of minutes do begins with its first day.
    """
    minute, newest = int(at.timestamp()) // 60, int(now.timestamp()) // 60
    if window == "all":
        totals = await _until(rankings, minute, newest)
    else:
        totals = await _within(rankings, WINDOW_SECONDS_OF[window] // 60, minute, newest)
    return await _ranked(rankings, totals, scope, limit)


async def views_between(
    rankings: Rankings, scope: str, first: int, last: int, *, limit: int
) -> list[tuple[str, int]]:
    """Article ids and their views from one minute since 1970 to another, most first."""
    return await _ranked(rankings, await _sum(rankings, first, last), scope, limit)


async def _ranked(
    rankings: Rankings, totals: Counter[str], scope: str, limit: int
) -> list[tuple[str, int]]:
    """The articles that readers may see in the scope, the most viewed first."""
    viewed = [pair for pair in totals.items() if pair[1] > 0]
    ordered = sorted(viewed, key=lambda pair: (pair[1], pair[0]), reverse=True)
    edits = await rankings.edits.read()
    rows: list[tuple[str, int]] = []
    for start in range(0, len(ordered), LONGEST_WALK):
        page = ordered[start : start + LONGEST_WALK]
        allowed = await _allowed(rankings, [article_id for article_id, _ in page], scope, edits)
        rows += [pair for pair in page if pair[0] in allowed]
        if len(rows) >= limit:
            break
    return rows[:limit]


async def _until(rankings: Rankings, minute: int, newest: int) -> Counter[str]:
    """All views up to a minute: those of now without those that came later."""
    top = await rankings.counts.top("all", limit=LONGEST_WALK)
    totals = Counter({count.article_id: count.views for count in top})
    for span, number in cover(minute + 1, newest + HOUR):
        totals.subtract(await rankings.counts.everything(span, number))
    return totals


async def _within(rankings: Rankings, minutes: int, minute: int, newest: int) -> Counter[str]:
    """The views of so many minutes up to a minute."""
    first = minute - minutes + 1
    if first <= newest - MINUTES_KEPT + HOUR:
        first -= first % DAY
    return await _sum(rankings, first, minute)


async def _sum(rankings: Rankings, first: int, last: int) -> Counter[str]:
    """The views of each article from one minute to another."""
    totals: Counter[str] = Counter()
    for span, number in cover(first, last):
        totals.update(await rankings.counts.everything(span, number))
    return totals


async def _allowed(
    rankings: Rankings, article_ids: Sequence[str], scope: str, edits: Mapping[str, Edit]
) -> set[str]:
    """Those of the articles that readers may see in the scope."""
    shown = await rankings.shown.scopes(article_ids)
    return {
        article_id
        for article_id, scopes in shown.items()
        if scope in (OVERALL, *scopes) and not edits.get(article_id, NO_EDIT).is_out
    }
