"""One reader's stream: nobody gets anything twice or not at all, nor of what was taken away."""

import asyncio
import functools
import json
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from kafka.errors import KafkaError
from redis.exceptions import RedisError

from newsman.feeds.stream import follower as follower_module
from newsman.feeds.stream.audience import PROOF_SECONDS, PUBLIC, Audience
from newsman.feeds.stream.broadcaster import Broadcaster
from newsman.feeds.stream.channel import Carried
from newsman.feeds.stream.follower import Follower, StreamRequest
from newsman.feeds.stream.frames import Frame
from newsman.feeds.stream.searches import Searches
from newsman.feeds.subscribers.told import ToldVersion
from newsman.kafka.positions import Named, decode_id
from newsman.redis.articles import StoreRebuilding
from newsman_schemas.subscriptions import Filter

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ARTICLES, RANKINGS = "t.article-published.v1", "t.ranking-changed.v2"
NAMES = {ARTICLES: "articles", RANKINGS: "rankings"}
PARTS = {(ARTICLES, 0): 0, (ARTICLES, 1): 0, (RANKINGS, 0): 0}
OF_ARTICLES = Carried(frozenset({ARTICLES}))
OF_BOTH = Carried(frozenset({ARTICLES, RANKINGS}))


def in_loop(scene):
    """The scene as a test that ends within 20 seconds."""

    @functools.wraps(scene)
    def test(**fixtures):
        asyncio.run(asyncio.wait_for(scene(**fixtures), 20))

    return test


def frame(number: int, partition: int = 0, revision: int = 1, terms=frozenset()) -> Frame:
    payload = f"event: article.published\ndata: {number}\n\n".encode()
    key = f"article-{partition}-{number}"
    return Frame(ARTICLES, partition, number, key, revision, payload, terms)


def ranking(number: int, *articles: str, terms=frozenset()) -> Frame:
    listed = [{"rank": rank, "id": one} for rank, one in enumerate(articles, start=1)]
    data = {"number": number, "items": listed}
    payload = f"event: ranking.changed\ndata: {json.dumps(data)}\n\n".encode()
    return Frame(RANKINGS, 0, number, "views 24h all", number + 1, payload, terms, ranking=data)


def hub(*, ring: int = 100, buffer_events: int = 100, **ends: int) -> Broadcaster:
    made = Broadcaster(buffer_events=buffer_events, ring=ring)
    stands = {**PARTS, (ARTICLES, 0): ends.get("first", 0), (ARTICLES, 1): ends.get("second", 0)}
    made.begin(stands, stands, ())
    return made


class Log:
    """The topics: everything that was ever published."""

    def __init__(self, *frames: Frame) -> None:
        self.frames = list(frames)
        self.readings = 0
        self.first = 0

    def read(self, start, end, look=None):
        self.readings += 1
        if any(offset < self.first for offset in start.values()):
            return None
        return [
            found
            for found in self.frames
            if (part := (found.topic, found.partition)) in start
            and start[part] <= found.offset < end[part]
        ]

    def at(self, moments):
        return dict.fromkeys(moments, 3)


class Reader:
    """Reads a stream block by block, however the blocks come together."""

    def __init__(self, follower: Follower, asked: StreamRequest) -> None:
        self._pieces = follower.follow(asked)
        self._blocks: deque[bytes] = deque()

    async def next(self) -> bytes:
        while not self._blocks:
            piece = await anext(self._pieces)
            assert piece.endswith(b"\n\n")
            self._blocks += [block + b"\n\n" for block in piece.split(b"\n\n")[:-1]]
        return self._blocks.popleft()

    async def data(self, count: int) -> list[str]:
        found: list[str] = []
        while len(found) < count:
            block = await self.next()
            found += [data(block)] if block != b": still here\n\n" else []
        return found

    async def rest(self) -> list[bytes]:
        return [*self._blocks, *[piece async for piece in self._pieces]]

    async def close(self) -> None:
        await self._pieces.aclose()


async def every(articles):
    return set(articles)


async def opened(
    over: Broadcaster,
    log: Log,
    start=None,
    *,
    wants=frozenset(),
    heartbeat=60.0,
    carried=OF_ARTICLES,
    published=every,
    pings=False,
    audience=PUBLIC,
) -> Reader:
    follower = Follower(
        over, log, published, NAMES, searches=Searches(), heartbeat_seconds=heartbeat
    )
    asked = StreamRequest(carried, dict.fromkeys(carried.topics, wants), start or {}, pings)
    asked = replace(asked, audience=audience)
    reader = Reader(follower, asked)
    assert await reader.next() == b":ok\n\n"
    assert await reader.next() == b"retry: 2000\n\n"
    return reader


