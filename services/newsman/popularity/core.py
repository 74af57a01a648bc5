"""What counts as a view, and how rankings are put together; no I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from newsman_schemas.popularity import ArticleViewed, Ranked

FUTURE_TOLERANCE_SECONDS = 300
"""A view dated later than this after it was logged is refused: its clock is wrong."""

Verdict = Literal["count", "crawler", "prefetch", "future"]


@dataclass(frozen=True)
class View:
    """A view that may count: seconds since 1970, and when it reached the log."""

    article_id: str
    reader: str
    at_seconds: int
    logged_seconds: int
    resend_id: str


def judge(event: ArticleViewed, *, logged_seconds: int) -> Verdict:
    """Whether an event may count at all, before readers and windows are looked at."""
    if event.occurred_at.timestamp() > logged_seconds + FUTURE_TOLERANCE_SECONDS:
        return "future"
    if event.agent == "reader":
        return "count"
    return event.agent


def view_of(event: ArticleViewed, *, logged_seconds: int) -> View:
    """The event as the counting script takes it."""
    return View(
        event.article_id,
        event.reader,
        int(event.occurred_at.timestamp()),
        logged_seconds,
        event.resend_id or "",
    )


def ranked(counts: Iterable[tuple[str, int, int]]) -> tuple[Ranked, ...]:
    """Rows from (article id, views, readers), already in order."""
    return tuple(
        Ranked(rank=rank, article_id=article_id, views=views, readers=readers)
        for rank, (article_id, views, readers) in enumerate(counts, start=1)
    )


def changed(before: Sequence[Ranked], after: Sequence[Ranked]) -> bool:
    """Whether the order differs; counts alone that grow are no news."""
    return [row.article_id for row in before] != [row.article_id for row in after]
