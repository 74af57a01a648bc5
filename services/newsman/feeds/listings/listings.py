"""Finding what a page or feed lists."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from newsman.feeds.core import KINDS, PAGE_ROWS
from newsman.feeds.listings.tombstones import TombstoneReader, tombstone
from newsman.feeds.query.cursors import ListingPosition, encode_before
from newsman.feeds.query.selection import Selection
from newsman.feeds.subscribers.reading import looking, narrowing, tell_articles
from newsman.outputs.listing import Listing, Tombstone
from newsman.rankings.core import SCOPE_KINDS, RankingRow
from newsman.rankings.kept import KeptRankings
from newsman.rankings.ranking import RankingRequest, Rankings
from newsman.redis.articles import ArticleReader, StoredArticle
from newsman_schemas.article_rules import LATEST
from newsman_schemas.popularity import OVERALL

TOMBSTONES = 50
POPULAR_LOOKED_AT = 500
EVERYTHING = Selection()


@dataclass(frozen=True)
class PopularRow:
    """A published article with its place in a ranking."""

    rank: int
    stored: StoredArticle
    count: RankingRow


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
        articles = await self.articles.listed(LATEST, limit=limit, offset=offset)
        return Listing(
            "Latest",
            "/",
            "/latest",
            tuple(articles),
            tombstones=await self._gone(LATEST),
            more=_more(articles, limit),
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
        articles = await self.articles.listed(term, limit=limit, offset=offset)
        return Listing(
            named.name,
            path,
            path,
            tuple(articles),
            term=(KINDS[kind], slug),
            tombstones=await self._gone(term),
            more=_more(articles, limit),
        )

    async def _gone(self, term: str) -> tuple[Tombstone, ...]:
        gone = await self.articles.gone(term, limit=TOMBSTONES)
        return tuple(tombstone(withdrawn) for withdrawn in gone)

    async def popular(
        self, window: str, *, selection: Selection = EVERYTHING, limit: int = 10
    ) -> tuple[PopularRow, ...]:
        """The most viewed published articles of a window that pass a selection; of several
        filters those among the POPULAR_LOOKED_AT most viewed of the first that has a ranking."""
        scope, is_exact = scope_of(selection)
        if is_exact and not narrowing():
            return await self.ranked(RankingRequest("views", window, scope, limit))
        with looking():
            rows = await self.ranked(RankingRequest("views", window, scope, POPULAR_LOOKED_AT))
        taken = [row for row in rows if selection.takes(row.stored.article)][:limit]
        tell_articles(row.stored for row in taken)
        return tuple(replace(row, rank=rank) for rank, row in enumerate(taken, start=1))

    async def ranked(self, asked: RankingRequest) -> tuple[PopularRow, ...]:
        """The articles of any ranking."""
        rows = await self._kept.rows(asked)
        stored = await self.articles.many([row.article_id for row in rows])
        by_id = {entry.article.id: entry for entry in stored}
        # Articles killed between the two queries leave no gap.
        there = [row for row in rows if row.article_id in by_id]
        return tuple(
            PopularRow(rank, by_id[row.article_id], row) for rank, row in enumerate(there, start=1)
        )

    async def popular_listing(
        self, window: str, *, selection: Selection = EVERYTHING, name: str = ""
    ) -> Listing:
        """A ranking as a listing for feeds; `name` is the selection's title."""
        rows = await self.popular(window, selection=selection, limit=PAGE_ROWS)
        articles = tuple(row.stored for row in rows)
        title = " · ".join(part for part in (f"Most popular, {window}", name) if part)
        more = f"&{selection.query}" if selection.query else ""
        return Listing(title, "/popular", "/popular", articles, query=f"?window={window}{more}")


def scope_of(selection: Selection) -> tuple[str, bool]:
    """The scope of the ranking that a selection is taken from, and whether it is all of it."""
    scoped = selection.only(SCOPE_KINDS)
    scope = scoped.terms[0] if scoped.filters else OVERALL
    return scope, len(selection.filters) == len(scoped.filters[:1])


def _more(rows: Sequence[StoredArticle], limit: int) -> tuple[str, str] | None:
    """The cursor of the next page, where this one is full."""
    if not rows or len(rows) < limit:
        return None
    return "before", encode_before(ListingPosition(rows[-1].published_at_ms, rows[-1].article.id))
