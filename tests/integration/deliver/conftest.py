"""A real subscriber over HTTP, and events on the real topic."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import redis

from newsman.kafka.clients import build_producer
from newsman.kafka.log import open_log
from newsman.kafka.records import decode, encode
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import LAYOUT
from newsman_schemas.article_rules import Status
from newsman_schemas.articles import ArticlePublished, EnrichedArticle, Enrichment
from newsman_schemas.events import unix_ms
from newsman_schemas.subscriptions import Subscription, SubscriptionChanged
from newsman_schemas.topics import ARTICLE_PUBLISHED, SUBSCRIPTION_CHANGED

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def what(self) -> tuple[str, int]:
        data = self.message["data"]
        return data["id"], data["revision"]


@dataclass
class Subscriber:
    """Answers as `answer` says and remembers everything."""

    url: str = ""
    secret: str = SECRET
    answer: Callable[[], tuple[int, dict[str, str]]] = lambda: (204, {})
    received: list[Received] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        return {"NEWSMAN_WEBHOOK_URL": self.url, "NEWSMAN_WEBHOOK_SECRET": self.secret}

    def accepted(self) -> list[Received]:
        return [received for received in self.received if received.status < 300]

    def answer_in_turn(self, *statuses: int) -> None:
        """These statuses one after the other, the last one from then on."""
        left = list(statuses)
        self.answer = lambda: (left.pop(0) if len(left) > 1 else left[0], {})


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    subscriber = Subscriber()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers = subscriber.answer()
            names = {name.lower(): value for name, value in self.headers.items()}
            subscriber.received.append(Received(self.path, names, body, status))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    subscriber.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    yield subscriber
    server.shutdown()
    server.server_close()


def article_id(number: int) -> str:
    return f"{number:016d}".translate(str.maketrans("0123456789", "abcdefghij"))


def published(number: int = 1, revision: int = 1, **fields: Any) -> ArticlePublished:
    """A revision of an article; keywords replace its fields."""
    values = {
        "id": article_id(number),
        "source": "harbour",
        "uri": f"urn:harbour:{number}",
        "version_created": NOW,
        "headline": f"Harbour story {number}, revision {revision}",
        "slug": f"harbour-story-{number}",
        "enrichment": Enrichment(status="skipped", method="none", duration_ms=0),
    }
    article = EnrichedArticle(**{**values, **fields})
    return ArticlePublished(
        event_id=f"event-{number}-{revision}",
        occurred_at=NOW,
        action="published" if revision == 1 else "updated",
        revision=revision,
        article_id=article.id,
        source=article.source,
        uri=article.uri,
        version=revision,
        article=article,
    )


def put_in_store(client: redis.Redis, namespace: str, events: Sequence[ArticlePublished]) -> None:
    """Puts the articles of events into the article store, as publish does before it tells."""
    keys = ArticleKeys(namespace)
    with client.pipeline() as pipe:
        pipe.set(keys.marker, LAYOUT)
        for event in events:
            fields: dict[str, Any] = {"status": Status.KILLED.value, "revision": event.revision}
            if event.article:
                fields = {
                    "status": Status.PUBLISHED.value,
                    "doc": event.article.model_dump_json(),
                    "revision": event.revision,
                    "at_ms": unix_ms(event.occurred_at),
                }
            pipe.hset(keys.article(event.article_id), mapping=fields)
        pipe.execute()


@pytest.fixture
def event() -> Callable[..., ArticlePublished]:
    return published


@pytest.fixture
def subscribe(kafka_bootstrap, topics) -> Iterator[Callable[[Subscription], Subscription]]:
    """Writes subscriptions to their log."""
    producer = build_producer(kafka_bootstrap, client_id="test")
    topic = SUBSCRIPTION_CHANGED.full_name(topics)

    def write(subscription: Subscription) -> Subscription:
        event = SubscriptionChanged(
            event_id=uuid.uuid4().hex,
            occurred_at=datetime.now(UTC),
            subscription_id=subscription.id,
            subscription=subscription,
            by="test",
        )
        record = encode(event)
        producer.send(topic, key=record.key, value=record.value).get(timeout=30)
        return subscription

    yield write
    producer.close(timeout=5)


@pytest.fixture
def subscribed(kafka_bootstrap, topics) -> Callable[[], dict[str, Subscription]]:
    """The subscriptions that stand in their log now, by their ids."""

    def subscribed() -> dict[str, Subscription]:
        newest: dict[str, Subscription | None] = {}
        with open_log(kafka_bootstrap, client_id="test") as log:
            for record in log.read_all(SUBSCRIPTION_CHANGED.full_name(topics)):
                event = decode(SubscriptionChanged, record.value) if record.value else None
                newest[record.key.decode()] = event.subscription if event else None
        return {ident: one for ident, one in newest.items() if one is not None}

    return subscribed


@pytest.fixture
def change(subscribe, subscribed) -> Callable[..., Subscription]:
    """Changes fields of a subscription as its log has it."""

    def change(subscription_id: str, **fields: Any) -> Subscription:
        return subscribe(subscribed()[subscription_id].model_copy(update=fields))

    return change


@pytest.fixture
def store(namespace, request) -> Callable[..., None]:
    """Puts the articles of events into the article store, as publish does before it tells."""

    def store(*events: ArticlePublished, redis_url: str | None = None) -> None:
        with redis.Redis.from_url(redis_url or request.getfixturevalue("redis_url")) as client:
            put_in_store(client, namespace, events)

    return store


@pytest.fixture
def emit(namespace, store, request) -> Iterator[Callable[..., None]]:
    """Puts events (or raw values) into the store and on article-published, acknowledged."""
    producers: dict[str, Any] = {}

    def send(
        *events: ArticlePublished | bytes | None,
        bootstrap: str | None = None,
        redis_url: str | None = None,
    ) -> None:
        known = [item for item in events if isinstance(item, ArticlePublished)]
        store(*known, redis_url=redis_url)
        where = bootstrap or request.getfixturevalue("kafka_bootstrap")
        if where not in producers:
            producers[where] = build_producer(where, client_id="test")
        futures = []
        for item in events:
            record = encode(item) if isinstance(item, ArticlePublished) else None
            futures.append(
                producers[where].send(
                    ARTICLE_PUBLISHED.full_name(namespace),
                    key=record.key if record else b"x",
                    value=record.value if record else item,
                    headers=record.headers if record else [],
                )
            )
        for future in futures:
            future.get(timeout=30)

    yield send
    for producer in producers.values():
        producer.close(timeout=5)
