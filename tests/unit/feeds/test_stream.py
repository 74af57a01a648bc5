"""The live stream: ids, filters, and nobody gets anything twice or not at all."""

import asyncio
import functools
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from newsman.feeds.parameters import read_moment
from newsman.feeds.stream import (
    BadPosition,
    Frame,
    Hub,
    Seen,
    UnknownTopic,
    as_json_line,
    decode_id,
    encode_id,
    frame_of,
    still_told,
)
from newsman.feeds.stream_web import HEARTBEAT, Heartbeat, _frames, stream_routes
from newsman_schemas.articles import ArticlePublished, Tag

TOPIC = "t.article-published.v1"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SHOWN: frozenset[str] = frozenset()


def in_loop(scene):
    """The scene as a test that ends within 20 seconds."""

    @functools.wraps(scene)
    def test(**fixtures):
        asyncio.run(asyncio.wait_for(scene(**fixtures), 20))

    return test


def frame(number: int, partition: int = 0, revision: int = 1, terms=frozenset()) -> Frame:
    payload = f"event: article.published\ndata: {number}\n\n".encode()
    return Frame(partition, number, f"article-{partition}-{number}", revision, payload, terms)


def hub(*, ring: int = 100, buffer_events: int = 100, ends=None) -> Hub:
    made = Hub(TOPIC, buffer_events=buffer_events, ring=ring)
    ends = ends or {0: 0, 1: 0}
    made.begin(ends, ends, ())
    return made


class Log:
    """The topic: everything that was ever published."""

    def __init__(self, *frames: Frame) -> None:
        self.frames = list(frames)
        self.readings = 0
        self.first = 0

    def read(self, start, end):
        self.readings += 1
        if any(offset < self.first for offset in start.values()):
            return None
        return [
            f for f in self.frames if start.get(f.partition, 10**9) <= f.offset < end[f.partition]
        ]


async def opened(over: Hub, log: Log, start=None, wants=frozenset(), heartbeat=60.0):
    stream = _frames(over, log, start, wants, Heartbeat(heartbeat, HEARTBEAT))
    assert await anext(stream) == b":ok\n\nretry: 2000\n\n"
    return stream


def data(sent: bytes) -> str:
    return next(line[6:] for line in sent.decode().splitlines() if line.startswith("data: "))


def position(sent: bytes) -> dict[int, int]:
    text = next(line[4:] for line in sent.decode().splitlines() if line.startswith("id: "))
    return decode_id(text, TOPIC, [0, 1])


def test_an_id_comes_back_as_the_position_it_was_made_of():
    line = encode_id(TOPIC, {1: 7, 0: 3}).decode()
    assert json.loads(line.removeprefix("id: ")) == [
        {"topic": TOPIC, "partition": 0, "offset": 3},
        {"topic": TOPIC, "partition": 1, "offset": 7},
    ]
    assert decode_id(line.removeprefix("id: "), TOPIC, [0, 1]) == {0: 3, 1: 7}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "7",
        "null",
        '"x"',
        "[1]",
        "[{}]",
        "[" * 100_000,
        json.dumps([{"topic": TOPIC, "partition": 0, "offset": -1}]),
        json.dumps([{"topic": TOPIC, "partition": 0, "offset": "1"}]),
        json.dumps([{"topic": TOPIC, "partition": 0, "offset": True}]),
        json.dumps([{"topic": TOPIC, "partition": 9, "offset": 1}]),
        json.dumps([{"topic": TOPIC, "partition": 0}]),
    ],
)
def test_an_id_that_is_none_is_refused(text):
    with pytest.raises(BadPosition):
        decode_id(text, TOPIC, [0, 1])


def test_an_id_of_another_topic_is_refused_so_that_nothing_else_can_be_read():
    with pytest.raises(UnknownTopic):
        decode_id('[{"topic": "rejected.v1", "partition": 0, "offset": 0}]', TOPIC, [0])


@pytest.mark.parametrize("last_id", ["not json", "[[]]"])
def test_a_bad_last_event_id_is_answered_400(last_id):
    app = Starlette(routes=stream_routes(hub(), Log(), heartbeat_seconds=60))
    answer = TestClient(app).get("/v1/stream", headers={"Last-Event-ID": last_id})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_last_event_id_of_another_topic_is_answered_404():
    app = Starlette(routes=stream_routes(hub(), Log(), heartbeat_seconds=60))
    last_id = '[{"topic": "rejected.v1", "partition": 0, "offset": 0}]'
    answer = TestClient(app).get("/v1/stream", params={"lastEventId": last_id})
    assert answer.status_code == 404


