"""A news page: its article by schema.org, Open Graph and the markup."""

from collections.abc import Iterator
from typing import Any

from newsman.ingest.formats.feed.values import date_or_none, plain
from newsman.ingest.formats.leftovers import Leaf, json_leaves, keep_leftovers
from newsman.ingest.formats.markup.html_tree import read_html
from newsman.ingest.formats.markup.shown_media import is_known_player, with_shown_media
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.model import Defaults, Draft, FieldProblem
from newsman.ingest.formats.page import linked_data as page_linked_data
from newsman.ingest.formats.page import metadata as page_metadata
from newsman.ingest.formats.page.body import find_body, words
from newsman.ingest.formats.values.charsets import decode_text, html_charset
from newsman.ingest.formats.values.text import one_line
from newsman.ingest.formats.values.urls import resolve, resolve_links

MEDIA_TYPES = ("text/html", "application/xhtml+xml")
ROOTS = frozenset(("html", "!doctype"))
DATES = ("published_at", "version_created", "first_created", "expires_at")
MAX_LINE = 2_000
_NOTHING = FieldProblem("/headline", "a page needs a headline and a text")


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """The draft of the article that the page is about.

    Raises BadDocument where there is more markup than a page has use for.
    """
    text = decode_text(body, charset=defaults.charset, in_document=html_charset(body))
    markup = with_shown_media(text.replace("\0", ""), links_to=is_known_player)
    return [_draft(read_html(markup), defaults)]


def _draft(root: Node, defaults: Defaults) -> Draft:
    """The draft of a page; JSON-LD comes before the page's head, field by field."""
    metas = page_metadata.metas(root)
    address = page_metadata.canonical_address(root, metas)
    item = page_linked_data.choose(page_linked_data.articles(root), {address} if address else set())
    address = address or _own_address(item)
    linked, headed = page_linked_data.fields(item), page_metadata.fields(root, metas)
    fields: dict[str, Any] = {**headed, **{name: v for name, v in linked.items() if v}}
    fields["extra"] = {**headed["extra"], **linked["extra"]}
    fields["canonical_url"] = address
    fields["uri"] = address or page_linked_data.text(item.get("identifier"), "value")
    _choose_dates(fields, (linked, headed), defaults)
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
    fields: dict[str, Any], sources: tuple[dict[str, Any], ...], defaults: Defaults
) -> None:
    """The first that is a date; words in its place are no reason to lose the article."""
    for name in DATES:
        named = [text for source in sources if (text := source.get(name))]
        dates = [d for text in named if (d := date_or_none(text.strip(), defaults.timezone))]
        fields[name] = dates[0] if dates else None
        if named and not dates:
            fields["extra"][name] = named[0]
    fields["version_created"] = fields["version_created"] or fields["published_at"]


def _make_plain(fields: dict[str, Any]) -> None:
    """Some pages escape twice, or leave tags in what should be words."""
    for name in ("headline", "subheadline", "summary"):
        text = fields.get(name)
        if text and ("&" in text or "<" in text):
            fields[name] = plain(text)


def _add_body(fields: dict[str, Any], root: Node, address: str | None) -> None:
    """The markup, unless the words in JSON-LD are much more, as where a page loads the rest."""
    markup = find_body(root, fields.get("headline"))
    text = fields.pop("body_text", None) or ""
    if len(words(text)) > 2 * len(words(markup)):
        if "<p" not in text.lower():
            fields["body_text"] = text
            return
        markup = text
    if markup:
        fields["body_html"] = resolve_links(markup, address)
