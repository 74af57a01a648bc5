"""Every listing over HTTP: its page, and with an extension its feeds."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, urlencode

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from newsman.feeds.cache.stored_answers import RenderedBody, made
from newsman.feeds.core import KINDS, PAGE_ROWS
from newsman.feeds.listings.catalogue_listings import CatalogueListings, Page, page_of
from newsman.feeds.listings.listings import Listings, PopularRow
from newsman.feeds.pages.about import EntityFacts
from newsman.feeds.pages.chosen import (
    FeedQuery,
    PastQuery,
    PopularFeedQuery,
    PopularPageQuery,
    PopularPastQuery,
    chosen_format,
)
from newsman.feeds.pages.front import PAST_FRESH_SECONDS, POPULAR_FRESH_SECONDS, PageRoutes
from newsman.feeds.pages.past import PAST_ROWS, PastMoment
from newsman.feeds.pages.render import HTML, Pages
from newsman.feeds.query.listings import Paging
from newsman.feeds.query.selection import Selection
from newsman.feeds.subscribers.reading import looking
from newsman.outputs import split_extension
from newsman.outputs.listing import QUERIED, Listing
from newsman.rankings.core import RankingRow
from newsman.site.plan import OwnPage
from newsman_schemas.popularity import WINDOWS

POPULAR_ROWS = 50
FRONT_FEEDS = ("latest", "index", "feed")
MORE_KINDS = {"authors": "author", "sources": "source", "languages": "language"}
MORE_KINDS |= {"stories": "story"}
KIND_NAMES = {"sections": "Section", "tags": "Topic", "entities": "In the news"}
KIND_NAMES |= {
    "authors": "Author",
    "sources": "Source",
    "languages": "Language",
    "stories": "Story",
}
REFERRED = {"Cache-Control": "max-age=3600"}
PARAMETERS = frozenset((*FeedQuery.names, "version"))


class ListingRoutes:
    """The routes of listings, answered by the front."""

    def __init__(
        self, front: PageRoutes, listings: Listings, finder: CatalogueListings, pages: Pages
    ) -> None:
        self._front = front
        self._listings = listings
        self._finder = finder
        self._pages = pages
        self._facts = EntityFacts(finder, listings.articles, zone=pages.site.zone)

    def routes(self) -> list[BaseRoute]:
        """Pages and feeds; the last route takes any name at the root."""
        return [
            Route("/popular", self.popular_page),
            Route("/feed", self.any_feed),
            *(Route(f"/{kind}/{{slug}}", self._listed(kind)) for kind in KINDS),
            *(Route(f"/{kind}/{{slug}}", self._selected(kind)) for kind in MORE_KINDS),
            Route("/{name}", self.root_feed),
        ]

    async def root_feed(self, request: Request) -> Response:
        """`/latest.rss` and `/popular.rss`, in every format; the front page is `/latest`."""
        name, extension = split_extension(request.path_params["name"])
        if extension is None and name in FRONT_FEEDS:
            query = f"?{request.url.query}" if request.url.query else ""
            moved = {"Location": f"/{query}", **REFERRED}
            raise HTTPException(301, "The latest news is on the front page.", headers=moved)
        if extension is None and (own := self._pages.site_file.plan.page(name)):
            return await self._own_page(request, own)
        if extension is None or name not in (*FRONT_FEEDS, "popular"):
            raise HTTPException(404)
        if name == "popular":
            asked = PopularPageQuery.read(request.query_params)
            return await self._popular_feed(request, asked, extension)

        chosen = chosen_format(request, extension)

        async def make() -> RenderedBody:
            onward, since = _page(request), self._finder.since_now()
            newest = await self._listings.latest(limit=0 if onward else PAGE_ROWS)
            listing = replace(newest, since=since)
            if onward:
                listing = await self._finder.found(listing, Selection(), onward)
            return self._front.feed(listing, chosen)

        return await self._front.serve(request, make, _variant(request))

    async def _own_page(self, request: Request, own: OwnPage) -> Response:
        async def make() -> RenderedBody:
            values = {"title": own.title, "slug": own.slug, "body": Markup(own.body)}  # noqa: S704
            return made(self._pages.page("own_page.html", **values), HTML)

        return await self._front.serve(request, make)

    async def popular_page(self, request: Request) -> Response:
        """The most popular articles of a window, of what the query selects."""
        asked = PopularPastQuery.read(request.query_params)
        window = asked.window
        if asked.as_of:
            return await self._past_popular(request, asked, asked.as_of)

        async def make() -> RenderedBody:
            selection = await self._finder.resolved(asked.selection)
            rows = await self._listings.popular(window, selection=selection, limit=POPULAR_ROWS)
            name = await self._name(selection)
            page = self._pages.popular(rows, window, list(WINDOWS), name, selection.query)
            return made(page, HTML)

        variant = f"{window} {asked.selection.query}"
        return await self._front.serve(request, make, variant, lasts_seconds=POPULAR_FRESH_SECONDS)

    async def _past_popular(
        self, request: Request, asked: PopularPageQuery, at: datetime
    ) -> Response:
        self._front.past.check(at)
        window = asked.window

        async def make() -> RenderedBody:
            selection = await self._finder.resolved(asked.selection)
            rows = await self._front.past.popular(window, at, PAST_ROWS, selection)
            shown = [
                PopularRow(rank, stored, RankingRow(stored.article.id, views, 0, views))
                for rank, (stored, views) in enumerate(rows, start=1)
            ]
            name, query = await self._name(selection), selection.query
            page = self._pages.popular(shown, window, list(WINDOWS), name, query, PastMoment(at))
            return made(page, HTML)

        variant = f"{window} {asked.selection.query} as of {at}"
        return await self._front.serve(request, make, variant, lasts_seconds=PAST_FRESH_SECONDS)

    def _listed(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def listed(request: Request) -> Response:
            slug, extension = split_extension(request.path_params["slug"])
            chosen = chosen_format(request, extension) if extension else None
            at = PastQuery.read(request.query_params).as_of
            if at and not chosen:
                selection = Selection(((KINDS[kind], slug),))
                return await self._front.past_listing(request, selection, at)

            async def make() -> RenderedBody | None:
                onward, since = _page(request), self._finder.since_now()
                with looking() if onward else nullcontext():
                    newest = await self._listings.under(kind, slug)
                if newest is None or (kind == "entities" and not newest.articles):
                    await self._refer(kind, slug, request)
                if newest is None:
                    return None
                listing = replace(newest, since=since)
                if onward:
                    selection = Selection(((KINDS[kind], slug),))
                    listing = await self._finder.found(listing, selection, onward)
                if chosen:
                    return self._front.feed(listing, chosen)
                about = await self._facts.of(slug, listing) if kind == "entities" else None
                return await self._front.listing_page(listing, KIND_NAMES[kind], about=about)

            return await self._front.serve(
                request,
                make,
                _variant(request),
                lasts_seconds=0 if chosen else POPULAR_FRESH_SECONDS,
            )

        return listed

    async def _refer(self, kind: str, slug: str, request: Request) -> None:
        """Raises 301 where the slug is another name of an entity."""
        other = await self._finder.entity(slug) if kind == "entities" else None
        if other is None or other == slug:
            return
        _, extension = split_extension(request.path_params["slug"])
        end = f".{extension}" if extension else ""
        query = f"?{request.url.query}" if request.url.query else ""
        address = f"/{kind}/{quote(other)}{end}{query}"
        raise HTTPException(
            301,
            "Moved to the entity's canonical address.",
            headers={"Location": address, **REFERRED},
        )

    def _selected(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        """Authors, sources and languages, which only the catalogue knows."""

        async def selected(request: Request) -> Response:
            slug, extension = split_extension(request.path_params["slug"])
            chosen = chosen_format(request, extension) if extension else None
            selection = Selection(((MORE_KINDS[kind], slug),))
            at = PastQuery.read(request.query_params).as_of
            if at and not chosen:
                return await self._front.past_listing(request, selection, at)

            async def make() -> RenderedBody | None:
                title = await self._finder.title(selection)
                if title is None:
                    return None
                path = f"/{kind}/{quote(slug)}"
                since = self._finder.since_now()
                empty = Listing(title, path, path, (), term=selection.filters[0], since=since)
                onward = _page(request) or Page()
                listing = await self._finder.found(empty, selection, onward)
                if kind == "stories":
                    if not listing.articles:
                        return None
                    listing = replace(listing, title=listing.articles[-1].article.headline)
                if chosen:
                    return self._front.feed(listing, chosen)
                if kind == "stories":
                    values = {"listing": listing, "title": listing.title}
                    return made(self._pages.page("story.html", **values), HTML)
                return await self._front.listing_page(listing, KIND_NAMES[kind])

            return await self._front.serve(
                request, make, _variant(request), lasts_seconds=POPULAR_FRESH_SECONDS
            )

        return selected

    async def any_feed(self, request: Request) -> Response:
        """Any combination of filters, the format as a parameter; of a window the most popular."""
        if "window" in request.query_params:
            popular = PopularFeedQuery.read(request.query_params)
            return await self._popular_feed(request, popular, popular.format)
        asked = FeedQuery.read(request.query_params)
        chosen = chosen_format(request, asked.format)

        async def make() -> RenderedBody:
            selection = await self._finder.resolved(asked.selection)
            title = await self._finder.title(selection) or "Nothing yet"
            query = f"?{selection.query}" if selection.query else ""
            since = self._finder.since_now()
            empty = Listing(title, "/search", QUERIED, (), query=query, since=since)
            onward = page_of(asked) or Page()
            return self._front.feed(await self._finder.found(empty, selection, onward), chosen)

        return await self._front.serve(request, make, _variant(request))

    async def _popular_feed(
        self, request: Request, asked: PopularPageQuery, extension: str
    ) -> Response:
        window, chosen = asked.window, chosen_format(request, extension)

        async def make() -> RenderedBody:
            selection = await self._finder.resolved(asked.selection)
            name = await self._name(selection)
            listing = await self._listings.popular_listing(window, selection=selection, name=name)
            return self._front.feed(listing, chosen)

        variant = f"{window} {_variant(request)}"
        return await self._front.serve(request, make, variant, lasts_seconds=POPULAR_FRESH_SECONDS)

    async def _name(self, selection: Selection) -> str:
        return (await self._finder.title(selection) or "") if selection.filters else ""


def _page(request: Request) -> Page | None:
    return page_of(Paging.read(request.query_params))


def _variant(request: Request) -> str:
    """The part of the query that makes the answer another one."""
    pairs = sorted((k, v) for k, v in request.query_params.items() if k in PARAMETERS)
    return urlencode(pairs)
