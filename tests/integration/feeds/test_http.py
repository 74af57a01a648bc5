"""Pages, feeds and API over the real store."""

from datetime import datetime, timedelta

import feedparser
import pytest

from newsman.outputs import FORMATS
from newsman_schemas.articles import Tag

from .conftest import CUP, NOW
from .serving import serving

EXITS = ("/", "/latest.rss", "/latest.atom", "/latest.json", "/popular", "/popular.rss")
EXITS += ("/sections/sport", "/sections/sport.rss", "/tags/cup.atom", "/entities/oslo.json")
EXITS += ("/latest.ninjs", "/latest.ninjs?version=3.1", "/tags/cup.ninjs?version=2.2")
EXITS += ("/v1/articles", "/v1/articles?section=sport", "/v1/popular?window=1h")


@pytest.fixture
def http(redis_url, namespace):
    with serving(redis_url, namespace) as http:
        yield http


@pytest.mark.parametrize("path", [*EXITS, "/index.rss", "/feed.json"])
def test_a_published_article_is_at_every_exit(http, cup, path):
    answer = http.get(path)
    assert answer.status_code == 200
    assert "News of cup" in answer.text


@pytest.mark.parametrize("status", ["killed", "withheld", "expired"])
def test_an_article_taken_away_leaves_every_exit_at_once(http, desk, cup, status):
    for path in EXITS:
        assert "News of cup" in http.get(path).text
    desk.take_away("cup", status, **CUP)
    for path in EXITS:
        answer = http.get(path)
        assert answer.status_code == 200
        assert "News of cup" not in answer.text


def test_an_article_taken_away_is_answered_410_without_its_text(http, desk, cup):
    desk.take_away("cup", **CUP)
    page, told = http.get(f"/articles/{cup}"), http.get(f"/v1/articles/{cup}")
    assert (page.status_code, told.status_code) == (410, 410)
    assert "withdrawn" in page.text
    assert "News of cup" not in page.text + told.text
    assert told.headers["content-type"] == "application/problem+json"
    assert [stage["stage"] for stage in told.json()["trail"]] == ["published"]


@pytest.mark.parametrize("version", ["", "?version=1.6", "?version=2.2", "?version=3.1"])
def test_an_article_is_an_item_of_ninjs_until_it_is_gone(http, desk, cup, version):
    address = f"/articles/{cup}.ninjs{version}"
    answer = http.get(address)
    assert answer.headers["content-type"] == "application/vnd.iptc.ninjs+json"
    assert "News of cup" in answer.text
    again = http.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    desk.take_away("cup", **CUP)
    gone = http.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert gone.status_code == 410
    assert "News of cup" not in gone.text
    assert "canceled" in (gone.json().get("pubstatus"), gone.json().get("pubStatus"))


@pytest.mark.parametrize(
    "path",
    [
        "/latest.ninjs?version=4",
        "/latest.rss?version=2",
        "/popular.ninjs?version=x",
        "/tags/cup.ninjs?version=x",
        "/articles/aaaaaaaaaaaaaaaa.ninjs?version=x",
    ],
)
def test_a_version_that_no_format_has_is_named(http, cup, path):
    answer = http.get(path)
    assert answer.status_code == 400
    assert "version" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/articles/aaaaaaaaaaaaaaaa",
        "/articles/aaaaaaaaaaaaaaaa.ninjs",
        "/articles/aaaaaaaaaaaaaaaa.rss",
        "/sections/nothing",
        "/tags/nothing.rss",
        "/entities/nothing.json",
        "/nothing",
        "/nothing.rss",
        "/static/core.py",
        "/latest.exe",
        "/v2/x/y",
    ],
)
def test_what_never_was_is_a_page_that_says_404(http, cup, path):
    answer = http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/v1/articles/aaaaaaaaaaaaaaaa", "/v1/nothing"])
def test_under_v1_a_404_is_a_problem(http, cup, path):
    answer = http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_section_that_is_known_but_empty_is_an_empty_feed(http, desk, cup):
    desk.take_away("cup", **CUP)
    answer = http.get("/sections/sport.rss")
    assert answer.status_code == 200
    assert feedparser.parse(answer.content).entries == []


