"""The first real input, from the push of a page to every exit that shows it."""

import re
from datetime import UTC, datetime

import feedparser
import httpx
import pytest

HEADLINE = "Putin signed a “comprehensive” diplomatic and defense pact with Kim Jong Un"
PEOPLE = {"Vladimir Putin", "Kim Jong Un", "Andrey Belousov", "Kim Jong Il"}
PLACES = {"North Korea", "Russia", "Vietnam", "Ukraine", "Pyongyang"}
RIGHT_TOPICS = {"treaty", "diplomacy", "defence", "international relations"}
KEY = {"Authorization": "Bearer demo-key"}
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture(scope="module")
def pushed(newsroom, shared_data, eventually) -> dict:
    page = (shared_data / "first-article.txt").read_bytes()
    answer = httpx.post(
        f"{newsroom.url('ingest')}/v1/articles",
        content=page,
        headers={**KEY, "Content-Type": "text/plain"},
    )
    assert answer.status_code == 202
    address = f"{newsroom.url('feeds')}/v1/articles/{answer.json()['id']}"
    found = eventually(lambda: (r := httpx.get(address)).status_code == 200 and r)
    return found.json()


@pytest.fixture
def feeds(newsroom):
    with httpx.Client(base_url=newsroom.url("feeds")) as client:
        yield client


def test_the_page_becomes_an_article(pushed):
    assert pushed["headline"] == HEADLINE
    assert pushed["section"] == "Diplomacy"
    assert pushed["byline"] == "Newsman"
    assert datetime.fromisoformat(pushed["published_at"]) == datetime(2024, 7, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    "furniture",
    [
        HEADLINE,
        "HomeDiplomacy",
        "July 25, 2024",
        "This mission is rooted",
        "Most Popular",
        "Newsman:",
    ],
)
def test_the_body_has_none_of_the_pages_furniture(pushed, furniture):
    assert furniture not in pushed["body_text"]
    assert furniture not in pushed["body_html"]


def test_the_body_begins_and_ends_with_the_story(pushed):
    assert pushed["body_text"].startswith("Russian President Vladimir Putin and North Korean")
    assert pushed["body_text"].endswith("the dates had not previously been announced.")


def test_people_and_places_are_there_each_once(pushed):
    names = [entity["name"] for entity in pushed["entities"]]
    assert len(names) == len(set(names))
    by_type = {
        kind: {e["name"] for e in pushed["entities"] if e["type"] == kind}
        for kind in ("person", "place")
    }
    assert by_type["person"] == PEOPLE
    assert by_type["place"] >= PLACES
    assert not {"Putin", "Kim", "Kim Un", "n Vietnam", "Russian"} & set(names)


def test_short_names_are_mentions_of_the_full_ones(pushed):
    mentions = {e["name"]: e["mentions"] for e in pushed["entities"]}
    text = pushed["headline"] + "\n" + pushed["body_text"]
    assert mentions["Vladimir Putin"] == len(re.findall(r"\bPutin\b", text))
    kims = re.findall(r"\bKim (?:Jong )?Un\b|\bKim\b(?! (?:Jong|Il|Un))", text)
    assert mentions["Kim Jong Un"] == len(kims)
    assert mentions["Kim Jong Il"] == 1


def test_every_mention_stands_where_its_span_says(pushed):
    for entity in pushed["entities"]:
        for span in entity["evidence"]:
            surface = pushed[span["field"]][span["start"] : span["end"]]
            assert surface.split()[-1] in entity["name"]


def test_it_carries_a_right_media_topic(pushed):
    topics = {tag["name"] for tag in pushed["tags"] if tag.get("code", "").startswith("medtop:")}
    assert topics & RIGHT_TOPICS
    assert topics <= RIGHT_TOPICS


def test_the_trail_names_every_stage_in_order(pushed):
    stages = [stage["stage"] for stage in pushed["trail"]]
    assert stages == ["received", "enriched", "published"]
    times = [datetime.fromisoformat(stage["at"]) for stage in pushed["trail"]]
    assert times == sorted(times)


