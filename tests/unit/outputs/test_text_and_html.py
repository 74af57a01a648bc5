"""What came in is what readers show, whether they take an element as text or as HTML."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import feedparser
import pytest
from lxml import etree

from newsman.ingest.formats.markup.sanitise import to_html
from newsman.outputs import FORMATS, opml, sitemap
from newsman.outputs.listing import Listing, Others
from newsman.outputs.opml import FeedGroup, Outline
from newsman.outputs.text.html_text import as_html, as_title
from newsman.outputs.text.xml_text import legal
from newsman_schemas.articles import Image

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
MEDIA = "{http://search.yahoo.com/mrss/}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"

HOSTILE = (
    "a<b & c>d",
    "<script>alert(1)</script>",
    "the <title> element",
    "&lt;b&gt;bold&lt;/b&gt; is written so",
    "AT&T &amp; more, &copy without an end, &#60;i&#62;",
    "&amp;lt;twice&amp;gt;",
    "]]> ends CDATA, <![CDATA[ begins it",
    "<!-- a comment --> <?php echo 1 ?> </p>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "5 < 6 > 4 && \"quotes\" 'n' all",
    "I <3 N.Y.",
    "🚨👩‍👩‍👧‍👦 <🚨>",
    "<\x00script>alert(1)</\x00script>",
    "<\x01b>bell\x07</b>",
    "not \ufffe characters \uffff, <\ufffeu>x",
)


class Shown(HTMLParser):
    """The text that HTML shows, and the elements in it."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.elements = "", []
        self.feed(markup)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append(tag)

    handle_endtag = handle_comment = handle_decl = handle_pi = unknown_decl = lambda self, name: (
        self.elements.append(name)
    )


def assert_shows(markup: str, text: str) -> None:
    shown = Shown(markup)
    assert shown.elements == []
    assert shown.text == text


@pytest.fixture(params=HOSTILE)
def text(request) -> str:
    return request.param


@pytest.fixture
def listed(stored, text) -> Listing:
    """A listing that is called the text, of an article that says nothing else, from a source with
    a story that another one has, too."""
    fields = {"headline": text, "byline": text, "section": text, "copyright": text, "source": text}
    article = stored(**fields, summary=text, body_text=legal(text), body_html=to_html(legal(text)))
    image = Image(href="https://desk.example/1.jpg", caption=text, credit=text)
    article = replace(article, article=article.article.model_copy(update={"images": (image,)}))
    others = {article.article.id: Others(1, (article,))}
    return Listing(text, "/", "/latest", (article,), others=others)


def test_rss_shows_the_text_in_readers_that_take_it_as_html(listed, text, site):
    channel = etree.fromstring(FORMATS["rss"].render(listed, site)).find("channel")
    shown = legal(text)
    assert_shows(channel.findtext("item/description"), shown)
    assert_shows(channel.findtext("item/title"), shown)
    assert_shows(channel.findtext("title"), f"{shown} – The Example")
    assert_shows(channel.findtext("description"), f"{shown} from The Example")
    # Media RSS says of each whether it is text.
    picture = channel.find(f"item/{MEDIA}content")
    caption, credit = picture.find(f"{MEDIA}description"), picture.find(f"{MEDIA}credit")
    assert_shows(caption.text, shown)
    assert caption.get("type") == ("plain" if caption.text == shown else "html")
    assert credit.text == shown
    content = Shown(channel.findtext(f"item/{CONTENT}"))
    assert (content.text, set(content.elements)) == (shown, {"p"})


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_feedparser_shows_the_text(listed, text, site, extension):
    parsed = feedparser.parse(FORMATS[extension].render(listed, site), sanitize_html=False)
    assert not parsed.bozo
    (entry,) = parsed.entries
    for detail in (entry.title_detail, entry.summary_detail):
        if detail.type == "text/html":
            assert_shows(detail.value, legal(text))
        else:
            assert detail.value == legal(text)


def test_atom_says_what_is_text_and_what_is_html(listed, text, site):
    root = etree.fromstring(FORMATS["atom"].render(listed, site))
    for name in ("title", "entry/title", "entry/summary", "entry/rights"):
        element = root.find("/".join(ATOM + step for step in name.split("/")))
        assert element.get("type", "text") == "text"  # the default (RFC 4287 section 3.1.1)
        assert element.text.removesuffix(" – The Example") == legal(text)
    content = root.find(f"{ATOM}entry/{ATOM}content")
    assert content.get("type") == "html"
    assert Shown(content.text).text == legal(text)


def test_json_feed_has_plain_text_and_one_member_of_html(listed, text, site):
    feed = json.loads(FORMATS["json"].render(listed, site))
    (item,) = feed["items"]
    assert (item["title"], item["summary"]) == (text, text)
    assert item["authors"] == [{"name": text}]
    assert Shown(item["content_html"]).text == legal(text)


def test_sitemaps_and_lists_of_feeds_have_plain_text(listed, text, site):
    root = etree.fromstring(sitemap.render(listed.articles, site))
    assert root.findtext(f".//{NEWS}title") == legal(text)
    document = opml.render([FeedGroup(text, (Outline(text, "/", "/latest.rss"),))], site)
    for outline in etree.fromstring(document).iter("outline"):
        assert outline.get("text") == legal(text)


@pytest.mark.parametrize(
    "headline",
    [
        "AT&T",
        "Bill & Ted",
        "5 < 6",
        "I <3 N.Y.",
        "Q&A: what now?",
        "“Quotes” & 'more'",
        "100 % > 50",
    ],
)
def test_a_title_that_html_shows_as_it_is_stays_as_it_is(headline):
    assert as_title(headline) == headline


def test_what_xml_cannot_hold_goes_before_it_is_escaped():
    assert as_html("<\x00b>") == as_title("<\x00b>") == "&lt;b&gt;"
    assert as_html("<\udc00b>") == as_title("<\ud800b>") == "&lt;b&gt;"
    assert as_title("&\ufffeamp;") == "&amp;amp;"
