"""Reading what was pushed: which format it is in, and the articles in it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from email.message import Message
from functools import partial

from newsman.ingest.core import normalise
from newsman.ingest.formats.envelopes import (
    ReadPart,
    read_cloudevent,
    read_cloudevents_batch,
    read_multipart,
    with_attributes,
)
from newsman.ingest.formats.feed import document as feed
from newsman.ingest.formats.json import document as json_document
from newsman.ingest.formats.json import feed as json_feed
from newsman.ingest.formats.kills import with_kills
from newsman.ingest.formats.model import Defaults, Document, Draft, Format, UnknownFormat
from newsman.ingest.formats.newsml import g2 as newsml_g2
from newsman.ingest.formats.newsml import v1 as newsml1
from newsman.ingest.formats.nitf import document as nitf
from newsman.ingest.formats.page import html as html_page
from newsman.ingest.formats.page import plain_text as page_text
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
        Format("rss", ("application/rss+xml",), feed.read, feed.is_document, feed.RSS_ROOTS),
        Format("atom", ("application/atom+xml",), feed.read, feed.is_document, feed.ATOM_ROOTS),
        Format("jsonfeed", json_feed.MEDIA_TYPES, json_feed.read, _always, is_json=True),
        Format("newsml-g2", newsml_g2.MEDIA_TYPES, newsml_g2.read, roots=newsml_g2.ROOTS),
        Format("newsml1", newsml1.MEDIA_TYPES, newsml1.read, roots=newsml1.ROOTS),
        Format("nitf", nitf.MEDIA_TYPES, nitf.read, roots=nitf.ROOTS),
        Format("html", html_page.MEDIA_TYPES, html_page.read, roots=html_page.ROOTS),
        Format("text", ("text/plain",), page_text.read),
        Format("iptc7901", iptc7901.MEDIA_TYPES, iptc7901.read),
        Format("anpa", anpa.MEDIA_TYPES, anpa.read),
    )
}
"""Every format by the name that `?format=` takes."""

_GENERIC = frozenset({"", "application/octet-stream", "text/xml", "application/xml"})
_UNMARKED = _GENERIC | {"text/plain"}
"""Under these names come files of wires, which say what they are by their first byte."""
_BY_MEDIA_TYPE = {kind: found for found in FORMATS.values() for kind in found.media_types}
MULTIPART, CLOUDEVENT, CLOUDEVENTS_BATCH = (
    "multipart/mixed",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
)
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
ENVELOPES = {MULTIPART: "multipart", CLOUDEVENT: "cloudevent", CLOUDEVENTS_BATCH: "cloudevents"}
"""What carries documents of these formats, by its media type."""


def parse(
    body: bytes,
    *,
    content_type: str | None,
    format_name: str | None,
    defaults: Defaults,
    allowed: frozenset[str] | None = None,
    event_attributes: Mapping[str, str] | None = None,
) -> Document:
    """The articles in a body, each with its problems; raises UnknownFormat or BadDocument.

    `allowed` names the formats that the sender may use, inside an envelope too;
    `event_attributes` are those of a CloudEvent in binary mode that the body is the data of.
    """

    read_part = partial(_read_part, defaults=defaults, allowed=allowed)
    envelope = ENVELOPES.get(_media_type(content_type)) if format_name is None else None
    if envelope is not None:
        drafts = _open(body, content_type or "", lambda part, kind: read_part(part, kind)[1])
        name, is_batch = envelope, envelope != "cloudevent" or len(drafts) != 1
        bases = [""] * len(drafts)
    else:
        chosen, drafts = read_part(body, content_type or "", format_name)
        name, is_batch = chosen.name, chosen.is_batch(body) or len(drafts) != 1
        bases = [f"/{index}" if is_batch else "" for index in range(len(drafts))]
    if event_attributes is not None:
        drafts = with_attributes(drafts, event_attributes)
    items = tuple(
        normalise(draft, defaults, index=index, base=base)
        for index, (draft, base) in enumerate(zip(drafts, bases, strict=True))
    )
    return Document(name, is_batch, items)


def _read_part(
    part: bytes,
    kind: str,
    name: str | None = None,
    *,
    defaults: Defaults,
    allowed: frozenset[str] | None,
) -> tuple[Format, list[Draft]]:
    """The format of a document and the drafts in it; raises UnknownFormat or BadDocument."""
    chosen = _choose(part, kind, name)
    if allowed is not None and chosen.name not in allowed:
        raise UnknownFormat(f"{defaults.source} may send {', '.join(sorted(allowed))} only")
    drafts = chosen.read(part, replace(defaults, charset=_charset(kind)))
    return chosen, [each for draft in drafts for each in with_kills(draft)]


def is_plain_json(body: bytes, content_type: str | None, format_name: str | None) -> bool:
    """True if a push is JSON by itself, which costs what its size says; raises UnknownFormat."""
    if format_name is None and _media_type(content_type) in ENVELOPES:
        return False
    return _choose(body, content_type, format_name).is_json


def _open(body: bytes, content_type: str, read_part: ReadPart) -> list[Draft]:
    media_type = _media_type(content_type)
    if media_type == MULTIPART:
        return read_multipart(body, content_type, read_part)
    if media_type == CLOUDEVENTS_BATCH:
        return read_cloudevents_batch(body, read_part)
    return read_cloudevent(body, read_part)


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _charset(content_type: str) -> str | None:
    if ";" not in content_type:
        return None
    message = Message()
    message["Content-Type"] = content_type
    charset = message.get_param("charset")
    return charset if isinstance(charset, str) else None


def _choose(body: bytes, content_type: str | None, format_name: str | None) -> Format:
    if format_name is not None:
        version = format_name.removeprefix("ninjs-")
        if version != format_name and version in VERSIONS:
            return replace(FORMATS["ninjs"], read=json_document.read_ninjs_version(version))
        if format_name not in FORMATS:
            raise UnknownFormat(f"format {format_name!r}; there are {', '.join(FORMATS)}")
        return FORMATS[format_name]
    media_type = _media_type(content_type)
    if media_type in _UNMARKED and is_wire(body):
        return FORMATS["anpa" if anpa.is_anpa(body) else "iptc7901"]
    if media_type in _BY_MEDIA_TYPE:
        return _BY_MEDIA_TYPE[media_type]
    sniffed = _sniff(body) if media_type in _GENERIC else None
    if sniffed is None:
        readable = ", ".join(sorted([*_BY_MEDIA_TYPE, *ENVELOPES]))
        raise UnknownFormat(f"{media_type or 'no content type'} is not read here; {readable} are")
    return FORMATS[sniffed]


def _sniff(body: bytes) -> str | None:
    # Without the zeros UTF-16 and UTF-32 look like ASCII here.
    start = body[:4_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    if start.startswith((b"{", b"[")):
        return "json"
    start_of_root = _BEFORE_ROOT.sub(b"", start)
    # A document type with declarations of its own may be long; it names the root, too.
    match = _ROOT.match(start_of_root) or _DOCUMENT_TYPE.match(start_of_root)
    root = match.group(1).decode() if match else ""
    return _BY_ROOT.get(root) or _BY_ROOT.get(root.lower()) or _buried_feed(start)


def _buried_feed(start: bytes) -> str | None:
    """The format that readers of feeds find behind a warning, or behind a document type that is
    refused."""
    return next((name for name, root in _FEED_ROOTS.items() if root.search(start)), None)
