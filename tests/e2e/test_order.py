"""Of equal version and time the later in the log is what readers have: in every format, over the
death of enrich, in a topic that got more partitions between two pushes, with old versions late,
and in a store that is rebuilt; and dates that can't be."""

import json
import re
from datetime import UTC, datetime

import httpx
import pytest
import redis
from kafka import KafkaAdminClient
from tests.log import records_on

from newsman_schemas.articles import article_id
from newsman_schemas.topics import ARTICLE_RECEIVED

KEY = {"Authorization": "Bearer demo-key"}
TURNS = 6
DATE = "2026-03-02T10:00:00Z"
RSS = """<rss version="2.0"><channel><title>t</title><item><guid>{uri}</guid><title>{words}</title>
<description>{words}</description><pubDate>{date}</pubDate></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>{uri}</id>
<title>{words}</title><content>{words}</content><updated>{date}</updated></entry></feed>"""


@pytest.fixture
def stack(start_service, own_valkey):
    url = {"NEWSMAN_REDIS_URL": own_valkey.url}
    names = ("ingest", "enrich", "publish", "feeds")
    services = {name: start_service(name, **url) for name in names}
    for service in services.values():
        service.wait_ready()
    return services


@pytest.fixture
def pusher():
    """`pusher(url)("rss", uri, words)` answers the article's id."""
    with httpx.Client(headers=KEY) as client:
        yield lambda url: _push_to(client, url)


def _push_to(client: httpx.Client, url: str):

    def push(kind: str, uri: str, words: str, date: str = DATE, **fields) -> str:
        said = {"uri": uri, "words": words, "date": date}
        native = {"uri": uri, "headline": words, "body_text": words, "version": 1, **fields}
        feed = {"id": uri, "title": words, "content_text": words, "date_published": date}
        version = "https://jsonfeed.org/version/1.1"
        ninjs = {"guid": uri, "type": "text", "headline": words, "version": "1"}
        path, content, media_type = {
            "rss": ("/v1/articles", RSS.format(**said), "application/rss+xml"),
            "atom": ("/v1/articles", ATOM.format(**said), "application/atom+xml"),
            "json feed": (
                "/v1/articles",
                json.dumps({"version": version, "title": "t", "items": [feed]}),
                "application/feed+json",
            ),
            "native": ("/v1/articles", json.dumps(native), "application/json"),
            "superdesk": (
                "/push",
                json.dumps({**ninjs, "versioncreated": date}),
                "application/json",
            ),
        }[kind]
        answer = client.post(url + path, content=content, headers={"Content-Type": media_type})
        assert answer.status_code in (200, 202), answer.text
        return article_id("demo", uri)

    return push


def _headline(feeds: str, ident: str) -> str:
    return httpx.get(f"{feeds}/v1/articles/{ident}").json().get("headline", "")


def test_the_later_of_equal_version_and_time_wins_everywhere(
    stack, start_service, pusher, own_valkey, topics, kafka_bootstrap, eventually
):
    push, feeds = pusher(stack["ingest"].url), stack["feeds"].url
    kinds = ("rss", "atom", "json feed", "native", "superdesk")
    pushes = [(kind, f"urn:{kind.replace(' ', '-')}:{n}") for kind in kinds for n in range(TURNS)]
    ids = [push(kind, uri, "A wrong line") for kind, uri in pushes]
    group = f"{topics}.enrich"
    assert members_of(kafka_bootstrap, group)
    stack["enrich"].kill()  # some are enriched by now, and will be once more
    # What is pushed from now on lies in other partitions than what came before.
    add_partitions(kafka_bootstrap, ARTICLE_RECEIVED.full_name(topics), 8)
    second = start_service("ingest", NEWSMAN_REDIS_URL=own_valkey.url).wait_ready()
    push = pusher(second.url)
    for kind, uri in pushes:
        push(kind, uri, "A right line")
    parts = {r.partition for r in records_on(kafka_bootstrap, ARTICLE_RECEIVED.full_name(topics))}
    assert max(parts) >= 4
    late = push("native", "urn:late", "third", version=3)
    push("native", "urn:late", "second", version=2)
    # Back within its session it would be given what it had, as the same member (KIP-345).
    eventually(lambda: not members_of(kafka_bootstrap, group), what="the session is over")
    stack["enrich"].start()
    ids.append(late)
    expected = ["A right line"] * len(pushes) + ["third"]
    eventually(lambda: [_headline(feeds, ident) for ident in ids] == expected, timeout=120)

    before = {ident: httpx.get(f"{feeds}/v1/articles/{ident}").content for ident in ids}
    history = httpx.get(f"{feeds}/v1/articles/{ids[0]}/versions").json()["items"]
    assert [item["headline"] for item in history] == ["A right line", "A wrong line"]
    redis.Redis.from_url(own_valkey.url).flushall()
    stack["publish"].process.wait(60)
    stack["publish"].start()
    after = lambda: {i: httpx.get(f"{feeds}/v1/articles/{i}").content for i in ids}  # noqa: E731
    eventually(lambda: after() == before, timeout=120)