def test_before_the_tail_stands_the_stream_is_answered_503():
    app = Starlette(routes=stream_routes(Hub(TOPIC, buffer_events=1), Log(), heartbeat_seconds=60))
    answer = TestClient(app).get("/v1/stream")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_a_replay_says_nothing_of_what_was_taken_away_later():
    told = [
        replace(frame(number), article_id=article_id, terms=terms)
        for number, (article_id, terms) in enumerate(
            [("a", SHOWN), ("b", SHOWN), ("a", SHOWN), ("a", None), ("b", SHOWN), ("a", SHOWN)]
        )
    ]
    assert [found.offset for found in still_told(told)] == [1, 3, 4, 5]


def test_a_second_copy_of_a_revision_is_not_new_nor_an_older_one():
    seen = Seen()
    told = [seen.is_new("a", revision) for revision in (1, 1, 2, 1, 3)]
    assert told == [True, False, True, False, True]


def test_what_is_remembered_of_articles_is_bounded():
    seen = Seen(capacity=2)
    assert all(seen.is_new(name, 1) for name in ("a", "b", "c"))
    assert seen.is_new("a", 1)
    assert not seen.is_new("c", 1)


def event(stored, action="published", **fields) -> ArticlePublished:
    shown = None if action in ("killed", "withdrawn") else stored(**fields).article
    return ArticlePublished(
        event_id="e",
        occurred_at=NOW,
        action=action,
        revision=1,
        article_id="abcdefghijklmnop",
        source="demo",
        uri="urn:test:1",
        version=1,
        article=shown,
    )


def test_a_frame_tells_what_an_article_is_about_without_its_text(stored, site):
    tag = Tag(name="Bridges", slug="bridges", confidence=1, method="test")
    published = event(stored, section="Øst", body_text="The text.", tags=(tag,))
    made = frame_of(published, 0, 5, site)
    told = json.loads(data(made.payload))
    assert made.payload.startswith(b"event: article.published\n")
    assert told["headline"] == "A bridge opens"
    assert told["url"] == "https://news.example/articles/abcdefghijklmnop"
    assert (told["tags"], told["revision"]) == (["Bridges"], 1)
    assert b"The text." not in made.payload
    assert made.terms == {"latest", "section:ost", "source:demo", "tag:bridges"}


def test_a_frame_of_a_kill_has_nothing_of_the_article_but_its_id(stored, site):
    made = frame_of(event(stored, action="killed"), 0, 5, site)
    assert made.payload.startswith(b"event: article.killed\n")
    assert set(json.loads(data(made.payload))) == {"id", "action", "revision", "version", "at"}


def test_no_headline_can_end_a_frame(stored, site, naughty_strings):
    for text in naughty_strings:
        payload = frame_of(event(stored, headline=text), 0, 5, site).payload.decode()
        assert payload.count("\n") == 3
        assert "\r" not in payload
        assert json.loads(data(payload.encode()))["headline"] == text


@in_loop
async def test_a_new_reader_gets_a_position_and_then_what_comes():
    over = hub(ends={0: 4, 1: 9})
    stream = await opened(over, Log())
    assert position(await anext(stream)) == {0: 4, 1: 9}
    over.publish(frame(4))
    sent = await anext(stream)
    assert (data(sent), position(sent)) == ("4", {0: 5, 1: 9})
    await stream.aclose()
    assert over.subscribers == 0


@in_loop
async def test_a_reader_that_comes_back_gets_what_it_missed_once():
    over = hub()
    for number in range(10):
        over.publish(frame(number))
    log = Log()
    stream = await opened(over, log, {0: 6, 1: 0})
    # Published while the missed ones are on their way.
    over.publish(frame(10))
    over.publish(frame(0, partition=1))
    got = [await anext(stream) for _ in range(6)]
    assert [data(sent) for sent in got] == ["6", "7", "8", "9", "10", "0"]
    assert position(got[1]) == {0: 8, 1: 0}
    assert position(got[-1]) == {0: 11, 1: 1}
    over.publish(frame(11))
    assert data(await anext(stream)) == "11"
    assert log.readings == 0


@in_loop
async def test_what_the_ring_has_forgotten_is_read_from_the_log():
    over, frames = hub(ring=3), [frame(number) for number in range(10)]
    for one in frames:
        over.publish(one)
    log = Log(*frames)
    stream = await opened(over, log, {0: 2})
    over.publish(frame(10))
    assert [data(await anext(stream)) for _ in range(9)] == [str(n) for n in range(2, 11)]
    assert log.readings == 1


@in_loop
async def test_a_position_that_has_expired_is_told_and_the_stream_goes_on():
    over, log = hub(ring=1, ends={0: 100, 1: 0}), Log()
    log.first = 50
    stream = await opened(over, log, {0: 10, 1: 0})
    told = await anext(stream)
    assert told.startswith(b"event: resync\n")
    assert position(told) == {0: 100, 1: 0}
    over.publish(frame(100))
    assert data(await anext(stream)) == "100"


