"""Plain text: what a terminal, a printer or a wire of old takes."""

import textwrap

from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.listing import Listing, Site, Tombstone, article_url, published_at, urn
from newsman.redis.articles import StoredArticle

MEDIA_TYPE = "text/plain; charset=utf-8"
WIDTH = 76
RULE = "-" * WIDTH
_UNSEEN = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)))
"""Control characters but tab and line feed: a terminal would obey them."""


def render(listing: Listing, site: Site) -> bytes:
    """The articles one after another, newest first."""
    parts = [f"{listing.title} – {site.name}", *(_article(s, site) for s in listing.articles)]
    parts += [_gone(gone) for gone in listing.tombstones]
    return _to_bytes(f"\n{RULE}\n\n".join(part + "\n" for part in parts))


def render_article(stored: StoredArticle, site: Site) -> bytes:
    """One article."""
    return _to_bytes(_article(stored, site) + "\n")


def render_tombstone(gone: Tombstone, _: Site) -> bytes:
    """The notice for an article that is gone."""
    return _to_bytes(_gone(gone) + "\n")


def _article(stored: StoredArticle, site: Site) -> str:
    article = stored.article
    when = published_at(stored).strftime("%Y-%m-%d %H:%M UTC")
    meta = " · ".join(part for part in (article.byline, article.located, when) if part)
    head = [article.section.upper() if article.section else None, article.headline]
    head += [article.subheadline, meta]
    notes = [article.editorial_note, article.copyright, article.usage_terms]
    body = article.body_text.split("\n\n")
    blocks = ["\n".join(_wrapped(line) for line in head if line), *map(_wrapped, body)]
    blocks += ["\n".join(_wrapped(note) for note in notes if note)]
    blocks += [article_url(site, article.id)]
    return "\n\n".join(block for block in blocks if block)


def _gone(gone: Tombstone) -> str:
    return f"{urn(gone.article_id)} was withdrawn ({gone.status}) at {gone.at:%Y-%m-%d %H:%M} UTC."


def _wrapped(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False) for line in lines
    )


def _to_bytes(text: str) -> bytes:
    return text.translate(_UNSEEN).encode("utf-8", "replace")


FORMAT = FeedFormat("txt", MEDIA_TYPE, render, render_article, render_tombstone, tells_of_gone=True)
