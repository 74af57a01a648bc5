"""Searching the news, and the older stories of all."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds.cache.stored_answers import RenderedBody, made
from newsman.feeds.core import QUERIED, Listing
from newsman.feeds.listings.catalogue_listings import CatalogueListings, Page, page_of
from newsman.feeds.pages.front import POPULAR_FRESH_SECONDS, PageRoutes
from newsman.feeds.pages.render import HTML, Pages
from newsman.feeds.query.parameters import BadParameter
from newsman.feeds.query.selection import select

MAX_WORDS_CHARACTERS = 200
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
        words = " ".join(request.query_params.get("q", "").split())
        if len(words) > MAX_WORDS_CHARACTERS:
            raise BadParameter("q", f"is longer than {MAX_WORDS_CHARACTERS} characters")
        asked, page = select(request.query_params), page_of(request.query_params)

        async def make() -> RenderedBody:
            selection = await self._finder.resolved(asked)
            narrowed = await self._finder.title(selection) if selection.filters else None
            if not words and (selection.filters or page):
                query = f"?{selection.query}" if selection.query else ""
                empty = Listing(narrowed or "All news", "/search", QUERIED, (), query=query)
                found = await self._finder.found(empty, selection, page or Page())
                return await self._front.listing_page(found, None)
            collapse = bool(page and page.collapse)
            hits = await self._finder.matching(words, selection, collapse=collapse)
            return made(self._pages.search(words, hits, narrowed=narrowed), HTML)

        variant = f"{words}?{asked.query}&{page}"
        return await self._front.serve(request, make, variant, lasts_seconds=POPULAR_FRESH_SECONDS)

    async def opensearch(self, request: Request) -> Response:
        """How browsers search here."""

        async def make() -> RenderedBody:
            return made(self._pages.opensearch(), OPENSEARCH)

        return await self._front.serve(request, make)
