"""The public API: JSON under /v1, errors as problem+json."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.feeds.api.articles import ArticleList, public, told_others
from newsman.feeds.listings.catalogue_listings import CatalogueListings
from newsman.feeds.listings.listings import Listings
from newsman.outputs.listing import Others, Site
from newsman.redis.articles import Gone
from newsman.web.problems import problem
from newsman.web.query import BadParameter
from newsman_schemas.articles import Stage, to_public
from newsman_schemas.popularity import WINDOWS

Handler = Callable[[Request], Awaitable[Response]]


def bad_parameter(_: Request, error: Exception) -> Response:
    """400 that names the parameter."""
    assert isinstance(error, BadParameter)
    return problem(400, str(error), errors=[(f"/{error.name}", error.detail)])


def api_routes(
    listings: Listings, finder: CatalogueListings, site: Site, *, signs: bool = False
) -> list[Route]:
    """The routes of the API; with `signs` an article has its newest statement with it."""

    async def versions(request: Request) -> Response:
        article_id = request.path_params["article_id"]
        stored = await listings.articles.find(article_id)
        if stored is None:
            return problem(404, f"no article {article_id}")
        if isinstance(stored, Gone):
            return problem(410, f"the article is {stored.status}", id=article_id)
        history = await listings.articles.versions(article_id, now=datetime.now(UTC))
        return JSONResponse({"items": [to_public(version) for version in reversed(history)]})

    async def article(request: Request) -> Response:
        article_id = request.path_params["article_id"]
        stored = await listings.articles.find(article_id)
        if stored is None:
            return problem(404, f"no article {article_id}")
        trail = [_stage(stage) for stage in stored.trail]
        if isinstance(stored, Gone):
            return problem(410, f"the article is {stored.status}", id=article_id, trail=trail)
        counts = {
            window: await listings.rankings.counts.of(article_id, window) for window in WINDOWS
        }
        popularity = {w: {"views": c.views, "readers": c.readers} for w, c in counts.items()}
        others = (await finder.others([article_id])).get(article_id, Others())
        item = {**public(stored, site), "others": told_others(others, site)}
        if signs and (statements := await listings.articles.statements(article_id)):
            item["statement"] = statements[-1]
        return JSONResponse({**item, "popularity": popularity, "trail": trail})

    return [
        Route("/v1/articles", when_whole(listings, ArticleList(listings, finder, site).answer)),
        Route("/v1/articles/{article_id}", when_whole(listings, article)),
        Route("/v1/articles/{article_id}/versions", when_whole(listings, versions)),
    ]


def when_whole(listings: Listings, handler: Handler) -> Handler:
    """503 instead, while the article store is being rebuilt."""

    async def handle(request: Request) -> Response:
        if await listings.articles.is_whole():
            return await handler(request)
        detail = "the article store is being rebuilt"
        return problem(503, detail, headers={"Retry-After": "5"})

    return handle


def _stage(stage: Stage) -> dict[str, Any]:
    return stage.model_dump(mode="json", exclude_none=True)
