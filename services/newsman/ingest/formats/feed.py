"""RSS and Atom: a document, or a single item or entry; each entry becomes an article."""

import io
import re
import time
from calendar import timegm
from datetime import UTC, datetime
from typing import Any

import feedparser

from newsman.ingest.formats.model import BadDocument, Defaults, Draft, Problem

MAX_ENTRIES = 1_000
HIGHEST_CHARACTER = 0x10FFFF
MAX_REFERENCE_DIGITS = 20
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_DECLARATION = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>")
_FRAGMENT = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(item|entry)[\s>]", re.DOTALL)
_NAMESPACES = (
    b'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    b'xmlns:media="http://search.yahoo.com/mrss/"'
)


def read(body: bytes, _: Defaults) -> list[Draft]:
    """The drafts of all entries; document types are refused, since nothing good needs one."""
    if re.search(rb"<!(DOCTYPE|ENTITY)", body, re.IGNORECASE) or b"<\x00!\x00D" in body:
        raise BadDocument("document type declarations are not taken")
    feed = _parse(_REFERENCE.sub(_to_character, _document(body)))
    if not feed.entries:
        raise BadDocument("no item or entry in it")
    if len(feed.entries) > MAX_ENTRIES:
        raise BadDocument(f"more than {MAX_ENTRIES} entries")
    return [_draft(entry, feed.feed) for entry in feed.entries]


def _parse(document: bytes) -> Any:
    try:
        return feedparser.parse(io.BytesIO(document), sanitize_html=False)
    except (ValueError, ArithmeticError, LookupError) as error:
        # feedparser mends what is no XML, and trips over what is beyond mending.
        raise BadDocument(f"not read as a feed: {error}"[:200]) from error


def _to_character(reference: re.Match[bytes]) -> bytes:
    """The reference, or one to U+FFFD where it names no character (XML 1.0 section 4.1)."""
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    code = int(digits, base) if len(digits) <= MAX_REFERENCE_DIGITS else HIGHEST_CHARACTER + 1
    is_one = code <= HIGHEST_CHARACTER and not 0xD800 <= code <= 0xDFFF
    return reference[0] if is_one else b"&#xFFFD;"


def is_document(body: bytes) -> bool:
    """Whether it is a whole feed rather than a single item or entry."""
    return _FRAGMENT.match(_DECLARATION.sub(b"", body)) is None


def _document(body: bytes) -> bytes:
    bare = _DECLARATION.sub(b"", body)
    fragment = _FRAGMENT.match(bare)
    if fragment is None:
        return body
    if fragment.group(1) == b"item":
        return b'<rss version="2.0" ' + _NAMESPACES + b"><channel>" + bare + b"</channel></rss>"
    return b'<feed xmlns="http://www.w3.org/2005/Atom" ' + _NAMESPACES + b">" + bare + b"</feed>"


def _draft(entry: Any, feed: Any) -> Draft:
    # dict.get, since feedparser's own lookup puts published in the place of a missing updated.
    published = _moment(dict.get(entry, "published_parsed"))
    updated = _moment(dict.get(entry, "updated_parsed"))
    content = _content(entry)
    fields = {
        "uri": entry.get("id") or entry.get("link"),
        "canonical_url": entry.get("link"),
        "headline": entry.get("title"),
        "byline": entry.get("author"),
        "authors": [{"name": a["name"]} for a in entry.get("authors", []) if a.get("name")],
        "published_at": published,
        "version_created": updated or published,
        "summary": entry.get("summary") if content else None,
        "body_html": content or entry.get("summary"),
        "keywords": [tag["term"] for tag in entry.get("tags", []) if tag.get("term")],
        "language": entry.get("language") or feed.get("language"),
        "copyright": entry.get("rights") or feed.get("rights"),
        "images": _images(entry),
    }
    if fields["keywords"]:
        fields["section"] = fields["keywords"][0]
    return Draft(fields, pointers=_POINTERS, problems=_problems(entry, published, updated))


_POINTERS = {"uri": "/id", "headline": "/title", "body_html": "/content", "canonical_url": "/link"}


def _problems(
    entry: Any, published: datetime | None, updated: datetime | None
) -> tuple[Problem, ...]:
    problems = []
    if not entry.get("title") and not entry.get("summary"):
        problems.append(Problem("/title", "an entry needs a title or a description"))
    for name, found in (("published", published), ("updated", updated)):
        said = dict.get(entry, name)
        if said and found is None:
            problems.append(Problem(f"/{name}", f"{said[:60]!r} is not a date"))
    return tuple(problems)


def _content(entry: Any) -> str | None:
    contents = entry.get("content") or []
    markup = [c["value"] for c in contents if "html" in str(c.get("type", "")) and c.get("value")]
    plain = [c["value"] for c in contents if c.get("value")]
    return next(iter(markup + plain), None)


def _images(entry: Any) -> list[dict[str, Any]]:
    media = [(m.get("url"), m.get("type")) for m in entry.get("media_content") or []]
    media += [(e.get("href"), e.get("type")) for e in entry.get("enclosures") or []]
    return [
        {"href": href, "mimetype": kind}
        for href, kind in media
        if href and str(kind or "image/").startswith("image/")
    ]


def _moment(parsed: time.struct_time | None) -> datetime | None:
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError):
        return None
