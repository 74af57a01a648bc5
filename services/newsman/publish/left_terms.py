"""Terms that an article has left, for readers who follow one of them."""

from collections.abc import Mapping
from heapq import nlargest
from operator import itemgetter

from newsman_schemas.article_rules import terms_of
from newsman_schemas.articles import EnrichedArticle

MOST_LEFT_TERMS = 500
"""How many are remembered of an article, those that it left last."""

LeftTerms = Mapping[str, int]
"""Each term with the revision that took the article away from under it."""


def left_terms(
    left: LeftTerms, *, before: EnrichedArticle | None, now: EnrichedArticle | None, revision: int
) -> LeftTerms:
    """The terms that are left by a revision in which readers see `now` instead of `before`."""
    if before is None and not left:
        return left
    gone = dict.fromkeys(terms_of(before), revision) if before else {}
    standing = terms_of(now) if now else frozenset()
    pairs = [(t, at) for t, at in {**left, **gone}.items() if t not in standing]
    return dict(sorted(nlargest(MOST_LEFT_TERMS, pairs, key=itemgetter(1, 0))))