@pytest.mark.parametrize("page", ["/", "/sections/diplomacy", "/entities/kim-jong-un"])
def test_it_shows_on_pages(feeds, pushed, page):
    answer = feeds.get(page)
    assert answer.status_code == 200
    assert HEADLINE in answer.text
    assert "Most Popular" in answer.text


def test_every_entity_and_tag_has_a_page_that_lists_it(feeds, pushed):
    pages = [f"/entities/{entity['slug']}" for entity in pushed["entities"]]
    pages += [f"/tags/{tag['slug']}" for tag in pushed["tags"]]
    for page in pages:
        assert HEADLINE in feeds.get(page).text


@pytest.mark.parametrize("path", ["/latest", "/sections/diplomacy", "/entities/pyongyang"])
@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_it_is_in_the_feeds(feeds, pushed, path, extension):
    parsed = feedparser.parse(feeds.get(f"{path}.{extension}").content)
    assert not parsed.bozo
    (entry,) = [entry for entry in parsed.entries if entry.id.endswith(pushed["id"])]
    assert entry.title == HEADLINE
    assert entry.published_parsed[:3] == (2024, 7, 25)


@pytest.mark.parametrize("path", ["/latest", "/sections/diplomacy", "/entities/vladimir-putin"])
def test_it_is_in_the_json_feeds(feeds, pushed, path):
    feed = feeds.get(f"{path}.json").json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = [item for item in feed["items"] if item["id"].endswith(pushed["id"])]
    assert item["title"] == HEADLINE
    assert "Diplomacy" not in item["content_html"].partition("</p>")[0]


def test_views_are_counted_by_the_rules_and_shown(newsroom, feeds, pushed, eventually):
    views = [
        {"article": pushed["id"], "reader": f"reader-{n % 7}", "id": f"first-{n}"}
        for n in range(20)
    ]
    resent = views[:5]
    later = [{"article": pushed["id"], "reader": "reader-0", "at": _hours_ago(2)}]
    with httpx.Client(base_url=newsroom.url("ingest"), headers=KEY) as ingest:
        assert ingest.post("/v1/views", json=views + resent + later).status_code == 202
        crawl = {"article": pushed["id"], "reader": "crawler"}
        crawled = ingest.post("/v1/views", json=crawl, headers={"User-Agent": CRAWLER})
        assert crawled.status_code == 202

    def popular(window: str) -> dict | None:
        items = feeds.get("/v1/popular", params={"window": window, "limit": 100}).json()["items"]
        return next((item for item in items if item["id"] == pushed["id"]), None)

    row = eventually(lambda: (r := popular("24h")) and r["views"] == 8 and r)
    assert (row["views"], row["readers"]) == (8, 7)
    assert (popular("1h")["views"], popular("1h")["readers"]) == (7, 7)
    assert row["headline"] == HEADLINE
    in_section = feeds.get("/v1/popular", params={"window": "1h", "section": "diplomacy"}).json()
    assert pushed["id"] in {item["id"] for item in in_section["items"]}
    elsewhere = feeds.get("/v1/popular", params={"window": "1h", "section": "sport"}).json()
    assert pushed["id"] not in {item["id"] for item in elsewhere["items"]}
    counts = feeds.get(f"/v1/articles/{pushed['id']}").json()["popularity"]
    assert counts["7d"] == {"views": 8, "readers": 7}
    for page in ("/", f"/articles/{pushed['id']}"):
        eventually(lambda page=page: "8 views" in feeds.get(page).text)


def test_pushing_the_page_again_changes_nothing(newsroom, feeds, pushed, shared_data):
    page = (shared_data / "first-article.txt").read_bytes()
    again = httpx.post(
        f"{newsroom.url('ingest')}/v1/articles",
        content=page,
        headers={**KEY, "Content-Type": "text/plain"},
    )
    assert again.json()["id"] == pushed["id"]
    assert feeds.get(f"/v1/articles/{pushed['id']}").json()["revision"] == 1


def _hours_ago(hours: int) -> str:
    moment = datetime.now(UTC).timestamp() - hours * 3_600
    return datetime.fromtimestamp(moment, UTC).isoformat()
