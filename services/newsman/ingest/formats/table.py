"""Every input format, and what is known of a document by its name or by its look."""

import re
from dataclasses import replace

from newsman.ingest.formats.feed import document as feed
from newsman.ingest.formats.json import document as json_document
from newsman.ingest.formats.json import feed as json_feed
from newsman.ingest.formats.model import Format, UnknownFormat
from newsman.ingest.formats.newsml import g2 as newsml_g2
from newsman.ingest.formats.newsml import v1 as newsml1
from newsman.ingest.formats.nitf import document as nitf
from newsman.ingest.formats.page import html as html_page
from newsman.ingest.formats.page import plain_text as page_text
from newsman.ingest.formats.ritzau import document as ritzau
from newsman.ingest.formats.wire import anpa, iptc7901
from newsman.ingest.formats.wire.framing import is_wire
from newsman.ninjs.validation import VERSIONS

_MANY = json_document.is_array


def _always(_: bytes) -> bool:
    return True


FORMATS: dict[str, Format] = {
    found.name: found
    for found in (
        Format("json", ("application/json",), json_document.read_either, _MANY, is_json=True),
        Format("native", json_document.NATIVE, json_document.read_native, _MANY, is_json=True),
        Format("ninjs", json_document.NINJS, json_document.read_ninjs, _MANY, is_json=True),
        Format("ndjson", json_document.LINES, json_document.read_lines, _always, is_json=True),
        Format("rss", feed.RSS_TYPES, feed.read, feed.is_document, feed.RSS_ROOTS),
        Format("atom", ("application/atom+xml",), feed.read, feed.is_document, feed.ATOM_ROOTS),
        Format("jsonfeed", json_feed.MEDIA_TYPES, json_feed.read, _always, is_json=True),
        Format("newsml-g2", newsml_g2.MEDIA_TYPES, newsml_g2.read, roots=newsml_g2.ROOTS),
        Format("newsml1", newsml1.MEDIA_TYPES, newsml1.read, roots=newsml1.ROOTS),
        Format("nitf", nitf.MEDIA_TYPES, nitf.read, roots=nitf.ROOTS),
        Format("ritzau", ritzau.MEDIA_TYPES, ritzau.read, roots=ritzau.ROOTS),
        Format("html", html_page.MEDIA_TYPES, html_page.read, roots=html_page.ROOTS),
        Format("text", ("text/plain",), page_text.read),
        Format("iptc7901", iptc7901.MEDIA_TYPES, iptc7901.read),
        Format("anpa", anpa.MEDIA_TYPES, anpa.read),
    )
}
"""Every format by the name that `?format=` takes."""

BY_MEDIA_TYPE = {kind: found for found in FORMATS.values() for kind in found.media_types}
_BEFORE_ROOT = re.compile(
    rb"\A(?:\s+|<\?.*?\?>|<!--(?:-?>|.*?--!?>)|<!DOCTYPE(?!\s+html\b)[^>\[]*>)+", re.I | re.S
)
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(!doctype(?=\s+html\b)|[A-Za-z]\w*)[\s/>]", re.I)
_DOCUMENT_TYPE = re.compile(rb"<!DOCTYPE\s+(?:[A-Za-z_][\w.-]*:)?([A-Za-z]\w*)", re.I)
_BY_ROOT = {root: found.name for found in FORMATS.values() for root in found.roots}
_FEED_ROOTS = {
    "rss": re.compile(rb"<(?:rss|item|rdf:RDF)[\s>]"),
    "atom": re.compile(rb"<(?:feed|entry)[\s>]"),
}


def named_format(name: str) -> Format:
    """The format of a name, `ninjs-2.1` and its like included; raises UnknownFormat."""
    version = name.removeprefix("ninjs-")
    if version != name and version in VERSIONS:
        return replace(FORMATS["ninjs"], read=json_document.read_ninjs_version(version))
    if name not in FORMATS:
        raise UnknownFormat(f"format {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name]


def wire_format(body: bytes) -> Format | None:
    """The format of a file of a wire, which says what it is by its first byte."""
    if not is_wire(body):
        return None
    return FORMATS["anpa" if anpa.is_anpa(body) else "iptc7901"]


def format_by_look(body: bytes) -> Format | None:
    """The format of JSON, of a root element or of a feed that stands behind something else."""
    # Without the zeros UTF-16 and UTF-32 look like ASCII here.
    start = body[:4_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    if start.startswith((b"{", b"[")):
        return FORMATS["json"]
    start_of_root = _BEFORE_ROOT.sub(b"", start)
    # A document type with declarations of its own may be long; it names the root, too.
    match = _ROOT.match(start_of_root) or _DOCUMENT_TYPE.match(start_of_root)
    root = match.group(1).decode() if match else ""
    name = _BY_ROOT.get(root) or _BY_ROOT.get(root.lower()) or _buried_feed(start)
    return FORMATS[name] if name else None


def _buried_feed(start: bytes) -> str | None:
    """The format that readers of feeds find behind a warning, or behind a document type that is
    refused."""
    return next((name for name, root in _FEED_ROOTS.items() if root.search(start)), None)
