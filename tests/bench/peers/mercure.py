"""Many readers of a live stream: feeds beside a Mercure hub, which is handed the same articles."""

import base64
import hashlib
import hmac
import http.client
import json
import statistics
import subprocess
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import streaming
from stack import answers, ended, free_port, service, wait_for

from newsman.feeds.stream.frames import article_frame
from newsman.kafka.topics import ensure_topics
from newsman.outputs.listing import Site
from newsman.redis.client import build_client
from newsman.redis.keys import STORE_LAYOUT, ArticleKeys
from newsman_schemas.articles import ArticlePublished

from .sides import Asked, Row, Stand, told
from .taking import go_program

VERSION = "v0.24.2"
PER_SECOND, WARMING, TURNS = 50, 500, 2
HUB, TOPIC = "/.well-known/mercure", "articles"
KEY = "a key of the benchmark, as long as HS256 wants it"
TAGS = "deprecated_server,deprecated_transport"
"""Its program without Caddy, whose certificates not every proxy of Go modules has."""

Met = dict[str, float]
Started = AbstractContextManager[tuple[int, str, streaming.Send]]


def live_stream(stand: Stand, asked: Asked) -> Iterator[Row]:
    """How late articles reach every reader, and what a reader costs."""
    program = go_program("mercure", VERSION, "github.com/dunglas/mercure", "mercure", TAGS)
    load = streaming.Load(asked.readers, PER_SECOND, asked.seconds / TURNS, WARMING)
    ours: list[Met] = []
    theirs: list[Met] = []
    for number in range(TURNS):
        turns: list[tuple[list[Met], Callable[[], Started]]] = [
            (ours, lambda n=number: feeds(stand, f"peer-stream-{n}", asked.readers)),
            (theirs, lambda n=number: hub(program, stand.folder / f"mercure-{n}")),
        ]
        for met, start in turns[:: 1 if number % 2 else -1]:
            with start() as (pid, url, send):
                met.append(streaming.measured(pid, url, send, load))
        told(f"turn {number}: p99 {ours[-1]['p99']:.0f} ms, {theirs[-1]['p99']:.0f} ms")
    yield from of_streams(load, ours, theirs)


def of_streams(load: streaming.Load, ours: list[Met], theirs: list[Met]) -> Iterator[Row]:
    """The medians of all turns."""
    name = f"{load.clients:,} readers of a stream, {load.per_second}/s (Mercure {VERSION})"

    def both(figure: str) -> tuple[float, float]:
        one, other = (statistics.median(met[figure] for met in side) for side in (ours, theirs))
        return one, other

    for figure, unit, what in (
        ("p50", " ms", "p50"),
        ("p99", " ms", "p99; CPU of a frame to a reader"),
        ("kb", " kB", "memory of a reader"),
        ("missed", "", "missed by a reader, at most"),
    ):
        one, other = both(figure)
        cpu = both("cpu_us") if figure == "p99" else None
        yield Row(f"{name}: {what}", one, other, one / other if other > 0 else None, unit, cpu)


@contextmanager
def feeds(stand: Stand, namespace: str, readers: int) -> Iterator[tuple[int, str, streaming.Send]]:
    """feeds, that is handed articles through the log."""
    ensure_topics(stand.broker.bootstrap, namespace, replication=1)
    build_client(stand.valkey.url).set(ArticleKeys(namespace).marker, STORE_LAYOUT)
    settings = {"NEWSMAN_NAMESPACE": namespace, "NEWSMAN_STREAMS_PER_ADDRESS": str(2 * readers)}
    with (
        service("feeds", stand.broker, stand.valkey, stand.folder, **settings) as (process, url),
        streaming.onto_the_log(stand.broker, namespace) as send,
    ):
        yield process.pid, f"{url}/v1/stream", send


@contextmanager
def hub(program: Path, home: Path) -> Iterator[tuple[int, str, streaming.Send]]:
    """A hub as it comes, that is handed articles over HTTP and keeps them in its file."""
    home.mkdir()
    port = free_port()
    command = [str(program), "--addr", f"127.0.0.1:{port}", "--jwt-key", KEY, "--allow-anonymous"]
    url = f"http://127.0.0.1:{port}"
    with (
        (home / "log").open("wb") as log,
        ended(subprocess.Popen(command, cwd=home, stdout=log, stderr=log)) as process,
    ):
        wait_for(lambda: answers(f"{url}/healthz"))
        connection = http.client.HTTPConnection("127.0.0.1", port)
        yield process.pid, f"{url}{HUB}?topic={TOPIC}", publishing(connection)
        connection.close()


def publishing(connection: http.client.HTTPConnection) -> streaming.Send:
    """Publishes the data of the frame that feeds would make of an article."""
    site = Site("http://127.0.0.1", "Bench", None)
    headers = {
        "Authorization": f"Bearer {publisher_token()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    def send(found: ArticlePublished) -> None:
        frame = article_frame(found, streaming.TOPIC, 0, 0, site).payload
        data = frame.partition(b"data: ")[2].partition(b"\n")[0]
        form = urllib.parse.urlencode({"topic": TOPIC, "data": data})
        connection.request("POST", HUB, form, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"the hub answered {answer.status}")

    return send


def publisher_token() -> str:
    """A JWT that may publish everything."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"mercure": {"publish": ["*"]}})
    text = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    return f"{text}.{encoded(hmac.digest(KEY.encode(), text.encode(), hashlib.sha256))}"


def encoded(raw: bytes) -> str:
    """Base64 as JWTs have it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
