"""Atom (RFC 4287), paged as RFC 5005 has it, with the tombstones of RFC 6721.

An entry's id and published stay, updated moves.
"""

import re
import xml.etree.ElementTree as ET
from functools import partial

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
from newsman.outputs.media_files import file_link, media_files
from newsman.outputs.picture_files import MEDIA, add_media_content, enclosure_link
from newsman.outputs.pieces import PLACE, Piece, kept, whole, xml_document, xml_piece
from newsman.outputs.text.xml_text import add, legal
from newsman.redis.articles import StoredArticle
from newsman_schemas.article_rules import authors_of
from newsman_schemas.articles import Author, Tag

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
ATOM = "http://www.w3.org/2005/Atom"
SCHEMES = {"medtop": "http://cv.iptc.org/newscodes/mediatopic/"}
IRI = re.compile(r"(?:https?://|urn:)(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+#?")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


def render(listing: Listing, site: Site) -> bytes:
    """The listing as an Atom feed."""
    return whole(render_pieces(listing, site))


def render_pieces(listing: Listing, site: Site) -> list[Piece]:
    """The listing as pieces."""
    for prefix, name in (("at", TOMBSTONES), ("media", MEDIA)):
        ET.register_namespace(prefix, name)
    language = listing_language(listing, site)
    root = ET.Element("feed", {"xmlns": ATOM, **_lang(language)})
    add(root, "title", f"{listing.title} – {site.name}")
    add(root, "id", site.url + listing.feed_path + listing.query)
    add(root, "updated", listing.updated_at.isoformat())
    add(root, "link", rel="alternate", type="text/html", href=page_url(site, listing))
    add(root, "link", rel="self", href=feed_url(site, listing, "atom"))
    for rel, href in (("next", more_url(site, listing, "atom")), ("hub", site.hub)):
        if href:
            add(root, "link", rel=rel, href=href)
    add(add(root, "author"), "name", site.name)
    add(root, "generator", "Newsman")
    add(root, PLACE)
    for name, gone in gone_urns(listing).items():
        tombstone = f"{{{TOMBSTONES}}}deleted-entry"
        entry = add(root, tombstone, ref=name, when=gone.at.isoformat())
        add(entry, f"{{{TOMBSTONES}}}comment", gone.status)

    def piece(stored: StoredArticle) -> Piece:
        return xml_piece(lambda around: _entry(around, stored, listing, site, language))

    named = ("atom", site, language)
    return xml_document(
        root,
        (kept(listing, one, named, partial(piece, one)) for one in listing.articles),
    )


def _entry(
    root: ET.Element,
    stored: StoredArticle,
    listing: Listing,
    site: Site,
    feed_language: str | None,
) -> None:
    article = stored.article
    language = language_of(stored)
    entry = add(root, "entry", **_lang(language if language != feed_language else None))
    add(entry, "title", feed_title(stored, site))
    add(entry, "id", entry_urn(article))
    add(entry, "link", rel="alternate", type="text/html", href=article_url(site, article.id))
    for link in related_links(listing, stored, site):
        add(entry, "link", **link)
    add(entry, "published", published_at(stored).isoformat())
    add(entry, "updated", updated_at(stored).isoformat())
    for author in authors_of(article):
        _author(entry, author)
    add(entry, "summary", summary(stored))
    add(entry, "content", article.body_html, type="html")
    if article.section:
        add(entry, "category", term=article.section)
    for tag in article.tags:
        add(entry, "category", term=tag.name, **_scheme(tag))
    if article.copyright:
        add(entry, "rights", article.copyright)
    for image in article.images:
        add(entry, "link", **enclosure_link(image))
        add_media_content(entry, image)
    for file in media_files(article):
        add(entry, "link", **file_link(file))


def _author(entry: ET.Element, author: Author) -> None:
    name = legal(author.name).strip()
    if name:
        person = add(entry, "author")
        add(person, "name", name)
        if IRI.fullmatch(author.uri or ""):
            add(person, "uri", author.uri)


def _lang(language: str | None) -> dict[str, str]:
    return {XML_LANG: language} if language else {}


def _scheme(tag: Tag) -> dict[str, str]:
    # RFC 4287 section 4.2.2.2 asks for an IRI; a name alone is none.
    scheme = SCHEMES.get(tag.scheme or "", tag.scheme or "")
    return {"scheme": scheme} if IRI.fullmatch(scheme) else {}


FORMAT = FeedFormat("atom", MEDIA_TYPE, render, render_pieces=render_pieces, tells_of_gone=True)
