"""GET /v1/front: the order of the front page, and why each story stands where it does."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.feeds.api.routes import when_whole
from newsman.feeds.listings.listings import Listings
from newsman.feeds.pages.front_stories import FrontStories
from newsman.outputs.listing import Site, article_url
from newsman.rankings.front_page import PlacedStory


def front_routes(listings: Listings, stories: FrontStories, site: Site) -> list[Route]:
    """The route."""

    async def front(_: Request) -> Response:
        placed = await stories.placed()
        items = [_told(rank, one, site) for rank, one in enumerate(placed, start=1)]
        return JSONResponse({"items": items})

    return [Route("/v1/front", when_whole(listings, front))]


def _told(rank: int, placed: PlacedStory, site: Site) -> dict[str, object]:
    article, points = placed.stored.article, placed.points
    return {
        "rank": rank,
        "id": article.id,
        "headline": article.headline,
        "url": article_url(site, article.id),
        "why": {
            "pinned": points.pinned,
            "urgency": points.urgency,
            "recency": round(points.recency, 3),
            "attention": round(points.attention, 3),
            "points": round(points.total, 3),
        },
    }
