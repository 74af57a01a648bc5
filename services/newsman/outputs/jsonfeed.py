"""JSON Feed 1.1 (jsonfeed.org/version/1.1): titles, summaries and names are plain text."""

import json
from functools import partial
from typing import Any

from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.listing import (
    Listing,
    Site,
    article_url,
    entry_urn,
    feed_title,
    feed_url,
    gone_urns,
    language_of,
    listing_language,
    more_url,
    page_url,
    published_at,
    related_links,
    summary,
    updated_at,
)
from newsman.outputs.media_files import file_attachment, media_files
from newsman.outputs.picture_files import attachment
from newsman.outputs.pieces import Piece, kept, whole
from newsman.redis.articles import StoredArticle
from newsman_schemas.article_rules import authors_of
from newsman_schemas.articles import Article, Author

MEDIA_TYPE = "application/feed+json; charset=utf-8"
WEB = ("http://", "https://")
VERSION = "https://jsonfeed.org/version/1.1"


BETWEEN = Piece(b", ")


def render(listing: Listing, site: Site) -> bytes:
    """The listing as a JSON Feed; what Newsman adds stands under `_newsman`."""
    return whole(render_pieces(listing, site))


def render_pieces(listing: Listing, site: Site) -> list[Piece]:
    """The listing as pieces."""
    feed = {
        "version": VERSION,
        "title": f"{listing.title} – {site.name}",
        "home_page_url": page_url(site, listing),
        "feed_url": feed_url(site, listing, "json"),
        "language": listing_language(listing, site),
        "next_url": more_url(site, listing, "json"),
        "hubs": [{"type": "WebSub", "url": site.hub}] if site.hub else None,
        "_since": listing.since or None,
    }
    gone = [
        {"id": name, "date_deleted": gone.at.isoformat(), "reason": gone.status}
        for name, gone in gone_urns(listing).items()
    ]
    head = _json({name: value for name, value in feed.items() if value is not None})
    pieces = [Piece(head.removesuffix(b"}") + b', "items": [')]
    for stored in listing.articles:
        make = partial(_piece, stored, listing, site)
        pieces += (kept(listing, stored, ("json", site), make), BETWEEN)
    tail = b'], "_tombstones": ' + _json(gone) + b"}"
    return [*(pieces[:-1] if listing.articles else pieces), Piece(tail)]


def _piece(stored: StoredArticle, listing: Listing, site: Site) -> Piece:
    return Piece(_json(_item(stored, listing, site)))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _item(stored: StoredArticle, listing: Listing, site: Site) -> dict[str, Any]:
    article = stored.article
    others = listing.others.get(article.id)
    links = [
        {"url": link["href"], "title": link["title"]}
        for link in related_links(listing, stored, site)
    ]
    item = {
        "id": entry_urn(article),
        "url": article_url(site, article.id),
        "external_url": _external_url(article),
        "title": feed_title(stored, site),
        "content_html": article.body_html,
        "summary": summary(stored),
        "date_published": published_at(stored).isoformat(),
        "date_modified": updated_at(stored).isoformat(),
        "authors": [_author(author) for author in authors_of(article)] or None,
        "language": language_of(stored),
        "image": article.images[0].href if article.images else None,
        "attachments": _attachments(article) or None,
        "tags": [tag.name for tag in article.tags] or None,
        "_newsman": {
            "article_id": article.id,
            "version": article.version,
            "revision": stored.revision,
            "section": article.section,
            "entities": [{"name": e.name, "type": e.type} for e in article.entities],
            **({"others": {"count": others.count, "newest": links}} if others else {}),
        },
    }
    return {name: value for name, value in item.items() if value is not None}


def _attachments(article: Article) -> list[dict[str, Any]]:
    pictures = [attachment(image) for image in article.images]
    return pictures + [file_attachment(file) for file in media_files(article)]


def _external_url(article: Article) -> str | None:
    """The page elsewhere that the article is about, as it was sent, else the newsroom's own."""
    sent = article.extra.get("external_url")
    return sent if isinstance(sent, str) and sent.startswith(WEB) else article.canonical_url


def _author(author: Author) -> dict[str, str]:
    url = author.uri if author.uri and author.uri.startswith(WEB) else None
    return {"name": author.name, **({"url": url} if url else {})}


FORMAT = FeedFormat("json", MEDIA_TYPE, render, render_pieces=render_pieces, tells_of_gone=True)
