"""What a reader of the live stream can ask for: filters, a time to begin at, lines of JSON."""

import json
import time

import httpx
import pytest

from newsman.kafka.clients import build_producer
from newsman.kafka.records import encode
from newsman_schemas.articles import ArticlePublished, Entity, Story, Tag
from newsman_schemas.topics import ARTICLE_PUBLISHED

LINES = {"Accept": "application/x-ndjson"}


@pytest.fixture
def publish(desk, topics, kafka_bootstrap, eventually):
    """Puts articles on article-published and answers the Unix ms just after it."""
    producer = build_producer(kafka_bootstrap, client_id="test")

    def send(name: str, revision: int = 1, *, firsts: tuple[str, ...] = (), **fields) -> int:
        article = desk.article(name, **fields)
        event = ArticlePublished(
            event_id=f"{article.id}-{revision}",
            occurred_at=article.version_created,
            action="published",
            revision=revision,
            article_id=article.id,
            source=article.source,
            uri=name,
            version=revision,
            article=article,
            first_mentions=firsts,
        )
        record = encode(event)
        topic = ARTICLE_PUBLISHED.full_name(topics)
        sent = producer.send(topic, key=record.key, value=record.value).get(timeout=30)
        eventually(lambda: time.time() * 1000 > sent.timestamp + 1)
        return int(sent.timestamp) + 1

    yield send
    producer.close()


@pytest.fixture
def feeds(desk, start_service):
    return start_service("feeds", NEWSMAN_STREAM_HEARTBEAT_SECONDS="0.3").wait_ready()


def take(feeds, count: int, *, headers: dict | None = None, **params: str) -> list[dict]:
    """The first lines that are articles."""
    found = []
    timeout = httpx.Timeout(10, read=20)
    url = f"{feeds.url}/v1/stream"
    with httpx.stream(
        "GET", url, headers={**LINES, **(headers or {})}, params=params, timeout=timeout
    ) as answer:
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        for line in answer.iter_lines():
            said = json.loads(line) if line else {}
            if said.get("event", "").startswith("article."):
                found.append(said)
            if len(found) == count:
                break
    return found


def test_a_reader_begins_at_a_time_and_goes_on_from_the_last_line(feeds, publish):
    publish("before")
    moment = publish("more before")
    publish("after")
    publish("later")
    told = take(feeds, 2, since=str(moment))
    assert {line["data"]["headline"] for line in told} == {"News of after", "News of later"}
    position = json.dumps(told[0]["id"])
    (rest,) = take(feeds, 1, headers={"Last-Event-ID": position})
    assert rest["data"]["headline"] == told[1]["data"]["headline"]
    assert rest["id"] == told[1]["id"]


def test_filters_are_those_of_the_feeds(feeds, publish):
    publish("norsk", language="nb-NO", section="Sport")
    publish("foreign", source="other")
    publish("signed", byline="Mira Holt")
    publish("sport", language="en-GB", section="Sport")
    sure = {"confidence": 1, "method": "test"}
    publish("tagged", tags=(Tag(name="Night trains", slug="night-trains", **sure),))
    oslo = Entity(name="Oslo", slug="oslo", type="place", mentions=1, **sure)
    publish("placed", entities=(oslo,))
    publish("first", entities=(oslo,), firsts=("oslo",))
    publish("flash", urgency=1, source="other", body_text="It came in the Øresund")
    copied = Story(id="a" * 16, role="copy", of="a" * 16)
    publish("copied", section="Copies", story=copied)
    publish("original", section="Copies", story=Story(id="a" * 16, role="original"))
    for params, seen in (
        ({"lang": "nb"}, "norsk"),
        ({"language": "nb-NO"}, "norsk"),
        ({"source": "other"}, "foreign flash"),
        ({"author": "mira-holt"}, "signed"),
        ({"section": "Sport", "lang": "en"}, "sport"),
        ({"tag": "Night trains"}, "tagged"),
        ({"entity": "oslo"}, "placed first"),
        ({"first_mention": "1"}, "first"),
        ({"first_mention": "1", "entity": "Oslo"}, "first"),
        ({"urgency_max": "2"}, "flash"),
        ({"q": "CAME øres"}, "flash"),
        ({"q": "news", "source": "other", "urgency_max": "1"}, "flash"),
        ({"section": "copies", "collapse": "story"}, "original"),
    ):
        wanted = {f"News of {name}" for name in seen.split()}
        told = take(feeds, len(wanted), since="0", **params)
        assert {line["data"]["headline"] for line in told} == wanted


def test_a_ping_is_an_event_for_those_who_ask_and_a_time_that_is_none_is_400(feeds):
    with httpx.stream("GET", f"{feeds.url}/v1/stream?ping=1", timeout=10) as answer:
        assert any(line == "event: ping" for line in answer.iter_lines())
    for since in ("yesterday", "2026-03-02T12:00:00", "-5", "9" * 16, ""):
        answer = httpx.get(f"{feeds.url}/v1/stream", params={"since": since})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/since"


def test_an_article_leaves_a_search_that_it_passed(feeds, publish):
    publish("ferry")
    publish("bridge", headline="The bridge", body_text="It opens.")
    params = {"q": "bridge", "since": "0"}
    with httpx.stream(
        "GET", f"{feeds.url}/v1/stream", headers=LINES, params=params, timeout=20
    ) as answer:
        told = (json.loads(line) for line in answer.iter_lines() if '"article.' in line)
        assert next(told)["data"]["headline"] == "The bridge"
        publish("bridge", 2, headline="The bridge again", body_text="It opens.")
        assert next(told)["data"]["revision"] == 2
        publish("ferry", 2)
        publish("bridge", 3, headline="The road", body_text="It opens.")
        gone = next(told)
        assert (gone["event"], gone["data"]["reason"]) == ("article.withdrawn", "moved")
        publish("ferry", 3, headline="The ferry at the bridge")
        assert next(told)["data"]["headline"] == "The ferry at the bridge"
