"""One deliver for the tests of a module, its commands, and subscribers."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.deliver.edge_stack import OPERATOR_TOKEN, Commands, EdgeStack
from tests.integration.deliver.edge_world import MemoryKafka, MemoryLog, NoWatch

from newsman.deliver.channels.channel import BadSubscription
from newsman.deliver.http.building import EdgeNeeds
from newsman.deliver.http.thread import EdgeThread
from newsman.deliver.ledger.book import Ledger
from newsman.deliver.mail.bounce_routes import open_bounces
from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.sending.notes import Notes
from newsman.deliver.sending.rates import Rates, quotas
from newsman.deliver.sending.requests import QueueRequests
from newsman.deliver.subscriptions.turns import RegistryTurns
from newsman.deliver.subscriptions.writer import RegistryWriter
from newsman.kafka.clients import build_producer
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.redis.client import build_client
from newsman.runtime.health import Pulse
from newsman.settings import DeliverSettings
from newsman.subscribers.registry import Registry
from newsman.subscribers.tokens import kept, new_token
from newsman.web.server.serve import listen
from newsman_schemas.subscriptions import Subscriber
from newsman_schemas.topics import DELIVERY_NOTED


class HttpsOnly:
    """A channel that wants https, and sends nothing."""

    kind = "webhook"
    payloads = ("full", "thin")
    together = 1

    def check(self, subscription):
        if not subscription.target.startswith("https://") or "@" in subscription.target:
            raise BadSubscription("/target", "is no https address")


@pytest.fixture(scope="module")
def operator_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("operator") / "token"
    file.write_text(f"{OPERATOR_TOKEN}\n")
    return file


@pytest.fixture(scope="module")
def service(start_module_service, kafka_bootstrap, redis_url, operator_file) -> Iterator[EdgeStack]:
    """deliver as a process, with a real Kafka."""
    deliver = start_module_service("deliver", NEWSMAN_OPERATOR_TOKEN_FILE=str(operator_file))
    deliver.wait_ready()
    producer = build_producer(kafka_bootstrap, client_id="test")
    namespace = deliver.env["NEWSMAN_NAMESPACE"]
    yield EdgeStack(deliver.url, deliver.ops_url, namespace, kafka_bootstrap, redis_url, producer)
    producer.close(timeout=5)


@pytest.fixture(scope="module")
def stack(redis_url, operator_file) -> Iterator[EdgeStack]:
    """The edge alone, on a real Valkey and a Kafka in memory."""
    namespace = f"m{uuid.uuid4().hex[:10]}"
    settings = DeliverSettings(
        kafka_bootstrap="unused:1",
        redis_url=redis_url,
        namespace=namespace,
        operator_token_file=operator_file,
        stream_heartbeat_seconds=0.2,
        mail_bounces="bounce@mail.news.example",
        unsubscribe_secret="a secret of this house",
    )
    registry = Registry()
    kafka = MemoryKafka(namespace, registry)
    client = build_client(redis_url)
    turns = RegistryTurns(client, namespace, registry)
    inlet = Inlet(client, namespace, most_waiting=1_000)
    listener = listen("127.0.0.1", 0, variable="NEWSMAN_PORT")
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    registry.reach({}, is_whole=True)
    past = MemoryLog(kafka)
    ledger = Ledger()
    ledger.is_whole = True
    writer = RegistryWriter(kafka, registry, namespace, turns)

    async def bounces(stack: AsyncExitStack) -> list:
        return open_bounces(settings, registry, writer, inlet, stack)

    edge = EdgeThread(settings, listener, NoWatch())
    edge.start()
    assert httpx.get(url).status_code == 503
    edge.open(
        EdgeNeeds(
            settings,
            registry,
            writer,
            {"webhook": HttpsOnly()},
            QueueRequests(client, inlet, namespace),
            Notes(kafka, DELIVERY_NOTED.full_name(namespace)),
            Rates(quotas(registry)),
            past,
            Pulse(limit_seconds=60),
            PartitionWatch(lambda _: {}),
            bounces,
            ledger,
        )
    )
    stack = EdgeStack(url, "", namespace, "", redis_url, kafka)
    stack.past, stack.ledger = past, ledger
    stack.store()
    yield stack
    edge.stop()
    ledger.close()
    for key in client.scan_iter(match=f"{namespace}:*", count=1_000):
        client.unlink(key)


@pytest.fixture
def newsman(service, monkeypatch, capsys) -> Commands:
    """Runs commands against deliver with a real Kafka."""
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", service.bootstrap)
    monkeypatch.setenv("NEWSMAN_NAMESPACE", service.namespace)
    monkeypatch.setenv("NEWSMAN_DELIVER_URL", service.url)
    return Commands(monkeypatch, capsys)


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    """Names of subscribers that no other test has."""
    return (f"desk{number}" for number in itertools.count())


@pytest.fixture
def subscriber(stack, names, eventually) -> Callable[..., tuple[str, str]]:
    """Adds a subscriber that deliver knows; answers its name and token."""

    def add(**fields: Any) -> tuple[str, str]:
        name, token, now = next(names), new_token(), datetime.now(UTC)
        made = Subscriber(name=name, tokens=(kept(token, now),), created_at=now, **fields)
        stack.put_subscriber(made)
        with stack.client(token) as client:
            eventually(
                lambda: client.get("/v1/subscriptions").status_code == 200,
                what="deliver knows the subscriber",
            )
        return name, token

    return add


@pytest.fixture
def desk(subscriber, stack) -> Iterator[httpx.Client]:
    """The client of a subscriber of the test's own."""
    _, token = subscriber()
    with stack.client(token) as client:
        yield client
