"""Descriptions of the site: sitemaps of news, the list of all feeds, indexes of what there is."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds.cache.stored_answers import Clock, RenderedBody, made
from newsman.feeds.listings.catalogue_listings import CatalogueListings
from newsman.feeds.listings.listings import Listings
from newsman.feeds.pages.front import PageRoutes
from newsman.feeds.pages.render import HTML, Pages
from newsman.feeds.programs.robots import robots_txt
from newsman.outputs import opml, sitemap
from newsman.outputs.listing import Site
from newsman.outputs.opml import FeedGroup, Outline
from newsman.redis.articles import StoredArticle
from newsman_schemas.article_rules import LATEST
from newsman_schemas.popularity import WINDOWS

ROWS_AT_ONCE = 250
MOST_FILES = 50_000
"""What an index may name (sitemaps.org)."""
MINUTE_SECONDS = 60
MANIFEST = "application/manifest+json"
OUTLINES_OF_A_KIND = 200
KINDS = {
    "Sections": ("section", "sections"),
    "Topics": ("tag", "tags"),
    "In the news": ("entity", "entities"),
    "Authors": ("author", "authors"),
    "Sources": ("source", "sources"),
    "Languages": ("language", "languages"),
}


class SiteRoutes:
    """Answered by the front, like everything that readers see."""

    def __init__(
        self,
        front: PageRoutes,
        listings: Listings,
        finder: CatalogueListings,
        site: Site,
        pages: Pages,
        clock: Clock = time.time,
        refused: Sequence[str] = (),
    ) -> None:
        """`refused` are the kinds of programs that robots.txt asks to stay away."""
        self._refused = refused
        self._front = front
        self._listings = listings
        self._finder = finder
        self._site = site
        self._pages = pages
        self._clock = clock

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/sitemap-news.xml", self.sitemap),
            Route("/sitemap-news-{number:int}.xml", self.sitemap_page),
            Route("/opml", self.opml),
            Route("/robots.txt", self.robots),
            Route("/manifest.webmanifest", self.manifest),
            *(Route(f"/{folder}", self._index(title)) for title, (_, folder) in KINDS.items()),
        ]

    def _index(self, title: str) -> Callable[[Request], Awaitable[Response]]:
        """The page of the largest sections, topics and so on, by name."""
        kind, folder = KINDS[title]

        async def index(request: Request) -> Response:
            async def make() -> RenderedBody:
                largest = await asyncio.to_thread(self._finder.largest, kind, OUTLINES_OF_A_KIND)
                rows = sorted(largest, key=lambda row: row[1].casefold())
                values = {"title": title, "folder": folder, "rows": rows}
                return made(self._pages.page("index.html", **values), HTML)

            return await self._front.serve(request, make)

        return index

    async def robots(self, _: Request) -> Response:
        """The news is for all that are not refused; API, searches and statistics for no crawler."""
        return Response(robots_txt(self._site, self._refused), media_type="text/plain")

    async def manifest(self, request: Request) -> Response:
        """The site's name, colours and icons for those who put it beside their applications."""

        async def make() -> RenderedBody:
            return made(self._pages.manifest(), MANIFEST)

        return await self._front.serve(request, make)

    async def sitemap(self, request: Request) -> Response:
        """All of the last two days, or an index where they are too many for one file."""

        async def make() -> RenderedBody:
            count = await self._listings.articles.count(LATEST, since_ms=self._oldest_ms())
            files = -(-count // sitemap.MAX_URLS)
            if files > 1:
                body = sitemap.render_index(files, self._site)
            else:
                body = self._sitemap(await self._part(1))
            return made(body, sitemap.MEDIA_TYPE)

        return await self._front.serve(request, make, lasts_seconds=MINUTE_SECONDS)

    async def sitemap_page(self, request: Request) -> Response:
        """One file of them, counted from 1."""
        number = request.path_params["number"]

        async def make() -> RenderedBody | None:
            if not 1 <= number <= MOST_FILES:
                return None
            part = await self._part(number)
            if number > 1 and not part:
                return None
            return made(self._sitemap(part), sitemap.MEDIA_TYPE)

        return await self._front.serve(request, make, lasts_seconds=MINUTE_SECONDS)

    async def opml(self, request: Request) -> Response:
        """Every feed; of tags and the like the largest."""

        async def make() -> RenderedBody:
            general = [
                Outline("Latest", "/", "/latest.rss"),
                Outline("Corrections", "/corrections", "/corrections.rss"),
                Outline("Updates", "/updates", "/updates.rss"),
            ]
            general += [
                Outline(f"Most Popular, {window}", f"/popular?window={window}", feed)
                for window in WINDOWS
                for feed in (f"/popular.rss?window={window}",)
            ]
            groups = [FeedGroup("All news", tuple(general))]
            for title, (kind, folder) in KINDS.items():
                largest = await asyncio.to_thread(self._finder.largest, kind, OUTLINES_OF_A_KIND)
                paths = [(name, f"/{folder}/{quote(slug)}") for slug, name, _ in largest]
                outlines = (Outline(name, path, f"{path}.rss") for name, path in paths)
                groups.append(FeedGroup(title, tuple(outlines)))
            return made(opml.render(groups, self._site), opml.MEDIA_TYPE)

        return await self._front.serve(request, make)

    def _sitemap(self, articles: list[StoredArticle]) -> bytes:
        """The file of those of the articles whose canonical page is here."""
        here = [stored for stored in articles if not stored.article.canonical_at_source]
        return sitemap.render(here, self._site)

    async def _part(self, number: int) -> list[StoredArticle]:
        """The articles in the sitemap file of this number, counted from 1."""
        oldest_ms, begin = self._oldest_ms(), (number - 1) * sitemap.MAX_URLS
        articles: list[StoredArticle] = []
        for offset in range(begin, begin + sitemap.MAX_URLS, ROWS_AT_ONCE):
            rows = await self._listings.articles.listed(LATEST, offset=offset, limit=ROWS_AT_ONCE)
            recent = [stored for stored in rows if stored.published_at_ms >= oldest_ms]
            articles += recent
            if len(recent) < len(rows):
                break
        return articles

    def _oldest_ms(self) -> int:
        return int((self._clock() - sitemap.MAX_AGE_SECONDS) * 1000)
