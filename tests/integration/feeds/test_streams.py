"""Several live streams in one connection, through restarts, replicas and times."""

import json
import time

import httpx
import pytest
from kafka import KafkaAdminClient, TopicPartition

from newsman.redis.keys import STORE_LAYOUT
from newsman_schemas.articles import article_id
from newsman_schemas.topics import ARTICLE_PUBLISHED, RANKING_CHANGED

BOTH = "/articles,rankings"
LINES = {"Accept": "application/x-ndjson"}


@pytest.fixture
def feeds(desk, start_service):
    return start_service("feeds").wait_ready()


def told(frames: list[dict]) -> list[str]:
    """What frames tell of: an article by its headline, a ranking by its second."""
    return [
        frame["data"].get("headline") or frame["data"].get("as_of", "gone")[17:19]
        for frame in frames
    ]


def listed(frame: dict) -> list[str]:
    return [row["id"] for row in frame["data"]["items"]]


def test_articles_and_rankings_come_in_one_stream(feeds, publish, follow, desk):
    desk.publish("ferry")
    with follow(feeds, streams=BOTH) as reader:
        publish("ferry")
        reader.take(1)
        publish.rank(1, "ferry", "bridge")
        (frame,) = reader.take(1)
    assert frame["event"] == "ranking.changed"
    assert listed(frame) == [article_id("demo", "ferry"), article_id("demo", "bridge")]
    assert frame["data"]["items"][0]["url"].endswith(f"/articles/{article_id('demo', 'ferry')}")


def test_both_resume_after_a_kill_and_at_another_process_with_no_gap_and_nothing_twice(
    feeds, publish, follow, start_service, desk
):
    other = start_service("feeds").wait_ready()
    names = [f"story {number}" for number in range(30)]
    got: list[dict] = []

    def more(first: int) -> None:
        for number in range(first, first + 10):
            desk.publish(names[number])
            publish(names[number])
            publish.rank(number + 10, names[number])

    with follow(feeds, streams=BOTH) as reader:
        more(0)
        got += reader.take(13)
        feeds.kill()
    more(10)
    with follow(other, got[-1]["id"], streams=BOTH) as reader:
        got += reader.take(17)
    feeds.start()
    feeds.wait_ready()
    more(20)
    with follow(feeds, got[-1]["id"], streams=BOTH) as reader:
        got += reader.take(30)
        publish("the last")
        assert told(reader.take(1)) == ["News of the last"]
    everything = [f"News of {name}" for name in names] + [str(n + 10) for n in range(30)]
    assert sorted(told(got)) == sorted(everything)


def test_an_id_of_articles_alone_goes_on_when_rankings_are_added(feeds, publish, follow):
    with follow(feeds) as reader:
        publish("first")
        (frame,) = reader.take(1)
    with follow(feeds, streams=BOTH) as reader:
        publish("second")
        publish.rank(10)
        reader.take(2)
    with follow(feeds, frame["id"], streams=BOTH) as again:
        assert told(again.take(1)) == ["News of second"]
        publish.rank(11)
        assert told(again.take(1)) == ["11"]


def test_rankings_of_articles_that_were_killed_are_told_without_them(
    feeds, publish, follow, start_service, desk
):
    desk.publish("ferry")
    desk.publish("bridge")
    with follow(feeds, streams="/rankings") as reader:
        publish.rank(10, "ferry", "bridge")
        first = reader.take(1)[0]
        assert len(listed(first)) == 2
    desk.take_away("ferry")
    publish("ferry", revision=2, action="killed")
    publish.rank(11, "ferry", "bridge")
    bridge = [article_id("demo", "bridge")]
    # While the store is not whole nobody knows, so nothing is told.
    desk.client.delete(desk.keys.marker)
    with follow(feeds, streams="/rankings", since="0") as cut_off:
        assert cut_off.ended.wait(10)
        assert cut_off.frames.empty()
    desk.client.set(desk.keys.marker, STORE_LAYOUT)
    # From this process, which saw it live, and from one that begins now.
    for service in (feeds, start_service("feeds").wait_ready()):
        with follow(service, streams="/rankings", since="0") as again:
            assert [listed(frame) for frame in again.take(2)] == [bridge, bridge]


