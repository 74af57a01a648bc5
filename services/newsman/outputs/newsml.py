"""NewsML-G2 2.35 (IPTC), conformance power: one article a newsItem, a listing a newsMessage that
holds them and a packageItem, which says in what order they stand."""

import re
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
from newsman.outputs.nitf import document as nitf_document
from newsman.outputs.text.xml_text import add, to_bytes
from newsman.redis.articles import StoredArticle
from newsman_schemas.article_rules import author_names
from newsman_schemas.articles import EnrichedArticle

MEDIA_TYPE = "application/vnd.iptc.g2.newsmessage+xml; charset=utf-8"
ITEM_MEDIA_TYPE = "application/vnd.iptc.g2.newsitem+xml; charset=utf-8"
G2 = "http://iptc.org/std/nar/2006-10-01/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CATALOGUE = "http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_40.xml"
NITF_TYPE = "application/nitf+xml"
ENTITY_TYPES = {
    "person": "cpnat:person",
    "place": "cpnat:geoArea",
    "organisation": "cpnat:organisation",
    "event": "cpnat:event",
    "work": "cpnat:object",
}
MEDIATOPIC = "medtop:"
GROUP = "list"
OWN = "newsman"
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
"""What XML allows for a language (XML Schema 1.0 part 2, section 3.3.3)."""


def render(listing: Listing, site: Site) -> bytes:
    """The listing as a message: the package, then one item an article."""
    root = ET.Element("newsMessage", {"xmlns": G2})
    header = add(root, "header")
    add(header, "sent", listing.updated_at.isoformat())
    add(header, "sender", site.name)
    add(header, "origin", site.url)
    items = add(root, "itemSet")
    items.append(_package(listing, site))
    items.extend(_item(stored, site) for stored in listing.articles)
    items.extend(_canceled(gone, site) for gone in listing.tombstones)
    return to_bytes(root)


def render_article(stored: StoredArticle, site: Site) -> bytes:
    """One article as an item."""
    return to_bytes(_named(_item(stored, site)))


def render_tombstone(gone: Tombstone, site: Site) -> bytes:
    """The kill of an item."""
    return to_bytes(_named(_canceled(gone, site)))


def _named(item: ET.Element) -> ET.Element:
    item.set("xmlns", G2)
    return item


def _package(listing: Listing, site: Site) -> ET.Element:
    # Its version follows the listing's date, since the listing itself has none.
    guid = feed_url(site, listing, "newsml")
    item = _begin(guid, int(listing.updated_at.timestamp()), "packageItem")
    meta = add(item, "itemMeta")
    add(meta, "itemClass", qcode="ninat:composite")
    add(add(meta, "provider", literal=site.name), "name", site.name)
    add(meta, "versionCreated", listing.updated_at.isoformat())
    add(meta, "pubStatus", qcode="stat:usable")
    add(add(item, "contentMeta"), "headline", f"{listing.title} – {site.name}")
    groups = add(item, "groupSet", root=GROUP)
    group = add(groups, "group", id=GROUP, role=f"{OWN}:{GROUP}", mode="pgrmod:seq")
    for stored in listing.articles:
        article = stored.article
        name = {"residref": urn(article.id), "version": str(max(article.version, 1))}
        kind = {"contenttype": ITEM_MEDIA_TYPE.partition(";")[0]}
        address = {"href": f"{article_url(site, article.id)}.newsml"}
        add(add(group, "itemRef", **name, **kind, **address), "title", article.headline)
    return item


def _begin(guid: str, version: int, kind: str = "newsItem") -> ET.Element:
    standard = {"standard": "NewsML-G2", "standardversion": "2.35", "conformance": "power"}
    # A version of G2 counts from 1 on (NAR 2.1, version attribute).
    item = ET.Element(kind, {"guid": guid, "version": str(max(version, 1)), **standard})
    add(item, "catalogRef", href=CATALOGUE)
    # The IPTC's catalogue has no roles of headlines and of groups.
    add(add(item, "catalog"), "scheme", alias=OWN, uri="urn:newsman:role:")
    return item


def _item(stored: StoredArticle, site: Site) -> ET.Element:
    article = stored.article
    item = _begin(urn(article.id), article.version)
    if LANGUAGE.fullmatch(article.language or ""):
        item.set(XML_LANG, article.language or "")
    if article.copyright or article.usage_terms:
        rights = add(item, "rightsInfo")
        if article.copyright:
            add(rights, "copyrightNotice", article.copyright)
        if article.usage_terms:
            add(rights, "usageTerms", article.usage_terms)
    meta = add(item, "itemMeta")
    add(meta, "itemClass", qcode="ninat:text")
    add(add(meta, "provider", literal=article.source), "name", article.source)
    add(meta, "versionCreated", article.version_created.isoformat())
    add(meta, "firstCreated", (article.first_created or published_at(stored)).isoformat())
    add(meta, "pubStatus", qcode="stat:usable")
    if article.editorial_note:
        add(meta, "edNote", article.editorial_note)
    add(meta, "link", rel="irel:seeAlso", href=article_url(site, article.id))
    _content_meta(item, stored)
    inline = add(add(item, "contentSet"), "inlineXML", contenttype=NITF_TYPE)
    inline.append(nitf_document(stored, site))
    return item


def _content_meta(item: ET.Element, stored: StoredArticle) -> None:
    article = stored.article
    meta = add(item, "contentMeta")
    if article.urgency:
        add(meta, "urgency", str(article.urgency))
    if article.located:
        add(add(meta, "located", literal=article.located), "name", article.located)
    for name in author_names(article):
        add(add(meta, "creator", literal=name), "name", name)
    if LANGUAGE.fullmatch(article.language or ""):
        add(meta, "language", tag=article.language or "")
    for word in article.keywords:
        add(meta, "keyword", word)
    _subjects(meta, article)
    add(meta, "slugline", article.slug)
    add(meta, "headline", article.headline)
    if article.subheadline:
        add(meta, "headline", article.subheadline, role=f"{OWN}:subheadline")
    if article.byline:
        add(meta, "by", article.byline)
    add(meta, "description", summary(stored), role="drol:summary")


def _subjects(meta: ET.Element, article: EnrichedArticle) -> None:
    if article.section:
        add(
            add(meta, "subject", type="cpnat:abstract", literal=article.section),
            "name",
            article.section,
        )
    for tag in article.tags:
        is_topic = bool(tag.code and tag.code.startswith(MEDIATOPIC))
        name = {"qcode": tag.code or ""} if is_topic else {"literal": tag.code or tag.name}
        add(add(meta, "subject", type="cpnat:abstract", **name), "name", tag.name)
    for entity in article.entities:
        kind = ENTITY_TYPES[entity.type]
        add(add(meta, "subject", type=kind, literal=entity.slug), "name", entity.name)


def _canceled(gone: Tombstone, site: Site) -> ET.Element:
    item = _begin(urn(gone.article_id), gone.version)
    meta = add(item, "itemMeta")
    add(meta, "itemClass", qcode="ninat:text")
    add(add(meta, "provider", literal=site.name), "name", site.name)
    add(meta, "versionCreated", gone.at.isoformat())
    status = "stat:canceled" if gone.status == "killed" else "stat:withheld"
    add(meta, "pubStatus", qcode=status)
    return item


FORMAT = FeedFormat(
    "newsml",
    MEDIA_TYPE,
    render,
    render_article,
    render_tombstone,
    article_media_type=ITEM_MEDIA_TYPE,
    tells_of_gone=True,
)
