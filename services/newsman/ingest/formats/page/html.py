"""A news page: its article by schema.org, Open Graph and the markup."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from newsman.ingest.formats.feed.values import plain
from newsman.ingest.formats.leftovers import Leaf, json_leaves, keep_leftovers
from newsman.ingest.formats.markup.html_tree import read_html
from newsman.ingest.formats.markup.shown_media import is_known_player, with_shown_media
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.model import BadDocument, Defaults, Draft, FieldProblem
from newsman.ingest.formats.page import dates as page_dates
from newsman.ingest.formats.page import linked_data as page_linked_data
from newsman.ingest.formats.page import metadata as page_metadata
from newsman.ingest.formats.page.headline import headline
from newsman.ingest.formats.page.text.body import find_body
from newsman.ingest.formats.page.visible_dates import day_first
from newsman.ingest.formats.values.charsets import decode_text, html_charset
from newsman.ingest.formats.values.text import one_line
from newsman.ingest.formats.values.urls import resolve, resolve_links

MEDIA_TYPES = ("text/html", "application/xhtml+xml")
ROOTS = frozenset(("html", "!doctype"))
OTHERS = ("first_created", "expires_at")
DATES = ("published_at", "version_created", *OTHERS)
MAX_LINE = 2_000
MAX_OPENINGS = 1_000_000
"""Signs that may begin a tag, those in scripts and comments among them."""
_TAG = re.compile(r"<[^<>]*>")
_NOTHING = FieldProblem("/headline", "a page needs a headline and a text")
_CUT_OFF = FieldProblem("", "the page ends before its text begins; send it whole")
_BEHIND_HEAD = ("</head", "<body", "</html")


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """The draft of the article that the page is about.

    Raises BadDocument where there is more markup than a page has use for.
    """
    text = decode_text(body, charset=defaults.charset, in_document=html_charset(body))
    if text.count("<") > MAX_OPENINGS:
        raise BadDocument("too many tags or attributes")
    markup = with_shown_media(text.replace("\0", ""), links_to=is_known_player)
    draft = _draft(read_html(markup), defaults)
    return [replace(draft, problems=(_CUT_OFF,)) if _is_cut_off(draft, markup) else draft]


def _is_cut_off(draft: Draft, markup: str) -> bool:
    """True for a page of which no more than a part of its head has come."""
    if draft.problems or any(draft.fields.get(name) for name in ("body_html", "body_text")):
        return False
    lower = markup.lower()
    return "<head" in lower and not any(tag in lower for tag in _BEHIND_HEAD)


def _draft(root: Node, defaults: Defaults) -> Draft:
    """The draft of a page; JSON-LD comes before the page's head, field by field."""
    elements = [*root.walk()]
    metas = page_metadata.metas(elements)
    address = page_metadata.canonical_address(elements, metas)
    candidates = page_linked_data.articles(elements)
    item = page_linked_data.choose(candidates, {address} if address else set())
    address = address or _own_address(item)
    linked, headed = page_linked_data.fields(item), page_metadata.fields(root, metas)
    fields: dict[str, Any] = {**headed, **{name: v for name, v in linked.items() if v}}
    fields["extra"] = {**headed["extra"], **linked["extra"]}
    fields["headline"] = headline(root, metas, item, address)
    fields["canonical_url"] = address
    fields["uri"] = address or page_linked_data.text(item.get("identifier"), "value")
    said: dict[str, Iterable[str]] = {
        "published_at": page_dates.published(root, metas, item, address, fields["headline"]),
        "version_created": page_dates.updated(metas, item),
        **{name: [t for source in (linked, headed) if (t := source.get(name))] for name in OTHERS},
    }
    _choose_dates(fields, said, defaults.timezone, is_day_first=day_first(root, metas))
    _make_plain(fields)
    fields["byline"] = _byline(fields["authors"])
    fields["images"] = [
        {**image, "href": resolve(address, image["href"])} for image in fields["images"]
    ]
    _add_body(fields, root, address)
    keep_leftovers([*json_leaves(item), *_meta_leaves(metas)], fields)
    has_words = any(fields.get(name) for name in ("headline", "body_html", "body_text"))
    return Draft(fields, problems=() if has_words else (_NOTHING,))


def _byline(authors: list[dict[str, Any]]) -> str | None:
    return ", ".join(author["name"] for author in authors)[:MAX_LINE] or None


def _own_address(item: dict[str, Any]) -> str | None:
    """The first address of the web that the JSON-LD names as its own."""
    addresses = page_linked_data.page_addresses(item)
    return next((a for a in addresses if a.startswith(("http://", "https://"))), None)


def _meta_leaves(metas: page_metadata.Metas) -> Iterator[Leaf]:
    for name, values in metas.items():
        yield from ((f"/meta/{name}", one_line(value)) for value in values)


def _choose_dates(
    fields: dict[str, Any],
    said: dict[str, Iterable[str]],
    zone: tzinfo,
    *,
    is_day_first: bool | None,
) -> None:
    """The first that is a date, or else the first."""
    for name, texts in said.items():
        fields[name] = _first_date(texts, zone, is_day_first=is_day_first)
    fields["version_created"] = fields["version_created"] or fields["published_at"]


def _first_date(texts: Iterable[str], zone: tzinfo, *, is_day_first: bool | None) -> str | None:
    first: str | None = None
    for said in texts:
        first = first or said
        if date := page_dates.date_text(said, zone, is_day_first=is_day_first):
            return date
    return first


def _make_plain(fields: dict[str, Any]) -> None:
    """Some pages escape twice, or leave tags in what should be words."""
    for name in ("subheadline", "summary"):
        text = fields.get(name)
        if text and ("&" in text or "<" in text):
            fields[name] = plain(text)


def _add_body(fields: dict[str, Any], root: Node, address: str | None) -> None:
    """The markup, unless JSON-LD has much more text, as where a page loads the rest later."""
    text = fields.pop("body_text", None) or ""
    markup = find_body(root, fields.get("headline"), _words(text))
    if len(_words(text)) > 2 * len(_words(markup)):
        if "<p" not in text.lower():
            fields["body_text"] = text
            return
        markup = text
    if markup:
        fields["body_html"] = resolve_links(markup, address)


def _words(markup: str) -> str:
    """The words of some markup in one line."""
    return one_line(_TAG.sub(" ", markup))