def test_a_filter_is_one_of_scopes_for_rankings_and_of_articles_for_articles(
    feeds, publish, follow
):
    with (
        follow(feeds, streams=BOTH, section="Øst Kanten") as of_section,
        follow(feeds, streams="/rankings", scope="all", window="1h") as overall,
        follow(feeds, streams=BOTH, author="mira-holt", window="1h") as of_author,
    ):
        publish("opera", section="Arts")
        publish("ferry", section="Øst kanten")
        publish.rank(10)
        publish.rank(11, scope="section:ost-kanten")
        publish.rank(12, window="1h")
        assert sorted(told(of_section.take(2))) == ["11", "News of ferry"]
        assert told(overall.take(1)) == ["12"]
        publish("signed", byline="Mira Holt")
        # Rankings have no authors.
        assert sorted(told(of_author.take(2))) == ["12", "News of signed"]


def test_both_begin_at_a_time_and_at_the_times_of_an_id(feeds, publish, follow, eventually, topics):
    publish("before")
    publish.rank(10)
    moment = int(time.time() * 1000) + 1
    eventually(lambda: time.time() * 1000 > moment)
    publish("after")
    publish.rank(11)
    with follow(feeds, streams=BOTH, since=str(moment)) as reader:
        assert sorted(told(reader.take(2))) == ["11", "News of after"]
    entries = [
        {"topic": topic.full_name(topics), "partition": partition, "timestamp": moment}
        for topic in (ARTICLE_PUBLISHED, RANKING_CHANGED)
        for partition in range(topic.partitions)
    ]
    with follow(feeds, json.dumps(entries), streams=BOTH) as reader:
        assert sorted(told(reader.take(2))) == ["11", "News of after"]


def test_both_are_lines_of_json_for_those_who_ask(feeds, publish):
    publish("ferry")
    publish.rank(10)
    timeout = httpx.Timeout(10, read=20)
    url = f"{feeds.url}/v1/stream{BOTH}?since=0"
    with httpx.stream("GET", url, headers=LINES, timeout=timeout) as answer:
        lines = (json.loads(line) for line in answer.iter_lines() if line)
        said = [next(lines) for _ in range(2)]
    assert {line["event"] for line in said} == {"article.published", "ranking.changed"}
    assert {entry["topic"] for line in said for entry in line["id"]} == {
        topic["topic"] for topic in httpx.get(f"{feeds.url}/v1/streams").json()["items"]
    }


def test_only_the_stream_whose_position_has_expired_begins_anew(feeds, publish, follow, topics):
    publish("before")
    publish("after")
    parts = range(ARTICLE_PUBLISHED.partitions)
    articles = [
        {"topic": ARTICLE_PUBLISHED.full_name(topics), "partition": part, "offset": 0}
        for part in parts
    ]
    beyond = {"topic": RANKING_CHANGED.full_name(topics), "partition": 0, "offset": 10**6}
    with follow(feeds, json.dumps([*articles, beyond]), streams=BOTH) as reader:
        resync, *rest = reader.take(3)
        assert (resync["event"], resync["data"]) == ("resync", {"streams": ["rankings"]})
        assert sorted(told(rest)) == ["News of after", "News of before"]
        publish.rank(10)
        assert told(reader.take(1)) == ["10"]


def test_a_position_that_the_log_has_deleted_is_told_and_the_stream_goes_on(
    desk, publish, follow, topics, kafka_bootstrap, start_service
):
    for second in (10, 11, 12):
        publish.rank(second)
    rankings = TopicPartition(RANKING_CHANGED.full_name(topics), 0)
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.delete_records({rankings: 2})
    admin.close()
    feeds = start_service("feeds").wait_ready()
    last_id = [{"topic": rankings.topic, "partition": 0, "offset": 1}]
    with follow(feeds, json.dumps(last_id), streams="/rankings") as reader:
        assert reader.take(1)[0]["event"] == "resync"
        publish.rank(13)
        assert told(reader.take(1)) == ["13"]
    last_id[0]["offset"] = 2
    with follow(feeds, json.dumps(last_id), streams="/rankings") as reader:
        assert told(reader.take(2)) == ["12", "13"]