def data(sent: bytes) -> str:
    return next(line[6:] for line in sent.decode().splitlines() if line.startswith("data: "))


def position(sent: bytes, topic: str = ARTICLES) -> dict[int, int]:
    text = next(line[4:] for line in sent.decode().splitlines() if line.startswith("id: "))
    offsets = decode_id(text, PARTS).offsets
    return {part: offset for (name, part), offset in offsets.items() if name == topic}


def at(first: int, second: int = 0) -> dict:
    return {(ARTICLES, 0): first, (ARTICLES, 1): second}


@in_loop
async def test_a_new_reader_gets_a_position_and_then_what_comes():
    over = hub(first=4, second=9)
    reader = await opened(over, Log())
    assert position(await reader.next()) == {0: 4, 1: 9}
    over.publish(frame(4))
    sent = await reader.next()
    assert (data(sent), position(sent)) == ("4", {0: 5, 1: 9})
    await reader.close()
    assert over.subscribers == 0


def told_frame(number: int, *terms: str) -> Frame:
    made = frame(number, terms=frozenset(terms))
    return replace(made, told=ToldVersion(made.key, "article.published", 1, 1, NOW))


@in_loop
async def test_a_subscriber_is_told_of_its_products_and_noted_with_what_is_sent_alone():
    over, noted, sport = hub(), [], ("section:sport", "section:arts")
    mine = Audience(lambda told: noted.extend(one.article_id for one in told), products=sport)
    over.publish(*(told_frame(n, s) for n, s in enumerate(("section:sport", "section:news"))))
    reader = await opened(over, Log(), at(0), audience=mine)
    assert await reader.data(1) == ["0"]
    over.publish(told_frame(2, "section:news"), told_frame(3, "section:arts"), ranking(0, "x"))
    assert await reader.data(1) == ["3"]
    assert noted == ["article-0-0", "article-0-3"]
    await reader.close()


@in_loop
async def test_a_kill_is_noted_once_the_stream_has_gone_on_behind_it():
    over, noted, clock = hub(), [], [0.0]
    mine = Audience(lambda told: noted.extend(one.event for one in told), clock=lambda: clock[0])
    killed = ToldVersion("x", "article.killed", 2, 1, NOW)
    over.publish(told_frame(0), replace(frame(1, terms=None), told=killed))
    reader = await opened(over, Log(), at(0), audience=mine, heartbeat=0.01)
    assert await reader.data(2) == ["0", "1"]
    over.publish(told_frame(2))
    assert await reader.data(1) == ["2"]
    assert noted == ["article.published"] * 2, "the connection may be lost already"
    clock[0] = PROOF_SECONDS
    while "article.killed" not in noted:
        assert await reader.next() == b": still here\n\n"
    assert len(noted) == 3
    await reader.close()


@in_loop
async def test_the_stream_of_a_subscriber_ends_once_its_token_opens_nothing():
    over, noted, known = hub(), [], [True]
    mine = Audience(noted.extend, is_known=lambda: known[0])
    reader = await opened(over, Log(), at(0), audience=mine)
    over.publish(told_frame(0))
    assert await reader.data(1) == ["0"]
    known.clear()
    known.append(False)
    over.publish(told_frame(1))
    assert await reader.rest() == []
    assert [one.article_id for one in noted] == ["article-0-0"]


@in_loop
async def test_an_id_of_a_stream_of_articles_names_the_topic_of_articles_alone():
    reader = await opened(hub(), Log())
    assert RANKINGS.encode() not in await reader.next()


@in_loop
async def test_a_reader_that_comes_back_gets_what_it_missed_once():
    over = hub()
    over.publish(*(frame(number) for number in range(10)))
    log = Log()
    reader = await opened(over, log, at(6))
    # Published while the missed ones are on their way.
    over.publish(frame(10), frame(0, partition=1))
    got = [await reader.next() for _ in range(6)]
    assert [data(sent) for sent in got] == ["6", "7", "8", "9", "10", "0"]
    assert position(got[1]) == {0: 8, 1: 0}
    assert position(got[-1]) == {0: 11, 1: 1}
    over.publish(frame(11))
    assert await reader.data(1) == ["11"]
    assert log.readings == 0


@in_loop
async def test_what_the_ring_has_forgotten_is_read_from_the_log():
    over, frames = hub(ring=3), [frame(number) for number in range(10)]
    over.publish(*frames)
    log = Log(*frames)
    reader = await opened(over, log, {(ARTICLES, 0): 2})
    over.publish(frame(10))
    assert await reader.data(9) == [str(n) for n in range(2, 11)]
    assert log.readings == 1


