"""Standing queries: filters that wait for articles."""

from collections.abc import Collection

from newsman_schemas.article_rules import TERM_KINDS, term_named, terms_of
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.subscriptions import Filter


class StandingQueries:
    """Filters under ids; one thread at a time.

    The cost of an article does not grow with filters that it does not pass.
    """

    def __init__(self) -> None:
        self._filters: dict[str, tuple[Filter, tuple[str, ...]]] = {}

    def put(self, query_id: str, filters: Filter, products: tuple[str, ...] = ()) -> None:
        """Adds or replaces a query: articles that pass the filter and stand under any of the
        products, such as `section:sport`; all if there are none."""
        self._filters[query_id] = (filters, products)

    def remove(self, query_id: str) -> None:
        """Forgets a query; nothing happens where there is none."""
        self._filters.pop(query_id, None)

    def match(
        self,
        article: EnrichedArticle,
        *,
        first_mentions: Collection[str] = (),
        told_of_story: Collection[str] | None = None,
    ) -> set[str]:
        """The ids of the queries that take an article.

        `first_mentions` are those of its event. Of those in `told_of_story`, queries that were
        told of another article of its story, the ones that collapse stories do not take a copy;
        with None, no such query does.
        """
        terms = terms_of(article, TERM_KINDS)
        is_copy = article.story is not None and article.story.role == "copy"
        return {
            query_id
            for query_id, (filters, products) in self._filters.items()
            if (not products or not terms.isdisjoint(products))
            and _passes(filters, terms)
            and (not filters.first_mention or first_mentions)
            and not (
                is_copy
                and filters.collapse
                and (told_of_story is None or query_id in told_of_story)
            )
        }


def _passes(filters: Filter, terms: set[str]) -> bool:
    chosen = {
        kind: getattr(filters, "lang" if kind == "language" else kind, ()) for kind in TERM_KINDS
    }
    return all(
        not terms.isdisjoint(term_named(kind, value) for value in values)
        for kind, values in chosen.items()
        if values
    )
