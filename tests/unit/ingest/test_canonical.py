"""The page that a source's articles name as canonical: its own by a setting, never by a push."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.model import Defaults
from newsman.ingest.pushes import parse

DEFAULTS = Defaults("desk", "en", UTC, None, datetime(2026, 3, 2, 12, tzinfo=UTC))
URL = "https://desk.example/1"
RSS = f"""<rss version="2.0"><channel><item><title>Bridge</title><link>{URL}</link></item>
</channel></rss>"""
PUSHES = {
    "native": json.dumps({"headline": "Bridge", "canonical_url": URL}),
    "rss": RSS,
    "jsonfeed": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "items": [{"id": "1", "url": URL, "title": "Bridge"}],
        }
    ),
}


def article_of(body: str, format_name: str, *, is_set: bool):
    defaults = replace(DEFAULTS, canonical_at_source=is_set)
    document = parse(body.encode(), content_type=None, format_name=format_name, defaults=defaults)
    return document.items[0].article


@pytest.mark.parametrize("format_name", PUSHES)
def test_the_source_says_so_of_every_article_that_has_an_address(format_name):
    shown = article_of(PUSHES[format_name], format_name, is_set=True)
    assert (shown.canonical_url, shown.canonical_at_source) == (URL, True)
    assert article_of(PUSHES[format_name], format_name, is_set=False).canonical_at_source is None


@pytest.mark.parametrize("address", [{}, {"canonical_url": "javascript:alert(1)"}])
def test_without_an_address_of_the_web_the_page_here_is_canonical(address):
    pushed = json.dumps({"headline": "Bridge", **address})
    assert article_of(pushed, "native", is_set=True).canonical_at_source is None


def test_a_push_cannot_say_it():
    pushed = json.dumps({"headline": "Bridge", "canonical_url": URL, "canonical_at_source": True})
    assert article_of(pushed, "native", is_set=False).canonical_at_source is None
