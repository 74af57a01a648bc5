"""The live stream of a real process over real Kafka, through restarts and outages."""

import json
import signal

import httpx
import pytest

from newsman.kafka.topics import ensure_topics
from newsman_schemas.topics import ARTICLE_PUBLISHED


@pytest.fixture
def feeds(desk, start_service):
    return start_service("feeds").wait_ready()


def news(names) -> list[str]:
    return [f"News of {name}" for name in names]


def test_a_reader_sees_an_article_come_change_and_go(feeds, publish, follow):
    with follow(feeds) as reader:
        publish("ferry", section="Transport", body_text="All about ferries.")
        publish("ferry", revision=2, action="updated")
        publish("ferry", revision=3, action="killed")
        frames = reader.take(3)
    assert [f["event"] for f in frames] == [
        "article.published",
        "article.updated",
        "article.killed",
    ]
    assert frames[0]["data"]["headline"] == "News of ferry"
    assert frames[0]["data"]["section"] == "Transport"
    assert "headline" not in frames[2]["data"]
    assert "All about" not in json.dumps(frames)


def test_after_a_restart_a_reader_misses_nothing_and_sees_nothing_twice(feeds, publish, follow):
    names = [f"story {number}" for number in range(60)]
    with follow(feeds) as reader:
        publish(*names[:20])
        got = reader.headlines(20)
        feeds.kill()
        assert reader.ended.wait(10)
    publish(*names[20:40])
    feeds.start()
    feeds.wait_ready()
    with follow(feeds, reader.last_id) as again:
        publish(*names[40:])
        got += again.headlines(40)
        publish("the last")
        assert again.headlines(1) == ["News of the last"]
    assert sorted(got) == sorted(news(names))


def test_a_reader_cut_off_before_any_event_resumes_where_it_began(
    feeds, publish, follow, eventually
):
    with follow(feeds) as reader:
        eventually(lambda: reader.last_id, what="the opening position")
    publish("one", "two")
    with follow(feeds, reader.last_id) as again:
        assert sorted(again.headlines(2)) == news(["one", "two"])


def test_a_reader_from_long_ago_is_served_from_the_log(feeds, publish, follow):
    with follow(feeds) as reader:
        publish("the first")
        reader.take(1)
    names = [f"story {number}" for number in range(1_500)]
    publish(*names)
    feeds.stop()
    feeds.start()
    feeds.wait_ready()
    with follow(feeds, reader.last_id) as again:
        got = again.headlines(1_500)
        publish("the last")
        assert again.headlines(1) == ["News of the last"]
    assert sorted(got) == sorted(news(names))


def test_a_second_copy_of_an_event_is_shown_once_even_after_a_restart(feeds, publish, follow):
    publish("ferry", revision=4)
    feeds.kill()
    feeds.start()
    feeds.wait_ready()
    with follow(feeds) as reader:
        publish("ferry", revision=4)
        publish("ferry", revision=5, headline="The ferry is late")
        assert reader.headlines(1) == ["The ferry is late"]


def test_a_position_that_the_log_does_not_have_yet_is_told_as_such(feeds, topics, publish, follow):
    topic = ARTICLE_PUBLISHED.full_name(topics)
    last_id = json.dumps([{"topic": topic, "partition": 0, "offset": 10**6}])
    with follow(feeds, last_id) as reader:
        (frame,) = reader.take(1)
        assert frame["event"] == "resync"
        publish("ferry")
        assert reader.headlines(1) == ["News of ferry"]


def test_the_streams_end_and_the_process_too_when_it_is_told_to(feeds, publish, follow):
    with follow(feeds) as reader, follow(feeds) as other:
        # uvicorn ends itself with the signal once it has finished.
        assert feeds.stop() in (0, -signal.SIGTERM)
        assert reader.ended.wait(5)
        assert other.ended.wait(5)
    assert "graceful shutdown exceeded" not in feeds.log()
    assert "Finished server process" in feeds.log()


def test_filters_are_by_name_or_slug(feeds, publish, follow):
    with follow(feeds, section="Øst Kanten") as reader:
        publish("opera", section="Arts")
        publish("ferry", section="Øst kanten")
        assert reader.headlines(1) == ["News of ferry"]


def test_when_kafka_comes_back_the_stream_goes_on_by_itself(
    own_broker, redis_url, start_service, namespace, wire_on, follow
):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    feeds = start_service("feeds", NEWSMAN_KAFKA_BOOTSTRAP=own_broker.bootstrap).wait_ready()
    publish = wire_on(own_broker.bootstrap)
    with follow(feeds) as reader:
        publish("before")
        assert reader.headlines(1) == ["News of before"]
        own_broker.kill()
        own_broker.start()
        own_broker.wait_ready()
        publish("after")
        assert reader.headlines(1) == ["News of after"]
        assert httpx.get(f"{feeds.ops_url}/healthz").status_code == 200
