"""What counts as a view, and how rankings are put together; no I/O."""

import struct
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal

from newsman.rankings.core import Row
from newsman_schemas.popularity import ArticleViewed, Standing

FUTURE_TOLERANCE_SECONDS = 300
"""A view dated later than this after it was logged is refused: its clock is wrong."""
MOST_ATTENTION_SECONDS = 1_800
"""A page that stays open for longer is hardly read for longer."""
LATEST_MINUTES = 7 * 24 * 60
"""A view that was logged longer than this after its time does not count."""

Verdict = Literal["count", "crawler", "prefetch", "rate", "datacentre", "future", "late", "leaving"]
FILTERED: dict[Verdict, str] = {"crawler": "c", "prefetch": "p", "rate": "r", "datacentre": "d"}
"""What is no reader's, with the letter that it is counted under."""

_VIEW, _RESEND = struct.Struct(">8sHI"), struct.Struct(">H8sI")
_FILTERED, _ATTENTION = struct.Struct(">HI1sH"), struct.Struct(">HHIHB")


def judge(event: ArticleViewed, at_seconds: int, logged_seconds: int) -> Verdict:
    """Whether an event may count at all, before readers and windows are looked at.

    It depends on the event and on when it was logged (seconds since 1970), not on when it is read.
    """
    if at_seconds > logged_seconds + FUTURE_TOLERANCE_SECONDS:
        return "future"
    if at_seconds // 60 <= logged_seconds // 60 - LATEST_MINUTES:
        return "late"
    if event.filtered is not None:
        return event.filtered
    if event.agent != "reader":
        return event.agent
    return "leaving" if event.leaving else "count"


class Batch:
    """A run of views of one partition, packed as counting.lua takes them."""

    def __init__(self) -> None:
        self._articles: dict[str, int] = {}
        self._views: list[bytes] = []
        self._resends: list[bytes] = []
        self._attention: list[bytes] = []
        self._filtered: Counter[tuple[int, int, str]] = Counter()

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

    def add_filtered(self, article_id: str, verdict: Verdict, at_seconds: int) -> None:
        """One view that does not count as a reader's; how many there are is kept by the hour."""
        number = self._articles.setdefault(article_id, len(self._articles))
        self._filtered[number, at_seconds // 3600, FILTERED[verdict]] += 1

    def add_attention(self, event: ArticleViewed, at_seconds: int, verdict: Verdict) -> None:
        """How long and how far an article was read, of the view that was added last, or of none."""
        if event.seconds is None and event.read_to_end is None:
            return
        number = self._articles.setdefault(event.article_id, len(self._articles))
        view = len(self._views) if verdict == "count" else 0
        seconds = min(MOST_ATTENTION_SECONDS, round(event.seconds or 0))
        ended = event.read_to_end is True
        self._attention.append(_ATTENTION.pack(view, number, at_seconds, seconds, ended))

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

    @property
    def attention(self) -> bytes:
        """11 bytes for each telling of how it was read."""
        return b"".join(self._attention)

    @property
    def filtered(self) -> bytes:
        """9 bytes for each article, hour and reason."""
        return b"".join(
            _FILTERED.pack(number, hour, letter.encode(), many)
            for (number, hour, letter), many in self._filtered.items()
        )


def standings(rows: Sequence[Row], before: Sequence[Standing]) -> tuple[Standing, ...]:
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
    """Whether the order differs; counts alone that grow are no news."""
    return [row.article_id for row in before] != [row.article_id for row in after]


def gone(before: Sequence[Standing], after: Sequence[Standing]) -> tuple[str, ...]:
    """The articles that stand in it no longer."""
    here = {row.article_id for row in after}
    return tuple(row.article_id for row in before if row.article_id not in here)
