"""GET /v1/articles: the newest, any combination of filters, words, times, changes."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from newsman.feeds.api.queries import ArticlesQuery
from newsman.feeds.listings.catalogue_listings import CatalogueListings, Page, page_of
from newsman.feeds.listings.listings import Listings
from newsman.feeds.query.cursors import ListingPosition
from newsman.feeds.query.listings import PAGING
from newsman.feeds.query.selection import Selection
from newsman.feeds.subscribers.reading import narrowing, tell
from newsman.feeds.subscribers.told import told_tombstones
from newsman.outputs.listing import Listing, Others, Site, Tombstone, article_url
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import to_public

_CATALOGUE_PARAMETERS = ("before", "since", "collapse", "published_after", "published_before")
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
        query = ArticlesQuery.read(request.query_params)
        selection = await self._finder.resolved(query.selection)
        page = _page(query, selection)
        if words := query.q.strip():
            hits = await self._finder.matching(
                words,
                selection,
                limit=query.limit,
                offset=query.offset,
                collapse=query.collapse is not None,
            )
            return JSONResponse({"items": [public(result, self._site) for result in hits]})
        if page is None:
            result = await _plain(self._listings, selection, query.limit, query.offset)
        else:
            result = await self._finder.found(EMPTY, selection, page)
        items = [_item(stored, result, self._site) for stored in result.articles]
        answer: dict[str, Any] = {"items": items}
        if page is not None and page.since is not None:
            tell(told_tombstones(result.tombstones))
            answer["gone"] = [_gone(tombstone) for tombstone in result.tombstones]
        if result.more is not None:
            answer["next"] = _next(request, self._site, result.more)
        return JSONResponse(answer)


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


async def _plain(listings: Listings, selection: Selection, limit: int, offset: int) -> Listing:
    """The listing, if the store alone can answer it: the newest of all, or of one section, tag
    or entity."""
    if not selection.filters:
        return await listings.latest(limit=limit, offset=offset)
    ((kind, slug),) = selection.filters
    return await listings.under(KINDS[kind], slug, limit=limit, offset=offset) or EMPTY


def _page(query: ArticlesQuery, selection: Selection) -> Page | None:
    """The part of the catalogue that is asked for; None where the store answers by itself."""
    is_plain = _is_plain(selection) and not narrowing()
    if is_plain and query.model_fields_set.isdisjoint(_CATALOGUE_PARAMETERS):
        return None
    page = page_of(query) or Page()
    if query.published_after is not None:
        page = replace(page, oldest_ms=query.published_after)
    if query.published_before is not None:
        bound = ListingPosition(query.published_before, "")
        page = replace(page, before=min(page.before or bound, bound), top=page.top or bound)
    return replace(page, limit=query.limit, offset=query.offset)


def _is_plain(selection: Selection) -> bool:
    """Tells if the store keeps a list of the selection: all, or one section, tag or entity."""
    filters = selection.filters
    return len(filters) <= 1 and all(kind in KINDS for kind, _ in filters)


def _next(request: Request, site: Site, more: tuple[str, str]) -> str:
    filters = [(k, v) for k, v in request.query_params.items() if k not in (*PAGING, "offset")]
    limit = [("limit", v) for v in (request.query_params.get("limit"),) if v]
    return f"{site.url}/v1/articles?{urlencode([*filters, *limit, more])}"


def _gone(tombstone: Tombstone) -> dict[str, Any]:
    return {
        "id": tombstone.article_id,
        "uri": tombstone.uri,
        "version": tombstone.version,
        "at": tombstone.at.isoformat(),
        "status": tombstone.status,
    }
