"""Pictures with all that is known of them, authors one by one, in every feed."""

import json
from html import unescape

import feedparser
import pytest
from lxml import etree

from newsman.outputs import FORMATS
from newsman.outputs.listing import Listing
from newsman_schemas.articles import Author, Image

MEDIA = "{http://search.yahoo.com/mrss/}"
ATOM = "{http://www.w3.org/2005/Atom}"
FERRY = Image(
    href="https://i.example/ferry.jpg?a=1&b=2",
    caption="The <ferry> & more",
    credit="Ida Holm",
    mimetype="image/webp",
    width=1_200,
    height=800,
)
BARE = Image(href="https://i.example/lock.png")
NAMES = ("Ida Holm", "Per Aas", "Eva Lund")


@pytest.fixture
def rendered(site, stored):
    """The feed of one article in a format; keywords replace its fields."""

    def render(extension: str, **fields) -> bytes:
        article = stored(**fields)
        return FORMATS[extension].render(Listing("Latest", "/", "/latest", (article,)), site)

    return render


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_media_rss_says_all_of_a_picture(rendered, extension):
    feed = etree.fromstring(rendered(extension, images=(FERRY, BARE)))
    first, second = feed.iter(f"{MEDIA}content")
    assert dict(first.attrib) == {
        "url": FERRY.href,
        "medium": "image",
        "type": "image/webp",
        "width": "1200",
        "height": "800",
    }
    caption = first.find(f"{MEDIA}description")
    assert (unescape(caption.text), caption.get("type")) == (FERRY.caption, "html")
    assert first.findtext(f"{MEDIA}credit") == FERRY.credit
    assert dict(second.attrib) == {"url": BARE.href, "medium": "image", "type": "image/png"}


def test_atom_links_to_pictures_as_enclosures(rendered):
    feed = etree.fromstring(rendered("atom", images=(FERRY, BARE)))
    links = [dict(e.attrib) for e in feed.iter(f"{ATOM}link") if e.get("rel") == "enclosure"]
    assert links == [
        {"rel": "enclosure", "href": FERRY.href, "type": "image/webp", "title": FERRY.caption},
        {"rel": "enclosure", "href": BARE.href, "type": "image/png"},
    ]


def test_json_feed_attaches_pictures(rendered):
    (item,) = json.loads(rendered("json", images=(FERRY, Image(href="https://i.example/x"))))[
        "items"
    ]
    assert item["image"] == FERRY.href
    assert item["attachments"] == [
        {
            "url": FERRY.href,
            "mime_type": "image/webp",
            "title": FERRY.caption,
            "_newsman": {"width": 1_200, "height": 800, "credit": "Ida Holm"},
        },
        {"url": "https://i.example/x", "mime_type": "image/*"},
    ]


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_each_author_stands_alone(rendered, extension):
    authors = tuple(Author(name=name) for name in NAMES)
    byline = "By Ida Holm, Per Aas and Eva Lund"
    (entry,) = feedparser.parse(rendered(extension, authors=authors, byline=byline)).entries
    assert [author["name"] for author in entry.authors] == list(NAMES)


def test_json_feed_has_the_addresses_of_authors(rendered):
    authors = (Author(name="Ida", uri="https://ida.example/"), Author(name="Per", uri="urn:per"))
    (item,) = json.loads(rendered("json", authors=authors))["items"]
    assert item["authors"] == [{"name": "Ida", "url": "https://ida.example/"}, {"name": "Per"}]


@pytest.mark.parametrize("extension", ["newsml", "ninjs", "nitf", "txt"])
def test_every_other_format_names_them_all(rendered, site, stored, extension):
    article = stored(
        authors=tuple(Author(name=name) for name in NAMES), byline="By " + ", ".join(NAMES)
    )
    document = FORMATS[extension].render_article(article, site).decode()
    assert all(name in document for name in NAMES)


def test_an_external_address_comes_out_as_it_went_in(rendered):
    page, external = "https://desk.example/1", "https://elsewhere.example/2"
    values = {"canonical_url": page, "extra": {"external_url": external}}
    (item,) = json.loads(rendered("json", **values))["items"]
    assert item["external_url"] == external
    (item,) = json.loads(rendered("json", canonical_url=page))["items"]
    assert item["external_url"] == page
