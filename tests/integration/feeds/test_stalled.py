"""A reader that takes nothing is let go, holds no memory, and the others do not feel it."""

import asyncio
import logging
import re
import socket
import threading
from contextlib import contextmanager

import pytest
import uvloop
from starlette.applications import Starlette
from starlette.middleware import Middleware

from newsman.feeds.stream import routes as stream_web
from newsman.feeds.stream.broadcaster import Broadcaster
from newsman.feeds.stream.follower import Follower
from newsman.feeds.stream.frames import Frame
from newsman.feeds.stream.open_streams import OpenStreams
from newsman.feeds.stream.routes import StreamRoutes
from newsman.feeds.stream.searches import Searches
from newsman.web.addresses import Networks
from newsman.web.limits import ServerLimits
from newsman.web.patient_stream import is_news
from newsman.web.server.serve import build_server
from newsman_schemas.topics import ARTICLE_PUBLISHED

TOPIC = ARTICLE_PUBLISHED.full_name("t")
FRAMES, FRAME_BYTES, BUFFER = 4_000, 5_000, 100
OPENED = 2
"""Pieces that a new reader is sent: the beginning, and where it stands."""
NUMBER = re.compile(rb"data: (\d+) ")


class Raw:
    """A stream on a socket with a small buffer."""

    def __init__(self, port: int) -> None:
        self.numbers: list[int] = []
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self._socket.connect(("127.0.0.1", port))
        self._socket.sendall(b"GET /v1/stream HTTP/1.1\r\nHost: t\r\n\r\n")
        self._rest = b""

    def read(self) -> bool:
        """Takes what is there; False at the end."""
        try:
            found = self._socket.recv(1 << 20)
        except ConnectionError:
            return False
        whole, _, self._rest = (self._rest + found).rpartition(b"\n")
        self.numbers += [int(number) for number in NUMBER.findall(whole)]
        return bool(found)

    def close(self) -> None:
        self._socket.close()


class Pieces:
    """Counts the pieces of answers that go through the layers around the routes."""

    sent = 0

    def __call__(self, app):
        async def count(scope, receive, send):
            async def counted(message):
                self.sent += message["type"] == "http.response.body"
                await send(message)

            await app(scope, receive, counted)

        return count


@contextmanager
def serving(hub: Broadcaster, pieces: Pieces):
    """The live stream on a server as feeds has it; the server, its port and its loop."""
    routes = StreamRoutes(
        hub,
        Follower(hub, None, None, {}, searches=Searches(), heartbeat_seconds=60),
        "t",
        OpenStreams(9),
    ).routes()
    server = build_server(
        Starlette(routes=routes, middleware=[Middleware(pieces)]),
        host="127.0.0.1",
        port=0,
        limits=ServerLimits(patience_seconds=2.0),
        trusted=Networks(""),
        before_end=hub.close,
    )
    loop = uvloop.new_event_loop()
    errors = logging.getLogger("uvicorn.error")
    errors.addFilter(is_news)
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),))
    thread.start()
    try:
        yield server, loop
    finally:
        server.should_exit = True
        thread.join(20)
        loop.close()
        errors.removeFilter(is_news)


@pytest.fixture
def hub() -> Broadcaster:
    made = Broadcaster(buffer_events=BUFFER)
    made.begin({(TOPIC, 0): 0}, {(TOPIC, 0): 0}, ())
    return made


def test_a_stalled_reader_is_let_go_and_another_misses_nothing(
    hub, monkeypatch, eventually, caplog
):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(stream_web, "STALLED_SECONDS", 1.0)

    async def publish(begin: int) -> None:
        for number in range(begin, begin + BUFFER // 2):
            payload = b"data: %d %s\n\n" % (number, b"x" * FRAME_BYTES)
            hub.publish(Frame(TOPIC, 0, number, str(number), 1, payload, frozenset()))

    with serving(hub, Pieces()) as (server, loop):
        eventually(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        stalled, reading = Raw(port), Raw(port)
        eventually(lambda: hub.subscribers == 2)
        for begin in range(0, FRAMES, BUFFER // 2):
            asyncio.run_coroutine_threadsafe(publish(begin), loop).result(10)
            while len(reading.numbers) < begin + BUFFER // 2:
                assert reading.read()
        assert reading.numbers == list(range(FRAMES))
        assert hub.subscribers == 1
        # Its connection goes as well, though it never takes what was sent to it.
        eventually(lambda: len(server.server_state.connections) == 1, timeout=20)
        while stalled.read():
            pass
        assert stalled.numbers == list(range(len(stalled.numbers)))
        assert len(stalled.numbers) < FRAMES
        reading.close()
        stalled.close()
    told = [
        (said.levelname, said.getMessage())
        for said in caplog.records
        if not said.name.startswith(("uvicorn", "newsman.access"))
    ]
    assert told == [("INFO", "a reader of the live stream has stalled and is let go")]
    assert [said for said in caplog.records if said.levelno > logging.INFO] == []


def test_who_waits_is_written_to_past_all_layers(hub, eventually):
    pieces = Pieces()

    async def publish(number: int) -> None:
        hub.publish(
            Frame(TOPIC, 0, number, str(number), 1, b"data: %d x\n\n" % number, frozenset())
        )

    with serving(hub, pieces) as (server, loop):
        eventually(lambda: server.started)
        reading = Raw(server.servers[0].sockets[0].getsockname()[1])
        eventually(lambda: hub.subscribers == 1)
        eventually(lambda: pieces.sent == OPENED)
        for number in range(10):
            asyncio.run_coroutine_threadsafe(publish(number), loop).result(10)
            while len(reading.numbers) <= number:
                assert reading.read()
        assert reading.numbers == list(range(10))
        assert pieces.sent == OPENED
        reading.close()
