"""Pages and feeds over HTTP."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from newsman.feeds.cache.answer_cache import AnswerCache, Make
from newsman.feeds.cache.stored_answers import RenderedBody, made
from newsman.feeds.corrections.corrections import Corrections
from newsman.feeds.listings.catalogue_listings import CatalogueListings, page_of
from newsman.feeds.listings.listings import Listings
from newsman.feeds.pages.about import AboutEntity
from newsman.feeds.pages.answers import rendered
from newsman.feeds.pages.chosen import SIDE_WINDOW, PastQuery, chosen_format, chosen_version
from newsman.feeds.pages.front_stories import FrontStories
from newsman.feeds.pages.past import PastMoment, PastPages
from newsman.feeds.pages.render import HTML, Pages
from newsman.feeds.query.listings import STORY, Paging
from newsman.feeds.query.selection import Selection
from newsman.feeds.subscribers.reading import narrowing
from newsman.outputs import split_extension
from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.listing import Listing, Site, article_url, canonical_url
from newsman.redis.articles import Gone, StoredArticle
from newsman.redis.view_secret import ViewSecret

SIDE_ROWS = 5
RELATED_ROWS = 4
ELSEWHERE_ROWS = 10
SECTIONS = 16
"""So many stand in the bar at the top of every page; `/sections` lists all."""
POPULAR_FRESH_SECONDS = 2
PAST_FRESH_SECONDS = 60
WAS_THERE = "On {} it stood here. The newsroom has withdrawn it since."
WAS_AWAY = "On {} the newsroom had withdrawn it."
URL_CHARACTERS = "%:/?#[]@!$&'()*+,;=~"
"""Characters besides letters, digits and _.- that a URL may hold (RFC 3986 section 2)."""
HEADINGS = {
    301: "Somewhere else",
    400: "That did not work",
    404: "Not here",
    410: "Withdrawn",
    503: "In a moment",
}


class PageRoutes:
    """The routes of readers: each answer made once for as long as nothing behind it changes."""

    def __init__(
        self,
        listings: Listings,
        finder: CatalogueListings,
        pages: Pages,
        site: Site,
        headers: dict[str, str],
        cache: AnswerCache,
        view_tokens: ViewSecret | None = None,
    ) -> None:
        self._view_tokens = view_tokens
        self._listings = listings
        self._finder = finder
        self._pages = pages
        self._site = site
        self._headers = headers
        self._cache = cache
        self.past = PastPages(listings, finder)
        self._corrections = Corrections(listings.articles)
        self.stories = FrontStories(listings, finder, self._corrections, pages.site_file)

    async def serve(
        self, request: Request, make: Make, variant: str = "", *, lasts_seconds: int = 0
    ) -> Response:
        """The answer as the cache has it, or made with the sections that there are by now."""

        async def make_with_sections() -> RenderedBody | None:
            sections = await self._finder.named("section", SECTIONS)
            self._pages.sections = self._pages.site_file.plan.ordered(sections)
            return await make()

        return await self._cache.serve(
            request, make_with_sections, variant, lasts_seconds=lasts_seconds
        )

    def routes(self) -> list[BaseRoute]:
        """Pages, and the same with an extension as feeds."""
        return [
            Route("/", self.front_page),
            Route("/articles/{article_id}", self.article),
            Route("/static/{name}", self.static),
        ]

    async def front_page(self, request: Request) -> Response:
        """The front page; of parts of it, and for those who may not see all, the newest stories."""
        if at := PastQuery.read(request.query_params).as_of:
            return await self.past_listing(request, Selection(), at)
        page = page_of(Paging.read(request.query_params))
        found = page if page and (page.collapse or narrowing()) else None

        async def make() -> RenderedBody:
            if not found:
                front = await self.stories.front(self._pages.sections)
                return made(self._pages.front(front), HTML)
            heading = await self._listings.latest(limit=0)
            listing = await self._finder.found(heading, Selection(), found)
            return await self.listing_page(listing, None)

        collapsed = str(found) if found else ""
        return await self.serve(request, make, collapsed, lasts_seconds=POPULAR_FRESH_SECONDS)

    async def article(self, request: Request) -> Response:
        """An article, as a page or in the format of the extension."""
        article_id, extension = split_extension(request.path_params["article_id"])
        if extension is None:
            at = PastQuery.read(request.query_params).as_of
            return await (
                self._past_article(request, article_id, at)
                if at
                else self._article_page(request, article_id)
            )
        return await self._article_document(request, article_id, extension)

    async def past_listing(self, request: Request, selection: Selection, at: datetime) -> Response:
        """The newest stories of a selection as they stood at a past moment."""
        self.past.check(at)

        async def make() -> RenderedBody | None:
            title = await self._finder.title(selection) if selection.filters else "Latest"
            if title is None:
                return None
            empty = Listing(title, request.scope["path"], "/latest", ())
            listing, past = await self.past.listing(selection, empty, at)
            if selection.only((STORY,)).filters and listing.articles:
                listing = replace(listing, title=listing.articles[-1].article.headline)
            return made(self._pages.listing(listing, (), has_feeds=False, past=past), HTML)

        return await self.serve(request, make, f"as of {at}", lasts_seconds=PAST_FRESH_SECONDS)

    async def _past_article(self, request: Request, article_id: str, at: datetime) -> Response:
        """The article as it stood; of one that is gone by now only that it was there."""
        self.past.check(at)

        async def make() -> RenderedBody | None:
            found = await self.past.article(article_id, at)
            if found is None or found.standing == "not yet":
                return None
            if found.stored is None:
                said = WAS_THERE if found.standing == "there" else WAS_AWAY
                page = self._pages.message("Withdrawn", said.format(self._pages.at(at)))
                return made(page, HTML, status=410)
            return made(self._pages.article(found.stored, (), past=PastMoment(at)), HTML)

        return await self.serve(request, make, f"as of {at}", lasts_seconds=PAST_FRESH_SECONDS)

    async def _article_page(self, request: Request, article_id: str) -> Response:
        """The page; 410 with a note when the article may not be seen any more."""

        async def make() -> RenderedBody | None:
            article = await self._listings.articles.find(article_id)
            if article is None:
                return None
            if isinstance(article, Gone):
                raise HTTPException(410)
            rows = await self._listings.popular(SIDE_WINDOW, limit=SIDE_ROWS)
            related = await self._finder.related(article, RELATED_ROWS)
            elsewhere = await self._finder.elsewhere(article, ELSEWHERE_ROWS)
            token = await self._view_token(article_id)
            changes = await self._corrections.of(article, now=datetime.now(UTC))
            shown = (article, rows, related, elsewhere, token, changes)
            return made(self._pages.article(*shown), HTML)

        return await self.serve(request, make, lasts_seconds=POPULAR_FRESH_SECONDS)

    async def _view_token(self, article_id: str) -> str | None:
        """The token of the article's page, the same for all who have it in the same minutes."""
        if self._view_tokens is None:
            return None
        tokens = await self._view_tokens.tokens()
        page = article_url(self._site, article_id)
        return tokens.issue(article_id, page, now_seconds=time.time())

    async def _article_document(
        self, request: Request, article_id: str, extension: str
    ) -> Response:
        """The document; 410 with what the format says of a kill when the article is gone."""
        chosen = chosen_format(request, extension)
        if chosen.render_article is None or chosen.render_tombstone is None:
            raise HTTPException(404)
        render, render_tombstone = chosen.render_article, chosen.render_tombstone
        media_type = chosen.article_media_type or chosen.media_type

        async def make() -> RenderedBody | None:
            article = await self._listings.articles.find(article_id)
            if article is None:
                return None
            if isinstance(article, Gone):
                tombstone = await self._listings.tombstones.of(article)
                return made(render_tombstone(tombstone, self._site), media_type, status=410)
            return made(render(article, self._site), media_type, headers=self._canonical(article))

        return await self.serve(request, make, chosen_version(request))

    def _canonical(self, stored: StoredArticle) -> dict[str, str]:
        """The Link to the page that search engines are to index instead (RFC 6596)."""
        url = quote(canonical_url(self._site, stored.article), safe=URL_CHARACTERS)
        return {"Link": f'<{url}>; rel="canonical"'}

    async def static(self, request: Request) -> Response:
        """The style sheet and the script; their addresses change with their content."""
        file = self._pages.static(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", **self._headers}
        return Response(file.body, media_type=file.media_type, headers=headers)

    def say(self, status: int, text: str, headers: dict[str, str]) -> Response:
        """A page that only says something."""
        body = self._pages.message(HEADINGS.get(status, HEADINGS[400]), text)
        return Response(
            body, status_code=status, media_type=HTML, headers={**self._headers, **headers}
        )

    async def listing_page(
        self,
        listing: Listing,
        kind: str | None,
        *,
        about: AboutEntity | None = None,
        has_feeds: bool = True,
    ) -> RenderedBody:
        """The page of a listing, with what it is about above it and the most popular beside it."""
        rows = await self._listings.popular(SIDE_WINDOW, limit=SIDE_ROWS)
        shown = self._pages.listing(listing, rows, kind=kind, about=about, has_feeds=has_feeds)
        return made(shown, HTML)

    def feed(self, listing: Listing, chosen: FeedFormat) -> RenderedBody:
        """The listing in a format."""
        return rendered(listing, chosen, self._site)
