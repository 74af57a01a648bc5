"""Reading what was pushed: which format it is in, and the articles in it."""

import re

from newsman.ingest.core import normalise
from newsman.ingest.formats import feed, json_document, page_text
from newsman.ingest.formats.model import Defaults, Document, Format, UnknownFormat
from newsman.ingest.formats.ninjs_schema import VERSIONS

_MANY = json_document.is_array

FORMATS: dict[str, Format] = {
    found.name: found
    for found in (
        Format("json", ("application/json",), json_document.read_either, _MANY),
        Format("native", ("application/vnd.newsman+json",), json_document.read_native, _MANY),
        Format("ninjs", ("application/vnd.iptc.ninjs+json",), json_document.read_ninjs, _MANY),
        Format(
            "ndjson",
            ("application/x-ndjson", "application/ndjson", "application/jsonl"),
            json_document.read_lines,
            lambda _: True,
        ),
        Format("rss", ("application/rss+xml",), feed.read, feed.is_document),
        Format("atom", ("application/atom+xml",), feed.read, feed.is_document),
        Format("text", ("text/plain",), page_text.read, lambda _: False),
    )
}
"""Every format by the name that `?format=` takes."""

_GENERIC = frozenset({"", "application/octet-stream", "text/xml", "application/xml"})
_BY_MEDIA_TYPE = {kind: found for found in FORMATS.values() for kind in found.media_types}


def parse(
    body: bytes,
    *,
    content_type: str | None,
    format_name: str | None,
    defaults: Defaults,
    allowed: frozenset[str] | None = None,
) -> Document:
    """The articles in a body, each with its problems; raises UnknownFormat or BadDocument."""
    chosen = _choose(body, content_type, format_name)
    if allowed is not None and chosen.name not in allowed:
        raise UnknownFormat(f"{defaults.source} may send {', '.join(sorted(allowed))} only")
    is_batch = chosen.is_batch(body)
    items = tuple(
        normalise(draft, defaults, index=index, base=f"/{index}" if is_batch else "")
        for index, draft in enumerate(chosen.read(body, defaults))
    )
    return Document(chosen.name, is_batch, items)


def _choose(body: bytes, content_type: str | None, format_name: str | None) -> Format:
    if format_name is not None:
        version = format_name.removeprefix("ninjs-")
        if version != format_name and version in VERSIONS:
            return Format("ninjs", (), json_document.read_ninjs_version(version), _MANY)
        if format_name not in FORMATS:
            raise UnknownFormat(f"format {format_name!r}; there are {', '.join(FORMATS)}")
        return FORMATS[format_name]
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type in _BY_MEDIA_TYPE:
        return _BY_MEDIA_TYPE[media_type]
    sniffed = _sniff(body) if media_type in _GENERIC else None
    if sniffed is None:
        known = ", ".join(sorted(_BY_MEDIA_TYPE))
        raise UnknownFormat(f"{media_type or 'no content type'} is not read here; {known} are")
    return FORMATS[sniffed]


def _sniff(body: bytes) -> str | None:
    start = body[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return "json"
    if re.search(rb"<(?:rss|item|rdf:RDF)[\s>]", start):
        return "rss"
    if re.search(rb"<(?:feed|entry)[\s>]", start):
        return "atom"
    return None
