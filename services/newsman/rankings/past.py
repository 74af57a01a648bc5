"""Rankings as of a past minute, counted from the rows of minutes, hours and days."""

from collections import Counter
from datetime import datetime

from newsman.rankings.core import NO_EDIT, WINDOW_SECONDS_OF
from newsman.rankings.ranking import LONGEST_WALK, Rankings
from newsman_schemas.popularity import OVERALL

MINUTES_KEPT = max(WINDOW_SECONDS_OF.values()) // 60
HOUR, DAY = 60, 1_440


def cover(first: int, last: int) -> list[tuple[str, int]]:
    """The days, hours and minutes that make up the minutes from `first` to `last`."""
    found: list[tuple[str, int]] = []
    at = first
    while at <= last:
        if at % DAY == 0 and at + DAY - 1 <= last:
            found.append(("day", at // DAY))
            at += DAY
        elif at % HOUR == 0 and at + HOUR - 1 <= last:
            found.append(("hour", at // HOUR))
            at += HOUR
        else:
            found.append(("minute", at))
            at += 1
    return found


async def views_as_of(
    rankings: Rankings, window: str, scope: str, *, at: datetime, now: datetime, limit: int
) -> list[tuple[str, int]]:
    """Article ids and the views that a window had at the end of a minute, most first.

    They are counted by the views' own times, so what came late is in it. A window that begins
    before the rows of minutes do begins with its first day.
    """
    minute, newest = int(at.timestamp()) // 60, int(now.timestamp()) // 60
    totals: Counter[str] = Counter()
    if window == "all":
        top = await rankings.counts.top(window, limit=LONGEST_WALK)
        totals.update({count.article_id: count.views for count in top})
        spans, sign = cover(minute + 1, newest + HOUR), -1
    else:
        first = minute - WINDOW_SECONDS_OF[window] // 60 + 1
        if first <= newest - MINUTES_KEPT + HOUR:
            first -= first % DAY
        spans, sign = cover(first, minute), 1
    for span, number in spans:
        for article_id, views in (await rankings.counts.everything(span, number)).items():
            totals[article_id] += sign * views
    edits = await rankings.edits.read()
    ordered = sorted(
        ((one, views) for one, views in totals.items() if views > 0),
        key=lambda pair: (pair[1], pair[0]),
        reverse=True,
    )
    found: list[tuple[str, int]] = []
    for start in range(0, len(ordered), LONGEST_WALK):
        page = ordered[start : start + LONGEST_WALK]
        shown = await rankings.shown.scopes([one for one, _ in page])
        found += [
            (one, views)
            for one, views in page
            if one in shown
            and scope in (OVERALL, *shown[one])
            and not edits.get(one, NO_EDIT).is_out
        ]
        if len(found) >= limit:
            break
    return found[:limit]
