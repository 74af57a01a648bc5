"""Filters of open streams that an article's terms do not say: words, urgency, first mentions,
copies. Each is a term of its own while any stream has it open, and frames stand under it or not.
"""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import FIFOCache

from newsman.matching.standing_queries import StandingQueries
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import Filter

REMEMBERED = 50_000
"""Articles that passed any, of which an update may take them out."""


@dataclass(frozen=True)
class Passed:
    """The terms of the searches that an article passes, and of those that it passed before."""

    terms: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()


Look = Callable[[ArticlePublished], Passed]
NOTHING = Passed()


def look_at_nothing(_: ArticlePublished) -> Passed:
    """There is no search."""
    return NOTHING


class Searches:
    """The open searches, for any thread.

    `version` grows with each that is opened: whoever has looked at an event after it has grown has
    looked with that search.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._queries = StandingQueries()
        self._terms: dict[Filter, str] = {}
        self._open: dict[str, int] = {}
        self._passed: FIFOCache[str, frozenset[str]] = FIFOCache(REMEMBERED)
        self.version = 0

    def open(self, search: Filter) -> tuple[str, int]:
        """One more stream with a search: the term of it, and the version that has it."""
        with self._lock:
            term = self._terms.get(search)
            if term is None:
                # A new one each time, so that nothing is remembered of streams that have ended.
                term = self._terms[search] = f"search:{next(self._numbers)}"
                self._put(term, search)
            self._open[term] = self._open.get(term, 0) + 1
            return term, self.version

    def close(self, search: Filter) -> None:
        """One stream with it has ended."""
        with self._lock:
            term = self._terms[search]
            self._open[term] -= 1
            if not self._open[term]:
                del self._open[term], self._terms[search]
                self._queries.remove(term)

    def replay(self, term: str, search: Filter) -> "Searches":
        """The one search alone, with nothing remembered, to look at what is past."""
        alone = Searches()
        alone._terms[search], alone._open[term] = term, 1
        alone._put(term, search)
        return alone

    def remember(self, replayed: "Searches") -> None:
        """Takes over what a replay has told its reader of, where nothing newer is known."""
        with self._lock:
            for article_id, terms in replayed._passed.items():
                self._passed[article_id] = self._passed.get(article_id, frozenset()) | terms

    def look(self, event: ArticlePublished) -> Passed:
        """The searches that an article passes now, and those that an event takes it out of."""
        if not self._open:
            return NOTHING
        article_id = event.article_id
        with self._lock:
            before = self._passed.pop(article_id, frozenset())
            if event.article is None:
                return NOTHING
            terms = frozenset(
                self._queries.match(event.article, first_mentions=event.first_mentions)
            )
            if terms:
                self._passed[article_id] = terms
            return Passed(terms, frozenset(term for term in before - terms if term in self._open))

    def _put(self, term: str, search: Filter) -> None:
        self._queries.put(term, search)
        self.version += 1
