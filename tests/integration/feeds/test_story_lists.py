"""`?collapse=story` at every list, and the others of a story at its article, over HTTP."""

import contextlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import feedparser
import pytest
from starlette.testclient import TestClient

from newsman.feeds.api import api_routes
from newsman.feeds.application import build_web, security_headers
from newsman.feeds.catalogue import Catalogue, Told
from newsman.feeds.core import Site
from newsman.feeds.finding import Finder
from newsman.feeds.listing_web import ListingRoutes
from newsman.feeds.listings import Listings
from newsman.feeds.pages import Pages
from newsman.feeds.search_web import SearchRoutes
from newsman.feeds.tombstones import TombstoneReader
from newsman.feeds.web import Front
from newsman.rankings.ranking import Rankings
from newsman.redis.articles import ArticleReader
from newsman.redis.client import build_async_client
from newsman_schemas.articles import ArticlePublished, Entity, Story, Tag, article_id

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SITE = Site("https://news.example", "The Example")
LISTS = ("/", "/latest.rss", "/latest.atom", "/latest.json", "/search?section=sport")
LISTS += ("/sections/sport", "/sections/sport.rss", "/tags/cup.atom", "/entities/oslo.json")
LISTS += ("/sources/demo", "/feed?tag=cup", "/feed?tag=cup&format=rss", "/search?q=ferry")
LISTS += ("/v1/articles", "/v1/articles?section=sport&tag=cup", "/v1/articles?q=ferry")
KINDS = {
    "section": "Sport",
    "tags": (Tag(name="Cup", slug="cup", confidence=1, method="test"),),
    "entities": (
        Entity(name="Oslo", slug="oslo", type="place", mentions=1, confidence=1, method="test"),
    ),
}


class Press:
    """Publishes to the store and tells the catalogue, as publish and Kafka would."""

    def __init__(self, desk, catalogue: Catalogue) -> None:
        self._desk = desk
        self._catalogue = catalogue
        self._told = 0

    def publish(self, name: str, role: str, *, source: str = "demo", hours: int = 0) -> str:
        at = NOW + timedelta(hours=hours)
        fields = {
            **KINDS,
            "id": article_id(source, name),
            "source": source,
            "body_text": "A ferry.",
            "published_at": at,
            "story": Story(id=article_id("demo", "first"), role=role),
        }
        self._desk.publish(name, at=at, **fields)
        self._tell(name, source, "published", 1, article=self._desk.article(name, **fields))
        return fields["id"]

    def kill(self, name: str, *, source: str = "demo") -> None:
        """The store knows at once, the catalogue does not."""
        self._desk.take_away(name, id=article_id(source, name), source=source, **KINDS)

    def tell_of_the_kill(self, name: str, *, source: str = "demo") -> None:
        self._tell(name, source, "killed", 2)

    def _tell(self, name: str, source: str, action: str, revision: int, *, article=None) -> None:
        event = ArticlePublished(
            event_id=f"{name}-{revision}",
            occurred_at=NOW,
            action=action,
            revision=revision,
            article_id=article_id(source, name),
            source=source,
            uri=name,
            version=1,
            article=article,
        )
        self._catalogue.write([Told(0, self._told, event)], {0: self._told + 1})
        self._told += 1


@pytest.fixture
def catalogue():
    made = Catalogue()
    made.is_whole = True
    yield made
    made.close()


@pytest.fixture
def http(redis_url, namespace, catalogue):
    client = build_async_client(redis_url)
    listings = Listings(
        ArticleReader(client, namespace),
        Rankings(client, namespace, 4),
        TombstoneReader(client, namespace),
    )
    finder, pages = Finder(catalogue, listings.articles), Pages(SITE, None)
    front = Front(listings, finder, pages, SITE, security_headers(None))

    @contextlib.asynccontextmanager
    async def lifespan(_):
        yield
        await client.aclose()

    more = [*api_routes(listings, finder, SITE), *SearchRoutes(front, finder, pages).routes()]
    routes = ListingRoutes(front, listings, finder, pages)
    with TestClient(build_web(front, routes, more, lifespan=lifespan)) as http:
        yield http


@pytest.fixture
def press(desk, catalogue) -> Press:
    return Press(desk, catalogue)


