"""The article store and the counts as publish and popularity keep them."""

import json
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import redis
from starlette.testclient import TestClient

from newsman.feeds.catalogue.index import Catalogue
from newsman.kafka.clients import build_producer
from newsman.kafka.records import encode
from newsman.publish.store.indexes import LISTED_KINDS
from newsman.redis.keys import READ, STORE_LAYOUT, ArticleKeys, PopularityKeys
from newsman_schemas.article_rules import named_terms
from newsman_schemas.articles import (
    ArticlePublished,
    EnrichedArticle,
    Enrichment,
    Entity,
    Stage,
    Tag,
    article_id,
)
from newsman_schemas.events import Event
from newsman_schemas.names.slugs import slugify
from newsman_schemas.popularity import WINDOWS, RankingChanged
from newsman_schemas.popularity import Standing as Ranked
from newsman_schemas.topics import ARTICLE_PUBLISHED, RANKING_CHANGED, Topic

from .press import Press
from .serving import serving

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Desk:
    """Fills the documented keys."""

    def __init__(self, client: redis.Redis, namespace: str) -> None:
        self.client = client
        self.namespace = namespace
        self.keys = ArticleKeys(namespace)
        client.set(self.keys.marker, STORE_LAYOUT)

    def article(self, name: str, **fields) -> EnrichedArticle:
        values = {
            "id": article_id("demo", name),
            "source": "demo",
            "uri": name,
            "version_created": NOW,
            "headline": f"News of {name}",
            "slug": slugify(name),
            "body_html": f"<p>All about {name}.</p>",
            "enrichment": Enrichment(status="done", method="test", duration_ms=1),
        }
        return EnrichedArticle(**{**values, **fields})

    def publish(self, name: str, *, revision: int = 1, at: datetime = NOW, **fields) -> str:
        article = self.article(name, **fields)
        at_ms = int(at.timestamp() * 1_000)
        with self.client.pipeline() as pipe:
            shown = {"status": "published", "doc": article.model_dump_json()}
            shown |= {"revision": str(revision), "at_ms": str(at_ms)}
            pipe.hset(self.keys.article(article.id), mapping=shown)
            stage = Stage(stage="published", service="publish", at=NOW, version=article.version)
            pipe.rpush(self.keys.history(article.id), stage.model_dump_json())
            for term, (shown_name, kind) in named_terms(article, LISTED_KINDS).items():
                named = json.dumps({"name": shown_name, "type": kind})
                pipe.zadd(self.keys.index(term), {article.id: at_ms})
                pipe.hset(self.keys.names, term, named)
            pipe.incr(self.keys.changes)
            pipe.execute()
        return article.id

    def take_away(self, name: str, status: str = "killed", **fields) -> str:
        article = self.article(name, **fields)
        with self.client.pipeline() as pipe:
            pipe.hset(self.keys.article(article.id), "status", status)
            for term in named_terms(article, LISTED_KINDS):
                pipe.zrem(self.keys.index(term), article.id)
            pipe.incr(self.keys.changes)
            pipe.execute()
        return article.id

    def count(self, article: str, views: int, readers: int = 1, *, partition: int = 0) -> None:
        keys = PopularityKeys(self.namespace, partition)
        for window in WINDOWS:
            self.client.zadd(keys.count(window), {article: views * READ + readers})


@pytest.fixture
def desk(redis_client, namespace) -> Desk:
    return Desk(redis_client, namespace)


CUP = {
    "section": "Sport",
    "tags": (Tag(name="Cup", slug="cup", confidence=1, method="test"),),
    "entities": (
        Entity(name="Oslo", slug="oslo", type="place", mentions=1, confidence=1, method="test"),
    ),
}


@pytest.fixture
def cup(desk) -> str:
    """An article in a section, with a tag and an entity, that was read; its id."""
    article = desk.publish("cup", **CUP)
    desk.count(article, 12, 7)
    return article


class Wire:
    """Puts events of articles and rankings on their topics; returns once they are acknowledged."""

    def __init__(self, bootstrap: str, desk, namespace: str) -> None:
        self._producer = build_producer(bootstrap, client_id="test")
        self._desk = desk
        self._namespace = namespace

    def rank(self, second: int, *names: str, scope: str = "all", window: str = "24h"):
        """The ranking of a second: these articles in this order."""
        at = NOW + timedelta(seconds=second)
        rows = [
            Ranked(
                rank=rank,
                article_id=article_id("demo", name),
                views=9,
                readers=7,
                score=9,
                velocity=1,
                filtered_share=0,
            )
            for rank, name in enumerate(names, start=1)
        ]
        event = RankingChanged(
            event_id=f"{scope}-{second}",
            occurred_at=at,
            window=window,
            order="views",
            scope=scope,
            as_of=at,
            items=tuple(rows),
        )
        self._put(RANKING_CHANGED, event).get(timeout=30)

    def __call__(self, *names: str, revision: int = 1, action: str = "published", **fields):
        waiting = [self._send(name, revision, action, fields) for name in names]
        for future in waiting:
            future.get(timeout=30)

    def close(self) -> None:
        self._producer.close()

    def _send(self, name: str, revision: int, action: str, fields: dict):
        article = self._desk.article(name, **fields)
        event = ArticlePublished(
            event_id=f"{article.id}-{revision}",
            occurred_at=NOW,
            action=action,
            revision=revision,
            article_id=article.id,
            source="demo",
            uri=name,
            version=revision,
            article=None if action == "killed" else article,
        )
        return self._put(ARTICLE_PUBLISHED, event)

    def _put(self, topic: Topic, event: Event):
        record = encode(event)
        name = topic.full_name(self._namespace)
        return self._producer.send(name, key=record.key, value=record.value)


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
def reading(
    service, last_id: str | None = None, *, streams: str = "", token: str = "", **params: str
) -> Iterator[Reader]:
    reader = Reader()
    headers = {"Last-Event-ID": last_id} if last_id else {}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    timeout = httpx.Timeout(10, read=60)
    with httpx.stream(
        "GET", f"{service.url}/v1/stream{streams}", headers=headers, params=params, timeout=timeout
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


@pytest.fixture
def wire_on(desk, namespace):
    """A wire of the test's namespace to any broker."""
    wires = []

    def wire_on(bootstrap: str) -> Wire:
        wires.append(Wire(bootstrap, desk, namespace))
        return wires[-1]

    yield wire_on
    for wire in wires:
        wire.close()


@pytest.fixture
def publish(wire_on, topics, kafka_bootstrap) -> Wire:
    return wire_on(kafka_bootstrap)


@pytest.fixture
def follow():
    """Reads a live stream: `with follow(feeds, last_id, streams="/articles", section="sport")`."""
    return reading


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    """A catalogue that the test tells what it holds."""
    made = Catalogue()
    made.is_whole = True
    yield made
    made.close()


@pytest.fixture
def site_http(redis_url, namespace, catalogue) -> Iterator[TestClient]:
    """The site over that catalogue."""
    with serving(redis_url, namespace, catalogue=catalogue) as http:
        yield http


@pytest.fixture
def press(desk, catalogue) -> Press:
    return Press(desk, catalogue, CUP)
