"""GET /v1/popular: rankings in every order, window and scope, now or as of a past minute."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.feeds.api.queries import PopularQuery
from newsman.feeds.api.routes import when_whole
from newsman.feeds.listings.catalogue_listings import CatalogueListings
from newsman.feeds.listings.listings import Listings, PopularRow
from newsman.outputs.listing import Site, article_url
from newsman.rankings.past import MINUTES_KEPT, views_as_of, views_between
from newsman.rankings.ranking import RankingRequest
from newsman.rankings.series import MOST_DAYS_OF_ARTICLE, day_minutes
from newsman.redis.articles import StoredArticle
from newsman.web.query import BadParameter


def popular_routes(listings: Listings, finder: CatalogueListings, site: Site) -> list[Route]:
    """The routes of the rankings."""

    async def popular(request: Request) -> Response:
        query, now = PopularQuery.read(request.query_params), datetime.now(UTC)
        asked = replace(query.ranking, scope=await finder.scope(query.scope))
        if query.as_of is not None:
            return await _past(listings, site, asked, at=query.as_of, now=now)
        if query.day is not None:
            zone = query.timezone or site.zone
            return await _of_day(listings, site, asked, day=query.day, zone=zone, now=now)
        items = [_ranked(row, site) for row in await listings.ranked(asked)]
        return JSONResponse({**_said(asked), "as_of": now.isoformat(), "items": items})

    return [Route("/v1/popular", when_whole(listings, popular))]


async def _past(
    listings: Listings, site: Site, asked: RankingRequest, *, at: datetime, now: datetime
) -> Response:
    if not now - timedelta(minutes=MINUTES_KEPT) < at <= now:
        raise BadParameter("as_of", f"lies in the last {MINUTES_KEPT // 1_440} days")
    ranking = await views_as_of(
        listings.rankings, asked.window, asked.scope, at=at, now=now, limit=asked.limit
    )
    items = await _items(listings, site, ranking)
    return JSONResponse({**_said(asked), "as_of": at.isoformat(), "items": items})


async def _of_day(
    listings: Listings,
    site: Site,
    asked: RankingRequest,
    *,
    day: date,
    zone: tzinfo,
    now: datetime,
) -> Response:
    today = now.astimezone(zone).date()
    if not today - timedelta(days=MOST_DAYS_OF_ARTICLE) < day <= today:
        raise BadParameter("day", f"is one of the last {MOST_DAYS_OF_ARTICLE}, until {today}")
    first, last = day_minutes(day, zone)
    scope, limit = asked.scope, asked.limit
    ranking = await views_between(listings.rankings, scope, first, last, limit=limit)
    said = {"day": day.isoformat(), "timezone": str(zone), "order": asked.order, "scope": scope}
    items = await _items(listings, site, ranking)
    return JSONResponse({**said, "as_of": now.isoformat(), "items": items})


async def _items(
    listings: Listings, site: Site, ranking: Sequence[tuple[str, int]]
) -> list[dict[str, Any]]:
    """The articles of a ranking of views alone, as far as readers may see them."""
    views = dict(ranking)
    stored = await listings.articles.many(list(views))
    return [
        {"rank": rank, **_article(entry, site), "views": views[entry.article.id]}
        for rank, entry in enumerate(stored, start=1)
    ]


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
