"""Sitemaps of news (sitemaps.org 0.9 with Google's sitemap-news 0.9)."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from newsman.feeds.core import Site, article_url, published_at
from newsman.feeds.formats.xml_text import add, to_bytes
from newsman.redis.articles import StoredArticle
from newsman_schemas.article_rules import language_tags

MEDIA_TYPE = "application/xml; charset=utf-8"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
MAX_URLS = 1_000
MAX_AGE_SECONDS = 48 * 3_600
ISO_639 = re.compile(r"[a-z]{2,3}")
UNKNOWN_LANGUAGE = "en"
"""An address needs a language; where no article names one, this is assumed."""


def render(articles: Sequence[StoredArticle], site: Site) -> bytes:
    """At most MAX_URLS articles, none older than MAX_AGE_SECONDS: whoever asks sees to that."""
    ET.register_namespace("news", NEWS)
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for stored in articles:
        article = stored.article
        url = add(root, "url")
        add(url, "loc", article_url(site, article.id))
        add(url, "lastmod", article.version_created.isoformat())
        news = add(url, f"{{{NEWS}}}news")
        publication = add(news, f"{{{NEWS}}}publication")
        add(publication, f"{{{NEWS}}}name", site.name)
        add(publication, f"{{{NEWS}}}language", _language(article.language))
        add(news, f"{{{NEWS}}}publication_date", published_at(stored).isoformat())
        add(news, f"{{{NEWS}}}title", article.headline)
    return to_bytes(root)


def render_index(pages: int, site: Site) -> bytes:
    """The index of so many sitemaps."""
    root = ET.Element("sitemapindex", {"xmlns": SITEMAP})
    for number in range(1, pages + 1):
        add(add(root, "sitemap"), "loc", f"{site.url}/sitemap-news-{number}.xml")
    return to_bytes(root)


def _language(language: str | None) -> str:
    """ISO 639, as Google asks; Chinese with its script's country."""
    tag, code = language_tags(language or "")
    if tag in ("zh-cn", "zh-tw"):
        return tag
    return code if ISO_639.fullmatch(code) else UNKNOWN_LANGUAGE
