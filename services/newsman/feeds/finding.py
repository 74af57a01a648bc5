"""Listings that the catalogue finds and the store tells: combinations, older pages, changes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from newsman.feeds import catalogue_queries as queries
from newsman.feeds.catalogue import Catalogue
from newsman.feeds.core import PAGE_ROWS, Listing
from newsman.feeds.cursors import (
    BadCursor,
    Place,
    decode_before,
    decode_since,
    encode_before,
    encode_since,
)
from newsman.feeds.parameters import BadParameter, read_number
from newsman.feeds.selection import Selection
from newsman.redis.articles import ArticleReader, StoredArticle

PAGING = ("before", "since", "limit")
MAX_ROWS = 100
TOMBSTONES = 50


class NotWhole(Exception):
    """The catalogue has not read the log yet."""


@dataclass(frozen=True)
class Page:
    """Which part of a listing: after a place in it, or what changed since a position."""

    before: Place | None = None
    since: tuple[tuple[int, int], ...] | None = None
    limit: int = PAGE_ROWS


def page_of(parameters: Mapping[str, str]) -> Page | None:
    """The part that the parameters name, None if they name none; raises BadParameter."""
    if not any(name in parameters for name in PAGING):
        return None
    limit = read_number(parameters, "limit", PAGE_ROWS, least=1, most=MAX_ROWS)
    before, since = parameters.get("before"), parameters.get("since")
    if before is not None and since is not None:
        raise BadParameter("since", "goes without before")
    try:
        place = None if before is None else decode_before(before)
    except BadCursor as error:
        raise BadParameter("before", str(error)) from error
    try:
        positions = None if since is None else tuple(decode_since(since).items())
    except BadCursor as error:
        raise BadParameter("since", str(error)) from error
    return Page(place, positions, limit)


class Finder:
    """Asks the catalogue which articles, and the store what they say."""

    def __init__(self, catalogue: Catalogue, articles: ArticleReader) -> None:
        self._catalogue = catalogue
        self._articles = articles

    @property
    def generation(self) -> int:
        """The same number means the same answers."""
        return self._catalogue.generation

    async def title(self, selection: Selection) -> str | None:
        """What to call a selection; None when no article ever stood under one of its terms."""
        self._check()
        names = [
            await asyncio.to_thread(queries.term_name, self._catalogue, term)
            for term in selection.terms
        ]
        return " · ".join(names) if all(names) else None  # type: ignore[arg-type]

    async def found(self, listing: Listing, selection: Selection, page: Page) -> Listing:
        """The listing with the articles of one part of a selection."""
        self._check()
        if page.since is not None:
            return await self._changed(listing, selection, dict(page.since), page.limit)
        asked = (self._catalogue, selection.terms)
        places = await asyncio.to_thread(queries.listed, *asked, page.before, page.limit)
        gone = await asyncio.to_thread(queries.departed, *asked, TOMBSTONES)
        is_full = len(places) == page.limit
        return replace(
            listing,
            articles=tuple(await self._articles.many([place.article_id for place in places])),
            tombstones=() if page.before else tuple(gone),
            more=("before", encode_before(places[-1])) if is_full else None,
        )

    async def matching(
        self, words: str, selection: Selection, *, limit: int = PAGE_ROWS
    ) -> list[StoredArticle]:
        """The articles with all the words, the best first."""
        self._check()
        terms = selection.terms if selection.filters else ()
        asked = (self._catalogue, words, terms, limit)
        return await self._articles.many(await asyncio.to_thread(queries.search, *asked))

    async def related(self, stored: StoredArticle, limit: int) -> list[StoredArticle]:
        """The newest articles that share the most with one; none while nothing is known."""
        if not self._catalogue.is_whole:
            return []
        asked = (self._catalogue, stored.article.id, limit)
        return await self._articles.many(await asyncio.to_thread(queries.related, *asked))

    async def sections(self, limit: int) -> list[tuple[str, str]]:
        """Slug and name of the largest sections by name; none while nothing is known."""
        if not self._catalogue.is_whole:
            return []
        found = await asyncio.to_thread(queries.largest, self._catalogue, "section", limit)
        return sorted(((slug, name) for slug, name, _ in found), key=lambda named: named[1])

    def largest(self, kind: str, limit: int) -> list[tuple[str, str, int]]:
        """Slug, name and number of articles of the largest sections, tags and so on."""
        self._check()
        return queries.largest(self._catalogue, kind, limit)

    def since_now(self) -> str:
        """The cursor from which on nothing has changed yet."""
        return encode_since(self._catalogue.positions())

    async def _changed(
        self, listing: Listing, selection: Selection, since: dict[int, int], limit: int
    ) -> Listing:
        asked = (self._catalogue, selection.terms, since, limit)
        changes, reached = await asyncio.to_thread(queries.changed, *asked)
        shown = [change.article_id for change in changes if change.tombstone is None]
        return replace(
            listing,
            articles=tuple(await self._articles.many(shown)),
            tombstones=tuple(gone for change in changes if (gone := change.tombstone)),
            more=("since", encode_since(reached)),
            since=encode_since(reached),
        )

    def _check(self) -> None:
        if not self._catalogue.is_whole:
            raise NotWhole
