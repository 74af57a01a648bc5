"""Every feed format, read back by independent readers."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape

import feedparser
import pytest
from lxml import etree

from newsman.outputs import FORMATS
from newsman.outputs.listing import Listing
from newsman.outputs.text.xml_text import legal
from newsman_schemas.articles import Image, Tag

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def listing(*articles, query: str = "") -> Listing:
    return Listing("Latest", "/", "/latest", tuple(articles), query=query)


@pytest.fixture
def full(stored):
    return stored(
        revision=2,
        version=2,
        version_created=NOW + timedelta(hours=1),
        byline="Mira Holt",
        section="Transport",
        language="en",
        body_html="<p>Cars & <b>boats</b>.</p>",
        summary="It opened.",
        copyright="© The desk",
        canonical_url="https://desk.example/1",
        images=(Image(href="https://desk.example/1.jpg"),),
        tags=(
            Tag(name="bridges", slug="bridges", scheme="medtop", confidence=1, method="test"),
            Tag(name="ferries", slug="ferries", confidence=1, method="test"),
        ),
    )


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_an_independent_reader_finds_every_field(full, site, extension):
    parsed = feedparser.parse(FORMATS[extension].render(listing(full), site))
    assert not parsed.bozo
    assert parsed.feed.title == "Latest – The Example"
    (entry,) = parsed.entries
    assert entry.title == "A bridge opens"
    assert entry.link == "https://news.example/articles/abcdefghijklmnop"
    assert entry.id == "urn:newsman:article:abcdefghijklmnop"
    assert entry.published_parsed[:6] == (2026, 3, 2, 12, 0, 0)
    assert entry.summary == "It opened."
    assert entry.content[0].value == "<p>Cars & <b>boats</b>.</p>"
    assert entry.author == "Mira Holt"
    assert {tag.term for tag in entry.tags} == {"Transport", "bridges", "ferries"}


def test_rss_has_what_its_specification_asks_for(full, site):
    channel = etree.fromstring(FORMATS["rss"].render(listing(full), site)).find("channel")
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    guid = channel.find("item/guid")
    assert (guid.text, guid.get("isPermaLink")) == ("urn:newsman:article:abcdefghijklmnop", "false")
    assert parsedate_to_datetime(channel.findtext("item/pubDate")) == NOW
    link = channel.find(f"{ATOM}link")
    assert (link.get("rel"), link.get("href")) == ("self", "https://news.example/latest.rss")
    assert channel.findtext(f"item/{CONTENT}") == "<p>Cars & <b>boats</b>.</p>"


def test_an_atom_entry_keeps_its_id_and_publication_while_updated_moves(stored, site):
    def entry(article):
        found = etree.fromstring(FORMATS["atom"].render(listing(article), site)).find(
            f"{ATOM}entry"
        )
        return [found.findtext(f"{ATOM}{name}") for name in ("id", "published", "updated")]

    first = entry(stored())
    later = entry(stored(revision=2, version=2, version_created=NOW + timedelta(hours=1)))
    assert first[:2] == later[:2]
    assert datetime.fromisoformat(later[2]) - datetime.fromisoformat(first[2]) == timedelta(hours=1)


def test_json_feed_follows_its_version_1_1(full, site):
    feed = json.loads(FORMATS["json"].render(listing(full), site))
    assert FORMATS["json"].media_type.startswith("application/feed+json")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://news.example/latest.json"
    assert feed["home_page_url"] == "https://news.example/"
    (item,) = feed["items"]
    assert item["id"] == "urn:newsman:article:abcdefghijklmnop"
    assert item["content_html"] == "<p>Cars & <b>boats</b>.</p>"
    assert item["authors"] == [{"name": "Mira Holt"}]
    assert item["tags"] == ["bridges", "ferries"]
    assert datetime.fromisoformat(item["date_published"]) == NOW
    assert datetime.fromisoformat(item["date_modified"]) == NOW + timedelta(hours=1)
    assert all(key.startswith("_") or "." not in key for key in item)


@pytest.mark.parametrize("extension", ["rss", "atom", "json", "ninjs"])
def test_a_feed_of_a_window_names_itself_with_the_window(stored, site, extension):
    body = FORMATS[extension].render(listing(stored(), query="?window=1h"), site).decode()
    assert f"https://news.example/latest.{extension}?window=1h" in body


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_an_empty_listing_is_a_whole_feed(site, extension):
    parsed = feedparser.parse(FORMATS[extension].render(listing(), site))
    assert not parsed.bozo
    assert parsed.entries == []


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_naughty_strings_come_through_whole_but_for_what_xml_cannot_hold(
    hostile, naughty_strings, site, extension
):
    title = "item/title" if extension == "rss" else f"{ATOM}entry/{ATOM}title"
    for text in naughty_strings:
        root = etree.fromstring(FORMATS[extension].render(listing(hostile(text)), site))
        root = root.find("channel") if extension == "rss" else root
        expected = legal(text).replace("\r\n", "\n").replace("\r", "\n")
        # Readers of RSS take titles for HTML where they look like it.
        shown = unescape(root.findtext(title)) if extension == "rss" else root.findtext(title)
        assert shown == expected


def test_naughty_strings_come_through_json_feeds_whole(hostile, naughty_strings, site):
    for text in naughty_strings:
        feed = json.loads(FORMATS["json"].render(listing(hostile(text)), site))
        assert feed["items"][0]["title"] == text
