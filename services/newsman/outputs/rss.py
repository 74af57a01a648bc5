"""RSS 2.0 (rssboard.org/rss-specification), with content, dc, media, atom:link and
atom:updated."""

import xml.etree.ElementTree as ET
from email.utils import format_datetime
from functools import partial

from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.listing import (
    Listing,
    Site,
    article_url,
    entry_urn,
    feed_title,
    feed_url,
    language_of,
    listing_language,
    more_url,
    page_url,
    published_at,
    related_links,
    summary,
    updated_at,
)
from newsman.outputs.media_files import add_enclosures, media_files
from newsman.outputs.picture_files import MEDIA, add_media_content
from newsman.outputs.pieces import PLACE, Piece, kept, whole, xml_document, xml_piece
from newsman.outputs.text.html_text import as_html, as_title
from newsman.outputs.text.xml_text import add
from newsman.redis.articles import StoredArticle
from newsman_schemas.article_rules import author_names

MEDIA_TYPE = "application/rss+xml; charset=utf-8"
ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"


def render(listing: Listing, site: Site) -> bytes:
    """The listing as an RSS 2.0 channel."""
    return whole(render_pieces(listing, site))


def render_pieces(listing: Listing, site: Site) -> list[Piece]:
    """The listing as pieces."""
    for prefix, name in (("atom", ATOM), ("content", CONTENT), ("dc", DC), ("media", MEDIA)):
        ET.register_namespace(prefix, name)
    root = ET.Element("rss", {"version": "2.0"})
    channel = add(root, "channel")
    add(channel, "title", as_title(f"{listing.title} – {site.name}"))
    add(channel, "link", page_url(site, listing))
    add(channel, "description", as_title(f"{listing.title} from {site.name}"))
    language = listing_language(listing, site)
    if language:
        add(channel, "language", language)
    add(channel, "generator", "Newsman")
    if listing.articles:
        add(channel, "lastBuildDate", format_datetime(listing.updated_at))
    add(
        channel,
        f"{{{ATOM}}}link",
        rel="self",
        type="application/rss+xml",
        href=feed_url(site, listing, "rss"),
    )
    for rel, href in (("next", more_url(site, listing, "rss")), ("hub", site.hub)):
        if href:
            add(channel, f"{{{ATOM}}}link", rel=rel, href=href)
    add(channel, PLACE)

    def piece(stored: StoredArticle) -> Piece:
        return xml_piece(lambda around: _item(around, stored, listing, site, language))

    named = ("rss", site, language)
    return xml_document(
        root,
        (kept(listing, one, named, partial(piece, one)) for one in listing.articles),
    )


def _item(
    channel: ET.Element,
    stored: StoredArticle,
    listing: Listing,
    site: Site,
    channel_language: str | None,
) -> None:
    article = stored.article
    item = add(channel, "item")
    add(item, "title", as_title(feed_title(stored, site)))
    add(item, "link", article_url(site, article.id))
    add(item, "guid", entry_urn(article), isPermaLink="false")
    add(item, "pubDate", format_datetime(published_at(stored)))
    add(item, f"{{{ATOM}}}updated", updated_at(stored).isoformat())
    add(item, "description", as_html(summary(stored)))
    add(item, f"{{{CONTENT}}}encoded", article.body_html)
    for name in author_names(article):
        add(item, f"{{{DC}}}creator", name)
    if (language := language_of(stored)) and language != channel_language:
        add(item, f"{{{DC}}}language", language)
    if article.section:
        add(item, "category", article.section)
    for tag in article.tags:
        add(item, "category", tag.name, **({"domain": tag.scheme} if tag.scheme else {}))
    for image in article.images:
        add_media_content(item, image)
    add_enclosures(item, media_files(article))
    for link in related_links(listing, stored, site):
        add(item, f"{{{ATOM}}}link", **link)


FORMAT = FeedFormat("rss", MEDIA_TYPE, render, render_pieces=render_pieces)
