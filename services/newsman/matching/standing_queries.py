"""Standing queries: filters that wait for articles.

Each query waits under one of the terms and words that it asks for, and an article is compared with
those queries alone that wait under what it has. A query that was compared in vain a few times waits
from then on under what was missing, so that queries come to wait under what is rare.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Set

from newsman.matching.queries import EVERYTHING, UNFINISHED, Query, read_query
from newsman.matching.terms import (
    Alternatives,
    article_terms,
    entity_terms,
    needs_entity_terms,
)
from newsman.matching.words import ArticleWords, tokenizer
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.subscriptions import Filter

VAIN = 8
"""So often a query is compared in vain before it waits elsewhere."""


class StandingQueries:
    """Filters under ids, for any thread.

    The cost of an article does not grow with filters that it does not pass.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokenizer = tokenizer()
        self._queries: dict[str, Query] = {}
        self._waiting: defaultdict[str, set[Query]] = defaultdict(set)
        self._lengths: Counter[int] = Counter()
        """Of the beginnings of words that queries wait under."""
        self._with_words = self._with_entities = 0

    def __len__(self) -> int:
        return len(self._queries)

    def put(self, query_id: str, filters: Filter, products: Collection[str] = ()) -> None:
        """Adds or replaces a query: articles that pass the filter and stand under any of the
        products, such as `section:sport`; all if there are none."""
        with self._lock:
            self._remove(query_id)
            query = read_query(query_id, filters, products, self._tokenizer)
            if query is not None:
                self._queries[query_id] = query
                self._count(query, 1)
                self._wait(query, query.waits_under)

    def remove(self, query_id: str) -> None:
        """Forgets a query; nothing happens where there is none."""
        with self._lock:
            self._remove(query_id)

    def match(
        self,
        article: EnrichedArticle,
        *,
        first_mentions: Collection[str] = (),
        told_of_story: Collection[str] | None = None,
    ) -> set[str]:
        """The ids of the queries that take an article.

        `first_mentions` are those of its event. A copy is not taken by queries that collapse
        stories and are in `told_of_story`, those that were told of another article of its story;
        with None, by no query that does.
        """
        is_copy = article.story is not None and article.story.role == "copy"
        with self._lock:
            return {
                query.name
                for query in self._passed(article, first_mentions)
                if not is_copy
                or not query.collapses
                or (told_of_story is not None and query.name not in told_of_story)
            }

    def _passed(self, article: EnrichedArticle, first_mentions: Collection[str]) -> Iterator[Query]:
        terms = article_terms(article)
        if self._with_entities:
            terms |= entity_terms(article, first_mentions)
        words = ArticleWords(article, self._tokenizer if self._with_words else None)
        terms |= words.tokens
        for query in self._candidates(terms, words):
            missing = query.missing(terms, words)
            if missing is None:
                yield query
            else:
                self._was_compared_in_vain(query, missing)

    def _candidates(self, terms: Set[str], words: ArticleWords) -> set[Query]:
        beginnings = {
            token[:length] + UNFINISHED
            for length in self._lengths
            for token in words.tokens
            if len(token) >= length
        }
        under = ("", *terms, *beginnings)
        return set[Query]().union(*(self._waiting[one] for one in under if one in self._waiting))

    def _was_compared_in_vain(self, query: Query, missing: Alternatives) -> None:
        query.vain += 1
        if query.vain >= VAIN and missing is not EVERYTHING:
            self._leave(query)
            self._wait(query, missing)

    def _remove(self, query_id: str) -> None:
        query = self._queries.pop(query_id, None)
        if query is not None:
            self._count(query, -1)
            self._leave(query)

    def _count(self, query: Query, change: int) -> None:
        self._with_words += change * query.needs_words
        self._with_entities += change * needs_entity_terms(query.asked)

    def _wait(self, query: Query, alternatives: Alternatives) -> None:
        query.waits_under, query.vain = alternatives, 0
        for term in alternatives:
            self._waiting[term].add(query)
            if term.endswith(UNFINISHED):
                self._lengths[len(term) - 1] += 1

    def _leave(self, query: Query) -> None:
        for term in set(query.waits_under):
            waiting = self._waiting[term]
            waiting.discard(query)
            if not waiting:
                del self._waiting[term]
        if query.waits_under[0].endswith(UNFINISHED):
            length = len(query.waits_under[0]) - 1
            self._lengths[length] -= 1
            if not self._lengths[length]:
                del self._lengths[length]
