"""Searching the news, and the older stories of all."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds.cache.stored_answers import RenderedBody, made
from newsman.feeds.listings.catalogue_listings import CatalogueListings, Page, page_of
from newsman.feeds.pages.chosen import SearchQuery
from newsman.feeds.pages.front import POPULAR_FRESH_SECONDS, PageRoutes
from newsman.feeds.pages.render import HTML, Pages
from newsman.outputs.listing import QUERIED, Listing

OPENSEARCH = "application/opensearchdescription+xml"


class SearchRoutes:
    """The page of words or of a combination of filters."""

    def __init__(self, front: PageRoutes, finder: CatalogueListings, pages: Pages) -> None:
        self._front = front
        self._finder = finder
        self._pages = pages

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [Route("/search", self.search), Route("/opensearch.xml", self.opensearch)]

    async def search(self, request: Request) -> Response:
        """Stories with all the words, the best first; without words those of the filters."""
        query = SearchQuery.read(request.query_params)
        words, asked, page = query.q, query.selection, page_of(query)

        async def make() -> RenderedBody:
            selection = await self._finder.resolved(asked)
            narrowed = await self._finder.title(selection) if selection.filters else None
            if not words and (selection.filters or page):
                again = f"?{selection.query}" if selection.query else ""
                empty = Listing(narrowed or "All news", "/search", QUERIED, (), query=again)
                listing = await self._finder.found(empty, selection, page or Page())
                return await self._front.listing_page(listing, None)
            collapse = bool(page and page.collapse)
            hits = await self._finder.matching(words, selection, collapse=collapse)
            return made(self._pages.search(words, hits, narrowed=narrowed), HTML)

        variant = f"{words}?{asked.query}&{page}"
        return await self._front.serve(request, make, variant, lasts_seconds=POPULAR_FRESH_SECONDS)

    async def opensearch(self, request: Request) -> Response:
        """The description by which browsers search here."""

        async def make() -> RenderedBody:
            return made(self._pages.opensearch(), OPENSEARCH)

        return await self._front.serve(request, make)