@in_loop
async def test_a_position_of_the_future_is_told_too(monkeypatch):
    monkeypatch.setattr("newsman.feeds.stream_web.CATCH_UP_SECONDS", 0.1)
    stream = await opened(hub(), Log(), {0: 1_000})
    assert (await anext(stream)).startswith(b"event: resync\n")


@in_loop
async def test_a_reader_ahead_of_this_process_gets_nothing_twice():
    over = hub()
    opening = asyncio.ensure_future(opened(over, Log(), {0: 2, 1: 0}))
    for number in range(3):
        await asyncio.sleep(0)
        over.publish(frame(number))
    stream = await opening
    assert data(await anext(stream)) == "2"


@in_loop
async def test_a_second_copy_in_the_log_is_shown_once():
    over = hub()
    stream = await opened(over, Log())
    await anext(stream)
    for number in (0, 1):
        over.publish(Frame(0, number, "same", 1, b"data: same\n\n", frozenset()))
    over.publish(frame(2))
    assert data(await anext(stream)) == "same"
    sent = await anext(stream)
    assert (data(sent), position(sent)) == ("2", {0: 3, 1: 0})


@in_loop
async def test_a_stalled_reader_is_let_go_without_a_gap_and_without_the_others_noticing():
    over = hub(buffer_events=3)
    stalled, reading = await opened(over, Log()), await opened(over, Log())
    await anext(stalled)
    await anext(reading)
    got = []
    for number in range(6):
        over.publish(frame(number))
        got.append(data(await anext(reading)))
    assert got == [str(number) for number in range(6)]
    assert over.subscribers == 1
    assert [sent async for sent in stalled] == []


@in_loop
async def test_filters_let_through_what_is_wanted_and_every_kill():
    over = hub()
    wants = frozenset({"section:sport"})
    stream = await opened(over, Log(), None, wants, heartbeat=0.05)
    await anext(stream)
    over.publish(frame(0, terms=frozenset({"section:sport", "tag:a"})))
    over.publish(frame(1, terms=frozenset({"section:arts"})))
    over.publish(frame(2))
    over.publish(frame(3, terms=None))
    assert [data(await anext(stream)) for _ in range(2)] == ["0", "3"]
    over.publish(frame(4))
    beat = await anext(stream)
    assert beat.startswith(b": ")
    assert position(beat) == {0: 5, 1: 0}


@in_loop
async def test_silence_is_broken_by_a_comment():
    stream = await opened(hub(), Log(), heartbeat=0.02)
    await anext(stream)
    assert await anext(stream) == b": still here\n\n"


@in_loop
async def test_closing_ends_every_stream_and_those_that_come_later():
    over = hub()
    stream = await opened(over, Log())
    await anext(stream)
    over.publish(frame(0))
    over.close()
    assert [sent async for sent in stream] == []
    late = await opened(over, Log())
    await anext(late)
    assert [sent async for sent in late] == []


@in_loop
async def test_what_was_before_the_start_of_this_process_is_in_the_ring():
    over = Hub(TOPIC, buffer_events=10)
    over.begin({0: 3}, {0: 6}, [frame(n) for n in (3, 4, 5)])
    log = Log()
    stream = await opened(over, log, {0: 4})
    assert [data(await anext(stream)) for _ in range(2)] == ["4", "5"]
    over.publish(Frame(0, 6, "article-0-5", 1, b"data: copy\n\n", frozenset()))
    over.publish(frame(7))
    assert data(await anext(stream)) == "7"
    assert log.readings == 0


@in_loop
async def test_what_the_tail_reads_again_after_an_outage_moves_nothing_back():
    over = hub()
    for number in range(5):
        over.publish(frame(number))
    over.publish(frame(2, revision=2))
    assert over.positions == {0: 5, 1: 0}
    stream = await opened(over, Log())
    assert position(await anext(stream)) == {0: 5, 1: 0}


def test_a_block_of_the_stream_is_a_line_of_json():
    position = [{"topic": "t", "partition": 0, "offset": 7}]
    block = b"id: " + json.dumps(position).encode() + b"\nevent: article.published\n"
    told = as_json_line(block + b'data: {"headline": "a: b\\u2028"}\n\n')
    assert told.count(b"\n") == 1
    assert json.loads(told) == {
        "event": "article.published",
        "id": position,
        "data": {"headline": "a: b\u2028"},
    }
    assert as_json_line(b":ok\n\nretry: 2000\n\n") == b"\n"
    assert as_json_line(b": still here\n\n") == b"\n"
    assert json.loads(as_json_line(b"id: [1]\n\n")) == {"event": "position", "id": [1]}


@pytest.mark.parametrize(
    ("text", "moment_ms"),
    [("0", 0), ("1772452800000", 1772452800000), ("2026-03-02T12:00:00Z", 1772452800000)],
)
def test_a_moment_is_iso_or_milliseconds(text, moment_ms):
    assert read_moment("since", text) == moment_ms
