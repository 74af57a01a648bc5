"""Telling feeds from whatever else a feed's address may answer: error pages, maps, messages."""

import json
import re
from dataclasses import dataclass

RSS, ATOM, JSON_FEED = "application/rss+xml", "application/atom+xml", "application/feed+json"
_XML_TYPES = frozenset({"text/xml", "application/xml", RSS, ATOM})
_JSON_TYPES = frozenset({"application/json", JSON_FEED})
_JSON_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/", re.IGNORECASE)
_BLANK = b" \t\r\n"
_PROLOG = re.compile(rb"<[?!][^>]{0,2000}>\s{0,2000}")
_PAGE = re.compile(rb"<(?:!doctype\s{1,9}html|html|head|body)[\s>]", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:[\w.-]{1,30}:)?(rss|rdf|feed|item|entry)[\s>/]", re.IGNORECASE)
_BURIED = re.compile(rb"<(?:[\w.-]{1,30}:)?(rss|rdf|feed)[\s>/]", re.IGNORECASE)
_ENTRY = re.compile(rb"<(?:[\w.-]{1,30}:)?(?:item|entry|deleted-entry)[\s>/]", re.IGNORECASE)
_END = re.compile(rb"</(?:[\w.-]{1,30}:)?(?:rss|rdf|feed)\s{0,9}>", re.IGNORECASE)
BURIED_BYTES = 4_000
"""Warnings of a server's software may stand before a feed, up to this length."""


@dataclass(frozen=True)
class FeedDocument:
    """A feed: the type to send it as, and whether there is any item in it."""

    content_type: str
    is_empty: bool


def read_feed_document(content_type: str | None, body: bytes) -> FeedDocument | None:
    """The feed that the body is (RSS, RDF, Atom, JSON Feed), None where it is something else.

    What the body says counts; many feeds are served as HTML or plain text.
    """
    plain = body.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff" + _BLANK)
    if plain.startswith(b"{"):
        return _json_feed(content_type, body)
    markup = _without_comments(plain)
    root = _root(markup)
    if root is None:
        return None
    kind = ATOM if root.group(1).lower() in (b"feed", b"entry") else RSS
    is_empty = _ENTRY.search(markup) is None and _is_whole(markup, root)
    return FeedDocument(_type(content_type, kind, _XML_TYPES), is_empty)


def _json_feed(content_type: str | None, body: bytes) -> FeedDocument | None:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    version = feed.get("version")
    if not isinstance(version, str) or not _JSON_VERSION.match(version):
        return None
    is_empty = feed.get("items") == [] and not feed.get("_tombstones")
    return FeedDocument(_type(content_type, JSON_FEED, _JSON_TYPES), is_empty)


def _root(markup: bytes) -> re.Match[bytes] | None:
    """The root of a feed, also one that stands behind a server's warnings."""
    root = _ROOT.match(markup, _first_element(markup))
    if root is None and not markup.startswith(b"<?xml"):
        page = _PAGE.search(markup, 0, BURIED_BYTES)
        root = _BURIED.search(markup, 0, page.start() if page else BURIED_BYTES)
    return root


def _is_whole(markup: bytes, root: re.Match[bytes]) -> bool:
    """True if the feed has an end, so that there is nothing more to come."""
    end = markup.find(b">", root.end() - 1)
    return markup[end - 1 : end] == b"/" or _END.search(markup, root.end()) is not None


def _first_element(markup: bytes) -> int:
    """The place behind declarations, instructions and white space."""
    at = 0
    while prolog := _PROLOG.match(markup, at):
        at = prolog.end()
    return at


def _without_comments(markup: bytes) -> bytes:
    parts = []
    at = 0
    while (start := markup.find(b"<!--", at)) >= 0:
        parts.append(markup[at:start])
        end = markup.find(b"-->", start + 4)
        at = len(markup) if end < 0 else end + 3
    return b"".join([*parts, markup[at:]])


def _type(content_type: str | None, kind: str, suitable: frozenset[str]) -> str:
    """The server's name for it where that suits the kind, else the kind's own."""
    given = (content_type or "").strip()
    media_type, semicolon, parameters = given.partition(";")
    media_type = media_type.strip().lower()
    if not (given.isascii() and given.isprintable()) or "/" not in media_type:
        return kind
    return given if media_type in suitable else f"{kind}{semicolon}{parameters}"
