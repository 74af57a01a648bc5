"""Bodies are read and inflated within bounds, whatever their bytes look like."""

import asyncio
import gzip
import time

import pytest
from starlette.requests import Request

from newsman.ingest.reading.gzip_bounds import MOST_MEMBERS, inflate
from newsman.ingest.routes.bodies import (
    PLAIN_ONLY,
    BadEncoding,
    BodyLimits,
    BodyRoom,
    NoRoom,
    UnpacksTooLarge,
    read_body,
)

LIMIT_BYTES = 15 * 1024 * 1024
EMPTY_MEMBER = gzip.compress(b"")


def request_of(chunks, **headers):
    waiting = list(chunks)

    async def receive():
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "client": ("192.0.2.1", 1),
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ],
    }
    return Request(scope, receive)


def read(chunks, *, limits=None, **headers):
    limits = limits or BodyLimits(body_bytes=1_000, patience_seconds=5)
    return asyncio.run(read_body(request_of(chunks, **headers), limits))


def cpu_seconds(work):
    began = time.thread_time()
    work()
    return time.thread_time() - began


@pytest.mark.parametrize(
    "text", [b"", b"one", b"a" * 900_000, bytes(range(256)) * 1_000], ids=["empty", "s", "m", "l"]
)
@pytest.mark.parametrize("members", [1, 2, 700])
def test_members_in_a_row_are_one_text(text, members):
    packed = b"".join(gzip.compress(text[n::members]) for n in range(members))
    plain = b"".join(text[n::members] for n in range(members))
    assert inflate(packed, limit_bytes=LIMIT_BYTES) == plain


@pytest.mark.parametrize(
    "packed",
    [
        EMPTY_MEMBER * (MOST_MEMBERS + 1),
        EMPTY_MEMBER * 100_000,
        EMPTY_MEMBER * (LIMIT_BYTES // len(EMPTY_MEMBER)),
        gzip.compress(b"x") * 50_000,
        gzip.compress(b"x" * 200)[:-1],
        gzip.compress(b"x") + b"rubbish",
        b"",
        b"\x1f\x8b" * 1_000_000,
    ],
    ids=["1001", "100k", "15 MB", "of a byte", "cut short", "rubbish", "nothing", "no gzip"],
)
def test_no_gzip_costs_more_than_a_moment(packed):
    def refused():
        with pytest.raises(BadEncoding):
            inflate(packed, limit_bytes=LIMIT_BYTES)

    assert cpu_seconds(refused) < 1


def test_a_bomb_is_inflated_no_further_than_the_limit():
    bomb = gzip.compress(b"\0" * 200_000_000)
    with pytest.raises(UnpacksTooLarge):
        inflate(bomb, limit_bytes=1_000_000)


@pytest.mark.parametrize("coding", ["gzip", "X-GZIP", " gzip "])
def test_a_packed_body_is_read(coding):
    assert read([gzip.compress(b"news")], content_encoding=coding) == b"news"


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "x" * 10_000])
def test_a_coding_that_is_not_read_is_refused_before_its_body(coding):
    with pytest.raises(BadEncoding):
        read([], content_encoding=coding)


def test_where_only_plain_bodies_are_taken_gzip_is_refused():
    limits = BodyLimits(body_bytes=1_000, patience_seconds=5, codings=PLAIN_ONLY)
    with pytest.raises(BadEncoding, match="only a plain body"):
        read([gzip.compress(b"news")], limits=limits, content_encoding="gzip")
    assert read([b"news"], limits=limits) == b"news"


@pytest.mark.parametrize(
    ("chunks", "headers"),
    [
        ([b"x" * 1_001], {}),
        ([b"x"] * 1_001, {}),
        ([], {"content_length": "1001"}),
        ([], {"content_length": "9" * 400}),
        ([EMPTY_MEMBER * 60], {"content_encoding": "gzip"}),
        ([gzip.compress(b"x" * 1_001)], {"content_encoding": "gzip"}),
    ],
    ids=["a piece", "bytes", "declared", "absurd", "raw bytes", "inflated bytes"],
)
def test_raw_and_inflated_bytes_are_bounded(chunks, headers):
    with pytest.raises(UnpacksTooLarge, match="1000 bytes"):
        read(chunks, **headers)


def test_a_large_packed_body_is_inflated_beside_the_event_loop():
    packed = gzip.compress(b"\0" * LIMIT_BYTES)
    turns = 0

    async def ticking():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def both():
        ticks = asyncio.create_task(ticking())
        request = request_of([packed], content_encoding="gzip")
        await read_body(request, BodyLimits(LIMIT_BYTES, 5))
        ticks.cancel()

    asyncio.run(both())
    assert turns > 100


def test_bodies_of_strangers_share_a_room():
    room = BodyRoom(total_bytes=100, address_bytes=60)
    room.take("192.0.2.1", 60)
    with pytest.raises(NoRoom, match="of this address"):
        room.take("192.0.2.1", 1)
    room.take("192.0.2.2", 40)
    with pytest.raises(NoRoom):
        room.take("192.0.2.3", 1)
    room.give_back("192.0.2.1", 60)
    room.take("192.0.2.3", 60)


@pytest.mark.parametrize("chunks", [[b"x" * 50], [b"x" * 50, b"y" * 60]], ids=["read", "refused"])
def test_the_room_is_given_back_however_the_reading_ends(chunks):
    room = BodyRoom(total_bytes=100, address_bytes=100)
    limits = BodyLimits(body_bytes=1_000, patience_seconds=5, room=room)
    try:
        assert read(chunks, limits=limits)
    except NoRoom:
        assert len(chunks) == 2
    room.take("192.0.2.1", 100)
