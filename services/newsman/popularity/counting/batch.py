"""A run of one partition's events, gathered until it is counted in one step."""

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from newsman.popularity.core import FILTERED, LoggedView, Verdict
from newsman.popularity.counting.seen_pairs import Mask, Pairs, Seconds

LIVE_SECONDS = 120
"""A view that was logged so long after its time is no part of a surge."""
MOST_ATTENTION_SECONDS = 1_800
"""A page that stays open for longer is hardly read for longer."""


@dataclass(frozen=True)
class ViewAttention:
    """Attention to one view of an article; `view` is its place among the views, or None."""

    view: int | None
    number: int
    at_seconds: int
    seconds: int
    ended: bool


class CountedBatch:
    """Views that may count, those that don't, and how articles were read."""

    def __init__(self) -> None:
        self.articles: dict[str, int] = {}
        """The ids of the articles, each with the number that stands for it here."""
        self.numbers: list[int] = []
        """The article of each view."""
        self.filtered: Counter[tuple[int, int, str]] = Counter()
        """What is no reader's, by article, hour since 1970, and the letter of the reason."""
        self.attention: list[ViewAttention] = []
        self._first_logged: int | None = None
        self._pairs: list[bytes] = []
        self._at: list[int] = []
        self._resent: list[int] = []
        self._resend_ids: list[bytes] = []
        self._resent_at: list[int] = []
        self.late: list[int] = []
        """The places of the views that were logged long after their time."""
        self.of_pages: list[int] = []
        """The places of the views that pages with a token told."""
        self.leaving: Counter[tuple[int, int]] = Counter()
        """Pages with a token that told how they were read, by article and minute since 1970."""

    def __len__(self) -> int:
        return len(self._pairs)

    def add(
        self,
        article_id: str,
        reader: str,
        at_seconds: int,
        logged_seconds: int,
        resend_id: str | None = None,
    ) -> None:
        """One view that may count; of its reader only a fingerprint goes on."""
        articles = self.articles
        self.numbers.append(articles.setdefault(article_id, len(articles)))
        self._pairs.append(blake2b((article_id + reader).encode(), digest_size=8).digest())
        self._at.append(at_seconds)
        if self._first_logged is None or logged_seconds < self._first_logged:
            self._first_logged = logged_seconds
        if logged_seconds - at_seconds >= LIVE_SECONDS:
            self.late.append(len(self._pairs) - 1)
        if resend_id is not None:
            mark = blake2b(f"resend {resend_id}".encode(), digest_size=8).digest()
            self._resent.append(len(self._pairs) - 1)
            self._resend_ids.append(mark)
            self._resent_at.append(logged_seconds)

    def add_filtered(self, article_id: str, verdict: Verdict, at_seconds: int) -> None:
        """One view that does not count as a reader's; how many there are is kept by the hour."""
        number = self.articles.setdefault(article_id, len(self.articles))
        self.filtered[number, at_seconds // 3600, FILTERED[verdict]] += 1

    def add_page(self, told: LoggedView, logged_seconds: int, verdict: Verdict) -> None:
        """Notes that the view that was added last, or one who leaves, was told by a page."""
        if verdict == "count":
            self.of_pages.append(len(self._pairs) - 1)
        elif verdict == "leaving":
            number = self.articles.setdefault(told.article_id, len(self.articles))
            self.leaving[number, logged_seconds // 60] += 1

    def add_attention(self, told: LoggedView, at_seconds: int, verdict: Verdict) -> None:
        """Adds the seconds and the share that an article was read, as the page told one of them:
        of the view that was added last, or of none."""
        number = self.articles.setdefault(told.article_id, len(self.articles))
        view = len(self._pairs) - 1 if verdict == "count" else None
        seconds = min(MOST_ATTENTION_SECONDS, round(told.seconds or 0))
        attention = ViewAttention(view, number, at_seconds, seconds, told.read_to_end is True)
        self.attention.append(attention)

    def first_second(self, clock_seconds: int) -> int:
        """The log's time of the first view, at the latest the clock's."""
        return min(clock_seconds, self._first_logged or clock_seconds)

    @property
    def pairs(self) -> Pairs:
        """A fingerprint of article and reader for each view."""
        return _fingerprints(self._pairs)

    @property
    def at(self) -> Seconds:
        """The second of each view."""
        return np.array(self._at, np.int64)

    @property
    def has_id(self) -> Mask:
        """The views that have an id of their own, by which a resend is known."""
        mask = np.zeros(len(self._pairs), np.bool_)
        mask[self._resent] = True
        return mask

    @property
    def resend_ids(self) -> Pairs:
        """A fingerprint of each of those ids."""
        return _fingerprints(self._resend_ids)

    @property
    def resent_at(self) -> Seconds:
        """The log's time of each view that has an id."""
        return np.array(self._resent_at, np.int64)


def _fingerprints(digests: list[bytes]) -> Pairs:
    fingerprints = np.frombuffer(b"".join(digests), np.uint64)
    return np.where(fingerprints == 0, np.uint64(1), fingerprints)
