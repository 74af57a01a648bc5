"""deliver with its edge, a newsroom that publishes, and subscribers, for tests of both ends."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import redis
from tests.integration.deliver import conftest
from tests.integration.deliver.conftest import article_id
from tests.integration.deliver.edge_world import MemoryKafka

from newsman.cli import main
from newsman.kafka.log import open_log
from newsman.kafka.records import decode, encode
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import DeliveryNoted, Subscriber, SubscriberChanged
from newsman_schemas.topics import ARTICLE_PUBLISHED, DELIVERY_NOTED, SUBSCRIBER_CHANGED

OPERATOR_TOKEN = "operator-token-of-the-tests"
HOOK = "https://desk.example/hook"
__all__ = ["EdgeStack", "article_id", "killed", "published"]


def published(number: int, revision: int = 1, section: str = "sport") -> ArticlePublished:
    headline = f"Story {number} of {section}, revision {revision}"
    return conftest.published(number, revision, headline=headline, section=section)


def killed(number: int, revision: int = 2) -> ArticlePublished:
    before = published(number, revision)
    return before.model_copy(update={"action": "killed", "article": None})


@dataclass
class EdgeStack:
    """What a test does to deliver, and how it sees it."""

    url: str
    ops_url: str
    namespace: str
    bootstrap: str
    redis_url: str
    producer: Any
    """A KafkaProducer, or one into memory."""
    operator: httpx.Client = field(init=False)
    past: Any = None
    ledger: Any = None

    def __post_init__(self) -> None:
        self.operator = self.client(OPERATOR_TOKEN)

    def client(self, token: str) -> httpx.Client:
        """A client of the API with a token."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=70)

    def store(self, *events: ArticlePublished) -> None:
        """Has the article store hold what the events say, as publish does before it tells."""
        with redis.Redis.from_url(self.redis_url) as client:
            conftest.put_in_store(client, self.namespace, events)

    def log(self, *events: ArticlePublished) -> None:
        """Puts events on article-published, acknowledged."""
        topic = ARTICLE_PUBLISHED.full_name(self.namespace)
        records = [encode(event) for event in events]
        sent = [
            self.producer.send(topic, key=r.key, value=r.value, headers=r.headers) for r in records
        ]
        for future in sent:
            future.get(timeout=30)

    def publish(self, *events: ArticlePublished) -> None:
        """What publish does: the store first, then the log."""
        self.store(*events)
        self.log(*events)

    def put_subscriber(self, subscriber: Subscriber) -> None:
        """Writes a subscriber to its log."""
        event = SubscriberChanged(
            event_id=uuid.uuid4().hex,
            occurred_at=datetime.now(UTC),
            name=subscriber.name,
            subscriber=subscriber,
            by="test",
        )
        record, topic = encode(event), SUBSCRIBER_CHANGED.full_name(self.namespace)
        self.producer.send(topic, key=record.key, value=record.value).get(timeout=30)

    def noted(self, subscription_id: str) -> list[tuple[str, str, int]]:
        """The ledger's notes of a subscription: outcome, article and revision."""
        topic = DELIVERY_NOTED.full_name(self.namespace)
        if isinstance(self.producer, MemoryKafka):
            values = self.producer.of(topic)
        else:
            with open_log(self.bootstrap, client_id="test") as log:
                values = [record.value for record in log.read_all(topic)]
        notes = [decode(DeliveryNoted, value) for value in values]
        mine = [note for note in notes if note.subscription_id == subscription_id]
        return [(note.outcome, note.article_id, note.revision) for note in mine]


@dataclass
class Commands:
    """newsman's commands with the stack's settings."""

    monkeypatch: Any
    capsys: Any

    def __call__(self, *words: str, expected: int = 0, **env: str) -> str:
        """What a command prints on standard output, or on the other where it fails."""
        with self.monkeypatch.context() as patch:
            # A demo that runs in this checkout would lend its operator's token.
            patch.setenv("NEWSMAN_HOME", "/nowhere")
            for name, value in env.items():
                patch.setenv(name, value)
            self.capsys.readouterr()
            status = main(list(words))
            printed = self.capsys.readouterr()
        assert status == expected, printed
        return printed.err if expected else printed.out

    def json(self, *words: str, **env: str) -> Any:
        """The same as JSON."""
        return json.loads(self(*words, "--json", **env))
