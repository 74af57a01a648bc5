"""NewsML-G2, NITF, sitemaps, OPML and plain text, each by a reader that is not its writer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from newsman.ingest.formats.markup.sanitise import sanitise
from newsman.ingest.formats.model import Defaults
from newsman.ingest.pushes import parse
from newsman.outputs import FORMATS, opml, sitemap
from newsman.outputs.listing import Listing, Tombstone
from newsman.outputs.opml import FeedGroup, Outline
from newsman_schemas.articles import Entity, Tag, article_id

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DEFAULTS = Defaults("desk", None, UTC, None, NOW)
G2 = "{http://iptc.org/std/nar/2006-10-01/}"
NITF = "{http://iptc.org/std/NITF/2006-10-18/}"
GONE = Tombstone("gggggggggggggggg", "urn:gone", 3, NOW, "killed")
XML_STUB = (
    '<schema xmlns="http://www.w3.org/2001/XMLSchema" '
    'targetNamespace="http://www.w3.org/XML/1998/namespace">'
    '<attribute name="lang" type="string"/></schema>'
)
RUBY_STUB = (
    '<schema xmlns="http://www.w3.org/2001/XMLSchema" '
    'targetNamespace="http://iptc.org/std/NITF/2006-10-18/"/>'
)
MARKUP = (
    "<p>Cars &amp; <b>boats</b>, <a href='https://x.example/?a=1&amp;b=2'>all</a>.<br>Twice.</p>"
    "<h2>Later <i>that</i> day</h2><ul><li>one</li><li>two <ul><li>deep</li></ul></li></ul>"
    "<blockquote><p>She said <q>yes</q>.</p>He did.</blockquote><ol><li></li></ol>"
    "<table><tr><td>a</td><td>b</td></tr></table><p></p>loose <em>words</em>"
    "<figure><img src='https://x.example/1.jpg' alt='x'><figcaption>Cap</figcaption></figure>"
)


class Stubs(etree.Resolver):
    """Of what the NITF schema includes: the language attribute, and ruby, which nobody uses."""

    def resolve(self, url, _, context):
        stubs = {"xml.xsd": XML_STUB, "nitf-3-6-ruby-include.xsd": RUBY_STUB}
        found = stubs.get(url.rpartition("/")[2])
        return self.resolve_string(found, context) if found else None


@pytest.fixture(scope="module")
def nitf_schema(shared_data: Path) -> etree.XMLSchema:
    parser = etree.XMLParser()
    parser.resolvers.add(Stubs())
    return etree.XMLSchema(etree.parse(shared_data / "newsml-g2" / "nitf-3-6.xsd", parser))


def listing(*articles, **fields) -> Listing:
    return Listing("Latest", "/", "/latest", tuple(articles), **fields)


@pytest.fixture
def full(stored):
    return stored(
        version=3,
        section="Transport",
        byline="Mira Holt",
        language="en-GB",
        located="Ghent",
        subheadline="At last",
        urgency=3,
        keywords=("ferries",),
        editorial_note="Adds a quote.",
        copyright="(c) Desk",
        usage_terms="Not for resale.",
        body_html=sanitise(MARKUP),
        body_text="Cars & boats.\n\nTwice.",
        tags=(Tag(name="ports", slug="p", code="medtop:1", confidence=1, method="t"),),
        entities=(
            Entity(name="Oslo", slug="oslo", type="place", mentions=1, confidence=1, method="t"),
            Entity(name="Ana", slug="ana", type="work", mentions=1, confidence=1, method="t"),
        ),
    )


def test_nitf_is_valid_and_says_everything(full, site, nitf_schema):
    root = etree.fromstring(FORMATS["nitf"].render_article(full, site))
    nitf_schema.assertValid(root)
    content = root.find(f".//{NITF}body.content")
    assert "".join(content[0].itertext()) == "Cars & boats, all.Twice."
    assert content.find(f".//{NITF}a").get("href") == "https://x.example/?a=1&b=2"
    assert [hl2.text for hl2 in content.iter(f"{NITF}hl2")] == ["Later "]
    assert next("".join(li.itertext()).strip() for li in content.iter(f"{NITF}li")) == "one"
    words = " ".join("".join(content.itertext()).split())
    for part in ("deep", "She said yes", "He did.", "loose words", "Cap"):
        assert part in words
    assert root.find(f".//{NITF}urgency").get("ed-urg") == "3"
    assert root.findtext(f".//{NITF}hl1") == "A bridge opens"


def test_nitf_of_a_kill_is_valid_and_says_canceled(site, nitf_schema):
    root = etree.fromstring(FORMATS["nitf"].render_tombstone(GONE, site))
    nitf_schema.assertValid(root)
    assert root.find(f".//{NITF}docdata").get("management-status") == "canceled"


def test_nitf_of_a_listing_leads_to_the_documents(hostile, naughty_strings, site, nitf_schema):
    articles = [hostile(text) for text in naughty_strings]
    root = etree.fromstring(FORMATS["nitf"].render(listing(*articles, tombstones=(GONE,)), site))
    nitf_schema.assertValid(root)
    links = [found.get("href") for found in root.iter(f"{NITF}a")]
    assert links == ["https://news.example/articles/abcdefghijklmnop.nitf"] * len(articles)
    nitf_schema.assertValid(etree.fromstring(FORMATS["nitf"].render(listing(), site)))


@pytest.mark.parametrize("extension", ["newsml", "nitf"])
def test_an_article_reads_back_as_it_was(full, site, extension):
    body = FORMATS[extension].render_article(full, site)
    name = "newsml-g2" if extension == "newsml" else "nitf"
    (item,) = parse(body, content_type=None, format_name=name, defaults=DEFAULTS).items
    read, article = item.article, full.article
    assert read is not None, item.problems
    assert (read.headline, read.byline) == (article.headline, article.byline)
    assert (read.located, read.urgency) == (article.located, article.urgency)
    assert read.uri == f"urn:newsman:article:{article.id}"
    assert "Cars & boats, all" in read.body_text
    if extension == "newsml":
        assert (read.version, read.language) == (3, "en-GB")
        assert read.version_created == article.version_created
        assert {"Transport", "ports", "Oslo"} <= {subject.name for subject in read.subjects}


def test_a_newsml_message_holds_items_and_kills(full, stored, site):
    both = listing(full, stored(id="b" * 16), tombstones=(GONE,))
    root = etree.fromstring(FORMATS["newsml"].render(both, site))
    items = root.findall(f"{G2}itemSet/{G2}newsItem")
    assert [item.get("guid").rpartition(":")[2][0] for item in items] == ["a", "b", "g"]
    states = [item.find(f".//{G2}pubStatus").get("qcode") for item in items]
    assert states == ["stat:usable", "stat:usable", "stat:canceled"]
    assert all(item.get("version") and item.get("standard") == "NewsML-G2" for item in items)


@pytest.mark.parametrize("extension", ["newsml", "nitf"])
def test_naughty_strings_leave_the_markup_whole(
    hostile, naughty_strings, site, extension, nitf_schema
):
    for text in naughty_strings:
        root = etree.fromstring(FORMATS[extension].render_article(hostile(text), site))
        document = root if extension == "nitf" else root.find(f".//{NITF}nitf")
        nitf_schema.assertValid(etree.fromstring(etree.tostring(document)))
        assert "script" not in {etree.QName(element).localname for element in root.iter("*")}


def test_text_is_wrapped_and_holds_no_control_characters(full, hostile, naughty_strings, site):
    text = FORMATS["txt"].render_article(full, site).decode()
    assert text.startswith("TRANSPORT\nA bridge opens\nAt last\nMira Holt · Ghent · 2026-03-02")
    assert "https://news.example/articles/" in text
    both = FORMATS["txt"].render(listing(full, tombstones=(GONE,)), site).decode()
    assert "was withdrawn (killed)" in both
    for naughty in naughty_strings:
        told = FORMATS["txt"].render_article(hostile(naughty), site).decode()
        assert not [letter for letter in told if ord(letter) < 32 and letter not in "\t\n"]


def test_a_sitemap_names_what_search_engines_ask_for(full, hostile, naughty_strings, site):
    root = etree.fromstring(sitemap.render([full], site))
    ns = {"s": sitemap.SITEMAP, "n": sitemap.NEWS}
    assert root.findtext("s:url/s:loc", namespaces=ns).endswith("/articles/abcdefghijklmnop")
    assert root.findtext(".//n:publication/n:language", namespaces=ns) == "en"
    assert root.findtext(".//n:title", namespaces=ns) == "A bridge opens"
    when = root.findtext(".//n:publication_date", namespaces=ns)
    assert datetime.fromisoformat(when) == NOW
    for text in naughty_strings:
        etree.fromstring(sitemap.render([hostile(text)], site))
    index = etree.fromstring(sitemap.render_index(2, site))
    assert [loc.text for loc in index.iter(f"{{{sitemap.SITEMAP}}}loc")] == [
        f"https://news.example/sitemap-news-{number}.xml" for number in (1, 2)
    ]


def test_opml_holds_every_feed(naughty_strings, site):
    outlines = tuple(Outline(text, "/tags/x", "/tags/x.rss") for text in naughty_strings)
    root = etree.fromstring(
        opml.render([FeedGroup("Topics", outlines), FeedGroup("None", ())], site)
    )
    (group,) = root.findall("body/outline")
    assert [group.get("text"), len(group)] == ["Topics", len(naughty_strings)]
    assert next(one.get("text") for one in group) == naughty_strings[0]
    assert {outline.get("xmlUrl") for outline in group} == {"https://news.example/tags/x.rss"}


@pytest.mark.parametrize("extension", ["rss", "atom", "json"])
def test_feeds_lead_on_and_name_their_hub(stored, site, extension):
    page = listing(stored(), more=("before", "1-a"), query="?section=x")
    named = type(site)(site.url, site.name, "https://hub.example/")
    body = FORMATS[extension].render(page, named)
    onward = f"https://news.example/latest.{extension}?section=x&before=1-a"
    if extension == "json":
        assert b'"next_url": "' + onward.encode() in body
        assert b'{"type": "WebSub", "url": "https://hub.example/"}' in body
        return
    links = {(link["rel"], link["href"]) for link in feedparser.parse(body).feed.links}
    assert {("next", onward), ("hub", "https://hub.example/")} <= links


def test_a_kill_is_a_tombstone_of_rfc_6721_and_in_json_feed(site):
    page = listing(tombstones=(GONE,))
    root = etree.fromstring(FORMATS["atom"].render(page, site))
    (entry,) = root.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert entry.get("ref") == "urn:newsman:article:gggggggggggggggg"
    assert entry.findtext("{http://purl.org/atompub/tombstones/1.0}comment") == GONE.status
    assert datetime.fromisoformat(entry.get("when")) == NOW
    assert page.updated_at - NOW == timedelta(0)
    assert b'"_tombstones": [{"id": "urn:newsman:article:ggg' in FORMATS["json"].render(page, site)


def test_a_format_says_whether_its_listings_tell_of_what_went(site):
    several = [*FORMATS.values(), *(v for f in FORMATS.values() for v in f.versions.values())]
    for feed_format in several:
        body = feed_format.render(listing(tombstones=(GONE,)), site)
        tells = GONE.article_id.encode() in body or GONE.uri.encode() in body
        assert feed_format.tells_of_gone is tells, feed_format.extension


def test_a_queried_feed_names_its_format_in_the_query(stored, site):
    page = Listing("X", "/search", "/feed", (stored(),), query="?section=x", more=("since", "0.1"))
    body = FORMATS["atom"].render(page, site).decode()
    assert "https://news.example/feed?section=x&amp;format=atom" in body
    assert "https://news.example/feed?section=x&amp;format=atom&amp;since=0.1" in body


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_an_entry_keeps_its_name_over_its_chain(stored, site, extension):
    first = stored(id=article_id("demo", "urn:1"), uri="urn:1")
    later = stored(id=article_id("demo", "urn:2"), uri="urn:2", original_id="urn:1")
    names = [
        feedparser.parse(FORMATS[extension].render(listing(one), site)).entries[0].id
        for one in (first, later)
    ]
    assert names[0] == names[1] == f"urn:newsman:article:{first.article.id}"


def test_the_kill_of_an_earlier_part_does_not_take_the_later_one_away(stored, site):
    later = stored(id=article_id("demo", "urn:2"), uri="urn:2", original_id="urn:1")
    gone = Tombstone(article_id("demo", "urn:1"), "urn:1", 2, NOW, "killed")
    body = FORMATS["atom"].render(listing(later, tombstones=(gone,)), site)
    assert b"deleted-entry" not in body
