"""No bytes whatsoever do anything but become articles or be refused with a reason."""

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsman.ingest.formats.model import BadDocument, Defaults
from newsman.ingest.formats.table import FORMATS
from newsman.ingest.pushes import parse

DEFAULTS = Defaults("desk", None, UTC, None, datetime(2026, 3, 2, tzinfo=UTC))
SEEDS = [
    b'{"uri": "urn:1", "headline": "x", "body_html": "<p>y</p>"}',
    b'{"guid": "urn:1", "versioncreated": "2026-03-02T12:00:00Z", "associations": {"a": null}}',
    b"<item><title>x</title><pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate></item>",
    (
        b'<newsItem guid="urn:1" version="2"><itemMeta><versionCreated>2026-03-02T12:00:00Z'
        b"</versionCreated></itemMeta><contentMeta><headline>x</headline></contentMeta></newsItem>"
    ),
    (
        b"<NewsML><NewsItem><Identification/><NewsComponent><NewsLines><HeadLine>x</HeadLine>"
        b"</NewsLines></NewsComponent></NewsItem></NewsML>"
    ),
    (
        b"<nitf><head><docdata><doc-id id-string='urn:1'/></docdata></head><body><body.head>"
        b"<hedline><hl1>x</hl1></hedline></body.head><body.content><p>y</p></body.content></body></nitf>"
    ),
    b'<!doctype html><html><head><meta property="og:title" content="x"></head><body><p>y</html>',
    b"July 25, 2024\nHomeSportIt rains\n\nIt rains\n\nCourier: It rained.\n",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["uri", "guid", "headline", "version", "versioncreated", "published_at", "pubstatus", "subject"]
    + ["keywords", "images", "renditions", "associations", "extra", "service", "authors", "urgency"]
)
UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def check(body: bytes, name: str) -> None:
    try:
        document = parse(body, content_type=None, format_name=name, defaults=DEFAULTS)
    except BadDocument:
        return
    for item in document.items:
        assert item.is_bad == bool(item.problems)
        if item.article:
            assert not UNSAFE.search(item.article.headline + item.article.body_text)
            item.article.model_dump_json()


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(name, body):
    check(body, name)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 240), st.binary(max_size=6), st.integers(0, 6))
def test_bytes_that_are_nearly_right(name, seed, at, inserted, dropped):
    check(seed[:at] + inserted + seed[at + dropped :], name)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=8))
def test_any_values_under_the_names_of_fields(item):
    check(json.dumps(item).encode(), "json")


def test_naughty_strings_in_every_field_are_taken_or_refused_with_a_reason(shared_data):
    fields = ["headline", "byline", "section", "body_text", "body_html", "slug", "language", "uri"]
    for text in json.loads((shared_data / "hostile" / "blns.json").read_text()):
        for name in fields:
            item = {"uri": "urn:1", "headline": "ok", name: text}
            check(json.dumps(item).encode(), "native")
        check(f"{text}\n\n{text}".encode("utf-8", "replace"), "text")
