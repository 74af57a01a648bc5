"""Listings that the catalogue finds and the store tells: combinations, older pages, changes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from urllib.parse import quote, urlencode

from newsman.feeds.catalogue import queries as queries
from newsman.feeds.catalogue.aliases import entity_slug
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.search import search, search_stories
from newsman.feeds.catalogue.story_queries import (
    changed_stories,
    listed_stories,
    members,
)
from newsman.feeds.catalogue.term_facts import (
    TermFacts,
    days_of,
    oldest_ms,
    term_facts,
)
from newsman.feeds.catalogue.term_tests import Term
from newsman.feeds.core import KINDS, PAGE_ROWS, joined
from newsman.feeds.query.cursors import ListingPosition, encode_before, encode_since
from newsman.feeds.query.listings import STORY, Paging
from newsman.feeds.query.selection import Selection
from newsman.feeds.subscribers.reading import narrowing
from newsman.outputs.listing import Listing, Others
from newsman.redis.articles import ArticleReader, StoredArticle
from newsman_schemas.article_rules import term_named

TOMBSTONES = 50
MOST_DEPARTED = 200
PLACES = {**KINDS, "authors": "author", "sources": "source"}
OTHERS_LINKED = 5
SOURCE = "source"


class CatalogueIncomplete(Exception):
    """The catalogue has not read the log yet."""


@dataclass(frozen=True)
class Page:
    """A part of a listing: after a place in it, or the changes since a position.

    With `collapse` one article stands for each story; `top` is where a reader of pages began.
    """

    before: ListingPosition | None = None
    since: tuple[tuple[int, int], ...] | None = None
    limit: int = PAGE_ROWS
    oldest_ms: int = queries.OLDEST_MS
    collapse: bool = False
    top: ListingPosition | None = None
    offset: int = 0

    @property
    def form(self) -> tuple[tuple[str, str], ...]:
        """The parameters that make a feed of such pages another feed."""
        return () if self.limit == PAGE_ROWS else (("limit", str(self.limit)),)


def page_of(asked: Paging) -> Page | None:
    """The part that a query asks for, None where the store's own list is the answer."""
    if not asked.is_asked_for and not narrowing():
        return None
    place, top = asked.before or (None, None)
    collapse = asked.collapse is not None
    return Page(place, asked.since, asked.limit, collapse=collapse, top=top)


