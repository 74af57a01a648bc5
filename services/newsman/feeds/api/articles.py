"""GET /v1/articles: the newest, any combination of filters, words, times, changes."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from newsman.feeds.core import Listing, Others, Site, Tombstone, article_url
from newsman.feeds.listings.catalogue_listings import (
    COLLAPSE,
    PAGING,
    CatalogueListings,
    Page,
    page_of,
)
from newsman.feeds.listings.listings import Listings
from newsman.feeds.query.cursors import ListingPosition
from newsman.feeds.query.parameters import read_moment, read_number
from newsman.feeds.query.selection import Selection, select
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import to_public

MAX_LIMIT = 100
DEFAULT_LIMIT = 20
MAX_OFFSET = 1_000_000
_CATALOGUE_PARAMETERS = frozenset(
    ("before", "since", COLLAPSE, "published_after", "published_before")
)
"""Parameters that the catalogue alone can answer."""
KINDS = {"section": "sections", "tag": "tags", "entity": "entities"}
EMPTY = Listing("", "/v1/articles", "/v1/articles", ())


class ArticleList:
    """Answered by the store where it can, else by the catalogue."""

    def __init__(self, listings: Listings, finder: CatalogueListings, site: Site) -> None:
        self._listings = listings
        self._finder = finder
        self._site = site

    async def answer(self, request: Request) -> Response:
        """The newest, or what was asked for; `next` goes on."""
        query = request.query_params
        limit, offset = read_limit(request), _offset(request)
        selection = await self._finder.resolved(select(query))
        page = _page(request, selection, limit)
        if words := query.get("q", "").strip():
            hits = await self._finder.matching(
                words, selection, limit=limit, offset=offset, collapse=bool(page and page.collapse)
            )
            return JSONResponse({"items": [public(found, self._site) for found in hits]})
        if page is None:
            found = await _plain(self._listings, selection, limit, offset)
        else:
            found = await self._finder.found(EMPTY, selection, page)
        items = [_item(one, found, self._site) for one in found.articles]
        answer: dict[str, Any] = {"items": items}
        if page is not None and page.since is not None:
            answer["gone"] = [_gone(tombstone) for tombstone in found.tombstones]
        if found.more is not None:
            answer["next"] = _next(request, self._site, found.more)
        return JSONResponse(answer)


def read_limit(request: Request) -> int:
    """How many to answer; raises BadParameter."""
    return read_number(request.query_params, "limit", DEFAULT_LIMIT, least=1, most=MAX_LIMIT)


def public(stored: StoredArticle, site: Site) -> dict[str, Any]:
    """An article as the API shows it."""
    article, api = stored.article, f"{site.url}/v1/articles"
    return {
        **to_public(article),
        "tags": [tag.model_dump(mode="json", exclude_none=True) for tag in article.tags],
        "entities": [e.model_dump(mode="json", exclude_none=True) for e in article.entities],
        "revision": stored.revision,
        "links": {
            "self": f"{api}/{article.id}",
            "page": article_url(site, article.id),
            **({"story": f"{api}?story={article.story.id}"} if article.story else {}),
        },
    }


def told_others(others: Others, site: Site) -> dict[str, Any]:
    """The other articles of a story, as the API shows them."""
    newest = [
        {
            "id": stored.article.id,
            "source": stored.article.source,
            "role": stored.article.story.role if stored.article.story else None,
            "headline": stored.article.headline,
            "url": article_url(site, stored.article.id),
        }
        for stored in others.newest
    ]
    return {"count": others.count, "newest": newest}


def _item(stored: StoredArticle, listing: Listing, site: Site) -> dict[str, Any]:
    others = listing.others.get(stored.article.id)
    return public(stored, site) | ({"others": told_others(others, site)} if others else {})


def _offset(request: Request) -> int:
    return read_number(request.query_params, "offset", 0, least=0, most=MAX_OFFSET)


async def _plain(listings: Listings, selection: Selection, limit: int, offset: int) -> Listing:
    """What the store alone can answer: the newest of all, or of one section, tag or entity."""
    if not selection.filters:
        return await listings.latest(limit=limit, offset=offset)
    ((kind, slug),) = selection.filters
    return await listings.under(KINDS[kind], slug, limit=limit, offset=offset) or EMPTY


def _page(request: Request, selection: Selection, limit: int) -> Page | None:
    """The part of the catalogue that is asked for; None where the store answers by itself."""
    query = request.query_params
    if _is_plain(selection) and not _CATALOGUE_PARAMETERS & query.keys():
        return None
    page = page_of(query) or Page()
    if (oldest := query.get("published_after")) is not None:
        page = replace(page, oldest_ms=read_moment("published_after", oldest))
    if (newest := query.get("published_before")) is not None:
        bound = ListingPosition(read_moment("published_before", newest), "")
        page = replace(page, before=min(page.before or bound, bound), top=page.top or bound)
    return replace(page, limit=limit)


def _is_plain(selection: Selection) -> bool:
    """Tells if the store keeps a list of the selection: all, or one section, tag or entity."""
    filters = selection.filters
    return len(filters) <= 1 and all(kind in KINDS for kind, _ in filters)


def _next(request: Request, site: Site, more: tuple[str, str]) -> str:
    kept = [(k, v) for k, v in request.query_params.items() if k not in (*PAGING, "offset")]
    limit = [("limit", v) for v in (request.query_params.get("limit"),) if v]
    return f"{site.url}/v1/articles?{urlencode([*kept, *limit, more])}"


def _gone(tombstone: Tombstone) -> dict[str, Any]:
    return {
        "id": tombstone.article_id,
        "uri": tombstone.uri,
        "version": tombstone.version,
        "at": tombstone.at.isoformat(),
        "status": tombstone.status,
    }