@in_loop
async def test_a_position_that_has_expired_is_told_and_the_stream_goes_on():
    over, log = hub(ring=1, first=100), Log()
    log.first = 50
    reader = await opened(over, log, at(10))
    told = await reader.next()
    assert told.startswith(b"event: resync\n")
    assert position(told) == {0: 100, 1: 0}
    assert json.loads(data(told)) == {"streams": ["articles"]}
    over.publish(frame(100))
    assert await reader.data(1) == ["100"]


@in_loop
async def test_a_position_of_the_future_is_told_too(monkeypatch):
    monkeypatch.setattr("newsman.feeds.stream.follower.CATCH_UP_SECONDS", 0.1)
    reader = await opened(hub(), Log(), at(1_000))
    assert (await reader.next()).startswith(b"event: resync\n")


@in_loop
async def test_a_reader_ahead_of_this_process_gets_nothing_twice():
    over = hub()
    opening = asyncio.ensure_future(opened(over, Log(), at(2)))
    for number in range(3):
        await asyncio.sleep(0)
        over.publish(frame(number))
    reader = await opening
    assert await reader.data(1) == ["2"]


@in_loop
async def test_of_several_streams_only_the_one_that_expired_is_told_and_the_other_goes_on():
    over, log = hub(first=100), Log()
    log.first = 50
    over.publish(ranking(0, "a"))
    over.publish(ranking(1, "b"))
    start = {**at(10), (RANKINGS, 0): 1}
    reader = await opened(over, log, start, carried=OF_BOTH)
    told = await reader.next()
    assert json.loads(data(told)) == {"streams": ["articles"]}
    assert (position(told), position(told, RANKINGS)) == ({0: 100, 1: 0}, {0: 1})
    sent = await reader.next()
    assert json.loads(data(sent))["number"] == 1
    assert position(sent, RANKINGS) == {0: 2}


@in_loop
async def test_several_streams_come_in_one_and_resume_together():
    over = hub()
    reader = await opened(over, Log(), carried=OF_BOTH)
    await reader.next()
    over.publish(frame(0), ranking(0, "a"), frame(1), ranking(1, "b"))
    got = [await reader.next() for _ in range(4)]
    assert [(position(s), position(s, RANKINGS)) for s in got] == [
        ({0: 1, 1: 0}, {0: 0}),
        ({0: 1, 1: 0}, {0: 1}),
        ({0: 2, 1: 0}, {0: 1}),
        ({0: 2, 1: 0}, {0: 2}),
    ]
    text = next(line[4:] for line in got[1].decode().splitlines() if line.startswith("id: "))
    again = await opened(over, Log(), decode_id(text, PARTS).offsets, carried=OF_BOTH)
    rest = await again.data(2)
    assert (rest[0], json.loads(rest[1])["number"]) == ("1", 1)


@in_loop
async def test_an_id_from_before_a_stream_was_added_begins_that_one_now():
    over = hub()
    over.publish(frame(0), frame(1), ranking(0, "a"))
    reader = await opened(over, Log(), at(1), carried=OF_BOTH)
    sent = await reader.next()
    assert (data(sent), position(sent, RANKINGS)) == ("1", {0: 1})
    over.publish(ranking(1, "b"))
    assert json.loads((await reader.data(1))[0])["number"] == 1


@in_loop
async def test_a_ranking_of_what_was_killed_comes_without_it_live_and_in_a_replay():
    over = hub()
    over.publish(ranking(0, "a", "b"))
    reader = await opened(over, Log(), carried=OF_BOTH)
    await reader.next()
    over.publish(replace(frame(0, terms=None), key="a"), ranking(1, "a", "b"))
    sent = await reader.data(2)
    assert json.loads(sent[1])["items"] == [{"rank": 1, "id": "b"}]

    async def published(articles):
        return set(articles) - {"a"}

    start = {(RANKINGS, 0): 0}
    again = await opened(over, Log(), start, carried=OF_BOTH, published=published)
    for told in await again.data(2):
        assert json.loads(told)["items"] == [{"rank": 1, "id": "b"}]


@in_loop
async def test_an_article_that_lives_again_ranks_again():
    over = hub()
    reader = await opened(over, Log(), carried=OF_BOTH)
    await reader.next()
    gone = replace(frame(0, terms=None), key="a")
    over.publish(gone, replace(frame(1, revision=2), key="a"), ranking(0, "a"))
    *_, told = await reader.data(3)
    assert json.loads(told)["items"] == [{"rank": 1, "id": "a"}]