@pytest.mark.parametrize("path", [*EXITS, "/articles/{id}", "/v1/articles/{id}"])
def test_without_the_whole_store_nothing_is_called_empty_or_missing(http, desk, cup, path):
    assert http.get(path.format(id=cup)).status_code == 200
    desk.client.delete(desk.keys.marker)
    answer = http.get(path.format(id=cup))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("path", "media_type"), [("/", "text/html"), ("/v1/articles", "application/problem+json")]
)
def test_without_redis_the_answer_is_503_until_it_is_back(own_valkey, path, media_type):
    with serving(own_valkey.url, "t") as http:
        own_valkey.kill()
        answer = http.get(path)
        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith(media_type)
        assert "retry-after" in answer.headers


@pytest.mark.parametrize("path", ["/", "/latest.rss", "/sections/sport.json", "/articles/{id}"])
def test_a_reader_that_has_it_all_is_told_so(http, cup, path):
    path = path.format(id=cup)
    first = http.get(path)
    assert first.headers["etag"]
    assert first.headers["last-modified"]
    by_tag = http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (by_tag.status_code, by_tag.content) == (304, b"")
    since = http.get(path).headers["last-modified"]
    assert http.get(path, headers={"If-Modified-Since": since}).status_code == 304


def test_a_change_is_seen_by_tag_and_by_date(http, desk, cup):
    before = http.get("/latest.rss")
    desk.publish("cup", revision=2, version=2, headline="News of the final", **CUP)
    for header, value in (
        ("If-None-Match", before.headers["etag"]),
        ("If-Modified-Since", before.headers["last-modified"]),
    ):
        after = http.get("/latest.rss", headers={header: value})
        assert after.status_code == 200
        assert "News of the final" in after.text


def test_a_feed_that_nothing_has_changed_in_is_not_read_from_the_store_again(http, desk, cup):
    first = http.get("/latest.rss").content
    desk.client.delete(desk.keys.index("latest"))
    assert http.get("/latest.rss?any=thing").content == first


def test_head_answers_as_get_without_a_body(http, cup):
    head, get = http.head("/latest.rss"), http.get("/latest.rss")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"]


def test_pages_carry_a_strict_policy_and_no_cookie(http, cup):
    for path in ("/", "/latest.rss", f"/articles/{cup}", "/popular", "/nothing"):
        headers = http.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "connect-src 'self' https://in.example;" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in headers


