"""Views over time as JSON and as drawings, over the counts that the counting script made."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from lxml import etree, html
from tests.integration.popularity.conftest import View, batch_of

from newsman.feeds.programs import counts as counts
from newsman.feeds.programs.counts import ProgramCounts, ProgramSums
from newsman.popularity.counting.count_store import CountStore
from newsman.rankings.core import Edit
from newsman.rankings.edits import EditsStore
from newsman.redis.client import build_async_client
from newsman.redis.keys import FeedsKeys

from .serving import served
from .test_http import serving

HOUR, DAY = 3_600, 86_400


@pytest.fixture
def http(redis_url, namespace):
    with serving(redis_url, namespace) as http:
        yield http


@pytest.fixture
def now() -> int:
    return int(time.time())


@pytest.fixture
def read(desk, redis_client, namespace, now):
    """Three articles and their views of two days."""
    ferry = desk.publish("ferry", section="Local", language="en")
    opera = desk.publish("opera", section="Arts", language="en")
    killed = desk.publish("killed", section="Local", language="en")
    views = [View(ferry, f"r{n}", now - n * HOUR, now) for n in range(30)]
    views += [View(ferry, "x", now, now), View(opera, "x", now - 5 * HOUR, now)]
    views += [View(killed, f"k{n}", now, now) for n in range(9)]
    store = CountStore(redis_client, namespace, window_seconds=1_800)
    batch = batch_of(views)
    batch.add_filtered(ferry, "crawler", now)
    told = {"expected": store.offset(0), "next_offset": len(views) + 1}
    store.count(0, batch, clock_seconds=now, **told)
    desk.take_away("killed", section="Local", language="en")
    return ferry, opera, killed


def views_of(answer) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [point["views"] for point in answer.json()["points"]]


def test_an_articles_views_are_told_by_minute_hour_and_day(http, read, now):
    ferry, _, _ = read
    hours = http.get(f"/v1/articles/{ferry}/series?span=hour&last=4")
    assert views_of(hours) == [1, 1, 1, 2]
    at = datetime.fromisoformat(hours.json()["points"][-1]["at"])
    assert at == datetime.fromtimestamp(now // HOUR * HOUR, UTC)
    assert sum(views_of(http.get(f"/v1/articles/{ferry}/series?span=day&last=3"))) == 31
    assert sum(views_of(http.get(f"/v1/articles/{ferry}/series?span=minute&last=180"))) == 4


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", 32),
        ("&section=Local", 31),
        ("&section=Arts", 1),
        ("&language=en", 32),
        ("&tag=no", 0),
        ("&section=%21", 0),
    ],
)
def test_a_scopes_views_are_those_of_what_may_be_seen_in_it(http, read, query, total):
    assert sum(views_of(http.get(f"/v1/series?span=hour&last=48{query}"))) == total


def test_a_ranking_and_a_series_of_days_are_those_of_a_zone(http, read, now):
    ferry, *_ = read
    zone = ZoneInfo("Asia/Kathmandu")
    today = datetime.fromtimestamp(now, zone).date()
    days = [today - timedelta(days=ago) for ago in (2, 1, 0)]
    ranked = []
    for day in days:
        asked = f"/v1/popular?day={day}&timezone={zone}"
        answer = http.get(asked).json()
        assert (answer["day"], answer["timezone"]) == (str(day), str(zone))
        ranked.append({row["id"]: row["views"] for row in answer["items"]})
    own = http.get(f"/v1/articles/{ferry}/series?span=day&last=3&timezone={zone}")
    assert views_of(own) == [views.get(ferry, 0) for views in ranked]
    assert [point["at"][:10] for point in own.json()["points"]] == [str(day) for day in days]
    both = http.get(f"/v1/series?span=day&last=3&timezone={zone}")
    assert views_of(both) == [sum(views.values()) for views in ranked]
    assert sum(views_of(both)) == 32


def test_the_page_of_what_was_popular_tells_of_the_views_until_then(http, read, now):
    ferry, opera, _ = read
    for hours, expected in ((6, [ferry]), (4, [ferry, opera])):
        at = datetime.fromtimestamp(now - hours * HOUR, UTC)
        page = html.fromstring(http.get(f"/popular?window=24h&as_of={at:%Y-%m-%dT%H:%M}Z").content)
        shown = page.xpath("//ol[@class='ranking']//h2/a/@href")
        assert shown == [f"/articles/{one}" for one in expected]
        assert "As readers could see it on" in page.text_content()


@pytest.mark.parametrize(
    "query",
    [
        "popular?timezone=Europe/Oslo",
        "popular?day=2026-03-02&window=24h",
        "popular?day=1999-01-01",
        "popular?day=2026-3",
        "popular?day=2026-03-02&timezone=America",
        "series?timezone=Nowhere",
        "series?span=day&last=15&timezone=Europe/Oslo",
    ],
)
def test_a_day_or_a_zone_that_makes_no_sense_is_refused(http, read, query):
    assert http.get(f"/v1/{query}").status_code == 400


@pytest.mark.parametrize("query", ["span=week", "last=0", "last=169", "section=a&tag=b", "last=x"])
def test_what_makes_no_sense_is_refused(http, read, query):
    assert http.get(f"/v1/series?{query}").status_code == 400


def test_an_article_that_is_gone_has_no_statistics(http, read):
    _, _, killed = read
    for path in ("statistics", "views.svg"):
        assert http.get(f"/articles/{killed}/{path}").status_code == 410
        assert http.get(f"/articles/{'a' * 16}/{path}").status_code == 404
    assert http.get(f"/v1/articles/{killed}/series").status_code == 410
    assert http.get(f"/v1/articles/{'a' * 16}/series").status_code == 404


def test_the_page_of_an_article_draws_its_views_and_says_what_did_not_count(http, read):
    ferry, _, _ = read
    page = html.fromstring(http.get(f"/articles/{ferry}/statistics").content)
    assert len(page.xpath("//svg[@class='chart']")) == 3
    text = " ".join(page.text_content().split())
    assert "Views of the last two days, by hour" in text
    assert "crawlers1" in text.replace(" ", "")
    assert not page.xpath("//@style | //script[not(@src)]")


def test_an_article_that_is_held_says_so(http, read, redis_url, namespace):
    ferry, _, _ = read

    async def hold() -> None:
        client = build_async_client(redis_url)
        await EditsStore(client, namespace).write({ferry: Edit(held=True)}, 1)
        await client.aclose()

    asyncio.run(hold())
    assert "its views look artificial" in http.get(f"/articles/{ferry}/statistics").text
    assert ferry not in http.get("/statistics").text


def test_the_page_of_all_draws_them_and_each_article_in_a_line(http, read):
    ferry, opera, killed = read
    page = html.fromstring(http.get("/statistics").content)
    assert len(page.xpath("//svg[@class='chart']")) == 1
    links = page.xpath("//table//a/@href")
    assert links == [f"/articles/{one}/statistics" for one in (ferry, opera)]
    assert len(page.xpath("//svg[@class='spark']")) == 2
    assert killed not in html.tostring(page).decode()


def test_programs_are_counted_by_kind_for_the_site_and_for_each_article(
    redis_url, namespace, desk, eventually
):
    ferry = desk.publish("ferry", section="Local")
    agents = {
        "GPTBot/1.2": (f"/articles/{ferry}", 3),
        "Mozilla/5.0 (compatible; Googlebot/2.1)": (f"/articles/{ferry}.ninjs", 2),
        "Feedly/1.0 (+http://www.feedly.com; 40 subscribers)": ("/latest.rss", 2),
        "Inoreader/1.0 (2 subscribers)": ("/latest.rss", 1),
        "Mozilla/5.0 (X11) Firefox/140.0": (f"/articles/{ferry}", 4),
        "ClaudeBot/1.0": ("/no/such/page", 1),
    }
    with served(redis_url, namespace) as address, httpx.Client(base_url=address) as http:
        for agent, (path, times) in agents.items():
            for _ in range(times):
                http.get(path, headers={"User-Agent": agent})

        def rows(path: str, caption: str) -> list[list[str]]:
            page = html.fromstring(http.get(path, headers={"User-Agent": ""}).content)
            cells = page.xpath(f"//table[caption[starts-with(., '{caption}')]]//tr[td]")
            return [[" ".join(cell.text_content().split()) for cell in row] for row in cells]

        eventually(lambda: ["AI training", "3", "yes"] in rows("/statistics", "Programs"))
        assert rows("/statistics", "Programs") == [
            ["search engines", "2", "no"],
            ["AI assistants", "0", "no"],
            ["AI training", "3", "yes"],
            ["feed readers", "3", "no"],
            ["monitors", "0", "no"],
        ]
        of_ferry = rows(f"/articles/{ferry}/statistics", "Programs")
        assert [number for _, number, _ in of_ferry] == ["2", "0", "3", "0", "0"]
        assert rows("/statistics", "Feeds") == [["/latest.rss", "42", "2"]]


def test_a_sparkline_is_a_picture_of_its_own(http, read):
    ferry, _, _ = read
    answer = http.get(f"/articles/{ferry}/views.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert etree.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"


def test_of_a_day_no_more_articles_are_counted_than_there_is_room_for(
    redis_url, redis_client, namespace, monkeypatch
):
    monkeypatch.setattr(counts, "MOST_COUNTED", 3)
    first, second, third = ("a" * 16, "b" * 16, "c" * 16)

    async def counted() -> dict[str, ProgramSums]:
        client = build_async_client(redis_url)
        programs = ProgramCounts(client, namespace)
        for article_id in (first, second, third, first):
            programs.note(b"GPTBot/1.2", f"/articles/{article_id}".encode())
            await programs.flush()
        sums = {one: await programs.of_article(one, 2) for one in (first, second, third)}
        sums["site"] = await programs.of_site(2)
        await client.aclose()
        return sums

    sums = asyncio.run(counted())
    told = {name: (each.numbers["ai-training"], each.are_least) for name, each in sums.items()}
    assert told == {first: (2, True), second: (1, True), third: (0, True), "site": (4, False)}
    (key,) = redis_client.keys(FeedsKeys(namespace).programs("*"))
    assert redis_client.ttl(key) > 80 * DAY


def test_a_page_of_an_article_says_at_least_after_such_a_day(
    redis_url, namespace, desk, redis_client
):
    ferry = desk.publish("ferry", section="Local")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    redis_client.hset(
        FeedsKeys(namespace).programs(today), mapping={f"search {ferry}": 7, "full": 1}
    )
    with serving(redis_url, namespace) as http:
        text = html.fromstring(http.get(f"/articles/{ferry}/statistics").content).text_content()
    assert "search enginesat least 7" in text.replace("\n", "")
