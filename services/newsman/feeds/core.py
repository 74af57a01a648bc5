"""What a listing is, which way it is asked for, and how readers see an article."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from newsman.redis.articles import StoredArticle

EXTENSIONS = ("rss", "atom", "json")
KINDS = {"sections": "section", "tags": "tag", "entities": "entity"}
PAGE_ROWS = 50
SUMMARY_CHARACTERS = 280
LATEST = "latest"


@dataclass(frozen=True)
class Site:
    """Where readers reach the site, and what it is called; `url` has no slash at its end."""

    url: str
    name: str


@dataclass(frozen=True)
class Listing:
    """Articles under one heading, newest first; `path` is the page's, without an extension."""

    title: str
    path: str
    feed_path: str
    articles: tuple[StoredArticle, ...]

    @property
    def updated_at(self) -> datetime:
        """When the newest of it changed; the epoch for an empty listing, so that it is stable."""
        moments = (stored.article.version_created for stored in self.articles)
        return max(moments, default=datetime.fromtimestamp(0, UTC))


def split_extension(name: str) -> tuple[str, str | None]:
    """`oslo.rss` as ("oslo", "rss"); a name without a known extension stays whole."""
    stem, dot, extension = name.rpartition(".")
    return (stem, extension) if dot and extension in EXTENSIONS else (name, None)


def article_url(site: Site, article_id: str) -> str:
    """The address of an article's page."""
    return f"{site.url}/articles/{article_id}"


def urn(article_id: str) -> str:
    """The name of an article in feeds, the same for all its versions."""
    return f"urn:newsman:article:{article_id}"


def published_at(stored: StoredArticle) -> datetime:
    """When readers could first see the article, as far as the newsroom says."""
    return datetime.fromtimestamp(stored.published_at_ms / 1000, UTC)


def summary(stored: StoredArticle) -> str:
    """The newsroom's own summary, else the beginning of the text, cut between words."""
    text = stored.article.summary or stored.article.body_text
    text = " ".join(text.split())
    if len(text) <= SUMMARY_CHARACTERS:
        return text
    return text[:SUMMARY_CHARACTERS].rsplit(" ", 1)[0].rstrip(",;:–- ") + " …"


def strong_etag(body: bytes) -> str:
    """A strong entity tag over the bytes (RFC 9110 section 8.8.3)."""
    return '"' + hashlib.sha256(body).hexdigest()[:27] + '"'


def matches(header: str, etag: str) -> bool:
    """Whether an If-None-Match header names the entity (weak comparison, RFC 9110 13.1.2)."""
    candidates = (part.strip().removeprefix("W/") for part in header.split(","))
    return any(candidate in ("*", etag) for candidate in candidates)