@pytest.mark.parametrize("problem", [KafkaError("away"), RedisError("away"), StoreRebuilding("")])
@in_loop
async def test_a_replay_that_fails_ends_the_stream_before_anything_is_left_out(problem):
    over = hub()
    over.publish(ranking(0, "a"), frame(0))

    async def published(_):
        raise problem

    start = {(RANKINGS, 0): 0}
    reader = await opened(over, Log(), start, carried=OF_BOTH, published=published)
    assert await reader.rest() == []
    assert over.subscribers == 0


@in_loop
async def test_a_second_copy_in_the_log_is_shown_once():
    over = hub()
    reader = await opened(over, Log())
    await reader.next()
    over.publish(*(replace(frame(number), key="same") for number in (0, 1)), frame(2))
    assert await reader.data(1) == ["0"]
    sent = await reader.next()
    assert (data(sent), position(sent)) == ("2", {0: 3, 1: 0})


@in_loop
async def test_filters_let_through_what_is_wanted_and_every_kill():
    over = hub()
    reader = await opened(over, Log(), wants=frozenset({"section:sport"}), heartbeat=0.05)
    await reader.next()
    over.publish(frame(0, terms=frozenset({"section:sport", "tag:a"})))
    over.publish(frame(1, terms=frozenset({"section:arts"})))
    over.publish(frame(2), frame(3, terms=None))
    assert await reader.data(2) == ["0", "3"]
    over.publish(frame(4))
    beat = await reader.next()
    assert beat.startswith(b": ")
    assert position(beat) == {0: 5, 1: 0}


def moving(number: int, revision: int, section: str, **left: int) -> Frame:
    """A frame of an article that stands under a section now, and left others by revisions."""
    shown = frame(number, revision=revision, terms=frozenset({"latest", f"section:{section}"}))
    terms = {f"section:{name}": at for name, at in left.items()}
    return replace(shown, key="moving", left=terms, moved=b"data: moved %d\n\n" % number)


@in_loop
async def test_who_follows_what_an_update_left_is_told_once_that_it_has_moved():
    over = hub()
    readers = [
        await opened(over, Log(), wants=frozenset({f"section:{name}"}))
        for name in ("sport", "arts", "city")
    ]
    for reader in readers:
        await reader.next()
    over.publish(moving(0, 1, "sport"))
    over.publish(moving(1, 2, "arts", sport=2), moving(2, 3, "arts", sport=2))
    over.publish(moving(3, 4, "city", sport=2, arts=4))
    assert await readers[0].data(2) == ["0", "moved 1"]
    assert await readers[1].data(3) == ["1", "2", "moved 3"]
    assert await readers[2].data(1) == ["3"]


@pytest.mark.parametrize("ring", [100, 1])
@in_loop
async def test_who_was_away_while_it_moved_is_told_of_it_though_the_log_kept_the_last_alone(ring):
    frames = [moving(2, 3, "arts", sport=2), moving(3, 4, "arts", sport=2)]
    over = hub(ring=ring)
    for number in range(2):
        over.publish(frame(number, terms=frozenset()))
    over.publish(*frames)
    sport, arts = frozenset({"section:sport"}), frozenset({"section:arts"})
    for wants, expected in ((sport, ["moved 2"]), (arts, ["2", "3"])):
        reader = await opened(over, Log(*frames), at(1), wants=wants)
        assert await reader.data(len(expected)) == expected


@in_loop
async def test_readers_of_other_filters_and_forms_get_their_own():
    over = hub()
    sport, arts = ({"wants": frozenset({f"section:{name}"})} for name in ("sport", "arts"))
    readers = [await opened(over, Log(), **one) for one in (sport, arts, {})]
    lines = Carried(OF_ARTICLES.topics, as_lines=True)
    follower = Follower(over, Log(), every, NAMES, searches=Searches(), heartbeat_seconds=60)
    told = follower.follow(StreamRequest(lines, {}, {}))
    first = [await anext(told), await anext(told)]
    for reader in readers:
        await reader.next()
    over.publish(frame(0, terms=frozenset({"section:sport"})))
    over.publish(frame(1, terms=frozenset({"section:arts"})))
    assert [await reader.data(1) for reader in readers] == [["0"], ["1"], ["0"]]
    assert await readers[2].data(1) == ["1"]
    assert first[0] == b"\n"
    assert json.loads(first[1])["event"] == "position"
    got = [json.loads(line) for line in (await anext(told)).splitlines()]
    assert [line["data"] for line in got] == [0, 1]


