"""Every format held to a schema or a validator that is none of ours or written from its standard,
with naughty strings in every field."""

import json
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from jsonschema_rs import Draft202012Validator
from lxml import etree
from tests.unit.outputs.newsml_check import violations

from newsman.outputs import FORMATS, opml, sitemap
from newsman.outputs.listing import Listing
from newsman.outputs.opml import FeedGroup, Outline

SCHEMAS = Path(__file__).parent / "schemas"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
G2 = "http://iptc.org/std/nar/2006-10-01/"
TYPES = ("person", "place", "organisation", "event", "work")


@pytest.fixture
def hubbed(site):
    return type(site)(site.url, "The <Example> & Sons", "https://hub.example/?a=1&b=2")


def schema(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMAS / f"{name}.rng"))


@pytest.mark.parametrize("extension", ["atom", "rss"])
def test_feeds_keep_to_their_standards_whatever_they_hold(everything, hubbed, extension):
    for listing in (everything, Listing("None", "/", "/latest", ())):
        body = FORMATS[extension].render(listing, hubbed)
        schema(extension).assertValid(etree.fromstring(body))
        parsed = feedparser.parse(body)
        assert not parsed.bozo
        assert len(parsed.entries) == len(listing.articles)


def test_the_schemas_of_feeds_refuse_what_their_standards_do(everything, hubbed):
    breaks = {
        "atom": [
            (b"<updated>2026-", b"<updated>26-"),
            (b"</generator>", b"</generator><id>x</id>"),
            (b"<summary>", b"<sumary>"),
            (b'rel="self"', b'rel="self" target="x"'),
            (b' when="2026', b' then="2026'),
        ],
        "rss": [
            (b"<pubDate>Mon, ", b"<pubDate>Monday, "),
            (b"<guid ", b"<guid x='1' "),
            (b'version="2.0"', b'version="0.91"'),
            (b"<media:content url=", b"<media:content href="),
        ],
    }
    for extension, pairs in breaks.items():
        body = FORMATS[extension].render(everything, hubbed)
        for right, wrong in pairs:
            assert right in body
            parser = etree.XMLParser(recover=True)
            broken = etree.fromstring(body.replace(right, wrong), parser)
            assert not schema(extension).validate(broken), wrong


def test_json_feeds_are_valid_whatever_they_hold(everything, hubbed):
    held = json.loads((SCHEMAS / "jsonfeed.json").read_text())
    validator = Draft202012Validator(held, validate_formats=True)
    for listing in (everything, Listing("None", "/", "/latest", ())):
        feed = json.loads(FORMATS["json"].render(listing, hubbed))
        validator.validate(feed)
    feed["items"] = [{"id": 1, "content_html": "x"}]
    assert not validator.is_valid(feed)
    feed["items"] = [{"id": "1", "content_html": "x", "newsman": {}}]
    assert not validator.is_valid(feed)


def test_newsml_g2_is_what_the_model_of_the_iptc_knows(everything, hubbed):
    assert violations(FORMATS["newsml"].render(everything, hubbed)) == []
    for article in everything.articles[:12]:
        assert violations(FORMATS["newsml"].render_article(article, hubbed)) == []
    for gone in everything.tombstones:
        assert violations(FORMATS["newsml"].render_tombstone(gone, hubbed)) == []


def test_a_newsml_message_says_in_which_order_its_items_stand(stored, site):
    articles = tuple(stored(id=letter * 16, version=3) for letter in "bac")
    body = FORMATS["newsml"].render(Listing("Most popular", "/popular", "/popular", articles), site)
    root = etree.fromstring(body)
    references = root.findall(f".//{{{G2}}}packageItem//{{{G2}}}itemRef")
    assert [found.get("residref")[-1] for found in references] == ["b", "a", "c"]
    items = root.findall(f"{{{G2}}}itemSet/{{{G2}}}newsItem")
    assert [(one.get("guid"), one.get("version")) for one in items] == [
        (found.get("residref"), found.get("version")) for found in references
    ]
    assert references[0].get("href") == f"https://news.example/articles/{'b' * 16}.newsml"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b'version="1"', b'version="0"'),
        (b' guid="', b' guide="'),
        (b"<versionCreated>2026-03-02T12:00:00+00:00<", b"<versionCreated>2026-03-02T12:00:00<"),
        (b'qcode="stat:usable"', b'qcode="usable"'),
        (b'qcode="stat:usable"', b'qcode="status:usable"'),
        (b"<headline>", b"<headlines/><headline>"),
        (b"<itemClass ", b'<itemClass kind="x" '),
        (b'<itemClass qcode="ninat:text" />', b""),
        (b"<itemMeta>", b"<itemMeta><link rel='irel:seeAlso' href='https://x.example/' />"),
        (b"</itemMeta>", b"<provider literal='x' /></itemMeta>"),
        (b"contentMeta>", b"metaContent>"),
    ],
)
def test_the_check_of_newsml_g2_finds_what_is_wrong(stored, site, right, wrong):
    body = FORMATS["newsml"].render_article(stored(), site)
    assert right in body
    assert violations(body) == []
    assert violations(body.replace(right, wrong)) != []


def test_sitemaps_keep_to_their_protocol(everything, hubbed):
    held = schema("sitemap")
    found = etree.fromstring(sitemap.render(everything.articles, hubbed))
    held.assertValid(found)
    assert len(found) == len(everything.articles)
    held.assertValid(etree.fromstring(sitemap.render([], hubbed)))
    held.assertValid(etree.fromstring(sitemap.render_index(3, hubbed)))
    assert not held.validate(etree.fromstring(sitemap.render_index(0, hubbed)))


def test_lists_of_feeds_keep_to_opml(naughty_strings, hubbed):
    held = schema("opml")
    outlines = tuple(Outline(text, "/tags/x", "/tags/x.rss") for text in naughty_strings)
    groups = [FeedGroup(text, outlines[:3]) for text in naughty_strings]
    held.assertValid(etree.fromstring(opml.render([FeedGroup("All", outlines), *groups], hubbed)))
