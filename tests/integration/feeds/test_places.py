"""Pages about entities, stories, days and the site itself, and the sitemaps of all of them."""

import pytest
from lxml import etree, html

from newsman.feeds.catalogue.index import Catalogue
from newsman.site.site_file import SiteFile
from newsman_schemas.articles import Entity, Story, article_id

from .press import Press
from .serving import serving

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ENTITY = {"type": "place", "mentions": 1, "confidence": 1, "method": "t"}
LISBON = Entity(name="Lisbon", slug="lisbon", identifier="2267057", scheme="geonames", **ENTITY)
TAGUS = Entity(name="Tagus", slug="tagus", **ENTITY)
PORTO = Entity(name="Porto", slug="porto", **ENTITY)
FERRY = Story(id=article_id("demo", "ferry"), role="original")


@pytest.fixture
def catalogue():
    made = Catalogue()
    made.is_whole = True
    yield made
    made.close()


@pytest.fixture
def site_file(tmp_path):
    (tmp_path / "about.html").write_text("<p>We are the harbour.</p>")
    path = tmp_path / "site.toml"
    path.write_text(
        '[sources]\ndemo = "The Harbour Post"\n'
        '[[pages]]\nslug = "about"\ntitle = "About us"\nfile = "about.html"\n'
    )
    return SiteFile(path)


@pytest.fixture
def http(redis_url, namespace, catalogue, site_file):
    with serving(redis_url, namespace, catalogue=catalogue, site_file=site_file) as client:
        yield client


@pytest.fixture
def press(desk, catalogue) -> Press:
    press = Press(desk, catalogue, {})
    press.publish("ferry", hours=-50, headline="A ferry sails", story=FERRY,
                  entities=(LISBON, TAGUS))  # fmt: skip
    press.publish("more", hours=-26, headline="More ferries", entities=(LISBON, TAGUS),
                  story=FERRY.model_copy(update={"role": "follow-up"}))  # fmt: skip
    press.publish("last", headline="Ferries everywhere", entities=(LISBON, PORTO), story=None)
    return press


def said(page: html.HtmlElement, path: str) -> str:
    return " ".join(" ".join(" ".join(found.itertext()) for found in page.xpath(path)).split())


def test_the_page_of_an_entity_says_what_it_is_and_when_and_with_whom_it_was_named(http, press):
    page = html.fromstring(http.get("/entities/lisbon").content)
    facts = said(page, "//div[@class='facts']")
    assert "What Place GeoNames 2267057 Stories 3" in facts
    assert "First named 28 February 2026, 10:00 UTC Last named 2 March 2026, 12:00 UTC" in facts
    assert "Often named with: Tagus , Porto" in facts
    assert page.xpath("//dd/a/@href")[0] == "https://www.geonames.org/2267057"
    assert "Stories a day in the last 30 days" in said(page, "//*[local-name()='svg']")


def test_what_is_killed_is_the_first_of_nothing(http, press):
    press.kill("ferry", entities=(LISBON, TAGUS))
    page = http.get("/entities/lisbon").text
    assert "First named" not in page
    assert article_id("demo", "ferry") not in page
    press.tell_of_the_kill("ferry")
    facts = said(html.fromstring(http.get("/entities/lisbon").content), "//div[@class='facts']")
    assert "First named 1 March 2026, 10:00 UTC" in facts


def test_the_page_of_a_story_tells_it_in_order(http, press):
    answer = http.get(f"/stories/{FERRY.id}")
    page = html.fromstring(answer.content)
    assert page.findtext(".//h1") == "A ferry sails"
    steps = [" ".join(step.text_content().split()) for step in page.xpath("//ol/li")]
    assert [step.split(" A ferry.")[0] for step in steps] == [
        "28 February 2026, 10:00 UTC · The Harbour Post A ferry sails",
        "1 March 2026, 10:00 UTC · The Harbour Post · Follow-up More ferries",
    ]
    assert http.get(f"/stories/{FERRY.id}.json").json()["title"].startswith("A ferry sails")
    assert http.get(f"/stories/{'a' * 16}").status_code == 404


def test_the_archive_leads_from_months_to_days_and_their_stories(http, press):
    page = html.fromstring(http.get("/archive").content)
    assert said(page, "//h1") == "Archive: March 2026"
    days = page.xpath("//ul[@class='index']//a/@href")
    assert days == ["/archive/2026-03-01", "/archive/2026-03-02"]
    assert "/archive/2026-02" in page.xpath("//ul[@class='chips']//a/@href")
    assert "28 February 1" in said(html.fromstring(http.get("/archive/2026-02").content), "//li")
    first = html.fromstring(http.get("/archive/2026-03-01").content)
    assert [said(one, ".") for one in first.xpath("//article//h2")] == ["More ferries"]
    for wrong in ("2026-13", "2026-02-30", "0000-01-01", "9999-12", "x"):
        assert http.get(f"/archive/{wrong}").status_code == 404


def test_the_sitemaps_name_everything_that_may_be_seen(http, press):
    def locations(path: str) -> list[str]:
        answer = http.get(path)
        assert answer.status_code == 200, path
        found = etree.fromstring(answer.content).iter(f"{SITEMAP}loc")
        return [loc.text.removeprefix("https://news.example") for loc in found]

    index = locations("/sitemap.xml")
    assert {
        "/sitemap-news.xml",
        "/sitemap-articles-2026-03-1.xml",
        "/sitemap-articles-2026-02-1.xml",
    } <= set(index)
    articles = locations("/sitemap-articles-2026-03-1.xml") + locations(
        "/sitemap-articles-2026-02-1.xml"
    )
    ids = [article_id("demo", name) for name in ("last", "more", "ferry")]
    assert articles == [f"/articles/{one}" for one in ids]
    places = locations("/sitemap-places.xml")
    assert {"/about", "/entities/lisbon", "/sources/demo", "/archive"} <= set(places)
    for path in places:
        assert http.get(path).status_code == 200, path
    for nothing in ("2026-13-1", "2026-03-2", "1999-01-1"):
        assert http.get(f"/sitemap-articles-{nothing}.xml").status_code == 404


def test_robots_leave_alone_what_is_not_for_them(http):
    lines = http.get("/robots.txt").text.splitlines()
    assert {"Disallow: /search", "Disallow: /statistics", "Disallow: /v1/"} <= set(lines)
    assert "Sitemap: https://news.example/sitemap.xml" in lines


def test_the_sites_own_pages_and_names_come_from_its_file(http, press, site_file, tmp_path):
    page = html.fromstring(http.get("/about").content)
    assert said(page, "//h1") == "About us"
    assert said(page, "//div[@class='body']") == "We are the harbour."
    assert "/about" in html.fromstring(http.get("/").content).xpath("//footer//a/@href")
    assert "The Harbour Post" in http.get("/sources").text
    assert "<h1>The Harbour Post</h1>" in http.get("/sources/demo").text
    for path in ("/search?source=demo", "/popular?source=demo", "/opml", "/sources/demo.rss"):
        assert "The Harbour Post" in http.get(path).text, path
    assert http.get("/contact").status_code == 404
