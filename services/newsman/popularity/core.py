"""Rules of counting views and of putting rankings together; no I/O."""

from collections.abc import Sequence
from typing import Literal

from newsman.rankings.core import RankingRow
from newsman_schemas.popularity import ArticleViewed, Standing

FUTURE_TOLERANCE_SECONDS = 300
"""A view dated later than this after it was logged is refused: its clock is wrong."""
LATEST_MINUTES = 7 * 24 * 60
"""A view that was logged longer than this after its time does not count."""

Verdict = Literal[
    "count",
    "crawler",
    "prefetch",
    "rate",
    "datacentre",
    "address",
    "agents",
    "network",
    "untokened",
    "future",
    "late",
    "leaving",
]
FILTERED: dict[Verdict, str] = {
    "crawler": "c",
    "prefetch": "p",
    "rate": "r",
    "datacentre": "d",
    "address": "a",
    "agents": "g",
    "network": "n",
    "untokened": "u",
}
"""What is no reader's, with the letter that it is counted under."""


def judge(event: ArticleViewed, at_seconds: int, logged_seconds: int) -> Verdict:
    """The verdict on an event by itself, before readers and windows are looked at.

    It depends on the event and on when it was logged (seconds since 1970), not on when it is read.
    """
    if at_seconds > logged_seconds + FUTURE_TOLERANCE_SECONDS:
        return "future"
    if at_seconds // 60 <= logged_seconds // 60 - LATEST_MINUTES:
        return "late"
    if event.filtered is not None:
        return event.filtered
    if event.discounted is not None:
        return event.discounted
    if event.agent != "reader":
        return event.agent
    return "leaving" if event.leaving else "count"


def standings(rows: Sequence[RankingRow], before: Sequence[Standing]) -> tuple[Standing, ...]:
    """The rows of a ranking, each with the rank that it had before."""
    ranks = {row.article_id: row.rank for row in before}
    return tuple(
        Standing(
            rank=rank,
            was=ranks.get(row.article_id),
            article_id=row.article_id,
            views=row.views,
            readers=row.readers,
            score=round(row.score, 4),
            velocity=row.velocity,
            filtered_share=row.filtered_share,
            pinned=row.pinned,
        )
        for rank, row in enumerate(rows, start=1)
    )


def changed(before: Sequence[Standing], after: Sequence[Standing]) -> bool:
    """True if the order differs; counts alone that grow are no news."""
    return [row.article_id for row in before] != [row.article_id for row in after]


def gone(before: Sequence[Standing], after: Sequence[Standing]) -> tuple[str, ...]:
    """The articles that stand in it no longer."""
    here = {row.article_id for row in after}
    return tuple(row.article_id for row in before if row.article_id not in here)
