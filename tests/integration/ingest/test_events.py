"""POST /v1/events as EventGate's clients use it, against the real service."""

import json

import httpx
import pytest
from tests.log import records_on
from tests.viewed import views_in

from newsman.kafka.records import decode
from newsman_schemas.articles import ArticleReceived, article_id

KEY = {"Authorization": "Bearer demo-key"}
STORY_ID = article_id("demo", "urn:story:1")
ARTICLE = {
    "$schema": "/newsman/article/1.0.0",
    "meta": {"stream": "newsman.article", "id": "5f2d2c1e-8a3e-4c55-9a51-0a4f3c1d2b10"},
    "uri": "urn:story:1",
    "headline": "Ferry returns to the fjord",
}
VIEW = {
    "$schema": "/newsman/view/1.0.0",
    "meta": {"stream": "newsman.view", "id": "6a2d2c1e-8a3e-4c55-9a51-0a4f3c1d2b10"},
    "article": STORY_ID,
    "reader": "r1",
}


@pytest.fixture
def http(start_service):
    service = start_service("ingest").wait_ready()
    with httpx.Client(base_url=service.url, headers=KEY, timeout=15) as client:
        yield client


@pytest.fixture
def on_topic(kafka_bootstrap, topics):
    def read(name, event):
        records = records_on(kafka_bootstrap, f"{topics}.{name}")
        return [decode(event, record.value) for record in records]

    return read


@pytest.fixture
def views_on_topic(kafka_bootstrap, topics):
    return lambda: views_in(records_on(kafka_bootstrap, f"{topics}.article-viewed.v2"))


def changed(event, **fields):
    return {**event, **fields}


@pytest.mark.parametrize("body", [ARTICLE, [ARTICLE], [ARTICLE, VIEW]])
def test_all_good_is_201_and_empty(http, on_topic, views_on_topic, body):
    answer = http.post("/v1/events", json=body)
    assert (answer.status_code, answer.content) == (201, b"")
    (received,) = on_topic("article-received.v1", ArticleReceived)
    assert received.article.id == STORY_ID
    assert "meta" not in received.article.extra
    views = views_on_topic()
    assert [view.article_id for view in views] == [STORY_ID] * (len(body) == 2)


def test_a_view_is_known_again_by_the_events_id(http, views_on_topic):
    assert [http.post("/v1/events", json=VIEW).status_code for _ in range(2)] == [201, 201]
    first, second = views_on_topic()
    assert first.resend_id == second.resend_id is not None


@pytest.mark.parametrize("body", [b"", b" ", b"[]", b"{", b"\xff"])
def test_no_events_are_a_400(http, body):
    assert http.post("/v1/events", content=body).status_code == 400


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        (7, ""),
        (changed(ARTICLE, meta=None), "/meta/stream"),
        (changed(ARTICLE, meta={"stream": "mediawiki.page"}), "/meta/stream"),
        (changed(ARTICLE, meta={"stream": []}), "/meta/stream"),
        (changed(ARTICLE, **{"$schema": "/newsman/view/1.0.0"}), "/$schema"),
        (changed(ARTICLE, pubstatus="perhaps"), "/pubstatus"),
        (changed(VIEW, article="nothing"), "/article"),
    ],
)
def test_all_invalid_is_a_400_with_the_reasons(http, on_topic, event, pointer):
    answer = http.post("/v1/events", json=event)
    assert answer.status_code == 400
    (row,) = answer.json()["invalid"]
    assert (row["status"], row["index"], row["event"]) == ("invalid", 0, event)
    assert row["context"].keys() == {"name", "message", "errors", "errorsText"}
    assert row["context"]["errors"][0]["dataPath"].endswith(pointer)
    assert on_topic("article-received.v1", ArticleReceived) == []


def test_mixed_is_207_and_stores_the_good(http, on_topic, views_on_topic):
    events = [changed(ARTICLE, meta={}), ARTICLE, VIEW, changed(VIEW, article="nothing")]
    answer = http.post("/v1/events", json=events)
    assert answer.status_code == 207
    body = answer.json()
    assert [row["index"] for row in body["invalid"]] == [0, 3]
    assert body["invalid"][1]["id"] == VIEW["meta"]["id"]
    assert body["error"] == []
    assert len(on_topic("article-received.v1", ArticleReceived)) == 1
    assert len(views_on_topic()) == 1


def test_hasty_is_202_at_once_and_stored_soon(http, on_topic, eventually):
    answer = http.post("/v1/events", params={"hasty": "true"}, json=[ARTICLE, 7])
    assert (answer.status_code, answer.content) == (202, b"")
    eventually(lambda: len(on_topic("article-received.v1", ArticleReceived)) == 1)


def test_the_canned_events_are_taken(http):
    events = http.get("/v1/_test/events").json()
    assert http.post("/v1/events", content=json.dumps(events)).status_code == 201


def test_nobody_sends_events_without_a_key(http):
    answer = http.post("/v1/events", json=ARTICLE, headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == 401
