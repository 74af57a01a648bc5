"""The application of feeds: its routes, what it says of errors, what its headers forbid."""

from collections.abc import Callable, Sequence
from typing import Any

from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from newsman.feeds import metrics
from newsman.feeds.api.routes import bad_parameter
from newsman.feeds.cache.answer_cache import RETRY_AFTER, AnswerCache
from newsman.feeds.former_ids import FormerIds
from newsman.feeds.gzip_pages import PackedPages
from newsman.feeds.listings.catalogue_listings import CatalogueIncomplete
from newsman.feeds.pages.front import PageRoutes
from newsman.feeds.pages.listings import ListingRoutes
from newsman.feeds.programs.counts import ProgramCounts
from newsman.feeds.programs.layer import NotedPrograms
from newsman.feeds.rate_limit import RateLimit
from newsman.feeds.stream.open_streams import TooManyStreams
from newsman.redis.aliases import AliasReader
from newsman.redis.documents import Damaged
from newsman.settings import FeedsSettings
from newsman.web.metrics import counted
from newsman.web.problems import MEDIA_TYPE, problem
from newsman.web.query import BadParameter
from newsman.web.slash_redirects import redirect_slashes

SMALLEST_GZIP_BYTES = 1_000
STREAMS_RETRY_AFTER = {"Retry-After": "10"}
Recognise = Callable[[ASGIApp], ASGIApp]
"""An application behind another that knows subscribers by their tokens."""
TEXTS = {
    404: "There is no such page, or not any more.",
    405: "This address is only for reading.",
    410: "The newsroom has withdrawn this article.",
    503: "Temporarily unavailable. Try again soon.",
}


def policy_headers(views_url: str | None, image_sources: str) -> dict[str, str]:
    """No inline scripts, nothing from elsewhere but named pictures, beacons only to the intake."""
    beacon = " " + "/".join(views_url.split("/")[:3]) if views_url else ""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {image_sources}; "
        f"connect-src 'self'{beacon}; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    return {"Content-Security-Policy": policy}


def build_web(
    front: PageRoutes, listings: ListingRoutes, more: Sequence[BaseRoute], **starlette_options: Any
) -> Starlette:
    """The application; errors are problem+json under /v1 and for who accepts it, else pages."""

    def refused(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return say(request, 503, TEXTS[503], RETRY_AFTER)
        text = TEXTS.get(error.status_code, error.detail)
        return say(request, error.status_code, text, dict(error.headers or {}))

    def too_many(request: Request, error: Exception) -> Response:
        return say(request, 429, str(error), STREAMS_RETRY_AFTER)

    def misasked(request: Request, error: Exception) -> Response:
        if is_for_programs(request):
            return bad_parameter(request, error)
        return say(request, 400, str(error), {})

    def say(request: Request, status: int, text: str, headers: dict[str, str]) -> Response:
        if is_for_programs(request):
            return problem(status, text, headers=headers)
        return front.say(status, text, {"Vary": "Accept", **headers})

    def is_for_programs(request: Request) -> bool:
        accepted = request.headers.get("accept", "")
        return request.url.path.startswith("/v1/") or MEDIA_TYPE in accepted

    app = Starlette(
        routes=[*more, *front.routes(), *listings.routes()],
        exception_handlers={
            HTTPException: refused,
            RedisError: refused,
            CatalogueIncomplete: refused,
            Damaged: refused,
            BadParameter: misasked,
            TooManyStreams: too_many,
        },
        **starlette_options,
    )
    return redirect_slashes(app)


def middleware(
    settings: FeedsSettings,
    cache: AnswerCache,
    aliases: AliasReader,
    known: Recognise,
    programs: ProgramCounts,
) -> list[Middleware]:
    """Layers that every request goes through on its way to the routes, and every answer back."""
    return [
        Middleware(counted, requests=metrics.requests),
        Middleware(NotedPrograms, counts=programs),
        *cors(settings.cors_origins),
        Middleware(RateLimit, per_minute=settings.api_requests_per_minute),
        Middleware(known),
        Middleware(cache.express),
        Middleware(PackedPages, minimum_size=SMALLEST_GZIP_BYTES),
        Middleware(FormerIds, aliases=aliases),
    ]


def cors(origins: str) -> list[Middleware]:
    """Cross-origin access for the sites that are named; none where nobody is named."""
    named = [origin.strip() for origin in origins.split(",") if origin.strip()]
    if not named:
        return []
    shown = ["ETag", "Link", "Newsman-Since", "Retry-After", "X-RateLimit-Remaining"]
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=named,
            allow_methods=["GET", "HEAD"],
            allow_headers=["Authorization"],
            expose_headers=shown,
        )
    ]
