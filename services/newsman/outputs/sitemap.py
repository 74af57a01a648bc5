"""Sitemaps of news (sitemaps.org 0.9 with Google's sitemap-news 0.9)."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from newsman.outputs.listing import Site, article_url, language_of, published_at, updated_at
from newsman.outputs.text.xml_text import add, to_bytes
from newsman.redis.articles import StoredArticle
from newsman_schemas.names.languages import sitemap_language

MEDIA_TYPE = "application/xml; charset=utf-8"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
MAX_URLS = 1_000
MAX_AGE_SECONDS = 48 * 3_600
UNKNOWN_LANGUAGE = "en"
"""An address needs a language; this is assumed where neither its article nor the site names one."""


def render(articles: Sequence[StoredArticle], site: Site) -> bytes:
    """At most MAX_URLS articles, none older than MAX_AGE_SECONDS and none whose canonical page is
    elsewhere: whoever asks sees to that."""
    ET.register_namespace("news", NEWS)
    site_language = sitemap_language(site.language) or UNKNOWN_LANGUAGE
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for stored in articles:
        article = stored.article
        language = sitemap_language(language_of(stored)) or site_language
        url = add(root, "url")
        add(url, "loc", article_url(site, article.id))
        add(url, "lastmod", updated_at(stored).isoformat())
        news = add(url, f"{{{NEWS}}}news")
        publication = add(news, f"{{{NEWS}}}publication")
        add(publication, f"{{{NEWS}}}name", site.name)
        add(publication, f"{{{NEWS}}}language", language)
        add(news, f"{{{NEWS}}}publication_date", published_at(stored).isoformat())
        add(news, f"{{{NEWS}}}title", article.headline)
    return to_bytes(root)


def render_index(pages: int, site: Site) -> bytes:
    """The index of so many sitemaps of news."""
    return render_names([f"sitemap-news-{number}.xml" for number in range(1, pages + 1)], site)


def render_names(names: Sequence[str], site: Site) -> bytes:
    """The index of sitemaps by their names at the root of the site."""
    root = ET.Element("sitemapindex", {"xmlns": SITEMAP})
    for name in names:
        add(add(root, "sitemap"), "loc", f"{site.url}/{name}")
    return to_bytes(root)


def render_paths(paths: Sequence[str], site: Site) -> bytes:
    """A sitemap of pages by their paths."""
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for path in paths:
        add(add(root, "url"), "loc", f"{site.url}{path}")
    return to_bytes(root)


def render_articles(articles: Sequence[StoredArticle], site: Site) -> bytes:
    """A sitemap of articles of any age, none of which has its canonical page elsewhere."""
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for stored in articles:
        url = add(root, "url")
        add(url, "loc", article_url(site, stored.article.id))
        add(url, "lastmod", updated_at(stored).isoformat())
    return to_bytes(root)
