"""The registry on a real Kafka: who writes reads it, every process sees it, and it starts whole."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from newsman.deliver.subscriptions.writer import RegistryWriter
from newsman.kafka.clients import build_producer
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.runtime.health import Pulse
from newsman.subscribers.registry import Registry
from newsman.subscribers.tail import RegistryTail
from newsman_schemas.subscriptions import OPERATOR, Subscriber, Subscription, SubscriptionState
from newsman_schemas.topics import SUBSCRIPTION_CHANGED

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE, TWO = "a" * 16, "b" * 16
DESK = Subscriber(name="desk", created_at=NOW)


def subscription(subscription_id: str, owner: str = OPERATOR) -> Subscription:
    return Subscription(
        id=subscription_id, owner=owner, kind="webhook", created_at=NOW, changed_at=NOW
    )


@pytest.fixture
def follow(kafka_bootstrap, topics) -> Iterator[Callable[[], Registry]]:
    """Starts a process's view of the logs."""
    stopping, threads = threading.Event(), []

    def follow() -> Registry:
        registry = Registry()
        tail = RegistryTail(registry, kafka_bootstrap, topics, client_id="newsman-test-registry")
        watch = PartitionWatch(EndsOfLog(kafka_bootstrap, "test"))
        arguments = (stopping, Pulse(limit_seconds=60), watch)
        threads.append(threading.Thread(target=tail.run, args=arguments, daemon=True))
        threads[-1].start()
        return registry

    yield follow
    stopping.set()
    for thread in threads:
        thread.join(10)


@pytest.fixture
def writer_for(kafka_bootstrap, topics) -> Iterator[Callable[[Registry], RegistryWriter]]:
    with closing(build_producer(kafka_bootstrap, client_id="test")) as producer:
        yield lambda registry: RegistryWriter(producer, registry, topics)


def test_writers_read_their_own_writes_and_others_follow(
    follow, writer_for, eventually, kafka_bootstrap, topics
):
    ours, theirs = follow(), follow()
    assert ours.wait_until_whole(seconds=30)
    writer = writer_for(ours)
    writer.put(subscription(ONE), "test")
    assert ours.subscription(ONE) == subscription(ONE)
    writer.put(subscription(TWO, "desk"), "test")
    assert ours.subscription(TWO) is None
    writer.put_subscriber(DESK, "test")
    assert ours.subscription(TWO) == subscription(TWO, "desk")
    paused = writer.change(
        ONE, lambda s: s.model_copy(update={"state": SubscriptionState.PAUSED}), "test"
    )
    assert ours.subscription(ONE) == paused
    assert writer.change(ONE, lambda s: s, "test") == paused
    assert writer.change("c" * 16, lambda s: s, "test") is None
    writer.remove_subscriber("desk", "test")
    assert ours.subscriptions() == (paused,)
    writer.delete(ONE, "test")
    assert ours.subscriptions() == ()
    eventually(lambda: theirs.is_whole and not theirs.subscriptions(), what="others have it too")

    with closing(build_producer(kafka_bootstrap, client_id="test")) as producer:
        name = SUBSCRIPTION_CHANGED.full_name(topics)
        producer.send(name, key=TWO.encode(), value=b"\xff{").get(timeout=30)
    writer.put(subscription(TWO), "test")
    fresh = follow()
    assert fresh.wait_until_whole(seconds=30)
    assert fresh.subscriptions() == ours.subscriptions() == (subscription(TWO),)