class CatalogueListings:
    """Asks the catalogue which articles, and the store what they say."""

    def __init__(
        self,
        catalogue: Catalogue,
        articles: ArticleReader,
        source_name: Callable[[str, str], str] = lambda _, name: name,
    ) -> None:
        """`source_name` gives the site's name of a source, by its slug and the name it has."""
        self._source_name = source_name
        self._catalogue = catalogue
        self._articles = articles
        self._named: dict[tuple[str, int], tuple[int, list[tuple[str, str]]]] = {}

    @property
    def generation(self) -> int:
        """A number that stays while the answers stay."""
        return self._catalogue.generation

    async def title(self, selection: Selection) -> str | None:
        """The title of a selection; None when no article ever stood under one of its terms."""
        self._check()
        names = [await asyncio.to_thread(self._name_of, term) for term in selection.terms]
        return " · ".join(names) if all(names) else None  # type: ignore[arg-type]

    def _name_of(self, term: str) -> str | None:
        name = queries.term_name(self._catalogue, term)
        kind, _, slug = term.partition(":")
        return self._source_name(slug, name) if name and kind == SOURCE else name

    async def entity(self, slug: str) -> str | None:
        """The slug that a name of an entity leads to; None while or where nothing is known."""
        if not self._catalogue.is_whole:
            return None
        return await asyncio.to_thread(entity_slug, self._catalogue, slug)

    async def resolved(self, selection: Selection) -> Selection:
        """The selection with the entity that its name of one leads to."""
        filters = dict(selection.filters)
        if "entity" not in filters or (slug := await self.entity(filters["entity"])) is None:
            return selection
        return Selection(tuple((filters | {"entity": slug}).items()))

    async def scope(self, scope: str) -> str:
        """The scope of a ranking with the entity that its name of one leads to."""
        kind, _, slug = scope.partition(":")
        if kind != "entity" or (named := await self.entity(slug)) is None:
            return scope
        return term_named(kind, named)

    async def found(self, listing: Listing, selection: Selection, page: Page) -> Listing:
        """The listing with the articles of one part of a selection."""
        self._check()
        listing = replace(listing, form=page.form)
        if page.collapse:
            query = joined(listing.query, urlencode([("collapse", STORY)]))
            found = await self._found(replace(listing, query=query), selection, page)
            others = await self.others([stored.article.id for stored in found.articles])
            return replace(found, others=others)
        return await self._found(listing, selection, page)

    async def _found(self, listing: Listing, selection: Selection, page: Page) -> Listing:
        if page.since is not None:
            return await self._changed(listing, selection, page)
        asked = (self._catalogue, _terms(selection))
        places = await asyncio.to_thread(_places, *asked, page)
        gone = await asyncio.to_thread(queries.departed, *asked, TOMBSTONES)
        is_full = len(places) == page.limit
        return replace(
            listing,
            articles=tuple(await self._articles.many([place.article_id for place in places])),
            tombstones=() if page.before else tuple(gone),
            more=("before", _onward(places, page)) if is_full else None,
        )

    async def matching(
        self,
        words: str,
        selection: Selection,
        *,
        limit: int = PAGE_ROWS,
        offset: int = 0,
        collapse: bool = False,
    ) -> list[StoredArticle]:
        """The articles with all the words, the best first; of each story the best, if asked."""
        self._check()
        terms = (*(selection.terms if selection.filters else ()), *narrowing())
        asked = (self._catalogue, words, terms, limit, offset)
        find = search_stories if collapse else search
        return await self._articles.many(await asyncio.to_thread(find, *asked))

    async def others(self, article_ids: Sequence[str]) -> dict[str, Others]:
        """Of each article that has any, the others of its story that readers may see now."""
        if not self._catalogue.is_whole:
            return {}
        visible = await self._visible_members(article_ids)
        linked = {name for names in visible.values() for name in names[:OTHERS_LINKED]}
        read = {stored.article.id: stored for stored in await self._articles.many(sorted(linked))}
        return {
            article_id: Others(
                len(names), tuple(read[name] for name in names[:OTHERS_LINKED] if name in read)
            )
            for article_id, names in visible.items()
        }

    async def _visible_members(self, article_ids: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the others of each article's story, those without any left out."""
        asked = [
            asyncio.to_thread(members, self._catalogue, article_id) for article_id in article_ids
        ]
        stories = dict(zip(article_ids, await asyncio.gather(*asked), strict=True))
        published = await self._articles.published(set(chain.from_iterable(stories.values())))
        visible = {
            article_id: [name for name in names if name in published]
            for article_id, names in stories.items()
        }
        return {article_id: names for article_id, names in visible.items() if names}

    async def elsewhere(self, stored: StoredArticle, limit: int) -> list[StoredArticle]:
        """Articles of the same story from other sources, the newest first."""
        if not self._catalogue.is_whole:
            return []
        asked = (self._catalogue, stored.article.id, limit)
        return await self._articles.many(await asyncio.to_thread(members, *asked, elsewhere=True))

    async def related(self, stored: StoredArticle, limit: int) -> list[StoredArticle]:
        """The newest articles of other stories that share the most with one; none while nothing
        is known."""
        if not self._catalogue.is_whole:
            return []
        asked = (self._catalogue, stored.article.id, limit)
        return await self._articles.many(await asyncio.to_thread(queries.related, *asked))

    async def named(self, kind: str, limit: int) -> list[tuple[str, str]]:
        """Slug and name of the largest sections, tags and so on by name; none while nothing is
        known."""
        if not self._catalogue.is_whole:
            return []
        known = self._named.get((kind, limit))
        if known is None or known[0] != self.generation:
            asked = self.generation
            largest = await asyncio.to_thread(queries.largest, self._catalogue, kind, limit)
            by_name = sorted(
                ((slug, name) for slug, name, _ in largest), key=lambda one: one[1].casefold()
            )
            known = self._named[kind, limit] = asked, by_name
        return known[1]

    async def facts(self, term: str, *, until_ms: int, days: int, limit: int) -> TermFacts | None:
        """The facts of a term; None while the catalogue knows nothing, and for those who may not
        see all articles."""
        if not self._catalogue.is_whole or narrowing():
            return None
        bounds = {"until_ms": until_ms, "days": days, "limit": limit}
        return await asyncio.to_thread(term_facts, self._catalogue, term, **bounds)

    def numbers_between(self, bounds_ms: list[int]) -> list[int]:
        """The numbers of articles between each of these Unix ms and the next."""
        self._check()
        return days_of(self._catalogue, bounds_ms)

    def departed_since(self, selection: Selection, at: datetime) -> list[str]:
        """The ids of articles that stood under a selection and went after a moment, the last first;
        at most MOST_DEPARTED are looked at."""
        self._check()
        gone = queries.departed(self._catalogue, selection.terms, MOST_DEPARTED)
        return [tombstone.article_id for tombstone in gone if tombstone.at > at]

    def oldest_ms(self) -> int | None:
        """The Unix ms of the oldest article; None where there is none."""
        self._check()
        return oldest_ms(self._catalogue)

    async def places(self, limit: int) -> list[str]:
        """The paths of the largest sections, tags, entities, authors and sources."""
        self._check()
        paths = []
        for folder, kind in PLACES.items():
            largest = await asyncio.to_thread(queries.largest, self._catalogue, kind, limit)
            paths += [f"/{folder}/{quote(slug)}" for slug, _, _ in largest]
        return paths

    def largest(self, kind: str, limit: int) -> list[tuple[str, str, int]]:
        """Slug, name and number of articles of the largest sections, tags and so on."""
        self._check()
        rows = queries.largest(self._catalogue, kind, limit)
        if kind != SOURCE:
            return rows
        return [(slug, self._source_name(slug, name), number) for slug, name, number in rows]

    def since_now(self) -> str:
        """The cursor from which on nothing has changed yet."""
        return encode_since(self._catalogue.reached)

    async def _changed(self, listing: Listing, selection: Selection, page: Page) -> Listing:
        asked = (self._catalogue, _terms(selection), dict(page.since or ()), page.limit)
        query = changed_stories if page.collapse else queries.changed
        changes, reached = await asyncio.to_thread(query, *asked)
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
            raise CatalogueIncomplete


def _terms(selection: Selection) -> tuple[Term, ...]:
    """The terms of a selection, and those that whoever reads is kept to."""
    return (*selection.terms, *narrowing())


def _places(catalogue: Catalogue, terms: tuple[Term, ...], page: Page) -> list[ListingPosition]:
    if not page.collapse:
        bounds = (page.before, page.limit, page.oldest_ms, page.offset)
        return queries.listed(catalogue, terms, *bounds)
    return listed_stories(
        catalogue,
        terms,
        before=page.before,
        top=page.top,
        limit=page.limit,
        oldest_ms=page.oldest_ms,
    )


def _onward(places: Sequence[ListingPosition], page: Page) -> str:
    if not page.collapse:
        return encode_before(places[-1])
    # A time bound is not an article, and the query has it anyway.
    began = page.top if page.top and page.top.article_id else places[0]
    return encode_before(places[-1], began)
