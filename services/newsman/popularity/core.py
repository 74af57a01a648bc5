"""Rules of counting views and of putting rankings together; no I/O."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from newsman.rankings.core import RankingRow
from newsman_schemas.popularity import ArticlesViewed, ArticleView, ArticleViewed, Standing
from newsman_schemas.topics import ARTICLE_VIEWED_V1

FUTURE_TOLERANCE_SECONDS = 300
"""A view dated later than this after it was logged is refused: its clock is wrong."""
LATEST_MINUTES = 7 * 24 * 60
"""A view that was logged longer than this after its time does not count."""

LoggedView: TypeAlias = ArticleViewed | ArticleView
"""A view on the log, in either version."""
LoggedEvent: TypeAlias = ArticleViewed | ArticlesViewed

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


def version_on(topic: str) -> int:
    """The version of article-viewed that a topic holds."""
    return 1 if topic.endswith(f".{ARTICLE_VIEWED_V1.name}") else 2


def event_on(topic: str) -> type[ArticleViewed] | type[ArticlesViewed]:
    """The class of the events on a topic of views."""
    return ArticleViewed if version_on(topic) == 1 else ArticlesViewed


def timed_views(event: LoggedEvent) -> Sequence[tuple[LoggedView, int]]:
    """The views of an event of either version, each with its second since 1970."""
    second = int(event.occurred_at.timestamp())
    if isinstance(event, ArticleViewed):
        return ((event, second),)
    return [(v, second if v.at is None else int(v.at.timestamp())) for v in event.views]


def judge(view: LoggedView, at_seconds: int, logged_seconds: int) -> Verdict:
    """The verdict on a view by itself, before readers and windows are looked at.

    It depends on the view and on when it was logged (seconds since 1970), not on when it is read.
    """
    if at_seconds > logged_seconds + FUTURE_TOLERANCE_SECONDS:
        return "future"
    if at_seconds // 60 <= logged_seconds // 60 - LATEST_MINUTES:
        return "late"
    if view.filtered is not None:
        return view.filtered
    if view.discounted is not None:
        return view.discounted
    if view.agent != "reader":
        return view.agent
    return "leaving" if view.leaving else "count"


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


def changed(before: Sequence[Standing], after: Sequence[Standing | RankingRow]) -> bool:
    """True if the order differs; counts alone that grow are no news."""
    return [row.article_id for row in before] != [row.article_id for row in after]


def gone(before: Sequence[Standing], after: Sequence[Standing]) -> tuple[str, ...]:
    """The articles that stand in it no longer."""
    here = {row.article_id for row in after}
    return tuple(row.article_id for row in before if row.article_id not in here)