def test_static_files_may_be_kept_for_ever(http):
    answer = http.get("/static/style.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]


def test_listings_are_newest_first(http, desk):
    for hours, name in enumerate(("newest", "middle", "oldest")):
        desk.publish(name, at=NOW - timedelta(hours=hours))
    entries = feedparser.parse(http.get("/latest.rss").content).entries
    assert [e.title for e in entries] == ["News of newest", "News of middle", "News of oldest"]
    paged = http.get("/v1/articles", params={"limit": 1, "offset": 1}).json()["items"]
    assert [item["headline"] for item in paged] == ["News of middle"]


def test_a_page_under_a_name_in_another_script_is_found(http, desk):
    tag = Tag(name="北京", slug="北京", confidence=1, method="test")
    desk.publish("beijing", tags=(tag,))
    assert "News of beijing" in http.get("/tags/北京").text
    feed = feedparser.parse(http.get("/tags/北京.rss").content)
    assert feed.feed.link == "https://news.example/tags/%E5%8C%97%E4%BA%AC"


def test_an_article_tells_its_trail_its_links_and_its_counts(http, cup):
    told = http.get(f"/v1/articles/{cup}").json()
    assert told["headline"] == "News of cup"
    assert told["revision"] == 1
    assert told["popularity"]["24h"] == {"views": 12, "readers": 7}
    assert set(told["popularity"]) == {"15m", "1h", "24h", "7d", "30d", "all"}
    assert told["links"]["page"] == f"https://news.example/articles/{cup}"
    (stage,) = told["trail"]
    assert (stage["stage"], stage["service"], stage["version"]) == ("published", "publish", 1)


def test_the_popular_are_ranked_over_all_partitions_and_say_what_they_are(http, desk):
    articles = [desk.publish(f"story {n}", section="Øst") for n in range(4)]
    for number, article in enumerate(articles):
        desk.count(article, 10 * (number + 1), number + 1, partition=number)
    told = http.get("/v1/popular", params={"window": "7d", "limit": 3}).json()
    assert told["window"] == "7d"
    assert datetime.fromisoformat(told["as_of"]).tzinfo
    assert [(item["rank"], item["views"], item["readers"]) for item in told["items"]] == [
        (1, 40, 4),
        (2, 30, 3),
        (3, 20, 2),
    ]
    assert told["items"][0] == {
        "rank": 1,
        "id": articles[3],
        "headline": "News of story 3",
        "url": f"https://news.example/articles/{articles[3]}",
        "section": "Øst",
        "views": 40,
        "readers": 4,
        "why": {"score": 40, "velocity": 160, "filtered_share": 0, "pinned": False}
        | {"attention": None},
    }


def test_the_popular_are_there_for_any_combination_in_every_format(http, desk, cup):
    others = {
        "league": {"section": "Sport", "byline": "Mira Holt"},
        "final": {"section": "Sport", "byline": "Mira Holt", "tags": CUP["tags"]},
        "opera": {"section": "Arts", "byline": "Mira Holt"},
    }
    for views, (name, fields) in enumerate(others.items(), start=20):
        desk.count(desk.publish(name, **fields), views, 3)

    def titles(path: str) -> list[str]:
        return [item["title"].removeprefix("News of ") for item in http.get(path).json()["items"]]

    assert titles("/popular.json?window=1h") == ["opera", "final", "league", "cup"]
    assert titles("/popular.json?window=1h&section=sport") == ["final", "league", "cup"]
    assert titles("/popular.json?author=mira-holt") == ["opera", "final", "league"]
    both = "section=sport&tag=cup&author=mira-holt"
    assert titles(f"/popular.json?{both}") == ["final"]
    feed = http.get("/feed?window=7d&section=sport&tag=cup&format=json").json()
    assert [item["title"] for item in feed["items"]] == ["News of final", "News of cup"]
    canonical = "https://news.example/popular.json?window=7d&section=sport&tag=cup"
    assert feed["feed_url"] == canonical
    for extension in FORMATS:
        answer = http.get(f"/popular.{extension}?window=1h&{both}")
        assert answer.status_code == 200, extension
        assert "News of final" in answer.text
        assert "News of league" not in answer.text
    page = http.get(f"/popular?window=1h&{both}").text
    assert "News of final" in page
    assert "News of league" not in page
    assert "/popular?window=7d&amp;section=sport&amp;tag=cup" in page


def test_the_popular_are_as_many_as_asked_for_however_many_above_them_are_gone(http, desk):
    for number in range(130):
        gone = desk.publish(f"gone {number}")
        desk.count(gone, 1_000 + number, partition=number % 4)
        desk.take_away(f"gone {number}")
    for number in range(3):
        desk.count(desk.publish(f"here {number}"), 3 - number)
    items = http.get("/v1/popular", params={"limit": 3}).json()["items"]
    assert [item["headline"] for item in items] == [f"News of here {n}" for n in range(3)]
    assert [item["rank"] for item in items] == [1, 2, 3]


@pytest.mark.parametrize("section", ["Sport", "sport", "SPORT"])
def test_the_popular_of_a_section_are_only_its_own(http, desk, cup, section):
    desk.count(desk.publish("opera", section="Arts"), 100)
    items = http.get("/v1/popular", params={"section": section}).json()["items"]
    assert [item["headline"] for item in items] == ["News of cup"]
    assert items[0]["rank"] == 1


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/popular?window=2h", "window"),
        ("/v1/popular?limit=0", "limit"),
        ("/v1/popular?limit=101", "limit"),
        ("/v1/popular?limit=many", "limit"),
        ("/v1/popular?limit=-1", "limit"),
        ("/v1/popular?limit=" + "9" * 5_000, "limit"),
        ("/v1/articles?offset=1e3", "offset"),
        ("/v1/articles?offset=" + "0" * 30 + "9" * 30, "offset"),
        ("/v1/articles?section=a&before=b", "before"),
        ("/v1/articles?since=x", "since"),
        ("/v1/articles?published_after=yesterday", "published_after"),
        ("/v1/articles?published_before=2026-03-02T12:00:00", "published_before"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(http, cup, path, parameter):
    answer = http.get(path)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{parameter}"]


def test_a_window_that_is_none_is_a_page_elsewhere(http, cup):
    answer = http.get("/popular?window=2h")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")


def test_only_reading_is_allowed(http, cup):
    answer = http.post("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


ALIASES = {
    "/latest.atom?limit=50&utm_source=mail": "/latest.atom",
    "/index.rss?limit=20": "/latest.rss?limit=20",
    "/feed.json?limit=2&collapse=story": "/latest.json?collapse=story&limit=2",
    "/sections/sport.ninjs?version=3.1": "/sections/sport.ninjs?version=3.1",
    "/tags/cup.ninjs?version=2.2&limit=1": "/tags/cup.ninjs?limit=1&version=2.2",
    "/entities/oslo.nitf": "/entities/oslo.nitf",
    "/authors/mira-holt.rss?limit=3": "/authors/mira-holt.rss?limit=3",
    "/languages/en.json": "/languages/en.json",
    "/sources/demo.newsml": "/sources/demo.newsml",
    "/feed": "/feed?format=atom",
    "/feed?lang=en&tag=Cup&section=SPORT": "/feed?section=sport&tag=cup&language=en&format=atom",
    "/feed?limit=20&section=sport&format=rss": "/feed?section=sport&format=rss&limit=20",
    "/feed?version=1.6&format=ninjs&entity=Oslo": "/feed?entity=oslo&format=ninjs&version=1.6",
    "/feed?format=json&window=1h&tag=cup": "/popular.json?window=1h&tag=cup",
    "/popular.ninjs?version=2.2": "/popular.ninjs?window=24h&version=2.2",
}


def test_a_feed_has_one_address_however_it_is_asked_for(site_http, press):
    fields = {"language": "en", "byline": "Mira Holt"}
    for number in range(3):
        press.publish(f"cup {number}", hours=number, **CUP, **fields)
    for path, own in ALIASES.items():
        asked = site_http.get(path)
        assert asked.status_code == 200, path
        assert asked.links["self"]["url"] == f"https://news.example{own}", path
        answer = site_http.get(own)
        assert answer.content == asked.content, path
        for name in ("content-type", "link", "etag"):
            assert answer.headers[name] == asked.headers[name], path


def test_what_comes_next_is_of_the_same_form(site_http, press):
    for number in range(4):
        press.publish(f"cup {number}", hours=number, **CUP)
    address, seen = "/tags/cup.ninjs?version=2.2&limit=1", []
    while address:
        answer = site_http.get(address.removeprefix("https://news.example"))
        assert answer.links["self"]["url"].endswith("/tags/cup.ninjs?limit=1&version=2.2")
        seen.append([number for number in range(4) if f"News of cup {number}" in answer.text])
        address = answer.links.get("next", {}).get("url", "")
    assert seen == [[3], [2], [1], [0], []]


def test_a_program_is_told_in_json_why_there_is_no_feed(http, cup):
    accept = {"Accept": "application/problem+json"}
    refused = http.get("/feed?limit=0", headers=accept)
    assert (refused.status_code, refused.json()["status"]) == (400, 400)
    assert refused.json()["detail"].startswith("limit: is a number")
    assert http.get("/feed?limit=0").headers["content-type"].startswith("text/html")
    missing = http.get("/tags/nothing.atom", headers=accept)
    assert (missing.status_code, missing.json()["status"]) == (404, 404)
