"""Rules for surges that no crowd of readers makes; each says in a sentence what it saw."""

import statistics
from collections.abc import Sequence

MOST_FILTERED = 0.5
LEAST_DISPERSION = 0.1
LEAST_PER_MINUTE = 20
BURST_SHARE = 0.95
BURST_OVER_MINUTES = 3


def artificial(minutes: Sequence[int], filtered_share: float, *, least_views: int) -> str | None:
    """What looks artificial in the views of the last minutes (oldest first, the current one last).

    Fewer views than `least_views` are never looked at.
    """
    total = sum(minutes)
    if total < least_views:
        return None
    if filtered_share >= MOST_FILTERED:
        return f"{filtered_share:.0%} of what was seen of it came from programs"
    full = minutes[:-1]
    mean = statistics.fmean(full)
    # Of a crowd the variance equals the mean; that it is a tenth of it over 14 minutes happens
    # once in 100,000 times.
    if mean >= LEAST_PER_MINUTE and statistics.variance(full) < LEAST_DISPERSION * mean:
        return f"it came like clockwork, {mean:.0f} views a minute with hardly a difference"
    most = max(minutes)
    ago = len(minutes) - 1 - minutes.index(most)
    # An alert brings a crowd in a minute too, but it does not leave as one.
    if most >= BURST_SHARE * total and ago >= BURST_OVER_MINUTES:
        return f"{most} of {total} views came in one minute, and then nobody"
    return None
