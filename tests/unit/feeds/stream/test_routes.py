"""Asking for live streams: which there are, and what is refused."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from newsman.feeds.query.parameters import read_moment
from newsman.feeds.stream.broadcaster import Broadcaster
from newsman.feeds.stream.follower import Follower
from newsman.feeds.stream.open_streams import OpenStreams
from newsman.feeds.stream.registry import STREAMS
from newsman.feeds.stream.routes import StreamRoutes
from newsman.feeds.stream.searches import Searches

TOPICS = {name: stream.topic.full_name("t") for name, stream in STREAMS.items()}


def client(*, is_there: bool = True) -> TestClient:
    hub = Broadcaster(buffer_events=10)
    if is_there:
        ends = {(topic, 0): 0 for topic in TOPICS.values()}
        hub.begin(ends, ends, ())
    follower = Follower(hub, None, None, {}, searches=Searches(), heartbeat_seconds=60)
    # Whatever is not refused ends at once.
    hub.close()
    return TestClient(Starlette(routes=StreamRoutes(hub, follower, "t", OpenStreams(2)).routes()))


def entry(name: str) -> str:
    return json.dumps([{"topic": TOPICS[name], "partition": 0, "offset": 0}])


def test_what_can_be_followed_is_listed():
    items = client().get("/v1/streams").json()["items"]
    assert [item["name"] for item in items] == ["articles", "rankings"]
    for item in items:
        assert client().get(item["url"]).status_code == 200
        assert item["topic"] == TOPICS[item["name"]]


def test_several_streams_are_opened_by_their_names():
    answer = client().get("/v1/stream/articles,rankings")
    assert answer.status_code == 200
    assert {entry["topic"] for entry in json.loads(answer.text.partition("id: ")[2])} == set(
        TOPICS.values()
    )


@pytest.mark.parametrize("path", ["views", "articles,views", "articles,", "articles, rankings"])
def test_a_stream_that_is_none_is_answered_404_with_the_names_of_those_that_are(path):
    answer = client().get(f"/v1/stream/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "articles, rankings" in answer.json()["detail"]


@pytest.mark.parametrize("last_id", ["not json", "[[]]"])
def test_a_bad_last_event_id_is_answered_400(last_id):
    answer = client().get("/v1/stream", headers={"Last-Event-ID": last_id})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_last_event_id_is_of_the_streams_that_are_asked_for_and_of_no_others():
    get = client().get
    foreign = '[{"topic": "t.rejected.v1", "partition": 0, "offset": 0}]'
    for path in ("/v1/stream", "/v1/stream/articles,rankings"):
        assert get(path, params={"lastEventId": foreign}).status_code == 404
    assert get("/v1/stream", params={"lastEventId": entry("rankings")}).status_code == 404
    for name in TOPICS:
        answer = get("/v1/stream/articles,rankings", headers={"Last-Event-ID": entry(name)})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "value"), [("window", "2h"), ("order", "best"), ("scope", "sport"), ("since", "then")]
)
def test_a_parameter_that_makes_no_sense_is_named(name, value):
    answer = client().get("/v1/stream/rankings", params={name: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{name}"


def test_before_the_tail_stands_the_stream_is_answered_503():
    answer = client(is_there=False).get("/v1/stream")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


@pytest.mark.parametrize(
    ("text", "moment_ms"),
    [("0", 0), ("1772452800000", 1772452800000), ("2026-03-02T12:00:00Z", 1772452800000)],
)
def test_a_moment_is_iso_or_milliseconds(text, moment_ms):
    assert read_moment(text) == moment_ms


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/stream", "sectoin"),
        ("/v1/stream/articles", "Section"),
        ("/v1/stream/rankings", "windwo"),
        ("/v1/stream/articles,rankings", "colour"),
    ],
)
def test_a_filter_of_an_unknown_name_is_answered_400_with_the_names_there_are(path, name):
    answer = client().get(path, params={name: "sport"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{name}"
    assert "section, tag, entity" in answer.json()["detail"]


def test_what_a_mailer_adds_to_a_streams_address_is_let_pass():
    assert client().get("/v1/stream?section=sport&utm_source=letter").status_code == 200


@pytest.mark.parametrize("name", ["q", "section", "tag", "entity", "language", "story"])
def test_a_filter_that_nothing_can_pass_is_answered_400(name):
    for path in ("/v1/stream", "/v1/stream/articles,rankings"):
        answer = client().get(path, params={name: "?! _"})
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error == {"pointer": f"/{name}", "detail": "holds no letter and no digit"}


@pytest.mark.parametrize("name", ["q", "section", "lang"])
def test_a_filter_that_is_left_empty_is_none(name):
    assert client().get("/v1/stream", params={name: ""}).status_code == 200
