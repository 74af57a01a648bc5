"""The public API: JSON under /v1, errors as problem+json."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.feeds.core import Site, article_url
from newsman.feeds.listings import Listings
from newsman.feeds.parameters import BadParameter, read_number
from newsman.problems import problem
from newsman.redis.articles import Gone, StoredArticle
from newsman.slugs import slugify
from newsman_schemas.articles import Stage, to_public
from newsman_schemas.popularity import WINDOWS

MAX_LIMIT = 100
DEFAULT_LIMIT = 20
MAX_OFFSET = 1_000_000
FILTERS = {"section": "sections", "tag": "tags", "entity": "entities"}

Handler = Callable[[Request], Awaitable[Response]]


def bad_parameter(_: Request, error: Exception) -> Response:
    """400 that names the parameter."""
    assert isinstance(error, BadParameter)
    return problem(400, str(error), errors=[(f"/{error.name}", error.detail)])


def api_routes(listings: Listings, site: Site) -> list[Route]:
    """The routes of the API."""

    async def articles(request: Request) -> Response:
        limit, offset = number(request, "limit", DEFAULT_LIMIT), number(request, "offset", 0)
        chosen = [(k, v) for k in FILTERS if (v := request.query_params.get(k))]
        if len(chosen) > 1:
            raise BadParameter(chosen[1][0], "one of section, tag and entity at a time")
        if chosen:
            kind, slug = FILTERS[chosen[0][0]], slugify(chosen[0][1])
            found = await listings.under(kind, slug, limit=limit, offset=offset)
            stored = found.articles if found else ()
        else:
            stored = (await listings.latest(limit=limit, offset=offset)).articles
        return JSONResponse({"items": [_public(found, site) for found in stored]})

    async def article(request: Request) -> Response:
        article_id = request.path_params["article_id"]
        found = await listings.articles.find(article_id)
        if found is None:
            return problem(404, f"no article {article_id}")
        trail = [_stage(stage) for stage in found.trail]
        if isinstance(found, Gone):
            return problem(410, f"the article is {found.status}", id=article_id, trail=trail)
        counts = {
            window: await listings.rankings.counts.of(article_id, window) for window in WINDOWS
        }
        popularity = {w: {"views": c.views, "readers": c.readers} for w, c in counts.items()}
        return JSONResponse({**_public(found, site), "popularity": popularity, "trail": trail})

    return [
        Route("/v1/articles", when_whole(listings, articles)),
        Route("/v1/articles/{article_id}", when_whole(listings, article)),
    ]


def when_whole(listings: Listings, handler: Handler) -> Handler:
    """503 instead, while the article store is being rebuilt."""

    async def handle(request: Request) -> Response:
        if await listings.articles.is_whole():
            return await handler(request)
        detail = "the article store is being rebuilt"
        return problem(503, detail, headers={"Retry-After": "5"})

    return handle


def number(request: Request, name: str, default: int) -> int:
    """The number in a query parameter; raises BadParameter."""
    least, most = (1, MAX_LIMIT) if name == "limit" else (0, MAX_OFFSET)
    return read_number(request.query_params, name, default, least=least, most=most)


def _public(stored: StoredArticle, site: Site) -> dict[str, Any]:
    article = stored.article
    return {
        **to_public(article),
        "tags": [tag.model_dump(mode="json", exclude_none=True) for tag in article.tags],
        "entities": [e.model_dump(mode="json", exclude_none=True) for e in article.entities],
        "revision": stored.revision,
        "links": {
            "self": f"{site.url}/v1/articles/{article.id}",
            "page": article_url(site, article.id),
        },
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return stage.model_dump(mode="json", exclude_none=True)
