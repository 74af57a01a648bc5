"""Readers keep only their place: what they share is made once, and who lags is let go."""

import asyncio

from newsman.feeds.stream.broadcaster import Broadcaster, Seen
from newsman.feeds.stream.channel import CHUNK_BYTES, Carried, StreamChannel, StreamClient
from newsman.feeds.stream.frames import Frame

TOPIC = "t.article-published.v1"


def frame(number: int, size: int = 10) -> Frame:
    return Frame(TOPIC, 0, number, str(number), 1, b"x" * size, frozenset())


def channel(count: int, *, buffer_events: int = 100, size: int = 10) -> StreamChannel:
    made = StreamChannel(Carried(frozenset({TOPIC})), buffer_events)
    for number in range(count):
        made.add(frame(number, size), {(TOPIC, 0): number + 1})
    return made


def test_a_second_copy_of_a_revision_is_not_new_nor_an_older_one():
    seen = Seen()
    told = [seen.is_new("a", revision) for revision in (1, 1, 2, 1, 3)]
    assert told == [True, False, True, False, True]


def test_what_is_remembered_is_bounded():
    seen = Seen(capacity=2)
    assert all(seen.is_new(name, 1) for name in ("a", "b", "c"))
    assert seen.is_new("a", 1)
    assert not seen.is_new("c", 1)


def test_all_who_stand_at_one_place_are_sent_the_same_bytes():
    over = channel(3)
    one, other = StreamClient(over, {}, 1), StreamClient(over, {}, 1)
    first = one.take()
    assert first.frames == 2
    assert other.take().sent is first.sent
    assert (one.take().sent, one.place) == (b"", 3)


def test_what_is_sent_at_once_is_bounded():
    over = channel(10, size=CHUNK_BYTES // 2)
    reader = StreamClient(over, {}, 0)
    sizes = []
    while (chunk := reader.take()).frames:
        sizes.append(chunk.frames)
    assert sum(sizes) == 10
    assert max(sizes) == 2


def test_what_is_kept_for_readers_is_bounded_and_who_lags_gets_nothing_wrong():
    over = channel(0, buffer_events=5)
    late, reading = StreamClient(over, {}, 0), StreamClient(over, {}, 0)
    over.subscribers |= {late, reading}
    for number in range(50):
        over.add(frame(number), {(TOPIC, 0): number + 1})
        assert reading.take().frames == 1
        assert len(over._frames) < 10
    assert late.take().sent == b""
    assert late.has_ended
    assert sum(over.tell()) == 0
    assert over.subscribers == {reading}


def test_the_store_is_asked_anew_before_anybody_is_told_of_news():
    async def scene():
        told: list[str] = []
        hub = Broadcaster(buffer_events=10, heard=lambda: told.append("heard"))
        hub.begin({(TOPIC, 0): 0}, {(TOPIC, 0): 0}, ())
        subscriber = hub.subscribe(Carried(frozenset({TOPIC})), {})
        hub.publish(frame(0), frame(1))
        told.append(f"told of {subscriber.take().frames}")
        return told

    assert asyncio.run(scene()) == ["heard", "told of 2"]
