"""Finding what a page or feed lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from newsman.feeds.core import KINDS, LATEST, PAGE_ROWS, Listing, Tombstone
from newsman.feeds.cursors import Place, encode_before
from newsman.feeds.tombstones import TombstoneReader, tombstone
from newsman.rankings.core import Row, scope_named
from newsman.rankings.kept import KeptRankings
from newsman.rankings.ranking import Asked, Rankings
from newsman.redis.articles import ArticleReader, StoredArticle
from newsman_schemas.popularity import OVERALL

TOMBSTONES = 50


@dataclass(frozen=True)
class PopularRow:
    """A published article with its place in a ranking."""

    rank: int
    stored: StoredArticle
    count: Row


class Listings:
    """Everything that readers can list, from the store and the counts."""

    def __init__(
        self, articles: ArticleReader, rankings: Rankings, tombstones: TombstoneReader
    ) -> None:
        self.articles = articles
        self.rankings = rankings
        self._kept = KeptRankings(rankings)
        self.tombstones = tombstones

    async def latest(self, *, limit: int = PAGE_ROWS, offset: int = 0) -> Listing:
        """The newest articles of all."""
        found = await self.articles.listed(LATEST, limit=limit, offset=offset)
        return Listing(
            "Latest",
            "/",
            "/latest",
            tuple(found),
            tombstones=await self._gone(LATEST),
            more=_more(found, limit),
        )

    async def under(
        self, kind: str, slug: str, *, limit: int = PAGE_ROWS, offset: int = 0
    ) -> Listing | None:
        """The newest of a section, tag or entity; None if no article ever carried it."""
        term = f"{KINDS[kind]}:{slug}"
        named = await self.articles.term(term)
        if named is None:
            return None
        path = f"/{kind}/{quote(slug)}"
        found = await self.articles.listed(term, limit=limit, offset=offset)
        return Listing(
            named.name,
            path,
            path,
            tuple(found),
            term=(KINDS[kind], slug),
            tombstones=await self._gone(term),
            more=_more(found, limit),
        )

    async def _gone(self, term: str) -> tuple[Tombstone, ...]:
        found = await self.articles.gone(term, limit=TOMBSTONES)
        return tuple(tombstone(withdrawn) for withdrawn in found)

    async def popular(
        self, window: str, *, section: str | None = None, limit: int = 10
    ) -> tuple[PopularRow, ...]:
        """The most viewed published articles of a window, of one section if it is named."""
        scope = scope_named("section", section) if section else OVERALL
        return await self.ranked(Asked("views", window, scope, limit))

    async def ranked(self, asked: Asked) -> tuple[PopularRow, ...]:
        """The articles of any ranking."""
        rows = await self._kept.rows(asked)
        stored = await self.articles.many([row.article_id for row in rows])
        by_id = {found.article.id: found for found in stored}
        # What was killed between the two questions leaves no gap.
        there = [row for row in rows if row.article_id in by_id]
        return tuple(
            PopularRow(rank, by_id[row.article_id], row) for rank, row in enumerate(there, start=1)
        )

    async def popular_listing(self, window: str, *, limit: int = PAGE_ROWS) -> Listing:
        """The same as a listing, for feeds."""
        rows = await self.popular(window, limit=limit)
        articles = tuple(row.stored for row in rows)
        title = f"Most popular, {window}"
        return Listing(title, "/popular", "/popular", articles, query=f"?window={window}")


def _more(found: Sequence[StoredArticle], limit: int) -> tuple[str, str] | None:
    """The cursor of the next page, where this one is full."""
    if len(found) < limit:
        return None
    return "before", encode_before(Place(found[-1].published_at_ms, found[-1].article.id))
