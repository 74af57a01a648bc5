"""GET /v1/popular: rankings in every order, window and scope, now or as of a past minute."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.feeds.api.articles import read_limit
from newsman.feeds.api.routes import when_whole
from newsman.feeds.core import Site, article_url
from newsman.feeds.listings.listings import Listings, PopularRow
from newsman.feeds.query.parameters import BadParameter
from newsman.rankings.core import ATTENTION, PAST_OF, SCOPE_KINDS, scope_named
from newsman.rankings.past import MINUTES_KEPT, views_as_of
from newsman.rankings.ranking import RankingRequest
from newsman.redis.articles import StoredArticle
from newsman_schemas.popularity import ORDERS, OVERALL, WINDOWS

DEFAULT_WINDOW, DEFAULT_ORDER = "24h", "views"
ANSWERED_ORDERS = (*ORDERS, ATTENTION)


def popular_routes(listings: Listings, site: Site) -> list[Route]:
    """The routes of the rankings."""

    async def popular(request: Request) -> Response:
        asked, now = read_asked(request), datetime.now(UTC)
        if (text := request.query_params.get("as_of")) is not None:
            return await _past(listings, site, asked, at=_moment(text, now), now=now)
        items = [_ranked(row, site) for row in await listings.ranked(asked)]
        return JSONResponse({**_said(asked), "as_of": now.isoformat(), "items": items})

    return [Route("/v1/popular", when_whole(listings, popular))]


def read_asked(request: Request) -> RankingRequest:
    """The ranking that a request names; raises BadParameter."""
    query = request.query_params
    window, order = query.get("window", DEFAULT_WINDOW), query.get("order", DEFAULT_ORDER)
    if window not in WINDOWS:
        raise BadParameter("window", f"is one of {', '.join(WINDOWS)}")
    if order not in ANSWERED_ORDERS:
        raise BadParameter("order", f"is one of {', '.join(ANSWERED_ORDERS)}")
    if order == "rising" and window not in PAST_OF:
        raise BadParameter("window", f"of what rises is one of {', '.join(PAST_OF)}")
    return RankingRequest(order, window, read_scope(request), read_limit(request))


def read_scope(request: Request) -> str:
    """The scope that a request names, overall if none; raises BadParameter."""
    query = request.query_params
    scopes = [scope_named(kind, query[kind]) for kind in SCOPE_KINDS if query.get(kind)]
    if len(scopes) > 1:
        raise BadParameter(scopes[1].partition(":")[0], "one of them at a time")
    return scopes[0] if scopes else OVERALL


async def _past(
    listings: Listings, site: Site, asked: RankingRequest, *, at: datetime, now: datetime
) -> Response:
    if asked.order != DEFAULT_ORDER:
        raise BadParameter("order", "of the past is views")
    told = await views_as_of(
        listings.rankings, asked.window, asked.scope, at=at, now=now, limit=asked.limit
    )
    views = dict(told)
    stored = await listings.articles.many(list(views))
    items = [
        {"rank": rank, **_article(found, site), "views": views[found.article.id]}
        for rank, found in enumerate(stored, start=1)
    ]
    return JSONResponse({**_said(asked), "as_of": at.isoformat(), "items": items})


def _moment(text: str, now: datetime) -> datetime:
    # An unescaped + of the zone arrives as a space.
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        at = at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadParameter("as_of", "is a time, for example 2026-03-02T12:00Z") from error
    if not now - timedelta(minutes=MINUTES_KEPT) < at <= now:
        raise BadParameter("as_of", f"lies in the last {MINUTES_KEPT // 1_440} days")
    return at


def _said(asked: RankingRequest) -> dict[str, Any]:
    return {"window": asked.window, "order": asked.order, "scope": asked.scope}


def _article(stored: StoredArticle, site: Site) -> dict[str, Any]:
    article = stored.article
    return {
        "id": article.id,
        "headline": article.headline,
        "url": article_url(site, article.id),
        "section": article.section,
    }


def _ranked(row: PopularRow, site: Site) -> dict[str, Any]:
    return {
        "rank": row.rank,
        **_article(row.stored, site),
        "views": row.count.views,
        "readers": row.count.readers,
        "why": {
            "score": round(row.count.score, 4),
            "velocity": row.count.velocity,
            "filtered_share": row.count.filtered_share,
            "pinned": row.count.pinned,
            "attention": asdict(row.count.attention) if row.count.attention else None,
        },
    }
