"""NITF 3.6 (IPTC): one article a document, a listing a digest of them."""

import xml.etree.ElementTree as ET

from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.listing import (
    Listing,
    Site,
    Tombstone,
    article_url,
    feed_url,
    published_at,
    summary,
    urn,
)
from newsman.outputs.nitf_body import add_blocks
from newsman.outputs.text.xml_text import add, to_bytes
from newsman.redis.articles import StoredArticle
from newsman_schemas.article_rules import author_names
from newsman_schemas.articles import EnrichedArticle

MEDIA_TYPE = "application/nitf+xml; charset=utf-8"
NITF = "http://iptc.org/std/NITF/2006-10-18/"
BASIC_DATE = "%Y%m%dT%H%M%SZ"
MOST_URGENT, LEAST_URGENT = 1, 8


def render(listing: Listing, site: Site) -> bytes:
    """The listing as a digest: of each article the headline, which leads to it, and the summary."""
    title, url = f"{listing.title} – {site.name}", feed_url(site, listing, "nitf")
    root, docdata = _begin(title, url)
    docdata.set("management-status", "usable")
    add(docdata, "date.issue", norm=listing.updated_at.strftime(BASIC_DATE))
    body = add(root, "body")
    head = add(body, "body.head")
    add(add(head, "hedline"), "hl1", title)
    add(head, "distributor", site.name)
    content = add(body, "body.content")
    for stored in listing.articles:
        block = add(content, "block")
        add(add(block, "hl2"), "a", stored.article.headline, href=_document_url(stored, site))
        add(block, "p", summary(stored))
    return to_bytes(root)


def render_article(stored: StoredArticle, site: Site) -> bytes:
    """The article as a document."""
    return to_bytes(document(stored, site))


def render_tombstone(gone: Tombstone, _: Site) -> bytes:
    """A document that cancels the article's."""
    root, docdata = _begin(gone.uri or urn(gone.article_id), urn(gone.article_id))
    docdata.set("management-status", "canceled")
    add(docdata, "date.issue", norm=gone.at.strftime(BASIC_DATE))
    ET.SubElement(root, "body")
    return to_bytes(root)


def document(stored: StoredArticle, site: Site) -> ET.Element:
    """The element of the document, for what carries it, too."""
    article = stored.article
    root, docdata = _begin(article.headline, urn(article.id))
    docdata.set("management-status", "usable")
    if article.urgency:
        urgency = min(max(article.urgency, MOST_URGENT), LEAST_URGENT)
        add(docdata, "urgency", **{"ed-urg": str(urgency)})
    add(docdata, "date.issue", norm=article.version_created.strftime(BASIC_DATE))
    add(docdata, "date.release", norm=published_at(stored).strftime(BASIC_DATE))
    if article.expires_at:
        add(docdata, "date.expire", norm=article.expires_at.strftime(BASIC_DATE))
    if article.editorial_note:
        add(docdata, "ed-msg", info=article.editorial_note)
    if article.copyright:
        add(docdata, "doc.copyright", holder=article.copyright)
    if article.keywords:
        words = add(docdata, "key-list")
        for word in article.keywords:
            add(words, "keyword", key=word)
    _identified(docdata, article)
    _body(root, stored, site)
    return root


def _document_url(stored: StoredArticle, site: Site) -> str:
    return f"{article_url(site, stored.article.id)}.nitf"


def _begin(title: str, name: str) -> tuple[ET.Element, ET.Element]:
    root = ET.Element("nitf", {"xmlns": NITF})
    head = add(root, "head")
    add(head, "title", title)
    docdata = add(head, "docdata")
    add(docdata, "doc-id", **{"id-string": name})
    return root, docdata


def _identified(docdata: ET.Element, article: EnrichedArticle) -> None:
    if not (article.tags or article.entities or article.section):
        return
    identified = add(docdata, "identified-content")
    if article.section:
        add(identified, "classifier", type="section", value=article.section)
    for tag in article.tags:
        source = {"idsrc": tag.scheme} if tag.scheme else {}
        add(identified, "classifier", type="subject", value=tag.name, **source)
    names = {"person": "person", "place": "location", "organisation": "org", "event": "event"}
    for entity in article.entities:
        add(identified, names.get(entity.type, "object.title"), entity.name)


def _body(root: ET.Element, stored: StoredArticle, site: Site) -> None:
    article = stored.article
    body = add(root, "body")
    head = add(body, "body.head")
    hedline = add(head, "hedline")
    add(hedline, "hl1", article.headline)
    if article.subheadline:
        add(hedline, "hl2", article.subheadline)
    if article.copyright or article.usage_terms:
        add(head, "rights", "\n".join(filter(None, (article.copyright, article.usage_terms))))
    byline = article.byline or ", ".join(author_names(article))
    if byline:
        add(head, "byline", byline)
    add(head, "distributor", site.name)
    if article.located:
        dateline = add(head, "dateline")
        add(dateline, "location", article.located)
    add(add(head, "abstract"), "p", summary(stored))
    add_blocks(add(body, "body.content"), article.body_html)


FORMAT = FeedFormat("nitf", MEDIA_TYPE, render, render_article, render_tombstone)
