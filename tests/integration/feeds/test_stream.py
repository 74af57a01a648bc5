"""The live stream of a real process over real Kafka, through restarts and outages."""

import json
import queue
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import httpx
import pytest

from newsman.kafka.topics import ensure_topics
from newsman_schemas.topics import ARTICLE_PUBLISHED

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def feeds(desk, start_service):
    return start_service("feeds").wait_ready()


class Reader:
    """Reads a stream in the background, as a browser does."""

    def __init__(self) -> None:
        self.frames: queue.Queue[dict] = queue.Queue()
        self.last_id: str | None = None
        self.ended = threading.Event()

    def read(self, lines) -> None:
        frame: dict[str, str] = {}
        try:
            for line in lines:
                if line:
                    name, _, value = line.partition(": ")
                    frame[name] = value
                    continue
                self.last_id = frame.get("id", self.last_id)
                if "data" in frame:
                    self.frames.put({**frame, "data": json.loads(frame["data"])})
                frame = {}
        except httpx.TransportError:
            pass
        finally:
            self.ended.set()

    def take(self, count: int, timeout: float = 20) -> list[dict]:
        return [self.frames.get(timeout=timeout) for _ in range(count)]

    def headlines(self, count: int) -> list[str]:
        return [frame["data"]["headline"] for frame in self.take(count)]


@contextmanager
def reading(service, last_id: str | None = None, **params: str):
    reader = Reader()
    headers = {"Last-Event-ID": last_id} if last_id else {}
    timeout = httpx.Timeout(10, read=60)
    with httpx.stream(
        "GET", f"{service.url}/v1/stream", headers=headers, params=params, timeout=timeout
    ) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == ":ok"
        thread = threading.Thread(target=reader.read, args=(lines,), daemon=True)
        thread.start()
        connection = answer.extensions["network_stream"].get_extra_info("socket")
        yield reader
        # A read in another thread ends only with its socket.
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def news(names) -> list[str]:
    return [f"News of {name}" for name in names]


def test_a_reader_sees_an_article_come_change_and_go(feeds, publish):
    with reading(feeds) as reader:
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


def test_after_a_restart_a_reader_misses_nothing_and_sees_nothing_twice(feeds, publish):
    names = [f"story {number}" for number in range(60)]
    with reading(feeds) as reader:
        publish(*names[:20])
        got = reader.headlines(20)
        feeds.kill()
        assert reader.ended.wait(10)
    publish(*names[20:40])
    feeds.start()
    feeds.wait_ready()
    with reading(feeds, reader.last_id) as again:
        publish(*names[40:])
        got += again.headlines(40)
        publish("the last")
        assert again.headlines(1) == ["News of the last"]
    assert sorted(got) == sorted(news(names))


def test_a_reader_cut_off_before_any_event_resumes_where_it_began(feeds, publish, eventually):
    with reading(feeds) as reader:
        eventually(lambda: reader.last_id, what="the opening position")
    publish("one", "two")
    with reading(feeds, reader.last_id) as again:
        assert sorted(again.headlines(2)) == news(["one", "two"])


def test_a_reader_from_long_ago_is_served_from_the_log(feeds, publish):
    with reading(feeds) as reader:
        publish("the first")
        reader.take(1)
    names = [f"story {number}" for number in range(1_500)]
    publish(*names)
    feeds.stop()
    feeds.start()
    feeds.wait_ready()
    with reading(feeds, reader.last_id) as again:
        got = again.headlines(1_500)
        publish("the last")
        assert again.headlines(1) == ["News of the last"]
    assert sorted(got) == sorted(news(names))


def test_a_second_copy_of_an_event_is_shown_once_even_after_a_restart(feeds, publish):
    publish("ferry", revision=4)
    feeds.kill()
    feeds.start()
    feeds.wait_ready()
    with reading(feeds) as reader:
        publish("ferry", revision=4)
        publish("ferry", revision=5, headline="The ferry is late")
        assert reader.headlines(1) == ["The ferry is late"]


def test_a_position_that_the_log_does_not_have_yet_is_told_as_such(feeds, topics, publish):
    topic = ARTICLE_PUBLISHED.full_name(topics)
    last_id = json.dumps([{"topic": topic, "partition": 0, "offset": 10**6}])
    with reading(feeds, last_id) as reader:
        (frame,) = reader.take(1)
        assert frame["event"] == "resync"
        publish("ferry")
        assert reader.headlines(1) == ["News of ferry"]


def test_the_streams_end_and_the_process_too_when_it_is_told_to(feeds, publish):
    with reading(feeds) as reader, reading(feeds) as other:
        # uvicorn ends itself with the signal once it has finished.
        assert feeds.stop() in (0, -signal.SIGTERM)
        assert reader.ended.wait(5)
        assert other.ended.wait(5)
    assert "graceful shutdown exceeded" not in feeds.log()
    assert "Finished server process" in feeds.log()


def test_filters_are_by_name_or_slug(feeds, publish):
    with reading(feeds, section="Øst Kanten") as reader:
        publish("opera", section="Arts")
        publish("ferry", section="Øst kanten")
        assert reader.headlines(1) == ["News of ferry"]


def test_when_kafka_comes_back_the_stream_goes_on_by_itself(
    own_broker, redis_url, start_service, namespace, desk, wire_on
):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    feeds = start_service("feeds", NEWSMAN_KAFKA_BOOTSTRAP=own_broker.bootstrap).wait_ready()
    publish = wire_on(own_broker.bootstrap)
    with reading(feeds) as reader:
        publish("before")
        assert reader.headlines(1) == ["News of before"]
        own_broker.kill()
        own_broker.start()
        own_broker.wait_ready()
        publish("after")
        assert reader.headlines(1) == ["News of after"]
        assert httpx.get(f"{feeds.url}/healthz").status_code == 200