@in_loop
async def test_silence_is_broken_by_a_comment_or_by_an_event():
    reader = await opened(hub(), Log(), heartbeat=0.02)
    await reader.next()
    assert await reader.next() == b": still here\n\n"
    assert await reader.next() == b": still here\n\n"
    pinged = await opened(hub(), Log(), heartbeat=0.02, pings=True)
    await pinged.next()
    assert await pinged.next() == b"event: ping\ndata: {}\n\n"


@in_loop
async def test_a_stalled_reader_is_let_go_without_a_gap_and_without_the_others_noticing():
    over = hub(buffer_events=3)
    stalled, reading = await opened(over, Log()), await opened(over, Log())
    await stalled.next()
    await reading.next()
    got = []
    for number in range(6):
        over.publish(frame(number))
        got += await reading.data(1)
    assert got == [str(number) for number in range(6)]
    assert await stalled.rest() == []
    assert over.subscribers == 1


@in_loop
async def test_closing_ends_every_stream_and_those_that_come_later():
    over = hub()
    reader = await opened(over, Log())
    await reader.next()
    over.publish(frame(0))
    over.close()
    assert await reader.rest() == []
    late = await opened(over, Log())
    await late.next()
    assert await late.rest() == []


@in_loop
async def test_what_was_before_the_start_of_this_process_is_in_the_ring():
    over = Broadcaster(buffer_events=10)
    over.begin({**PARTS, (ARTICLES, 0): 3}, {**PARTS, (ARTICLES, 0): 6}, [frame(3), frame(4)])
    log = Log()
    reader = await opened(over, log, at(4))
    assert await reader.data(1) == ["4"]
    over.publish(replace(frame(6), key="article-0-4"), frame(7))
    assert await reader.data(1) == ["7"]
    assert log.readings == 0


@in_loop
async def test_what_the_tail_reads_again_after_an_outage_moves_nothing_back():
    over = hub()
    over.publish(*(frame(number) for number in range(5)))
    over.publish(frame(2, revision=2))
    reader = await opened(over, Log())
    assert position(await reader.next()) == {0: 5, 1: 0}


@in_loop
async def test_a_moment_is_looked_up_and_offsets_stay_as_they_are():
    follower = Follower(hub(), Log(), every, NAMES, searches=Searches(), heartbeat_seconds=60)
    named = Named({(ARTICLES, 0): 7}, {(ARTICLES, 1): 1_772_452_800_000})
    assert await follower.resolve(named) == {(ARTICLES, 0): 7, (ARTICLES, 1): 3}


def found(number: int, *terms: str, left=()) -> Frame:
    made = replace(frame(number), terms=frozenset(terms))
    gone = dict.fromkeys(left, made.revision)
    return replace(made, left=gone, moved=made.payload.replace(b"data: ", b"data: moved "))


@in_loop
async def test_a_search_reads_from_the_log_what_the_tail_has_not_looked_at_with_it():
    over, searches, log = hub(), Searches(), Log(frame(0), frame(1))
    over.publish(frame(0))
    follower = Follower(over, log, every, NAMES, searches=searches, heartbeat_seconds=60)
    asked = StreamRequest(
        OF_ARTICLES, {}, {}, search=Filter(q="goal"), searched=ARTICLES, is_new=True
    )
    reader = Reader(follower, asked)
    opening = asyncio.create_task(reader.next())
    while not searches.version:
        await asyncio.sleep(0)
    # The tail was about to tell of this one, and had not heard of the search.
    over.publish(frame(1))
    log.frames[1] = found(1, "search:1")
    over.has_looked(searches.version)
    assert await opening == b":ok\n\n"
    await reader.next()
    assert position(await reader.next()) == {0: 1, 1: 0}
    assert data(await reader.next()) == "1"
    over.publish(found(2), found(3, "search:1"), found(4, left=("search:1",)))
    assert await reader.data(2) == ["3", "moved 4"]
    await reader.close()
    assert over.subscribers == 0
    assert searches.open(Filter(q="goal"))[0] == "search:2"


@in_loop
async def test_a_search_ends_where_the_tail_stands_still(monkeypatch):
    monkeypatch.setattr(follower_module, "CATCH_UP_SECONDS", 0.01)
    over = hub()
    follower = Follower(over, Log(), every, NAMES, searches=Searches(), heartbeat_seconds=60)
    asked = StreamRequest(OF_ARTICLES, {}, {}, search=Filter(q="goal"), searched=ARTICLES)
    assert await Reader(follower, asked).rest() == []
    assert over.subscribers == 0
