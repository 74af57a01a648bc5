"""What counts as a view, and how rankings are put together; no I/O."""

import struct
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Literal

from newsman_schemas.popularity import WINDOW_SECONDS, ArticleViewed, Ranked

FUTURE_TOLERANCE_SECONDS = 300
"""A view dated later than this after it was logged is refused: its clock is wrong."""
LONGEST_MINUTES = max(WINDOW_SECONDS.values()) // 60

Verdict = Literal["count", "crawler", "prefetch", "future", "late"]

_VIEW, _RESEND = struct.Struct(">8sHI"), struct.Struct(">H8sI")


def judge(event: ArticleViewed, at_seconds: int, logged_seconds: int) -> Verdict:
    """Whether an event may count at all, before readers and windows are looked at.

    It depends on the event and on when it was logged (seconds since 1970), not on when it is read.
    """
    if event.agent != "reader":
        return event.agent
    if at_seconds > logged_seconds + FUTURE_TOLERANCE_SECONDS:
        return "future"
    if at_seconds // 60 <= logged_seconds // 60 - LONGEST_MINUTES:
        return "late"
    return "count"


class Batch:
    """A run of views of one partition, packed as counting.lua takes them."""

    def __init__(self) -> None:
        self._articles: dict[str, int] = {}
        self._views: list[bytes] = []
        self._resends: list[bytes] = []

    def __len__(self) -> int:
        return len(self._views)

    def add(
        self,
        article_id: str,
        reader: str,
        at_seconds: int,
        logged_seconds: int,
        resend_id: str | None = None,
    ) -> None:
        """One view that may count; of its reader only a fingerprint goes on."""
        articles = self._articles
        number = articles.setdefault(article_id, len(articles))
        pair = blake2b((article_id + reader).encode(), digest_size=8).digest()
        self._views.append(_VIEW.pack(pair, number, at_seconds))
        if resend_id is not None:
            mark = blake2b(f"resend {resend_id}".encode(), digest_size=8).digest()
            self._resends.append(_RESEND.pack(len(self._views), mark, logged_seconds))

    @property
    def articles(self) -> str:
        """The ids of the articles, one after the other."""
        return "".join(self._articles)

    @property
    def views(self) -> bytes:
        """14 bytes a view."""
        return b"".join(self._views)

    @property
    def resends(self) -> bytes:
        """14 bytes for each view that has an id of its own."""
        return b"".join(self._resends)


def ranked(counts: Iterable[tuple[str, int, int]]) -> tuple[Ranked, ...]:
    """Rows from (article id, views, readers), already in order."""
    return tuple(
        Ranked(rank=rank, article_id=article_id, views=views, readers=readers)
        for rank, (article_id, views, readers) in enumerate(counts, start=1)
    )


def changed(before: Sequence[Ranked], after: Sequence[Ranked]) -> bool:
    """Whether the order differs; counts alone that grow are no news."""
    return [row.article_id for row in before] != [row.article_id for row in after]