def add_partitions(bootstrap: str, topic: str, count: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_partitions({topic: count})
    admin.close()


def members_of(bootstrap: str, group: str) -> list[str]:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    described = admin.describe_groups([group])[group]
    admin.close()
    return [member["member_id"] for member in described["members"]]


def test_dates_that_cannot_be_stand_nowhere_above_those_that_can(newsroom, pusher, eventually):
    push, feeds = pusher(newsroom.url("ingest")), newsroom.url("feeds")
    far = "Tue, 01 Jan 2041 10:00:00 GMT"
    ahead = push("rss", "urn:ahead", "dated ahead", far)
    eventually(lambda: _headline(feeds, ahead))
    undated = push("native", "urn:undated", "first words")
    eventually(lambda: _headline(feeds, undated))
    now = datetime.now(UTC).isoformat()
    dated = push("native", "urn:dated", "dated today", published_at=now)
    eventually(lambda: _headline(feeds, dated))
    first = httpx.get(f"{feeds}/v1/articles/{undated}").json()
    push("native", "urn:undated", "first words")
    push("native", "urn:undated", "other words")
    eventually(lambda: _headline(feeds, undated) == "other words")

    order = [dated, undated, ahead]
    listed = httpx.get(f"{feeds}/v1/articles?source=demo&limit=50").json()["items"]
    assert [item["id"] for item in listed if item["id"] in order] == order
    for path in ("/latest.rss", "/sitemap-news.xml"):
        feed = httpx.get(feeds + path).text
        assert not re.search(r" 2041 |2041-", feed)
        assert sorted(order, key=feed.index) == order
    changed = httpx.get(f"{feeds}/v1/articles/{undated}").json()
    assert changed["version_created"] > first["version_created"]
    kept = httpx.get(f"{feeds}/v1/articles/{ahead}").json()
    assert kept["published_at"].startswith("2041-01-01T10:00:00")
    assert "1 January 2041" in httpx.get(f"{feeds}/articles/{ahead}").text

    right = "Mon, 02 Mar 2026 10:00:00 GMT"
    push("rss", "urn:ahead", "dated ahead", right)
    url = f"{feeds}/v1/articles/{ahead}"
    eventually(lambda: "2026-03-02" in httpx.get(url).json()["published_at"])


def test_a_date_that_names_no_moment_is_warned_of_and_the_item_is_read(newsroom, eventually):
    document = RSS.format(uri="urn:undatable", words="Still news", date="Tue,")
    answer = httpx.post(
        f"{newsroom.url('ingest')}/v1/articles",
        content=document,
        headers={**KEY, "Content-Type": "application/rss+xml"},
    )
    assert answer.status_code == 202
    row = answer.json().get("items", [answer.json()])[0]
    assert [warning["pointer"].rpartition("/")[2] for warning in row["warnings"]] == ["published"]
    url = f"{newsroom.url('feeds')}/v1/articles/{row['id']}"
    seen = eventually(lambda: (a := httpx.get(url)).status_code == 200 and a.json())
    assert seen["extra"]["published_at"] == "Tue,"
