"""Rules for surges that no crowd of readers makes; each says in a sentence what it saw.

They look at views by the minute of their receipt, so that nobody can date a surge. What did not
count is not looked at: it has pushed nothing up, and anybody could have any article held by it.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MINUTES = 15
LEAST_DISPERSION = 0.1
LEAST_PER_MINUTE = 20
BURST_SHARE = 0.95
BURST_OVER_MINUTES = 3
LEAST_LEAVING = 0.05
LEAVING_WITHIN_MINUTES = 5


@dataclass(frozen=True)
class Surge:
    """Views of one article in the last minutes by receipt, oldest first, the current one last:
    those that count, those of them that a page with a token told, and pages that told how they
    were read."""

    views: Sequence[int]
    pages: Sequence[int] = (0,) * MINUTES
    leaving: Sequence[int] = (0,) * MINUTES


@dataclass(frozen=True)
class Finding:
    """An artificial pattern, and the minutes until it has passed if nothing like it comes."""

    reason: str
    passes_in_minutes: int


def artificial(surge: Surge, *, least_views: int) -> Finding | None:
    """The artificial pattern in a surge, if any; fewer views than `least_views` are never looked
    at."""
    if sum(surge.views) < least_views:
        return None
    rules = (_clockwork(surge), _burst(surge), _unread(surge, least_views))
    return next((finding for finding in rules if finding is not None), None)


def _clockwork(surge: Surge) -> Finding | None:
    full = surge.views[:-1]
    mean = statistics.fmean(full)
    # A crowd's variance equals its mean; a tenth of that over 14 minutes happens by chance
    # once in 100,000 times.
    if mean < LEAST_PER_MINUTE or statistics.variance(full) >= LEAST_DISPERSION * mean:
        return None
    reason = f"it came like clockwork, {mean:.0f} views a minute with hardly a difference"
    return Finding(reason, 1)


def _burst(surge: Surge) -> Finding | None:
    total, most = sum(surge.views), max(surge.views)
    ago = len(surge.views) - 1 - surge.views.index(most)
    # An alert brings a crowd in a minute too, but it does not leave as one.
    if most < BURST_SHARE * total or ago < BURST_OVER_MINUTES:
        return None
    reason = f"{most} of {total} views came in one minute, and then nobody"
    return Finding(reason, MINUTES - ago)


def _unread(surge: Surge, least_views: int) -> Finding | None:
    # Pages tell how they were read when they are left, which may take some minutes.
    pages, leaving = sum(surge.pages[:-LEAVING_WITHIN_MINUTES]), sum(surge.leaving)
    if pages < least_views or leaving >= LEAST_LEAVING * pages:
        return None
    reason = f"of {pages} pages that were opened {leaving} told that they were left"
    last = max(n for n, number in enumerate(surge.pages) if number)
    return Finding(reason, last + 1)
