"""One item or entry of a feed (RSS 2.0, RSS 1.0, RFC 4287) as a draft."""

import re
from collections.abc import Iterator
from typing import Any

from newsman.ingest.formats.feed.links import TITLES, home_in, link_of
from newsman.ingest.formats.feed.media import leftovers
from newsman.ingest.formats.feed.people import authors_of, byline
from newsman.ingest.formats.feed.pictures import images
from newsman.ingest.formats.feed.tree import Entry
from newsman.ingest.formats.feed.values import (
    add,
    as_json,
    date_or_none,
    markup_of,
    media_type,
    plain,
    value,
)
from newsman.ingest.formats.leftovers import Leaf, keep_leftovers
from newsman.ingest.formats.markup.tree import Node, first
from newsman.ingest.formats.model import Defaults, Draft
from newsman.ingest.formats.values.text import one_line
from newsman.ingest.formats.values.urls import resolve, resolve_links
from newsman_schemas.pubstatus import WITHHELD

_IDENTIFIERS = ("guid", "atom:id", "id", "atom:guid")
_CONTENTS = tuple(
    "content:encoded atom:content content xhtml:body body fullitem turbo:content yandex:full-text "
    "mailru:full-text rambler:fulltext full-text fulltext".split()
)
"""The last are whole texts beside a short description, as agencies write them for Russian sites."""
_SUMMARIES = tuple(
    "description atom:summary summary dc:description dcterms:abstract atom:description".split()
)
_MEDIA_SUMMARIES = ("itunes:summary", "media:description", "itunes:subtitle")
"""Words about a film or sound, often all that its entry says."""
_CATEGORIES = ("category", "atom:category", "dc:subject", "media:category")
_RIGHTS = ("atom:rights", "rights", "dc:rights", "copyright", "dcterms:rights")
_LANGUAGES = ("dc:language", "language", "dcterms:language")
_DATES = {
    "published_at": "pubdate atom:pubdate atom:published published atom:issued issued "
    "dcterms:issued dc:date prism:publicationdate",
    "version_created": "atom:updated updated atom:modified modified dcterms:modified "
    "prism:modificationdate",
    "first_created": "atom:created created dcterms:created prism:creationdate",
    "expires_at": "expirationdate dcterms:valid prism:expirationdate prism:killdate",
    "embargoed_until": "prism:embargodate embargo embargodate embargoed embargoeduntil",
    "released_at": "dcterms:available dcterms:valid",
}
"""Dublin Core's terms, and PRISM's (its basic elements, 3.0), say when an item may be shown."""
_POINTERS = {
    "uri": "/id",
    "headline": "/title",
    "body_html": "/content",
    "body_text": "/content",
    "canonical_url": "/link",
    "published_at": "/published",
    "version_created": "/updated",
    "first_created": "/created",
}
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w{1,31};")
_PART_OF_A_DATE = re.compile(r"\d{4}(?:-\d{2})?")
_PERIOD = re.compile(r"\b(start|end)=([^;]{1,60})")
"""A side of a period (DCMI Period Encoding Scheme)."""
_NO_NEWS = ("xmlns", "ispermalink")  # the second is in `extra` by another name
MAX_DATES = 8
"""Among so many dates of one kind, the first readable one counts."""


def draft(entry: Entry, defaults: Defaults, feed: str | None) -> Draft:
    """The draft of one entry; anything without a field in the article is kept in `extra`.

    `feed` is the name of the feed around it.
    """
    children = entry.node.elements()
    around = entry.channel.elements() if entry.channel else []
    link = link_of(entry, children, around)
    grouped = [part for node in children if node.name == "media:group" for part in node.elements()]
    summary = first(children, *_SUMMARIES)
    media_summary = first([*grouped, *children], *_MEDIA_SUMMARIES)
    body = _body_of(children, summary) or _said(media_summary)
    rights = first(children, *_RIGHTS) or first(around, *_RIGHTS)
    authors = authors_of(children, around)
    base = entry.base or link or home_in(around)
    fields: dict[str, Any] = {
        "uri": value(children, *_IDENTIFIERS) or entry.node.attributes.get("rdf:about") or link,
        "canonical_url": link,
        "headline": _title([*children, *grouped]),
        "authors": authors,
        "byline": byline(authors),
        "summary": _summary(body, summary, media_summary),
        "language": _language(entry, children, around),
        "copyright": _plain(rights),
        "images": images(children, base),
        "pubstatus": WITHHELD if _is_draft(children) else None,
        "extra": leftovers(entry.node, base),
    }
    if body is not None:
        fields |= _body(body, entry.base, base)
    fields |= _categories(children)
    _add_dates(fields, children, defaults)
    keep_leftovers(_leaves(entry.node, body), fields)
    return Draft(fields, pointers=_POINTERS, feed=feed)


def _is_draft(children: list[Node]) -> bool:
    """True for an entry that its publisher keeps from the public (RFC 5023 section 13.1.1)."""
    control = first(children, "app:control")
    said = value(control.elements(), "app:draft") if control else None
    return said is not None and said.lower() == "yes"


