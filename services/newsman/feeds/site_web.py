"""What the site says of itself: sitemaps of news, and the list of all feeds."""

import asyncio
import time
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds.caching import Clock, Made, made
from newsman.feeds.core import LATEST, Site
from newsman.feeds.finding import Finder
from newsman.feeds.formats import opml, sitemap
from newsman.feeds.formats.opml import Group, Outline
from newsman.feeds.listings import Listings
from newsman.feeds.web import Front
from newsman.redis.articles import StoredArticle
from newsman_schemas.popularity import WINDOWS

ROWS_AT_ONCE = 250
MINUTE_SECONDS = 60
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
        front: Front,
        listings: Listings,
        finder: Finder,
        site: Site,
        clock: Clock = time.time,
    ) -> None:
        self._front = front
        self._listings = listings
        self._finder = finder
        self._site = site
        self._clock = clock

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/sitemap-news.xml", self.sitemap),
            Route("/sitemap-news-{number:int}.xml", self.sitemap_page),
            Route("/opml", self.opml),
        ]

    async def sitemap(self, request: Request) -> Response:
        """All of the last two days, or an index where they are too many for one file."""

        async def make() -> Made:
            found = await self._recent()
            pages = -(-len(found) // sitemap.MAX_URLS)
            if pages > 1:
                body = sitemap.render_index(pages, self._site)
            else:
                body = sitemap.render(found, self._site)
            return made(body, sitemap.MEDIA_TYPE)

        return await self._front.serve(request, make, lasts_seconds=MINUTE_SECONDS)

    async def sitemap_page(self, request: Request) -> Response:
        """One file of them, counted from 1."""
        number = request.path_params["number"]

        async def make() -> Made | None:
            found = await self._recent()
            part = found[(number - 1) * sitemap.MAX_URLS : number * sitemap.MAX_URLS]
            is_there = number == 1 or (number > 1 and part)
            return made(sitemap.render(part, self._site), sitemap.MEDIA_TYPE) if is_there else None

        return await self._front.serve(request, make, lasts_seconds=MINUTE_SECONDS)

    async def opml(self, request: Request) -> Response:
        """Every feed; of tags and the like the largest."""

        async def make() -> Made:
            general = [
                Outline("Latest", "/", "/latest.rss"),
                Outline("Corrections", "/corrections", "/corrections.rss"),
            ]
            general += [
                Outline(f"Most Popular, {window}", f"/popular?window={window}", feed)
                for window in WINDOWS
                for feed in (f"/popular.rss?window={window}",)
            ]
            groups = [Group("All news", tuple(general))]
            for title, (kind, folder) in KINDS.items():
                found = await asyncio.to_thread(self._finder.largest, kind, OUTLINES_OF_A_KIND)
                paths = [(name, f"/{folder}/{quote(slug)}") for slug, name, _ in found]
                outlines = (Outline(name, path, f"{path}.rss") for name, path in paths)
                groups.append(Group(title, tuple(outlines)))
            return made(opml.render(groups, self._site), opml.MEDIA_TYPE)

        return await self._front.serve(request, make)

    async def _recent(self) -> list[StoredArticle]:
        oldest_ms = (self._clock() - sitemap.MAX_AGE_SECONDS) * 1000
        found: list[StoredArticle] = []
        offset = 0
        while rows := await self._listings.articles.listed(
            LATEST, offset=offset, limit=ROWS_AT_ONCE
        ):
            recent = [stored for stored in rows if stored.published_at_ms >= oldest_ms]
            found += recent
            if len(recent) < len(rows):
                break
            offset += ROWS_AT_ONCE
        return found
