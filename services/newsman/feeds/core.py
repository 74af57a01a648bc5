"""Ways of asking for listings, and the entity tags of their answers. Pure."""

import hashlib
from datetime import timedelta
from urllib.parse import urlencode

from newsman.outputs.listing import Listing, Site, published_at
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import Article
from newsman_schemas.names.slugs import slugify

KINDS = {"sections": "section", "tags": "tag", "entities": "entity"}
PAGE_ROWS = 50
LIVE = frozenset({"live", "live-blog", "liveblog", "live-coverage"})


def older_url(site: Site, listing: Listing) -> str | None:
    """The page of the articles before these; None where these are the last."""
    if listing.more is None or listing.more[0] != "before":
        return None
    path = ("/search" if listing.path == "/" else listing.path) + listing.query
    return site.url + joined(path, urlencode([listing.more]))


def joined(address: str, more: str) -> str:
    """An address, or a query string "?" and all, with more of a query behind it."""
    return f"{address}{'&' if '?' in address else '?'}{more}"


def is_dated_ahead(stored: StoredArticle) -> bool:
    """True if the newsroom dates it after the minute in which readers could first see it."""
    dated = stored.article.published_at
    return dated is not None and dated - published_at(stored) >= timedelta(minutes=1)


def is_live(article: Article) -> bool:
    """True if the newsroom goes on reporting in this very article: its genre or one of its keywords
    is `live` or `live blog`, or it says `"live": true` beside its fields."""
    named = {slugify(word) for word in article.keywords}
    genre = getattr(article, "genre", None)
    named |= {genre.slug} if genre else set()
    return article.extra.get("live") is True or not named.isdisjoint(LIVE)


def strong_etag(body: bytes) -> str:
    """A strong entity tag over the bytes (RFC 9110 section 8.8.3)."""
    return '"' + hashlib.sha256(body).hexdigest()[:27] + '"'


def packed_etag(etag: str) -> str:
    """The tag of the same entity in gzip, which is another representation."""
    return etag[:-1] + '-gz"'


def matches(header: str, etag: str) -> bool:
    """True if an If-None-Match header names the entity, packed or not (RFC 9110 13.1.2)."""
    if header == etag:
        return True
    named = {part.strip().removeprefix("W/") for part in header.split(",")}
    return not named.isdisjoint({"*", etag, packed_etag(etag)})


def takes_gzip(accept_encoding: str) -> bool:
    """True if an Accept-Encoding header allows gzip (RFC 9110 section 12.5.3)."""
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";")
        if coding == "gzip":
            return weight.removeprefix("q=").strip("0.") != "" or not weight
    return False
