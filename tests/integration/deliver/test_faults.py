"""Receivers that misbehave, processes that are killed, a Redis that is flushed, a Kafka that stops.

Counted by sets: every event at least once under one id, order kept per article, nothing to a
subscription that was deleted.
"""

import os
import random
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler

import pytest
import redis
from tests.conftest import wait_until as wait
from tests.waiting import paced

from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.sending.requests import QueueRequests
from newsman.kafka.clients import build_producer
from newsman.kafka.topics import ensure_topics
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import Subscription

from .conftest import Received, put_in_store
from .stage import Misbehave, Receiver, Stage, next_revision, receiving

NAMESPACE = "faults"
PER_ROUND, EVERY_SECONDS = 6, 0.5
SECONDS = float(os.environ.get("FAULT_SECONDS", "30"))
"""At least; each of two processes is killed at random every eight rounds, and starts again."""
FLUSH_AT, DELETE_AT, STOP_KAFKA_AT = 15, 25, 35
SEED = 15


def times_out(handler: BaseHTTPRequestHandler, _: int) -> None:
    """No answer, for longer than a sender waits."""
    threading.Event().wait(3)
    handler.close_connection = True


def cuts(handler: BaseHTTPRequestHandler, _: int) -> None:
    """The connection is closed in the middle of a head."""
    handler.wfile.write(b"HTTP/1.1 20")
    handler.close_connection = True


def lies(handler: BaseHTTPRequestHandler, _: int) -> None:
    """The head says 200 and a length that never comes: it was taken."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nok")
    handler.close_connection = True


class Unruly:
    """Fails at the first attempt at some deliveries, in every way there is, and then accepts."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._seen: set[str] = set()

    def __call__(self, received: Received) -> int | Misbehave:
        is_first = received.id not in self._seen
        self._seen.add(received.id)
        if not is_first or self._chance.random() > 0.1:
            return 204
        return self._chance.choice(((0, times_out), (0, cuts), (200, lies), 500, 503, 302, 404))


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def stage(own_broker, own_valkey, receiver):
    ensure_topics(own_broker.bootstrap, NAMESPACE, replication=1)
    client = redis.Redis.from_url(own_valkey.url)
    producer = build_producer(own_broker.bootstrap, client_id="test")
    requests = QueueRequests(client, Inlet(client, NAMESPACE, most_waiting=100), NAMESPACE)
    numbers = iter(range(1, 1_000_000))
    yield Stage(NAMESPACE, own_broker.bootstrap, client, producer, receiver, requests, numbers)
    producer.close(timeout=5)
    client.close()


class Newsroom:
    """Publishes, updates and kills at random, and remembers what it did."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self._stage = stage
        self._chance = chance
        self.newest: dict[str, ArticlePublished] = {}
        self.events: dict[tuple[str, int], ArticlePublished] = {}

    def work(self) -> list[ArticlePublished]:
        """One round; what it published."""
        events = self._stage.articles(PER_ROUND - 2) + [
            next_revision(before, self._chance.choice(("updated", "updated", "killed")))
            for before in self._some()
        ]
        for event in events:
            self.newest[event.article_id] = event
            self.events[event.article_id, event.revision] = event
        self._stage.emit(*events)
        return events

    def restore(self) -> None:
        """The article store is there again, as publish would rebuild it."""
        put_in_store(self._stage.client, NAMESPACE, list(self.newest.values()))

    def _some(self) -> list[ArticlePublished]:
        alive = [event for event in self.newest.values() if event.article]
        return self._chance.sample(alive, min(2, len(alive)))


@pytest.mark.timeout(240 + 4 * SECONDS)
def test_nothing_is_lost_whatever_fails(stage, receiver, launch_on, own_broker, own_valkey):
    chance = random.Random(SEED)
    launch = launch_on(own_broker.bootstrap, own_valkey.url, NAMESPACE)
    settings = {
        "NEWSMAN_OUTBOUND_NETWORKS": "127.0.0.0/8",
        "NEWSMAN_OUTBOUND_PORTS": "1-65535",
        "NEWSMAN_WEBHOOK_TIMEOUT_SECONDS": "1",
    }
    services = [launch("deliver", NEWSMAN_INSTANCE=str(n), **settings) for n in range(2)]
    kept = [stage.subscribe() for _ in range(3)]
    deleted = stage.subscribe()
    for subscription in (*kept, deleted):
        receiver.answers[subscription.id] = Unruly(chance)
    for service in services:
        service.wait_ready()
    newsroom = Newsroom(stage, chance)
    after_deletion: set[tuple[str, int]] = set()
    for number in paced(range(round(SECONDS / EVERY_SECONDS)), EVERY_SECONDS):
        if number == STOP_KAFKA_AT:
            own_broker.stop()
            own_broker.start()
        events = newsroom.work()
        if number == FLUSH_AT:
            stage.client.flushall()
            newsroom.restore()
        if number == DELETE_AT:
            stage.delete(deleted)
        if number > DELETE_AT + 4:
            after_deletion |= {(event.article_id, event.revision) for event in events}
        if number % 8 == 7:
            service = chance.choice(services)
            service.kill()
            service.start()
    wanted = {(article, event.revision) for article, event in newsroom.newest.items()}
    for subscription in kept:
        _wait_for(wanted, receiver, subscription)
        _check(receiver.received[subscription.id], newsroom)
    assert not {one.what for one in receiver.received[deleted.id]} & after_deletion
    ids = [{one.id for one in receiver.received[subscription.id]} for subscription in kept]
    assert not set.intersection(*ids)
    # Whoever is told to stop while Redis is away ends, and does not wait for it.
    own_valkey.kill()
    assert [service.stop() for service in services] == [0, 0]


def _wait_for(wanted: set[tuple[str, int]], receiver: Receiver, subscription: Subscription) -> None:
    def missing() -> set[tuple[str, int]]:
        return wanted - {one.what for one in receiver.of(subscription)}

    wait(lambda: not missing(), timeout=90, what=lambda: f"{sorted(missing())[:5]} arrived")


def _check(received: list[Received], newsroom: Newsroom) -> None:
    ids: dict[tuple[str, int], set[str]] = defaultdict(set)
    revisions: dict[str, list[int]] = defaultdict(list)
    for one in tuple(received):
        assert one.what in newsroom.events
        ids[one.what].add(one.id)
        article, revision = one.what
        # A delivery may come again, but never after its successor began to arrive.
        revisions[article].append(revision)
    assert all(len(each) == 1 for each in ids.values())
    assert len({each for found in ids.values() for each in found}) == len(ids)
    assert all(each == sorted(each) for each in revisions.values())
