"""Views over time: as JSON under /v1, and drawn on the statistics pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.feeds.api.queries import ArticleSeriesQuery, ScopeSeriesQuery
from newsman.feeds.api.routes import when_whole
from newsman.feeds.cache.stored_answers import RenderedBody, made
from newsman.feeds.listings.catalogue_listings import CatalogueListings
from newsman.feeds.listings.listings import Listings
from newsman.feeds.pages.charts import chart, sparkline
from newsman.feeds.pages.front import POPULAR_FRESH_SECONDS, PageRoutes
from newsman.feeds.pages.render import HTML, Pages
from newsman.feeds.programs.counts import ProgramCounts, ProgramSums
from newsman.feeds.programs.kinds import KIND_NAMES
from newsman.feeds.subscribers.reading import looking
from newsman.rankings.core import NO_EDIT
from newsman.rankings.ranking import RankingRequest
from newsman.rankings.series import (
    SPAN_SECONDS,
    SeriesPoint,
    of_article,
    of_articles,
    of_scope,
)
from newsman.rankings.shares import REASONS, attention_shares
from newsman.redis.articles import Gone, StoredArticle
from newsman.web.problems import problem
from newsman_schemas.popularity import OVERALL, WINDOWS

REASON_NAMES = {
    "c": "crawlers",
    "p": "fetched ahead",
    "r": "impossible rates",
    "d": "datacentres",
    "a": "too many from one address",
    "g": "too many agents at one address",
    "n": "too many from one network",
    "u": "scripts without a page",
}
ROWS = 20
PROGRAM_DAYS = 30
SVG = "image/svg+xml"


@dataclass(frozen=True)
class Chart:
    """A drawing with what stands over it."""

    title: str
    drawing: Markup


@dataclass(frozen=True)
class ProgramRow:
    """A kind of programs, its requests, or at least so many, and whether it is asked to stay
    away."""

    name: str
    number: int
    is_least: bool
    is_refused: bool


class Statistics:
    """Its pages are kept by the front, like all that readers see."""

    def __init__(
        self,
        front: PageRoutes,
        listings: Listings,
        finder: CatalogueListings,
        pages: Pages,
        programs: ProgramCounts,
        refused: Sequence[str] = (),
    ) -> None:
        """`refused` are the kinds of programs that are asked to stay away."""
        self._programs = programs
        self._refused = refused
        self._front = front
        self._finder = finder
        self._listings = listings
        self._rankings = listings.rankings
        self._pages = pages

    def routes(self) -> list[Route]:
        """Their addresses."""
        whole = self._listings
        return [
            Route("/v1/series", when_whole(whole, self.scope_series)),
            Route("/v1/articles/{article_id}/series", when_whole(whole, self.article_series)),
            Route("/statistics", self.page),
            Route("/articles/{article_id}/statistics", self.article_page),
            Route("/articles/{article_id}/views.svg", self.article_sparkline),
        ]

    async def scope_series(self, request: Request) -> Response:
        """The views of a section, tag, entity, language or source, or of everything."""
        query, now = ScopeSeriesQuery.read(request.query_params), datetime.now(UTC)
        scope = await self._finder.scope(query.scope)
        asked = (scope, query.span, query.number)
        points = await of_scope(self._rankings, *asked, now=now, zone=query.zone)
        return JSONResponse({"scope": scope, "span": query.span, "points": _told(points)})

    async def article_series(self, request: Request) -> Response:
        """The views of an article."""
        article_id, now = request.path_params["article_id"], datetime.now(UTC)
        query = ArticleSeriesQuery.read(request.query_params)
        with looking():
            stored = await self._listings.articles.find(article_id)
        if stored is None:
            return problem(404, f"no article {article_id}")
        if isinstance(stored, Gone):
            return problem(410, f"the article is {stored.status}", id=article_id)
        asked = (article_id, query.span, query.number)
        points = await of_article(self._rankings, *asked, now=now, zone=query.zone)
        return JSONResponse({"id": article_id, "span": query.span, "points": _told(points)})

    async def page(self, request: Request) -> Response:
        """The page of current readers, overall and article by article."""

        async def make() -> RenderedBody:
            now = datetime.now(UTC)
            rows = await self._listings.ranked(RankingRequest("views", "24h", OVERALL, ROWS))
            ids = [row.stored.article.id for row in rows]
            series = await of_articles(self._rankings, ids, "hour", 24, now=now)
            lines = {key: _line(points, "the last 24 hours") for key, points in series.items()}
            hours = await of_scope(self._rankings, OVERALL, "hour", 24, now=now)
            body = self._pages.page(
                "statistics.html",
                title="Statistics",
                rows=rows,
                lines=lines,
                chart=self._chart(hours, "hour", "Views of the last 24 hours, by hour"),
                programs=self._named(await self._programs.of_site(PROGRAM_DAYS)),
                audiences=await self._programs.audiences(ROWS),
            )
            return made(body, HTML)

        return await self._front.serve(request, make, lasts_seconds=POPULAR_FRESH_SECONDS)

    async def article_page(self, request: Request) -> Response:
        """An article's numbers and charts."""
        article_id = request.path_params["article_id"]

        async def make() -> RenderedBody:
            shown, now = await self._shown(article_id), datetime.now(UTC)
            zone = self._pages.site.zone
            counts = self._rankings.counts
            windows = [(window, await counts.of(article_id, window)) for window in WINDOWS]
            filtered = await counts.filtered([article_id], "day", _days(now), REASONS)
            charts = [
                self._chart(
                    await of_article(self._rankings, article_id, span, last, now=now, zone=zone),
                    span,
                    title,
                )
                for span, last, title in (
                    ("minute", 60, "Views of the last hour, by minute"),
                    ("hour", 48, "Views of the last two days, by hour"),
                    ("day", 30, "Views of the last 30 days, by day"),
                )
            ]
            edits = await self._rankings.edits.read()
            attention = await attention_shares(counts, [article_id], "30d", now=now)
            body = self._pages.page(
                "article_statistics.html",
                title=f"Statistics: {shown.article.headline}",
                stored=shown,
                windows=windows,
                filtered=[(REASON_NAMES[k], n) for k, n in filtered[article_id].items()],
                charts=charts,
                attention=attention[article_id],
                programs=self._named(await self._programs.of_article(article_id, PROGRAM_DAYS)),
                edit=edits.get(article_id, NO_EDIT),
            )
            return made(body, HTML)

        return await self._front.serve(request, make, lasts_seconds=POPULAR_FRESH_SECONDS)

    async def article_sparkline(self, request: Request) -> Response:
        """The views of the last 24 hours as a small line."""
        article_id = request.path_params["article_id"]

        async def make() -> RenderedBody:
            with looking():
                await self._shown(article_id)
            now = datetime.now(UTC)
            points = await of_article(self._rankings, article_id, "hour", 24, now=now)
            return made(_line(points, "the last 24 hours").encode(), SVG)

        return await self._front.serve(request, make, lasts_seconds=POPULAR_FRESH_SECONDS)

    def _chart(self, points: list[SeriesPoint], span: str, title: str) -> Chart:
        zone = self._pages.site.zone
        drawing = chart(points, span, title=title, zone=zone)
        return Chart(f"{title} ({zone})", Markup(drawing))  # noqa: S704 - texts are escaped there

    def _named(self, sums: ProgramSums) -> list[ProgramRow]:
        return [
            ProgramRow(KIND_NAMES[kind], number, sums.are_least, kind in self._refused)
            for kind, number in sums.numbers.items()
        ]

    async def _shown(self, article_id: str) -> StoredArticle:
        stored = await self._listings.articles.find(article_id)
        if stored is None or isinstance(stored, Gone):
            raise HTTPException(404 if stored is None else 410)
        return stored


def _days(now: datetime) -> range:
    newest = int(now.timestamp()) // SPAN_SECONDS["day"]
    return range(newest - 29, newest + 1)


def _told(points: list[SeriesPoint]) -> list[dict[str, Any]]:
    return [{"at": point.at.isoformat(), "views": point.views} for point in points]


def _line(points: list[SeriesPoint], when: str) -> Markup:
    total = sum(point.views for point in points)
    title = f"{total:,} views in {when}"
    return Markup(sparkline([p.views for p in points], title=title))  # noqa: S704 - likewise
