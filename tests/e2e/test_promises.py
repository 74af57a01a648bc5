"""The promises, each seen from outside on the real stack."""

import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import feedparser
import httpx
import pytest
from kafka import KafkaProducer
from tests.log import records_on

from newsman.kafka.records import decode, header
from newsman_schemas.articles import ArticlePublished

KEY = {"Authorization": "Bearer demo-key"}
SECRET_WORDS = "the quarterly figures of the salt works"


@pytest.fixture(scope="module")
def ingest(newsroom):
    with httpx.Client(base_url=newsroom.url("ingest"), headers=KEY) as client:
        yield client


@pytest.fixture(scope="module")
def feeds(newsroom):
    with httpx.Client(base_url=newsroom.url("feeds"), timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
def started():
    """What others have pushed into the same newsroom must not stand before these in lists."""
    return datetime.now(UTC).isoformat()


@pytest.fixture
def push(ingest, started):
    def push(uri: str, version: int = 1, **fields) -> str:
        article = {
            "uri": uri,
            "version": version,
            "version_created": f"2026-03-02T12:0{version}:00Z",
            "published_at": started,
            "headline": f"{uri} version {version}",
            "body_text": f"Body of {uri}, version {version}, from Lisbon.",
            **fields,
        }
        answer = ingest.post("/v1/articles", json=article)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    return push


@pytest.fixture
def read(feeds, eventually):
    def read(article_id: str, *, until=lambda article: True) -> dict:
        def found():
            answer = feeds.get(f"/v1/articles/{article_id}")
            if answer.status_code == 200 and until(answer.json()):
                return answer.json()
            return None

        return eventually(found, what=f"{article_id} as expected")

    return read


def records(newsroom, topic: str) -> list:
    """Everything on a topic now."""
    return records_on(newsroom.bootstrap, f"{newsroom.namespace}.{topic}")


def test_an_older_version_that_comes_late_never_wins(push, read, feeds):
    article_id = push("urn:late", version=3)
    read(article_id)
    push("urn:late", version=2)
    push("urn:late", version=1)
    found = read(
        article_id,
        until=lambda a: [s["stage"] for s in a["trail"]].count("superseded") == 2,
    )
    assert (found["version"], found["headline"]) == (3, "urn:late version 3")
    assert found["revision"] == 1
    newer = read(push("urn:late", version=4), until=lambda a: a["version"] == 4)
    assert newer["revision"] == 2
    titles = [e.title for e in feedparser.parse(feeds.get("/latest.atom").content).entries]
    assert [title for title in titles if title.startswith("urn:late")] == ["urn:late version 4"]


def test_a_kill_removes_the_article_from_every_exit(
    newsroom, push, read, ingest, feeds, eventually
):
    words = "unrepeatable zebra sentence"
    fields = {
        "headline": words,
        "body_text": f"{words} in Lisbon. The treaty on fish.",
        "section": "Zoo",
        "keywords": ["zebras"],
    }
    article_id = push("urn:kill:me", **fields)
    article = read(article_id)
    ingest.post("/v1/views", json={"article": article_id, "reader": "z"})
    eventually(lambda: words in feeds.get("/v1/popular?window=1h&limit=100").text)
    exits = [
        f"{page}{extension}"
        for page in (
            "/latest",
            "/popular",
            "/sections/zoo",
            *(f"/tags/{tag['slug']}" for tag in article["tags"]),
            *(f"/entities/{entity['slug']}" for entity in article["entities"]),
        )
        for extension in ("", ".rss", ".atom", ".json")
        if (page, extension) != ("/latest", "")
    ]
    exits += [
        "/",
        "/v1/popular?window=1h&limit=100",
        "/v1/articles?limit=100",
        "/v1/articles?tag=zebras",
    ]
    assert "/entities/lisbon" in exits
    assert "/tags/zebras.atom" in exits
    eventually(
        lambda: all(words in feeds.get(path).text for path in exits), what="it is everywhere"
    )

    kill = {"uri": "urn:kill:me", "version": 2, "pubstatus": "canceled", "headline": words}
    assert ingest.post("/v1/articles", json=kill).status_code == 202
    eventually(lambda: feeds.get(f"/v1/articles/{article_id}").status_code == 410)
    eventually(
        lambda: not [path for path in exits if words in feeds.get(path).text],
        timeout=10,
        what="it is nowhere",
    )
    assert all(feeds.get(path).status_code == 200 for path in exits)
    gone = feeds.get(f"/v1/articles/{article_id}")
    assert words not in gone.text
    assert gone.json()["trail"][-1]["stage"] == "killed"
    page = feeds.get(f"/articles/{article_id}")
    assert page.status_code == 410
    assert words not in page.text
    events = [
        decode(ArticlePublished, record.value)
        for record in records(newsroom, "article-published.v1")
        if record.key.decode() == article_id
    ]
    assert [(e.action, e.revision, e.article is None) for e in events] == [
        ("published", 1, False),
        ("killed", 2, True),
    ]
    push("urn:kill:me", version=1, **fields)
    read(push("urn:kill:neighbour"))
    assert feeds.get(f"/v1/articles/{article_id}").status_code == 410


def test_the_live_stream_tells_of_a_kill_without_the_text(push, read, ingest, feeds):
    article_id = push("urn:kill:live", headline="Soon to be gone")
    read(article_id)
    with feeds.stream("GET", "/v1/stream", timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ":ok"
        kill = {"uri": "urn:kill:live", "version": 2, "pubstatus": "canceled"}
        ingest.post("/v1/articles", json=kill)
        for line in lines:
            if line == "event: article.killed":
                break
        data = json.loads(next(lines).removeprefix("data: "))
    assert data["id"] == article_id
    assert "headline" not in data


def test_the_live_stream_resumes_without_gap_or_duplicate(newsroom, push, read, feeds):
    def events(last_id: str | None, wanted: int) -> list[tuple[str, dict]]:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        got, current = [], ""
        with feeds.stream("GET", "/v1/stream", headers=headers, timeout=30) as stream:
            lines = stream.iter_lines()
            next(lines)
            started.set()
            for line in lines:
                if line.startswith("id: "):
                    current = line[4:]
                elif line.startswith("data: ") and "urn:resume" in line:
                    got.append((current, json.loads(line[6:])))
                    if len(got) == wanted:
                        return got
        return got

    started = threading.Event()
    first: list = []
    listening = threading.Thread(target=lambda: first.extend(events(None, 3)))
    listening.start()
    started.wait(10)
    ids = [push(f"urn:resume:{n}") for n in range(8)]
    listening.join(30)
    for article_id in ids:
        read(article_id)
    rest = events(first[-1][0], 5)
    from_ring = [data["id"] for _, data in first + rest]
    assert sorted(from_ring) == sorted(ids)
    newsroom.services["feeds"].stop()
    newsroom.services["feeds"].start()
    newsroom.services["feeds"].wait_ready()
    from_kafka = [data["id"] for _, data in first + events(first[-1][0], 5)]
    assert sorted(from_kafka) == sorted(ids)


def test_a_last_event_id_of_another_topic_or_of_nonsense_is_refused(newsroom, feeds):
    foreign = json.dumps(
        [{"topic": f"{newsroom.namespace}.rejected.v1", "partition": 0, "offset": 0}]
    )
    assert feeds.get("/v1/stream", headers={"Last-Event-ID": foreign}).status_code == 404
    for nonsense in ("x", "[1]", '[{"topic": 1}]', "{}"):
        answer = feeds.get("/v1/stream", headers={"Last-Event-ID": nonsense})
        assert answer.status_code in (400, 404)


def test_an_expired_position_is_answered_with_a_resync(newsroom, feeds):
    topic = f"{newsroom.namespace}.article-published.v1"
    beyond = json.dumps([{"topic": topic, "partition": 0, "offset": 10**12}])
    with feeds.stream("GET", "/v1/stream", headers={"Last-Event-ID": beyond}) as stream:
        lines = [line for _, line in zip(range(6), stream.iter_lines(), strict=False)]
    assert "event: resync" in lines


def test_an_embargoed_text_is_nowhere_before_its_second(newsroom, push, read, feeds, eventually):
    release_at = datetime.now(UTC) + timedelta(seconds=4)
    article_id = push(
        "urn:embargo",
        headline=SECRET_WORDS,
        section="Salt",
        embargoed_until=release_at.isoformat(),
    )
    read(push("urn:embargo:neighbour"))
    paths = [
        "/",
        "/latest.rss",
        "/latest.json",
        "/v1/articles?limit=100",
        f"/v1/articles/{article_id}",
    ]
    while datetime.now(UTC) < release_at - timedelta(milliseconds=300):
        for path in paths:
            text = feeds.get(path).text
            assert datetime.now(UTC) >= release_at or SECRET_WORDS not in text
    found = read(article_id)
    assert datetime.now(UTC) >= release_at
    stages = {stage["stage"]: datetime.fromisoformat(stage["at"]) for stage in found["trail"]}
    assert stages["published"] >= release_at
    assert stages["published"] - release_at < timedelta(seconds=1)
    for record in records(newsroom, "article-published.v1"):
        if SECRET_WORDS.encode() in record.value:
            assert record.timestamp / 1000 >= release_at.timestamp()


@pytest.mark.parametrize(
    ("topic", "stage"),
    [
        ("article-received.v1", "enrich"),
        ("article-enriched.v1", "publish"),
        ("article-viewed.v2", "popularity"),
    ],
)
def test_a_poisoned_message_is_parked_with_its_bytes_and_its_neighbours_go_on(
    newsroom, push, read, ingest, feeds, eventually, topic, stage
):
    poison = b"\x00\xff{poison for " + stage.encode()
    before, after = f"urn:poison:{stage}:before", f"urn:poison:{stage}:after"
    ids = [push(before)]
    producer = KafkaProducer(bootstrap_servers=newsroom.bootstrap)
    for partition in range(4):
        sent = producer.send(
            f"{newsroom.namespace}.{topic}", key=b"poisoned", value=poison, partition=partition
        )
        sent.get(10)
    producer.close()
    ids.append(push(after))
    for article_id in ids:
        read(article_id)
        ingest.post("/v1/views", json={"article": article_id, "reader": "p"})
        eventually(
            lambda article_id=article_id: (
                feeds.get(f"/v1/articles/{article_id}").json()["popularity"]["1h"]["views"] == 1
            )
        )
    parked = eventually(
        lambda: (
            (r := [x for x in records(newsroom, "rejected.v1") if x.value == poison])
            and len(r) == 4
            and r
        )
    )
    assert {header(record.headers, "newsman-stage") for record in parked} == {stage}
    assert {header(record.headers, "newsman-topic") for record in parked} == {
        f"{newsroom.namespace}.{topic}"
    }
    assert {record.key for record in parked} == {b"poisoned"}


@pytest.mark.parametrize("extension", ["rss", "atom", "json"])
def test_a_feed_that_has_not_changed_is_a_304(push, read, feeds, eventually, extension):
    read(push(f"urn:etag:{extension}", section="Etags"))
    path = f"/sections/etags.{extension}"
    whole = feeds.get(path)
    assert whole.status_code == 200
    assert not whole.headers["etag"].startswith("W/")
    same = feeds.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    since = {"If-Modified-Since": format_datetime(datetime.now(UTC), usegmt=True)}
    assert parsedate_to_datetime(whole.headers["last-modified"]) <= datetime.now(UTC)
    eventually(lambda: feeds.get(path, headers=since).status_code == 304)
    other = feeds.get(path, headers={"If-None-Match": '"another"', **since})
    assert other.status_code == 200
    head = feeds.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sections/nowhere", 404),
        ("/entities/nobody.rss", 404),
        ("/articles/aaaaaaaaaaaaaaaa", 404),
        ("/v1/articles/aaaaaaaaaaaaaaaa", 404),
        ("/v1/popular?window=2h", 400),
        ("/v1/popular?limit=0", 400),
        ("/popular?window=x", 400),
    ],
)
def test_what_is_not_there_is_said_clearly(feeds, path, status):
    answer = feeds.get(path)
    assert answer.status_code == status
    if path.startswith("/v1/"):
        assert answer.headers["content-type"] == "application/problem+json"


def test_every_service_has_health_readiness_and_metrics(newsroom):
    for name in newsroom.services:
        for path in ("healthz", "readyz"):
            answer = httpx.get(f"{newsroom.ops_url(name)}/{path}")
            assert (answer.status_code, answer.json()["service"]) == (200, name)
        assert f"newsman_{name}_" in httpx.get(f"{newsroom.ops_url(name)}/metrics").text
