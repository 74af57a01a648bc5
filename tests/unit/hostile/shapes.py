"""Documents of any size that are made to cost: the shapes, and how each format carries them."""

import base64
import json
from collections.abc import Callable, Iterator
from itertools import count

Shape = Callable[[int], bytes]
Wrap = Callable[[bytes], bytes]


def repeated(unit: bytes, *, start: bytes = b"", end: bytes = b"") -> Shape:
    """The unit again and again."""
    return lambda size: start + unit * (size // len(unit)) + end


def numbered(unit: bytes, *, start: bytes = b"", end: bytes = b"", between: bytes = b"") -> Shape:
    """The unit with another number each time."""

    def shape(size: int) -> bytes:
        pieces: list[bytes] = []
        held = 0
        for number in count():
            if held >= size:
                break
            pieces.append(unit.replace(b"%d", b"%d" % number))
            held += len(pieces[-1]) + len(between)
        return start + between.join(pieces) + end

    return shape


MARKUP: dict[str, Shape] = {
    "attributes": numbered(b"a%d=1 ", start=b"<a ", end=b">"),
    "attributes never ended": numbered(b"a%d=1 ", start=b"<a "),
    "one attribute again": repeated(b'a="" ', start=b"<a ", end=b">"),
    "elements of many attributes": repeated(b"<a b=1 c=2 d=3 e=4 f=5>"),
    "values never ended": repeated(b'<a b="'),
    "one long value": repeated(b"x", start=b'<a b="', end=b'">'),
    "a long name": repeated(b"x", start=b"<", end=b">"),
    "equals": repeated(b"= ", start=b"<a ", end=b">"),
    "slashes": repeated(b"/ ", start=b"<a ", end=b">"),
    "spaces in a tag": repeated(b" ", start=b"<a"),
    "comments": repeated(b"<!-- c -->"),
    "comments never ended": repeated(b"<!--"),
    "comments half ended": repeated(b"<!-- --"),
    "ends of comments": repeated(b"-->"),
    "sections": repeated(b"<![CDATA[x]]>"),
    "sections never ended": repeated(b"<![CDATA["),
    "ends of sections": repeated(b"]]>"),
    "instructions": repeated(b"<?x y?>"),
    "instructions never ended": repeated(b"<?xml "),
    "document types": repeated(b"<!DOCTYPE rss>"),
    "document types never ended": repeated(b"<!DOCTYPE rss "),
    "declarations": repeated(b"<!x "),
    "deep bold": repeated(b"<b>"),
    "deep blocks": repeated(b"<div>"),
    "deep tables": repeated(b"<table><tr><td>"),
    "deep lists": repeated(b"<ul><li>"),
    "deep paragraphs": repeated(b"<p><span>"),
    "deep names": numbered(b"<x%d>"),
    "misnested": repeated(b"<b><i></b></i>"),
    "ends": repeated(b"</p>"),
    "ends of names": numbered(b"</x%d>"),
    "empty elements": repeated(b"<p></p>"),
    "breaks": repeated(b"<br>"),
    "namespaces": numbered(b'<a xmlns:n%d="http://example.org/%d">'),
    "declared namespaces": numbered(b'xmlns:n%d="u" ', start=b"<a ", end=b"></a>"),
    "prefixes": repeated(b"<a:b:c>"),
    "references": repeated(b"&amp;"),
    "numbered references": repeated(b"&#65;"),
    "named references": repeated(b"&eacute;"),
    "unknown references": repeated(b"&x;"),
    "ampersands": repeated(b"&"),
    "half references": repeated(b"&#"),
    "a reference without end": repeated(b"9", start=b"&#"),
    "opening signs": repeated(b"<"),
    "closing signs": repeated(b">"),
    "spaces": repeated(b" "),
    "new lines": repeated(b"\n"),
    "mixed lines": repeated(b"\r\n\r \n\t"),
    "quotes": repeated(b'"'),
    "a word": repeated(b"a"),
    "words": repeated(b"A b. "),
    "parted words": repeated(b"x\n\ny\n"),
    "scripts": repeated(b"<script>x</script>"),
    "scripts never ended": repeated(b"<script>"),
    "titles never ended": repeated(b"<title>"),
    "linked data": repeated(b'<script type="application/ld+json">{"@type":"Article"}</script>'),
    "deep linked data": repeated(b"[", start=b'<script type="application/ld+json">'),
    "hidden linked data": repeated(b" ;", start=b'<script type="application/ld+json"><!--{}-->'),
    "metas": numbered(b'<meta property="og:x%d" content="y">'),
    "links": repeated(b"<a href='/x'>y</a> "),
    "pictures": repeated(b"<img src='/x.png' alt='y'>"),
    "articles": repeated(b"<article><h1>x</h1><p>y</p></article>"),
    "open articles": repeated(b"<article><p>y "),
    "zeros": repeated(b"\0"),
    "no characters": repeated(b"\xff"),
    "surrogates": repeated(b"\xed\xa0\x80"),
    "marks": repeated("\u0323\u0301".encode()),
    "ligatures": repeated("\ufdfa".encode()),
    "signs in attributes": repeated(b'<a title="<b>" href="/x">y</a>'),
    "a table": repeated(b"<tr><td>1</td><td>2</td></tr>", start=b"<table>", end=b"</table>"),
    "tiny paragraphs": repeated(b"<p>a.</p>"),
    "paragraphs of their own classes": numbered(b'<p class="related-%d">A b c.</p>'),
    "first headings": repeated(b"<h1>x</h1>"),
    "deep spans": repeated(b"<span>"),
    "one comment": repeated(b"x -", start=b"<!-- ", end=b"-->"),
    "a set of pictures": repeated(b"/x.png 1x, ", start=b'<img srcset="', end=b'">'),
    "times": numbered(b'<time datetime="2026-01-01">%d</time>'),
    "dates": repeated(b'<div class="date">1 March 2026</div>'),
    "sentences": repeated(b"<p>A sentence of some words stands in this paragraph.</p>"),
    "breaks in a paragraph": repeated(b"A line of words<br>", start=b"<p>"),
    "unclosed cells": repeated(b"<tr><td>x"),
    "articles of linked data": repeated(
        b'{"@type":"Article","headline":"x"},',
        start=b'<script type="application/ld+json">[',
        end=b"{}]</script>",
    ),
    "xhtml": repeated(
        b"<div xmlns='http://www.w3.org/1999/xhtml'>",
        start=b"<entry><title>x</title><content type='xhtml'>",
    ),
    "links of items": numbered(b'<NewsItemRef NewsItem="urn:%d"/><itemRef residref="urn:%d"/>'),
    "items": repeated(b"<item><title>x</title></item>"),
    "items never ended": repeated(b"<item><title>x"),
    "entries": numbered(b"<entry><id>%d</id><title>x</title></entry>"),
    "channels": repeated(b"<channel>"),
    "authors": repeated(b"<author>a(b)</author>"),
    "a long author": repeated(b"a( ", start=b"<item><title>x</title><author>", end=b"</author>"),
    "a long date": repeated(b"1 Mar ", start=b"<item><title>x</title><pubDate>"),
    "categories": numbered(b"<category>c%d</category>", start=b"<item><title>x</title>"),
    "media": repeated(b'<media:content url="http://x/y.png"/>', start=b"<item><title>x</title>"),
    "enclosures": repeated(b'<enclosure url="http://x/y.png"/>', start=b"<item><title>x</title>"),
    "subjects": numbered(b'<subject qcode="a:%d"/>'),
    "components": repeated(b"<NewsComponent>"),
    "headings": repeated(b"<hl1>x</hl1>"),
    "datelines": repeated(b"A", start=b"AAA ", end=b" ("),
}
"""Pieces of markup; in plain text and in JSON they are text."""

STRINGS: dict[str, Shape] = {
    **MARKUP,
    "digits": repeated(b"9"),
    "a date": repeated(b"2026-01-01T", start=b"2026-01-01T00:00:00"),
    "addresses": repeated(b"http://", end=b"x"),
    "slashes and dots": repeated(b"../"),
    "percents": repeated(b"%41"),
    "brackets": repeated(b"["),
    "hyphens": repeated(b"a-"),
}
"""Texts for fields of JSON."""

JSON: dict[str, Shape] = {
    "deep arrays": repeated(b"["),
    "deep objects": repeated(b'{"a":'),
    "closed arrays": lambda size: b"[" * (size // 2) + b"]" * (size // 2),
    "spaces": repeated(b" "),
    "empty arrays": repeated(b"[],", start=b"[", end=b"1]"),
    "empty objects": repeated(b"{},", start=b"[", end=b"{}]"),
    "keys": numbered(b'"k%d":1', start=b"{", end=b"}", between=b","),
    "one key again": repeated(b'"a":1,', start=b"{", end=b'"b":1}'),
    "a number": repeated(b"9"),
    "a small number": repeated(b"0", start=b"0.", end=b"1"),
    "an exponent": repeated(b"9", start=b"1e"),
    "numbers": repeated(b"1.5e3,", start=b"[", end=b"1]"),
    "escapes": repeated(b"\\u0041", start=b'"', end=b'"'),
    "lone surrogates": repeated(b"\\ud800", start=b'"', end=b'"'),
    "backslashes": repeated(b"\\\\", start=b'"', end=b'"'),
    "objects of one": numbered(b'{"a":%d}', start=b"[", end=b"]", between=b","),
    "texts": repeated(b'"a",', start=b"[", end=b'"b"]'),
    "no end": repeated(b'"a",', start=b"["),
    "names": numbered(b'{"name":"A %d","code":"c:%d"}', start=b"[", end=b"]", between=b","),
}
"""Values of JSON, good and bad."""

FIELDS = (
    *("uri", "headline", "body_html", "body_text", "byline", "slug", "published_at", "language"),
    *("canonical_url", "subjects", "authors", "keywords", "images", "associations", "extra"),
    *("version", "urgency", "evolved_from", "unknown"),
)
NINJS_FIELDS = (
    *("uri", "headline", "body_xhtml", "body_text", "byline", "versioncreated", "subject"),
    *("associations", "renditions", "place", "person", "altids", "genre", "unknown"),
)


def wrapped(start: bytes, end: bytes = b"") -> Wrap:
    """A piece with what stands around it."""
    return lambda piece: start + piece + end


MARKUP_FORMATS: dict[str, tuple[str, dict[str, Wrap]]] = {
    "rss": (
        "application/rss+xml",
        {
            "alone": wrapped(b""),
            "in a feed": wrapped(b"<?xml version='1.0'?><rss><channel>", b"</channel></rss>"),
            "in a text": wrapped(
                b"<rss><channel><item><title>x</title><description><![CDATA[",
                b"]]></description></item></channel></rss>",
            ),
            "before": wrapped(b"<?xml?>", b"<rss><item><title>x</title></item></rss>"),
        },
    ),
    "atom": (
        "application/atom+xml",
        {"in an entry": wrapped(b"<feed><entry><title>x</title><content type='xhtml'>")},
    ),
    "rdf": ("application/xml", {"in it": wrapped(b"<rdf:RDF><channel/>", b"</rdf:RDF>")}),
    "newsml-g2": (
        "application/vnd.iptc.g2.newsitem+xml",
        {
            "in it": wrapped(b'<newsItem guid="urn:x" version="1"><contentMeta>'),
            "in the text": wrapped(
                b'<newsItem guid="urn:x"><contentSet><inlineXML><html><body>',
                b"</body></html></inlineXML></contentSet></newsItem>",
            ),
        },
    ),
    "newsml1": ("application/newsml+xml", {"in it": wrapped(b"<NewsML><NewsItem>")}),
    "nitf": (
        "application/nitf+xml",
        {"in the text": wrapped(b"<nitf><body><body.content>", b"</body.content></body></nitf>")},
    ),
    "html": (
        "text/html",
        {
            "alone": wrapped(b""),
            "in a body": wrapped(b"<title>x</title><body><article><h1>x</h1><p>y</p>"),
        },
    ),
    "text": ("text/plain", {"alone": wrapped(b""), "below": wrapped(b"A headline\n\n")}),
    "sniffed": ("application/octet-stream", {"alone": wrapped(b"")}),
    "multipart": (
        "multipart/mixed; boundary=x",
        {
            "a text": wrapped(b"--x\r\nContent-Type: text/plain\r\n\r\n", b"\r\n--x--"),
            "in a head": wrapped(b"--x\r\nContent-Type: ", b"\r\n\r\n{}\r\n--x--"),
        },
    ),
}


def documents(kind: str) -> Iterator[tuple[str, str, Shape]]:
    """What a format is sent: a name, the Content-Type, and the document by its size."""
    if kind in MARKUP_FORMATS:
        media_type, wraps = MARKUP_FORMATS[kind]
        for place, wrap in wraps.items():
            for name, shape in MARKUP.items():
                yield f"{name} {place}", media_type, _with(wrap, shape)
        return
    for name, shape in JSON.items():
        yield f"{name} alone", kind, shape
    for field in NINJS_FIELDS if "ninjs" in kind else FIELDS:
        start = b'{"uri":"urn:x","headline":"x","' + field.encode() + b'":'
        for name, shape in JSON.items():
            yield f"{name} as {field}", kind, _with(wrapped(start, b"}"), shape)
    for field in ("body_xhtml", "headline") if "ninjs" in kind else ("body_html", "body_text"):
        for name, shape in STRINGS.items():
            yield f"{name} in {field}", kind, _as_text(field, shape)


def envelopes() -> Iterator[tuple[str, str, Shape]]:
    """CloudEvents around texts, and parts without number."""
    for name, shape in MARKUP.items():
        yield f"{name} as base64", "application/cloudevents+json", _as_event(shape)
    for name, unit in {
        "parts": b"--x\r\n\r\n{}\r\n",
        "boundaries": b"--x\r\n",
        "half boundaries": b"\r\n--",
        "heads": b"--x\r\nA: b\r\n",
        "new lines": b"--x\r\n\r\n\r\n\r\n",
        "spaces": b"--x ",
    }.items():
        yield f"{name} of parts", "multipart/mixed; boundary=x", repeated(unit, end=b"--x--")
    for name, unit in {"lines": b"{}\n", "empty lines": b"\n", "bad lines": b"{\n"}.items():
        yield name, "application/x-ndjson", repeated(unit)


def _with(wrap: Wrap, shape: Shape) -> Shape:
    return lambda size: wrap(shape(size))


def _as_text(field: str, shape: Shape) -> Shape:
    def document(size: int) -> bytes:
        text = shape(size).decode("utf-8", "replace")
        return json.dumps({"uri": "urn:x", "headline": "x", field: text}).encode()

    return document


def _as_event(shape: Shape) -> Shape:
    def document(size: int) -> bytes:
        event = {"specversion": "1.0", "id": "1", "source": "x", "type": "x"}
        data = base64.b64encode(shape(size)).decode()
        return json.dumps({**event, "datacontenttype": "text/plain", "data_base64": data}).encode()

    return document
