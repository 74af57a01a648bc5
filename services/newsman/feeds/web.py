"""Pages and feeds over HTTP."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from newsman.feeds import metrics
from newsman.feeds.api import BadParameter, bad_parameter
from newsman.feeds.caching import Clock, Made, Shelf, answer, made
from newsman.feeds.core import KINDS, Listing, Site, split_extension
from newsman.feeds.formats import FORMATS
from newsman.feeds.listings import Listings
from newsman.feeds.pages import HTML, Pages, static_files
from newsman.problems import problem
from newsman.redis.articles import Gone
from newsman_schemas.popularity import WINDOWS

SIDE_ROWS = 5
SIDE_WINDOW = "24h"
POPULAR_ROWS = 50
POPULAR_FRESH_SECONDS = 2
RETRY_AFTER = {"Retry-After": "5"}
FRONT_FEEDS = ("latest", "index", "feed")
KIND_NAMES = {"sections": "Section", "tags": "Topic", "entities": "In the news"}
HEADINGS = {400: "That did not work", 404: "Not here", 410: "Withdrawn", 503: "In a moment"}
TEXTS = {
    404: "There is no such page, or not any more.",
    405: "This address is only for reading.",
    410: "The newsroom has withdrawn this article.",
    503: "The news is away for a moment. Try again soon.",
}

Make = Callable[[], Awaitable[Made | None]]


def security_headers(views_url: str | None) -> dict[str, str]:
    """No inline scripts, nothing from elsewhere but pictures, and beacons only to the intake."""
    beacon = " " + "/".join(views_url.split("/")[:3]) if views_url else ""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src https: http: data:; "
        f"connect-src 'self'{beacon}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }


class Front:
    """The routes of readers: each answer made once for as long as nothing behind it changes."""

    def __init__(
        self,
        listings: Listings,
        pages: Pages,
        site: Site,
        headers: dict[str, str],
        clock: Clock = time.time,
    ) -> None:
        self._listings = listings
        self._pages = pages
        self._site = site
        self._headers = headers
        self._clock = clock
        self._shelf = Shelf(clock=clock)

    def routes(self) -> list[BaseRoute]:
        """Pages, and the same with an extension as feeds."""
        return [
            Route("/", self.front_page),
            Route("/popular", self.popular_page),
            Route("/articles/{article_id}", self.article_page),
            Route("/static/{name}", self.static),
            Route("/robots.txt", self.robots),
            Route("/{name}", self.root_feed),
            *(Route(f"/{kind}/{{slug}}", self._listed(kind)) for kind in KINDS),
        ]

    async def front_page(self, request: Request) -> Response:
        """The newest articles and the most popular ones."""

        async def make() -> Made:
            return await self._listing_page(await self._listings.latest(), None)

        return await self._answer(request, make, age=self._age())

    async def root_feed(self, request: Request) -> Response:
        """`/latest.rss` and `/popular.rss`, in every format."""
        name, extension = split_extension(request.path_params["name"])
        if extension is None or name not in (*FRONT_FEEDS, "popular"):
            raise HTTPException(404)
        if name == "popular":
            return await self._popular_feed(request, extension)

        async def make() -> Made:
            return self._feed(await self._listings.latest(), extension)

        return await self._answer(request, make)

    async def popular_page(self, request: Request) -> Response:
        """The most popular articles of a window."""
        window = _window(request)

        async def make() -> Made:
            rows = await self._listings.popular(window, limit=POPULAR_ROWS)
            return made(self._pages.popular(rows, window, list(WINDOWS)), HTML)

        return await self._answer(request, make, window, age=self._age())

    async def article_page(self, request: Request) -> Response:
        """An article; 410 with a note when it may not be seen any more."""
        article_id = request.path_params["article_id"]

        async def make() -> Made | None:
            found = await self._listings.articles.find(article_id)
            if found is None:
                return None
            if isinstance(found, Gone):
                raise HTTPException(410)
            rows = await self._listings.popular(SIDE_WINDOW, limit=SIDE_ROWS)
            return made(self._pages.article(found, rows), HTML)

        return await self._answer(request, make, age=self._age())

    async def static(self, request: Request) -> Response:
        """The style sheet and the script; their addresses change with their content."""
        found = static_files().get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", **self._headers}
        return Response(found.body, media_type=found.media_type, headers=headers)

    async def robots(self, _: Request) -> Response:
        """Everybody may read everything but the API."""
        return Response("User-agent: *\nDisallow: /v1/\n", media_type="text/plain")

    def say(self, status: int, text: str, headers: dict[str, str]) -> Response:
        """A page that only says something."""
        body = self._pages.message(HEADINGS.get(status, HEADINGS[400]), text)
        return Response(
            body, status_code=status, media_type=HTML, headers={**self._headers, **headers}
        )

    def _listed(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def listed(request: Request) -> Response:
            slug, extension = split_extension(request.path_params["slug"])

            async def make() -> Made | None:
                listing = await self._listings.under(kind, slug)
                if listing is None:
                    return None
                if extension:
                    return self._feed(listing, extension)
                return await self._listing_page(listing, KIND_NAMES[kind])

            return await self._answer(request, make, age=0 if extension else self._age())

        return listed

    async def _popular_feed(self, request: Request, extension: str) -> Response:
        window = _window(request)

        async def make() -> Made:
            return self._feed(await self._listings.popular_listing(window), extension)

        return await self._answer(request, make, window, age=self._age())

    async def _listing_page(self, listing: Listing, kind: str | None) -> Made:
        rows = await self._listings.popular(SIDE_WINDOW, limit=SIDE_ROWS)
        return made(self._pages.listing(listing, rows, kind=kind), HTML)

    def _feed(self, listing: Listing, extension: str) -> Made:
        chosen = FORMATS[extension]
        return made(chosen.render(listing, self._site), chosen.media_type)

    def _age(self) -> int:
        # Counts of views move all the time; what shows them is at most this old.
        return int(self._clock() / POPULAR_FRESH_SECONDS)

    async def _answer(
        self, request: Request, make: Make, variant: str = "", *, age: int = 0
    ) -> Response:
        changes = await self._listings.articles.changes_if_whole()
        if changes is None:
            self._shelf.clear()
            raise HTTPException(503, headers=RETRY_AFTER)
        key, stamp = (request.url.path, variant), (changes, age)
        kept = self._shelf.get(key, stamp)
        metrics.shelf.labels("yes" if kept else "no").inc()
        if kept is None:
            with metrics.render_seconds.time():
                content = await make()
            if content is None:
                raise HTTPException(404)
            kept = self._shelf.put(key, stamp, content)
        return answer(request, kept, self._headers, now=self._clock())


def build_web(front: Front, more: Sequence[BaseRoute], **starlette_options: Any) -> Starlette:
    """The application; under /v1 errors are problem+json, elsewhere pages."""

    def refused(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return say(request, 503, TEXTS[503], RETRY_AFTER)
        text = TEXTS.get(error.status_code, error.detail)
        return say(request, error.status_code, text, dict(error.headers or {}))

    def misasked(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/v1/"):
            return bad_parameter(request, error)
        return say(request, 400, str(error), {})

    def say(request: Request, status: int, text: str, headers: dict[str, str]) -> Response:
        if request.url.path.startswith("/v1/"):
            return problem(status, text, headers=headers)
        return front.say(status, text, headers)

    return Starlette(
        routes=[*more, *front.routes()],
        exception_handlers={HTTPException: refused, RedisError: refused, BadParameter: misasked},
        **starlette_options,
    )


def _window(request: Request) -> str:
    window = request.query_params.get("window", SIDE_WINDOW)
    if window not in WINDOWS:
        raise BadParameter("window", f"is one of {', '.join(WINDOWS)}")
    return window
