"""Pages as readers get them."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from lxml import html

from newsman.feeds.core import PAGE_ROWS
from newsman.feeds.corrections.corrections import steps
from newsman.feeds.listings.listings import PopularRow
from newsman.feeds.pages.front_stories import Block, Column, Front
from newsman.feeds.pages.pictures import Pictures
from newsman.feeds.pages.render import PICTURED, Pages, static_files
from newsman.outputs import FORMATS
from newsman.outputs.listing import Listing
from newsman.rankings.core import RankingRow
from newsman.site.site_file import SiteFile
from newsman_schemas.articles import Author, Entity, Image, Tag

MAX_PAGE_BYTES = 60_000
LOADED = ("style.css", "reader.js", "icon.svg")
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def article(stored):
    return stored(
        byline="Mira Holt",
        section="City & Harbour",
        subheadline="The first in forty years",
        body_html="<p>It opened.</p>",
        body_text="It opened.",
        usage_terms="Free to print",
        language="en-GB",
        tags=(Tag(name="bridges", slug="bridges", confidence=1, method="test"),),
        entities=(
            Entity(name="Oslo", slug="oslo", type="place", mentions=1, confidence=1, method="t"),
        ),
    )


def popular(stored, views: int = 1):
    return [PopularRow(1, stored, RankingRow(stored.article.id, views, 1, views))]


def test_an_article_page_has_all_that_the_newsroom_said(pages, article):
    page = html.fromstring(pages.article(article, popular(article)).decode())
    assert page.get("lang") == "en"
    assert page.find(".//article").get("lang") == "en-gb"
    assert page.findtext(".//h1") == "A bridge opens"
    text = page.text_content()
    for said in ("City & Harbour", "The first in forty years", "Mira Holt", "It opened."):
        assert said in text
    assert "Free to print" in text
    assert "1 view" in text
    assert "1 views" not in text
    hrefs = set(page.xpath("//@href"))
    assert {"/sections/city-harbour", "/tags/bridges", "/entities/oslo"} <= hrefs
    (canonical,) = page.xpath("//link[@rel='canonical']/@href")
    assert canonical == "https://news.example/articles/abcdefghijklmnop"
    assert page.xpath("//meta[@property='og:title']/@content") == ["A bridge opens"]
    kinds = page.xpath("//link[@rel='alternate']/@type")
    assert {"application/rss+xml", "application/atom+xml", "application/feed+json"} <= set(kinds)
    assert "application/vnd.iptc.ninjs+json" in kinds
    documents = [f for f in FORMATS.values() if f.render_article]
    assert {f"/articles/abcdefghijklmnop.{f.extension}" for f in documents} <= hrefs


ASSET = "https://news.example/assets/0123456789abcdef0123456789abcdef"
PICTURE = {
    "href": ASSET, "alt": "A crane lifts a ferry", "width": 1440, "height": 960, "credit": "Desk",
    "renditions": [{"href": f"{ASSET}-{width}", "width": width} for width in (360, 720)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "headline", "packed"),
    [("s", 150, False), ("\u00f8", 90, False), ("\u65b0", 60, True)],
)
def test_a_full_page_of_news_is_light(pages, stored, letter, headline, packed):
    text = {"headline": letter * headline, "summary": letter * 400, "byline": "Mira Holt, Jo Berg"}
    text["images"] = [PICTURE]
    full = [stored(**text, section="Transport") for _ in range(PAGE_ROWS)]
    listing = Listing("Latest", "/", "/latest", tuple(full), more=("before", "1-a"))
    pages.sections = [("transport", "Transport")] * 16
    body = pages.listing(listing, popular(full[0]) * 5)
    files = b"".join(static_files()[name].body for name in LOADED)
    # Of letters that take three bytes what goes over the wire counts.
    weight = len(gzip.compress(body + files)) if packed else len(body) + len(files)
    assert weight < MAX_PAGE_BYTES


def test_a_full_front_page_is_light_and_has_each_story_once(pages, stored):
    text = {"headline": "s" * 100, "summary": "s" * 400, "byline": "Mira Holt, Jo Berg"}
    text["images"] = [PICTURE]
    ids = iter(f"{'a' * 14}{one}{two}" for one in "abcdefgh" for two in "abcdefgh")
    full = [stored(**text, id=next(ids), section="Transport") for _ in range(PAGE_ROWS)]
    blocks = [Block(f"s{n}", f"Section {n}", tuple(full[n * 4 + 7 : n * 4 + 11])) for n in range(8)]
    rows = tuple(popular(full[0]) * 5)
    column = Column((("1h", rows), ("24h", rows), ("7d", rows)), (), (("a", "Topic"),) * 8)
    listing = Listing("Latest", "/", "/latest", tuple(full), more=("before", "1-a"))
    front = Front(listing, full[0], tuple(full[1:7]), tuple(blocks), tuple(full[39:]), column)
    pages.sections = [("transport", "Transport")] * 16
    body = pages.front(front)
    files = b"".join(static_files()[name].body for name in LOADED)
    assert len(body) + len(files) < MAX_PAGE_BYTES
    page = html.fromstring(body.decode())
    linked = page.xpath("//article//*[self::h2 or self::h3]/a/@href")
    assert linked == [f"/articles/{one.article.id}" for one in full]


def test_a_front_page_without_stories_says_so(pages):
    page = pages.front(Front(Listing("Latest", "/", "/latest", ()), None))
    assert b"Nothing has been published here yet." in page


def test_a_story_says_that_it_goes_on_or_was_updated(pages, stored):
    later = {"revision": 2, "version_created": NOW + timedelta(hours=2)}
    for said, mark in (({"keywords": ("Live blog",), **later}, "Live"), (later, "Updated")):
        listing = Listing("Latest", "/", "/latest", (stored(**said),))
        page = html.fromstring(pages.front(Front(listing, *listing.articles)).decode())
        assert page.xpath("//*[contains(@class, 'mark')]/text()") == [mark]


def test_a_picture_has_an_alternative_of_its_own_and_its_size(site, stored):
    image = Image(
        href="https://news.example/assets/a", caption="The quay", alt="A ferry", credit="Desk",
        width=600, height=400,
    )  # fmt: skip
    pages = Pages(site, None, Pictures(site))
    told = stored(images=(image,))
    front = Front(Listing("Latest", "/", "/latest", (told,)), told)
    for body in (pages.front(front), pages.article(told, ())):
        (shown,) = html.fromstring(body.decode()).xpath("//img")
        assert [shown.get(name) for name in ("alt", "width", "height")] == ["A ferry", "600", "400"]
    without = stored(images=(image.model_copy(update={"alt": None}),))
    (shown,) = html.fromstring(pages.article(without, ()).decode()).xpath("//img")
    assert shown.get("alt") == ""


@pytest.mark.parametrize(
    ("language", "lang", "direction"),
    [
        ("ar", "ar", "rtl"),
        ("fa-IR", "fa-ir", "rtl"),
        ("zh_Hans", "zh-hans", None),
        ("en", None, None),
    ],
)
def test_words_of_an_article_have_their_language_and_direction(
    pages, stored, language, lang, direction
):
    told = stored(language=language)
    front = Front(Listing("Latest", "/", "/latest", (told,)), told)
    for body in (pages.article(told, ()), pages.front(front)):
        found = html.fromstring(body.decode()).find(".//article")
        assert ((found.get("lang") or "").lower() or None, found.get("dir")) == (lang, direction)


def test_a_picture_comes_in_the_size_that_fits(site, stored):
    own = "https://news.example/assets/"
    sizes = [{"href": f"{own}s", "width": 300}, {"href": "https://far.example/x", "width": 900}]
    image = Image(href=f"{own}a", width=600, height=400, renditions=sizes)
    told = stored(images=(image,))
    (shown,) = html.fromstring(Pages(site, None, Pictures(site)).article(told, ())).xpath("//img")
    assert shown.get("srcset") == f"{own}s 300w, {own}a 600w"
    assert shown.get("loading") is None


def test_a_theme_and_a_logo_come_from_the_sites_file(site, tmp_path):
    (tmp_path / "logo.svg").write_text("<svg/>")
    path = tmp_path / "site.toml"
    path.write_text('[theme]\naccent = "#0b5394"\ndark_paper = "#000"\nlogo = "logo.svg"\n')
    plain, themed = (Pages(site, None, Pictures(site), f) for f in (None, SiteFile(path)))
    style = themed.static("style.css")
    assert style.body.endswith(
        b":root{--accent:#0b5394;}@media (prefers-color-scheme: dark){:root{--paper:#000;}}"
    )
    assert style.stamp != plain.static("style.css").stamp
    logo = themed.static("logo")
    assert (logo.body, logo.media_type) == (b"<svg/>", "image/svg+xml")
    assert plain.static("logo") is None
    page = html.fromstring(themed.message("Gone", "It is gone."))
    assert page.xpath("//a[@class='name']/img/@alt") == [site.name]
    assert json.loads(themed.manifest())["theme_color"] == "#0b5394"


def test_signs_of_trust_are_shown_as_the_newsroom_sent_them(pages, stored):
    cv = "http://cv.iptc.org/newscodes/digitalsourcetype/"
    told = stored(
        extra={
            "digitalsourcetype": {"uri": f"{cv}trainedAlgorithmicMedia"},
            "trustindicator": [
                {"title": "JTI certified", "href": "https://jti.example/1"},
                {"title": "<b>Bad</b>", "href": "javascript:alert(1)"},
                7,
            ],
            "c2pa": {"manifest": "https://news.example/claim.c2pa"},
        },
        associations={
            "lead": {"digitalSourceType": {"uri": f"{cv}digitalCapture"}},
            "none": None,
        },
    )
    page = html.fromstring(pages.article(told, ()).decode())
    linked = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))
    name = "TrainedAlgorithmicMediaDigitalSource"
    assert linked["digitalSourceType"] == f"https://schema.org/{name}"
    signs = {one.text_content(): one.xpath("a/@href") for one in page.xpath("//ul/li")}
    assert signs == {
        "How it was made: made by a trained model (AI)": [],
        "How a picture or file was made: captured by a camera or recorder": [],
        "Trust indicator: JTI certified": ["https://jti.example/1"],
        "Trust indicator: <b>Bad</b>": [],
        "Content credentials (C2PA): https://news.example/claim.c2pa": [
            "https://news.example/claim.c2pa"
        ],
    }


@pytest.mark.parametrize(
    "extra",
    [
        {"trustIndicators": [{"title": "<script>alert(1)</script>" * 99}] * 10_000},
        {"digitalSourceType": [{"name": "javascript:alert(1)//" + "x" * 99_999}] * 10_000},
        {"c2pa": [{"manifest": "javascript:alert(1)"}, {"manifest": " data:text/html,x"}] * 999},
        {"trustIndicators": {"title": {"title": []}}, "digitalSourceType": [[["x"]], None, True]},
    ],
)
def test_hostile_signs_of_trust_are_few_short_and_lead_nowhere(pages, stored, extra):
    body = pages.article(stored(extra=extra), ())
    page = html.fromstring(body.decode())
    assert len(page.xpath("//ul[@class='related']/li")) <= 20
    assert not page.xpath("//ul[@class='related']//a")
    assert b"<script>alert" not in body
    assert len(body) < 30_000
    assert b"digitalSourceType" not in body


def test_a_first_version_is_not_called_updated(pages, stored):
    later = NOW + timedelta(hours=2)
    assert b"Updated" not in pages.article(stored(version_created=later), ())
    assert b"Updated" in pages.article(stored(revision=2, version_created=later), ())
    # Its newsroom dates each version, and nothing else.
    assert b"Updated" in pages.article(stored(revision=2, first_received_at=NOW), ())
    flash_with_its_tags = stored(revision=2)
    assert b"Updated" not in pages.article(flash_with_its_tags, ())


def test_what_changed_is_told_where_words_did(pages, stored):
    before, after = (stored(revision=2, first_received_at=NOW, body_text=text) for text in "ab")
    changes = steps([before.article, after.article])[:1]
    link = b'/history">What changed'
    assert link in pages.article(after, (), changes=changes)
    assert link not in pages.article(after, ())


def test_a_page_tells_the_script_where_views_go_and_nothing_else_when_they_go_nowhere(
    article, site
):
    counted = html.fromstring(
        Pages(site, "https://in.example/v1/views", Pictures(site)).article(article, ())
    )
    body = counted.find("body")
    assert body.get("data-views") == "https://in.example/v1/views"
    assert body.get("data-article") == "abcdefghijklmnop"
    silent = html.fromstring(Pages(site, None, Pictures(site)).article(article, ()))
    assert silent.find("body").get("data-views") is None


def test_a_listing_follows_the_live_stream_of_its_own_term(pages, stored):
    section = Listing("Øst", "/sections/ost", "/sections/ost", (stored(),), term=("section", "ost"))
    page = html.fromstring(pages.listing(section, (), kind="Section").decode())
    assert page.find("body").get("data-stream") == "/v1/stream?section=ost"
    front = Listing("Latest", "/", "/latest", (stored(),))
    page = html.fromstring(pages.listing(front, ()).decode())
    assert page.find("body").get("data-stream") == "/v1/stream"


def test_the_first_stories_of_a_section_have_pictures_and_none_says_its_own_section(pages, stored):
    picture = {"href": "https://news.example/assets/x", "alt": "A crane", "width": 3, "height": 2}
    shown = (stored(section="Sport", images=[picture]),) * 50
    section = Listing(
        "Sport", "/sections/sport", "/sections/sport", shown, term=("section", "sport")
    )
    page = html.fromstring(pages.listing(section, (), kind="Section").decode())
    assert page.xpath("//article//a[@class='kicker']") == []
    photos = page.xpath("//article//img")
    assert len(photos) == PICTURED
    assert [photo.get("loading") for photo in photos] == [None] + ["lazy"] * (PICTURED - 1)
    tag = Listing("Ski", "/tags/ski", "/tags/ski", shown, term=("tag", "ski"))
    page = html.fromstring(pages.listing(tag, (), kind="Topic").decode())
    assert len(page.xpath("//article/a[@class='kicker']")) == 50


def test_an_empty_listing_says_so(pages):
    page = pages.listing(Listing("Sport", "/sections/sport", "/sections/sport", ()), ())
    assert b"Nothing has been published here yet." in page


def test_no_page_has_a_script_or_style_of_its_own_in_it(pages, article):
    page = html.fromstring(pages.article(article, popular(article)).decode())
    scripts = page.xpath("//script[not(@src) and not(@type='application/ld+json')]")
    assert scripts == []
    assert page.xpath("//style | //@style | //@onclick") == []


def test_static_addresses_change_with_the_content(pages, article):
    page = html.fromstring(pages.article(article, ()).decode())
    assert page.xpath("//script/@src") == [
        f"/static/reader.js?v={static_files()['reader.js'].stamp}"
    ]


@pytest.mark.parametrize("is_set", [True, None])
def test_an_article_points_search_engines_to_its_source_where_that_is_set(pages, stored, is_set):
    theirs, ours = "https://desk.example/a?b=1&c", "https://news.example/articles/abcdefghijklmnop"
    shown = stored(canonical_url=theirs, canonical_at_source=is_set)
    page = html.fromstring(pages.article(shown, ()).decode())
    data = json.loads(page.findtext(".//script[@type='application/ld+json']"))
    addresses = [
        page.find(".//link[@rel='canonical']").get("href"),
        page.find(".//meta[@property='og:url']").get("content"),
        data["url"],
        data["mainEntityOfPage"],
    ]
    assert addresses == [theirs if is_set else ours] * 4


def test_newsrooms_are_organisations_and_people_persons(pages, stored):
    names = ("Ida Holm", "The Harbour Post Staff", "AFP", "Demo", "Evening Mail")
    article = stored(
        authors=tuple(Author(name=name) for name in names),
        extra={"feed": {"title": "Evening Mail"}},
    )
    page = html.fromstring(pages.article(article, ()).decode())
    data = json.loads(page.findtext(".//script[@type='application/ld+json']"))
    assert {author["name"]: author["@type"] for author in data["author"]} == {
        name: "Person" if name == "Ida Holm" else "Organization" for name in names
    }