def _body_of(children: list[Node], summary: Node | None) -> Node | None:
    """The content if it says anything, or else the summary if that does."""
    return _said(first(children, *_CONTENTS)) or _said(summary)


def _said(node: Node | None) -> Node | None:
    """The element, if it says anything."""
    return node if node and markup_of(node).strip() else None


def _summary(body: Node | None, summary: Node | None, media_summary: Node | None) -> str | None:
    """The summary, unless it is the text; then the description of a film or sound."""
    if summary is not None and summary is not body:
        return _plain(summary)
    if media_summary is None or (
        media_summary.name == "media:description" and media_summary is not body
    ):
        return None  # beside a text such a description is of a picture
    words = _plain(media_summary)
    return None if summary and words == _plain(summary) else words


def _plain(node: Node | None) -> str | None:
    return plain(markup_of(node)) if node else None


def about_feed(channel: Node | None) -> dict[str, Any]:
    """Metadata of a feed apart from its entries."""
    about: dict[str, Any] = {}
    for node in channel.elements() if channel else []:
        if node.name not in ("item", "entry", "atom:entry"):
            add(about, node.name, as_json(node))
    return about


def _leaves(entry: Node, body: Node | None) -> Iterator[Leaf]:
    """Every attribute and text in an entry except the text of its body."""
    waiting = [("", entry)]
    while waiting:
        path, node = waiting.pop()
        attributes = {k: v for k, v in node.attributes.items() if not k.startswith(_NO_NEWS)}
        yield from ((f"{path}/@{name}", one_line(value)) for name, value in attributes.items())
        if node is not body:
            pieces = (child for child in node.children if isinstance(child, str))
            yield path, one_line("".join(pieces))
            waiting += [(f"{path}/{inner.name}", inner) for inner in reversed(node.elements())]


def _title(children: list[Node]) -> str | None:
    node = next((n for name in TITLES for n in children if n.name == name and n.children), None)
    if node is None:
        return None
    markup = markup_of(node).strip()
    if media_type(node) == "text" or not _MARKUP.search(markup):
        return markup
    return plain(markup)


def _body(body: Node, base: str | None, nearest: str | None) -> dict[str, Any]:
    markup = markup_of(body)
    is_text = media_type(body) in ("text", "text/plain")
    if is_text or not _MARKUP.search(markup):
        return {"body_text": markup.strip()}
    own = body.attributes.get("xml:base")
    return {"body_html": resolve_links(markup, resolve(base, own) if own else nearest)}


def _categories(children: list[Node]) -> dict[str, Any]:
    """Keywords, subjects where a category says more than a word, and the first as section."""
    named = [node for node in children if node.name in _CATEGORIES]
    categories = [(node, subject) for node in named if (subject := _subject(node))["name"]]
    keywords = list(dict.fromkeys(subject["name"] for _, subject in categories))
    subjects = [
        subject for node, subject in categories if subject["scheme"] or node.attributes.get("label")
    ]
    fields: dict[str, Any] = {"keywords": keywords, "subjects": subjects}
    if keywords:
        fields["section"] = keywords[0][:200]
    return fields


def _subject(category: Node) -> dict[str, Any]:
    attributes, text = category.attributes, category.text().strip()
    code = attributes.get("term") or text
    return {
        "name": attributes.get("label") or text or code,
        "code": code or None,
        "scheme": attributes.get("scheme") or attributes.get("domain"),
    }


def _add_dates(fields: dict[str, Any], children: list[Node], defaults: Defaults) -> None:
    for field, names in _DATES.items():
        node = _dated(children, names.split(), defaults)
        if node is None:
            continue
        if node.name.startswith("dc") and _PART_OF_A_DATE.fullmatch(node.text().strip()):
            # W3C-DTF lets Dublin Core's elements name a year or a month, which is no moment.
            fields["extra"][node.name] = node.text().strip()
        else:
            fields[field] = _date(field, node)
    if not fields.get("version_created"):
        # A bad date is one problem, not two.
        published = fields.get("published_at") or ""
        fields["version_created"] = date_or_none(published, defaults.timezone)


def _dated(children: list[Node], names: list[str], defaults: Defaults) -> Node | None:
    """The first element with a date, or else the first with any text."""
    said = [n for name in names for n in children if n.name == name and n.text().strip()]
    if len(said) > 1:
        zone, looked_at = defaults.timezone, said[:MAX_DATES]
        said = [n for n in looked_at if date_or_none(n.text().strip(), zone)][:1] or said
    return said[0] if said else None


def _date(field: str, node: Node) -> str | None:
    """A date as it is said; of a period the end or, for a release, the start."""
    text = node.text().strip()
    if node.name != "dcterms:valid":
        return text
    sides = dict(_PERIOD.findall(text))
    if field == "released_at":
        return sides.get("start")
    return sides.get("end") if sides else text


def _language(entry: Entry, children: list[Node], around: list[Node]) -> str | None:
    own = value(children, *_LANGUAGES) or entry.language or value(around, *_LANGUAGES)
    if own is None and entry.channel:
        own = entry.channel.attributes.get("xml:lang")
    return own.replace("_", "-") if own else None
