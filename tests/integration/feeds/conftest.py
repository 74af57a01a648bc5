"""The article store and the counts as publish and popularity keep them."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import redis
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from newsman.feeds.answer_cache import AnswerCache
from newsman.feeds.api import api_routes
from newsman.feeds.application import build_web, middleware, security_headers
from newsman.feeds.caching import Shelf
from newsman.feeds.catalogue import Catalogue, Told
from newsman.feeds.core import Site
from newsman.feeds.finding import Finder
from newsman.feeds.listing_web import ListingRoutes
from newsman.feeds.listings import Listings
from newsman.feeds.pages import Pages
from newsman.feeds.pictures import Pictures
from newsman.feeds.popular_api import popular_routes
from newsman.feeds.search_web import SearchRoutes
from newsman.feeds.standing import Standing
from newsman.feeds.statistics import Statistics
from newsman.feeds.tombstones import TombstoneReader
from newsman.feeds.web import Front
from newsman.kafka.clients import build_producer
from newsman.kafka.records import encode
from newsman.publish.terms import index_terms
from newsman.rankings.ranking import Rankings
from newsman.redis.articles import ArticleReader
from newsman.redis.client import build_async_client
from newsman.redis.keys import READ, STORE_LAYOUT, ArticleKeys, PopularityKeys
from newsman.settings import FeedsSettings
from newsman.slugs import slugify
from newsman_schemas.articles import (
    ArticlePublished,
    EnrichedArticle,
    Enrichment,
    Entity,
    Stage,
    Story,
    Tag,
    article_id,
)
from newsman_schemas.popularity import WINDOWS
from newsman_schemas.topics import ARTICLE_PUBLISHED

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SITE = Site("https://news.example", "The Example")
VIEWS_URL = "https://in.example/v1/views"


class Clock:
    """A reader's next look is a minute later."""

    now = 1_772_452_800.0

    def __call__(self) -> float:
        self.now += 60
        return self.now


@contextlib.contextmanager
def serving(
    redis_url: str,
    namespace: str,
    *,
    fresh_seconds: float = 0,
    clock=None,
    catalogue: Catalogue | None = None,
    around: Sequence[Middleware] = (),
    **settings,
) -> Iterator[TestClient]:
    """Pages, feeds and API with all that every request goes through; `around` the routes."""
    client, clock = build_async_client(redis_url), clock or Clock()
    listings = Listings(
        ArticleReader(client, namespace),
        Rankings(client, namespace, 4),
        TombstoneReader(client, namespace),
    )
    if catalogue is None:
        catalogue = Catalogue()
        catalogue.is_whole = True
    finder, pages = Finder(catalogue, listings.articles), Pages(SITE, VIEWS_URL, Pictures(SITE))
    headers = security_headers(VIEWS_URL, "'self'")
    standing = Standing(listings.articles.changes_if_whole, fresh_seconds=fresh_seconds)
    shelf = Shelf(clock=clock, headers=headers)
    cache = AnswerCache(shelf, standing, lambda: finder.generation, clock)
    front = Front(listings, finder, pages, SITE, headers, cache)
    routes = [
        *api_routes(listings, finder, SITE),
        *popular_routes(listings, SITE),
        *Statistics(front, listings, pages, SITE).routes(),
        *SearchRoutes(front, finder, pages).routes(),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_):
        yield
        await client.aclose()

    named = {"kafka_bootstrap": "127.0.0.1:1", "redis_url": redis_url, **settings}
    app = build_web(
        front,
        ListingRoutes(front, listings, finder, pages),
        routes,
        lifespan=lifespan,
        middleware=[*middleware(FeedsSettings(**named), cache), *around],
    )
    with TestClient(app) as http:
        yield http


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
            for term in index_terms(article):
                named = json.dumps({"name": term.name, "type": term.type})
                pipe.zadd(self.keys.index(term.term), {article.id: at_ms})
                pipe.hset(self.keys.names, term.term, named)
            pipe.incr(self.keys.changes)
            pipe.execute()
        return article.id

    def take_away(self, name: str, status: str = "killed", **fields) -> str:
        article = self.article(name, **fields)
        with self.client.pipeline() as pipe:
            pipe.hset(self.keys.article(article.id), "status", status)
            for term in index_terms(article):
                pipe.zrem(self.keys.index(term.term), article.id)
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


class Wire:
    """Puts events of articles on article-published; answers once they are acknowledged."""

    def __init__(self, bootstrap: str, desk, namespace: str) -> None:
        self._producer = build_producer(bootstrap, client_id="test")
        self._desk = desk
        self._topic = ARTICLE_PUBLISHED.full_name(namespace)

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
        record = encode(event)
        return self._producer.send(self._topic, key=record.key, value=record.value)


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


class Press:
    """Publishes to the store and tells the catalogue, as publish and Kafka would."""

    def __init__(self, desk, catalogue: Catalogue) -> None:
        self._desk = desk
        self._catalogue = catalogue
        self._told = 0

    def publish(
        self, name: str, role: str = "original", *, source: str = "demo", hours: int = 0, **more
    ) -> str:
        at = NOW + timedelta(hours=hours)
        fields = {
            **CUP,
            "id": article_id(source, name),
            "source": source,
            "body_text": "A ferry.",
            "published_at": at,
            "story": Story(id=article_id("demo", "first"), role=role),
            **more,
        }
        self._desk.publish(name, at=at, **fields)
        self._tell(name, source, "published", 1, article=self._desk.article(name, **fields))
        return fields["id"]

    def kill(self, name: str, *, source: str = "demo", **more) -> None:
        """The store knows at once, the catalogue does not."""
        fields = {**CUP, "id": article_id(source, name), "source": source, **more}
        self._desk.take_away(name, **fields)

    def tell_of_the_kill(self, name: str, *, source: str = "demo") -> None:
        self._tell(name, source, "killed", 2)

    def _tell(self, name: str, source: str, action: str, revision: int, *, article=None) -> None:
        event = ArticlePublished(
            event_id=f"{name}-{revision}",
            occurred_at=NOW,
            action=action,
            revision=revision,
            article_id=article_id(source, name),
            source=source,
            uri=name,
            version=1,
            article=article,
        )
        self._catalogue.write([Told(0, self._told, event)], {0: self._told + 1})
        self._told += 1


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
    return Press(desk, catalogue)