@pytest.fixture
def story(press) -> dict[str, str]:
    """A story: its original, two copies from elsewhere, and an update."""
    return {
        "first": press.publish("first", "original"),
        "copy": press.publish("copy", "copy", source="other", hours=1),
        "second copy": press.publish("second copy", "copy", source="third", hours=2),
        "update": press.publish("update", "update", hours=3),
    }


def collapsed(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}collapse=story"


@pytest.mark.parametrize("path", LISTS)
def test_one_article_stands_for_a_story_in_every_list(http, story, path):
    assert "News of first" in http.get(path).text
    answer = http.get(collapsed(path))
    assert answer.status_code == 200
    shown = [n for n in story if f">News of {n}<" in answer.text or f'"News of {n}"' in answer.text]
    if "q=" in path:
        assert len(shown) == 1
    else:
        assert shown[-1] == "update"
        assert "/articles/" + story["copy"] in answer.text


@pytest.mark.parametrize(
    ("path", "links"),
    [
        ("/latest.rss", "rss"),
        ("/latest.atom", "atom"),
    ],
)
def test_the_entry_links_to_the_others(http, story, path, links):
    (entry,) = feedparser.parse(http.get(collapsed(path)).content).entries
    related = {link.href: link.title for link in entry.links if link.rel == "related"}
    assert related == {
        f"https://news.example/articles/{story['first']}": "demo: News of first",
        f"https://news.example/articles/{story['copy']}": "other: News of copy",
        f"https://news.example/articles/{story['second copy']}": "third: News of second copy",
    }


def test_the_api_tells_how_many_there_are_and_none_that_was_killed_a_moment_ago(http, press, story):
    (item,) = http.get("/v1/articles?collapse=story").json()["items"]
    assert item["id"] == story["update"]
    assert item["others"]["count"] == 3
    assert [(one["source"], one["role"]) for one in item["others"]["newest"]] == [
        ("third", "copy"),
        ("other", "copy"),
        ("demo", "original"),
    ]
    press.kill("copy", source="other")
    for path in ("/v1/articles?collapse=story", f"/v1/articles/{story['update']}"):
        told = http.get(path).json()
        others = (told["items"][0] if "items" in told else told)["others"]
        assert others["count"] == 2
        assert story["copy"] not in [one["id"] for one in others["newest"]]


def test_an_article_page_says_who_else_reports_it_until_that_is_killed(http, press, story):
    page = http.get(f"/articles/{story['first']}").text
    assert "Also reported by" in page
    assert f'other: <a href="/articles/{story["copy"]}">News of copy</a>' in page
    assert "demo: <a" not in page
    press.kill("copy", source="other")
    assert "News of copy" not in http.get(f"/articles/{story['first']}").text


def test_all_articles_of_a_story_have_an_address(http, story):
    told = http.get(f"/v1/articles/{story['copy']}").json()
    address = urlsplit(told["links"]["story"])
    items = http.get(f"{address.path}?{address.query}").json()["items"]
    assert {item["id"] for item in items} == set(story.values())


def test_who_follows_a_list_of_stories_is_told_what_stands_and_what_moved(http, press, story):
    begun = http.get("/v1/articles?collapse=story&since=0").json()
    assert [item["id"] for item in begun["items"]] == [story["update"]]
    since = urlsplit(begun["next"])
    press.kill("update")
    press.tell_of_the_kill("update")
    changes = http.get(f"{since.path}?{since.query}").json()
    assert [item["id"] for item in changes["items"]] == [story["first"]]
    assert [(one["id"], one["status"]) for one in changes["gone"]] == [(story["update"], "killed")]


def test_pages_of_stories_lead_from_one_to_the_next(http, press, story):
    for number in range(3):
        press.publish(f"alone {number}", "follow-up", hours=-number)
    first = http.get("/v1/articles?limit=1&collapse=story").json()
    assert "collapse=story" in first["next"]
    feed = feedparser.parse(http.get("/sections/sport.atom?limit=1&collapse=story").content)
    onward = urlsplit(next(link.href for link in feed.feed.links if link.rel == "next"))
    assert "collapse=story" in onward.query
    assert http.get(f"{onward.path}?{onward.query}").status_code == 200
    page = http.get("/search?section=sport&limit=1&collapse=story").text
    assert "/search?section=sport&amp;collapse=story&amp;before=" in page


@pytest.mark.parametrize("path", ["/v1/articles?collapse=all", "/latest.rss?collapse="])
def test_another_way_to_collapse_is_refused(http, story, path):
    assert http.get(path).status_code == 400
