"""`?collapse=story` at every list, and the others of a story at its article, over HTTP."""

from urllib.parse import urlsplit

import feedparser
import pytest

LISTS = ("/", "/latest.rss", "/latest.atom", "/latest.json", "/search?section=sport")
LISTS += ("/sections/sport", "/sections/sport.rss", "/tags/cup.atom", "/entities/oslo.json")
LISTS += ("/sources/demo", "/feed?tag=cup", "/feed?tag=cup&format=rss", "/search?q=ferry")
LISTS += ("/v1/articles", "/v1/articles?section=sport&tag=cup", "/v1/articles?q=ferry")


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
def test_one_article_stands_for_a_story_in_every_list(site_http, story, path):
    assert "News of first" in site_http.get(path).text
    answer = site_http.get(collapsed(path))
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
def test_the_entry_links_to_the_others(site_http, story, path, links):
    (entry,) = feedparser.parse(site_http.get(collapsed(path)).content).entries
    related = {link.href: link.title for link in entry.links if link.rel == "related"}
    assert related == {
        f"https://news.example/articles/{story['first']}": "demo: News of first",
        f"https://news.example/articles/{story['copy']}": "other: News of copy",
        f"https://news.example/articles/{story['second copy']}": "third: News of second copy",
    }


def test_the_api_tells_how_many_there_are_and_none_that_was_killed_a_moment_ago(
    site_http, press, story
):
    (item,) = site_http.get("/v1/articles?collapse=story").json()["items"]
    assert item["id"] == story["update"]
    assert item["others"]["count"] == 3
    assert [(one["source"], one["role"]) for one in item["others"]["newest"]] == [
        ("third", "copy"),
        ("other", "copy"),
        ("demo", "original"),
    ]
    press.kill("copy", source="other")
    for path in ("/v1/articles?collapse=story", f"/v1/articles/{story['update']}"):
        told = site_http.get(path).json()
        others = (told["items"][0] if "items" in told else told)["others"]
        assert others["count"] == 2
        assert story["copy"] not in [one["id"] for one in others["newest"]]


def test_an_article_page_says_who_else_reports_it_until_that_is_killed(site_http, press, story):
    page = site_http.get(f"/articles/{story['first']}").text
    assert "Also reported by" in page
    assert f'other: <a href="/articles/{story["copy"]}">News of copy</a>' in page
    assert "demo: <a" not in page
    press.kill("copy", source="other")
    assert "News of copy" not in site_http.get(f"/articles/{story['first']}").text


def test_all_articles_of_a_story_have_an_address(site_http, story):
    told = site_http.get(f"/v1/articles/{story['copy']}").json()
    address = urlsplit(told["links"]["story"])
    items = site_http.get(f"{address.path}?{address.query}").json()["items"]
    assert {item["id"] for item in items} == set(story.values())


def test_who_follows_a_list_of_stories_is_told_what_stands_and_what_moved(site_http, press, story):
    begun = site_http.get("/v1/articles?collapse=story&since=0").json()
    assert [item["id"] for item in begun["items"]] == [story["update"]]
    since = urlsplit(begun["next"])
    press.kill("update")
    press.tell_of_the_kill("update")
    changes = site_http.get(f"{since.path}?{since.query}").json()
    assert [item["id"] for item in changes["items"]] == [story["first"]]
    assert [(one["id"], one["status"]) for one in changes["gone"]] == [(story["update"], "killed")]


def test_pages_of_stories_lead_from_one_to_the_next(site_http, press, story):
    for number in range(3):
        press.publish(f"alone {number}", "follow-up", hours=-number)
    first = site_http.get("/v1/articles?limit=1&collapse=story").json()
    assert "collapse=story" in first["next"]
    feed = feedparser.parse(site_http.get("/sections/sport.atom?limit=1&collapse=story").content)
    onward = urlsplit(next(link.href for link in feed.feed.links if link.rel == "next"))
    assert "collapse=story" in onward.query
    assert site_http.get(f"{onward.path}?{onward.query}").status_code == 200
    page = site_http.get("/search?section=sport&limit=1&collapse=story").text
    assert "/search?section=sport&amp;collapse=story&amp;before=" in page


@pytest.mark.parametrize("path", ["/v1/articles?collapse=all", "/latest.rss?collapse="])
def test_another_way_to_collapse_is_refused(site_http, story, path):
    assert site_http.get(path).status_code == 400
