"""A receiver for many subscriptions, and a stage on which a test acts for newsroom and registry."""

import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import redis
from kafka import KafkaProducer
from tests.conftest import wait_until as wait

from newsman.deliver.sending.requests import QueueRequests
from newsman.deliver.signing import new_secret
from newsman.kafka.log import open_log
from newsman.kafka.records import decode, encode
from newsman.redis.keys import QueueKeys
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.events import Event
from newsman_schemas.subscriptions import (
    OPERATOR,
    DeliveryNoted,
    Secret,
    Subscription,
    SubscriptionChanged,
)
from newsman_schemas.topics import ARTICLE_PUBLISHED, DELIVERY_NOTED, SUBSCRIPTION_CHANGED, Topic

from .conftest import NOW, Received, published, put_in_store

Misbehave = tuple[int, Callable[[BaseHTTPRequestHandler, int], None]]
"""The status that the sender sees, 0 for none, and what is done instead of answering."""


@dataclass
class Receiver:
    """Receives for every subscription at an address of its own."""

    url: str = ""
    received: dict[str, list[Received]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, Callable[[Received], int | Misbehave]] = field(default_factory=dict)

    def of(self, subscription: Subscription) -> list[Received]:
        """What it accepted for the subscription."""
        return [one for one in tuple(self.received[subscription.id]) if 200 <= one.status < 300]

    def told(self, subscription: Subscription) -> list[tuple[str, str, int]]:
        """Type, article and revision of all that was accepted, in order."""
        return [(one.message["type"], *one.what) for one in self.of(subscription)]


@dataclass
class Stage:
    namespace: str
    bootstrap: str
    client: redis.Redis
    producer: KafkaProducer
    receiver: Receiver
    requests: QueueRequests
    numbers: Iterator[int]

    def subscribe(self, **fields: Any) -> Subscription:
        """A subscription of the operator, written to its log."""
        ident = "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:16])
        subscription = Subscription(
            **{
                "id": ident,
                "owner": OPERATOR,
                "kind": "webhook",
                "target": f"{self.receiver.url}/{ident}",
                "secrets": (Secret(value=new_secret()),),
                "start": self.ends(),
                "created_at": NOW,
                "changed_at": NOW,
                **fields,
            }
        )
        return self.write(subscription)

    def write(self, subscription: Subscription, **changes: Any) -> Subscription:
        changed = subscription.model_copy(update=changes)
        self.send(SUBSCRIPTION_CHANGED, self._event(changed.id, changed))
        return changed

    def delete(self, subscription: Subscription) -> None:
        self.send(SUBSCRIPTION_CHANGED, self._event(subscription.id, None))

    def emit(self, *events: ArticlePublished) -> None:
        put_in_store(self.client, self.namespace, events)
        self.send(ARTICLE_PUBLISHED, *events)

    def send(self, topic: Topic, *events: Event) -> None:
        name = topic.full_name(self.namespace)
        records = [encode(event) for event in events]
        for sent in [self.producer.send(name, key=r.key, value=r.value) for r in records]:
            sent.get(timeout=30)

    def ends(self) -> dict[int, int]:
        """The ends of article-published: where a subscription to what comes begins."""
        with open_log(self.bootstrap, client_id="test") as log:
            ends = log.ends(log.partitions(ARTICLE_PUBLISHED.full_name(self.namespace)))
        return {part.partition: offset for part, offset in ends.items()}

    def notes(self, subscription: Subscription) -> list[DeliveryNoted]:
        with open_log(self.bootstrap, client_id="test") as log:
            records = list(log.read_all(DELIVERY_NOTED.full_name(self.namespace)))
        noted = [decode(DeliveryNoted, record.value) for record in records]
        return [note for note in noted if note.subscription_id == subscription.id]

    def articles(self, count: int, **fields: Any) -> list[ArticlePublished]:
        """First revisions of so many articles that no test has seen."""
        return [with_fields(published(next(self.numbers)), **fields) for _ in range(count)]

    def waiting(self, subscription: Subscription) -> int:
        return self.client.hlen(QueueKeys(self.namespace, subscription.id).entries)

    def is_live(self, subscription: Subscription) -> bool:
        places = self.client.hvals(QueueKeys(self.namespace, subscription.id).places)
        return len(places) == 4 and all(place.startswith(b"L") for place in places)

    def wait_live(self, subscription: Subscription) -> Subscription:
        wait(lambda: self.is_live(subscription), what="the subscription follows the log")
        return subscription

    def _event(self, ident: str, subscription: Subscription | None) -> SubscriptionChanged:
        return SubscriptionChanged(
            event_id=uuid.uuid4().hex,
            occurred_at=datetime.now(UTC),
            subscription_id=ident,
            subscription=subscription,
            by="test",
        )


def with_fields(event: ArticlePublished, **fields: Any) -> ArticlePublished:
    return event.model_copy(update={"article": event.article.model_copy(update=fields)})


def next_revision(event: ArticlePublished, action: str = "updated", **fields: Any):
    """The next revision of an article; without it after a kill."""
    revision = event.revision + 1
    changed = event.model_copy(
        update={
            "event_id": f"{event.event_id}-{revision}",
            "action": action,
            "revision": revision,
            "version": revision,
        }
    )
    if action in ("killed", "withdrawn"):
        return changed.model_copy(update={"article": None})
    return with_fields(changed, **fields)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that answers as `answers` says, by subscription; 204 otherwise.

    An answer is a status, or what is done with the open request instead of answering it.
    """
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            ident = self.path.removeprefix("/")
            body = self.rfile.read(int(self.headers["content-length"]))
            names = {name.lower(): value for name, value in self.headers.items()}
            unanswered = Received(self.path, names, body, 0)
            answer = receiver.answers.get(ident, lambda _: 204)(unanswered)
            status, act = (answer, _answer) if isinstance(answer, int) else answer
            receiver.received[ident].append(Received(self.path, names, body, status))
            act(self, status)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, *_):
            """Senders that are killed leave their connections."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield receiver
    server.shutdown()
    server.server_close()


def _answer(handler: BaseHTTPRequestHandler, status: int) -> None:
    handler.send_response(status)
    handler.send_header("content-length", "0")
    handler.send_header("location", "/elsewhere")
    handler.end_headers()
