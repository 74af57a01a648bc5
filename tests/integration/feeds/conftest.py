"""The article store, the counts and the catalogue as others keep them."""

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import redis
from starlette.testclient import TestClient

from newsman.feeds.api import api_routes
from newsman.feeds.application import build_web, security_headers
from newsman.feeds.catalogue import Catalogue, Told
from newsman.feeds.core import Site
from newsman.feeds.finding import Finder
from newsman.feeds.listing_web import ListingRoutes
from newsman.feeds.listings import Listings
from newsman.feeds.pages import Pages
from newsman.feeds.search_web import SearchRoutes
from newsman.feeds.tombstones import TombstoneReader
from newsman.feeds.web import Front
from newsman.publish.terms import index_terms
from newsman.rankings.ranking import Rankings
from newsman.redis.articles import ArticleReader
from newsman.redis.client import build_async_client
from newsman.redis.keys import READ, STORE_LAYOUT, ArticleKeys, PopularityKeys
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

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SITE = Site("https://news.example", "The Example")
KINDS = {
    "section": "Sport",
    "tags": (Tag(name="Cup", slug="cup", confidence=1, method="test"),),
    "entities": (
        Entity(name="Oslo", slug="oslo", type="place", mentions=1, confidence=1, method="test"),
    ),
}


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
            **KINDS,
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
        fields = {**KINDS, "id": article_id(source, name), "source": source, **more}
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
def catalogue():
    made = Catalogue()
    made.is_whole = True
    yield made
    made.close()


@pytest.fixture
def site_http(redis_url, namespace, catalogue):
    client = build_async_client(redis_url)
    listings = Listings(
        ArticleReader(client, namespace),
        Rankings(client, namespace, 4),
        TombstoneReader(client, namespace),
    )
    finder, pages = Finder(catalogue, listings.articles), Pages(SITE, None)
    front = Front(listings, finder, pages, SITE, security_headers(None))

    @contextlib.asynccontextmanager
    async def lifespan(_):
        yield
        await client.aclose()

    more = [*api_routes(listings, finder, SITE), *SearchRoutes(front, finder, pages).routes()]
    routes = ListingRoutes(front, listings, finder, pages)
    with TestClient(build_web(front, routes, more, lifespan=lifespan)) as http:
        yield http


@pytest.fixture
def press(desk, catalogue) -> Press:
    return Press(desk, catalogue)
