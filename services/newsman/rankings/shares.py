"""The shares of a row: how the article was read, and which of its views did not count."""

from collections.abc import Sequence
from datetime import datetime

from newsman.rankings.core import AttentionShares
from newsman.redis.rankings import RankingReader

REASONS = "cprdagnu"
SPANS = {"15m": ("hour", 2), "1h": ("hour", 2), "24h": ("day", 2), "7d": ("day", 8)}
"""The hours or days that a window touches, and how many."""
MONTH = ("day", 31)


def spans_of(window: str) -> tuple[str, int]:
    """The spans that shares of a window are of, and how many of them."""
    return SPANS.get(window, MONTH)


async def attention_shares(
    counts: RankingReader, article_ids: Sequence[str], window: str, *, now: datetime
) -> dict[str, AttentionShares | None]:
    """Attention to the articles, over the days that a window touches; None where nobody told."""
    span, number = spans_of(window)
    newest = int(now.timestamp()) // 86_400
    days = range(newest - (number if span == "day" else 1) + 1, newest + 1)
    totals = await counts.attention(article_ids, days)
    return {
        article_id: AttentionShares(n, round(sums["s"] / n, 1), round(sums["e"] / n, 4))
        if (n := sums["n"])
        else None
        for article_id, sums in totals.items()
    }


async def filtered_shares(
    counts: RankingReader, article_ids: Sequence[str], window: str, *, now: datetime
) -> dict[str, float]:
    """The share of what did not count, over the hours or days that a window touches."""
    span, number = spans_of(window)
    newest = int(now.timestamp()) // (3_600 if span == "hour" else 86_400)
    numbers = range(newest - number + 1, newest + 1)
    filtered = await counts.filtered(article_ids, span, numbers, REASONS)
    counted = dict.fromkeys(article_ids, 0)
    for rows in await counts.spans(article_ids, span, numbers):
        for count in rows.values():
            counted[count.article_id] += count.views
    out = {key: sum(reasons.values()) for key, reasons in filtered.items()}
    return {key: round(out[key] / max(1, out[key] + counted[key]), 4) for key in article_ids}
