"""The archive by month and day, and the sitemaps of everything."""

import asyncio
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds.cache.stored_answers import RenderedBody, made
from newsman.feeds.listings.catalogue_listings import CatalogueListings, Page
from newsman.feeds.listings.listings import Listings
from newsman.feeds.pages.front import PageRoutes
from newsman.feeds.pages.render import HTML, Pages
from newsman.feeds.query.cursors import ListingPosition
from newsman.feeds.query.listings import Paging
from newsman.feeds.query.selection import Selection
from newsman.outputs import sitemap
from newsman.outputs.listing import QUERIED, Listing, Site
from newsman_schemas.events import unix_ms

MINUTE_SECONDS = 60
HOUR_SECONDS = 3_600
PLACES_OF_A_KIND = 1_000
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True)
class DayOfMonth:
    """A day in the archive, and the number of its stories."""

    day: date
    number: int


class ArchiveRoutes:
    """Days and months begin in the zone of the site."""

    def __init__(
        self,
        front: PageRoutes,
        listings: Listings,
        finder: CatalogueListings,
        site: Site,
        pages: Pages,
    ) -> None:
        self._front = front
        self._listings = listings
        self._finder = finder
        self._site = site
        self._pages = pages

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/archive", self.newest_month),
            Route("/archive/{day}", self.month_or_day),
            Route("/sitemap.xml", self.index),
            Route("/sitemap-places.xml", self.places),
            Route("/sitemap-articles-{month}-{number:int}.xml", self.part),
        ]

    async def newest_month(self, request: Request) -> Response:
        """The month of the newest story."""
        newest = await self._listings.articles.listed("latest", limit=1)
        now = datetime.now(UTC)
        at = datetime.fromtimestamp(newest[0].published_at_ms / 1000, UTC) if newest else now
        month = at.astimezone(self._site.zone).date().replace(day=1)
        return await self._month(request, month)

    async def month_or_day(self, request: Request) -> Response:
        """The days of a month with the numbers of their stories, or the stories of a day."""
        text = request.path_params["day"]
        if month := read_month(text):
            return await self._month(request, month)
        day = _read_day(text)
        if day is None:
            raise HTTPException(404)
        return await self._day(request, day)

    async def _month(self, request: Request, month: date) -> Response:
        async def make() -> RenderedBody | None:
            days = [
                month + timedelta(days=n) for n in range(monthrange(month.year, month.month)[1])
            ]
            bounds = [_begins_ms(day, self._site.zone) for day in (*days, next_month(month))]
            numbers, oldest = await asyncio.gather(
                asyncio.to_thread(self._finder.numbers_between, bounds),
                asyncio.to_thread(self._finder.oldest_ms),
            )
            values = {
                "title": f"Archive: {month:%B %Y}",
                "month": month,
                "days": [DayOfMonth(day, n) for day, n in zip(days, numbers, strict=True) if n],
                "years": self._months(oldest),
            }
            return made(self._pages.page("archive.html", **values), HTML)

        return await self._front.serve(request, make, f"{month}", lasts_seconds=MINUTE_SECONDS)

    async def _day(self, request: Request, day: date) -> Response:
        page = Paging.read(request.query_params)
        begin, end = (_begins_ms(one, self._site.zone) for one in (day, day + timedelta(days=1)))
        before, _ = page.before or (ListingPosition(end, ""), None)

        async def make() -> RenderedBody:
            path = f"/archive/{day}"
            empty = Listing(f"{day.day} {day:%B %Y}", path, QUERIED, ())
            asked = Page(min(before, ListingPosition(end, "")), None, page.limit, begin)
            listing = await self._finder.found(empty, Selection(), asked)
            return await self._front.listing_page(listing, "Archive", has_feeds=False)

        variant = f"{page.before} {page.limit}"
        return await self._front.serve(request, make, variant, lasts_seconds=MINUTE_SECONDS)

    def _months(self, oldest: int | None) -> list[tuple[int, list[date]]]:
        """Years and months from the oldest story until now, the newest first."""
        years: dict[int, list[date]] = {}
        for month in self._months_since(oldest):
            years.setdefault(month.year, []).append(month)
        return list(years.items())

    def _months_since(self, oldest: int | None) -> list[date]:
        if oldest is None:
            return []
        zone, months = self._site.zone, []
        first = datetime.fromtimestamp(oldest / 1000, UTC).astimezone(zone).date().replace(day=1)
        month = datetime.now(UTC).astimezone(zone).date().replace(day=1)
        while month >= first:
            months.append(month)
            month = (month - timedelta(days=1)).replace(day=1)
        return months

    async def index(self, request: Request) -> Response:
        """The index of all sitemaps: of news, of places such as sections, and of each month."""

        async def make() -> RenderedBody:
            oldest = await asyncio.to_thread(self._finder.oldest_ms)
            names = ["sitemap-news.xml", "sitemap-places.xml"]
            months = self._months_since(oldest)
            bounds = [_begins_ms(month, self._site.zone) for month in months]
            if months:
                bounds.insert(0, _begins_ms(next_month(months[0]), self._site.zone))
            numbers = await asyncio.to_thread(self._finder.numbers_between, bounds[::-1])
            for month, number in zip(months, reversed(numbers), strict=True):
                files = -(-number // sitemap.MAX_URLS)
                names += [
                    f"sitemap-articles-{month:%Y-%m}-{part}.xml" for part in range(1, files + 1)
                ]
            return made(sitemap.render_names(names, self._site), sitemap.MEDIA_TYPE)

        return await self._front.serve(request, make, lasts_seconds=HOUR_SECONDS)

    async def places(self, request: Request) -> Response:
        """The sitemap of sections, topics, entities, authors, sources and the site's own pages."""

        async def make() -> RenderedBody:
            paths = ["/", "/popular", "/corrections", "/archive"]
            paths += [f"/{page.slug}" for page in self._pages.site_file.plan.pages]
            paths += await self._finder.places(PLACES_OF_A_KIND)
            return made(sitemap.render_paths(paths, self._site), sitemap.MEDIA_TYPE)

        return await self._front.serve(request, make, lasts_seconds=HOUR_SECONDS)

    async def part(self, request: Request) -> Response:
        """So many articles of a month, those of the newest first."""
        month, number = read_month(request.path_params["month"]), request.path_params["number"]

        async def make() -> RenderedBody | None:
            if month is None or number < 1:
                return None
            zone, offset = self._site.zone, (number - 1) * sitemap.MAX_URLS
            end = ListingPosition(_begins_ms(next_month(month), zone), "")
            begin = _begins_ms(month, zone)
            asked = Page(end, None, sitemap.MAX_URLS, begin, offset=offset)
            empty = Listing("", "/", QUERIED, ())
            listing = await self._finder.found(empty, Selection(), asked)
            if not listing.articles:
                return None
            here = [one for one in listing.articles if not one.article.canonical_at_source]
            return made(sitemap.render_articles(here, self._site), sitemap.MEDIA_TYPE)

        return await self._front.serve(request, make, lasts_seconds=HOUR_SECONDS)


def read_month(text: str) -> date | None:
    """The first day of a month such as 2026-11; None for any other text."""
    match = _MONTH.fullmatch(text)
    return _date(int(match[1]), int(match[2]), 1) if match else None


def _read_day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    return _date(*map(int, match.groups())) if match else None


def _date(*parts: int) -> date | None:
    try:
        made_of = date(*parts)
    except ValueError:
        return None
    # What lies before and after must be days, too.
    return made_of if date.min.year < made_of.year < date.max.year else None


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _begins_ms(day: date, zone: tzinfo) -> int:
    return unix_ms(datetime.combine(day, time(0), zone))
