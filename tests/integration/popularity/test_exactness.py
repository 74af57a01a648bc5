"""Kill anything at any moment, and every count still equals the truth.

50,000 events and 8 kills; NEWSMAN_TEST_VIEWS and NEWSMAN_TEST_KILLS make it larger.
"""

import contextlib
import os
import random
import shutil
import threading
import time

import pytest
import redis
from kafka import TopicPartition

from newsman.kafka.clients import build_consumer
from newsman.kafka.topics import ensure_topics
from newsman.popularity.counting.count_store import CountStore
from newsman.redis.keys import PopularityKeys
from newsman_schemas.topics import ARTICLE_VIEWED, ARTICLE_VIEWED_V1, REJECTED

from .conftest import WINDOW, stored_numbers
from .truth import make_stream, produce, produce_together, truth_of_the_log

EVENTS = int(os.environ.get("NEWSMAN_TEST_VIEWS", "50000"))
KILLS = int(os.environ.get("NEWSMAN_TEST_KILLS", "8"))
CATCH_UP_SECONDS = 120
VICTIMS = ("consumer", "consumer", "broker", "redis", "fallback", "flush", "rebalance")
PARTS = range(ARTICLE_VIEWED.partitions)

pytestmark = pytest.mark.timeout(240 + KILLS * 30)


@pytest.fixture
def services(own_broker, own_valkey, namespace, launch_on, view_window):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    launch = launch_on(own_broker.bootstrap, own_valkey.url, namespace)
    window = {"NEWSMAN_VIEW_WINDOW_SECONDS": str(view_window)}
    return [launch("popularity", NEWSMAN_INSTANCE=str(n), **window) for n in range(2)]


def offsets(client: redis.Redis, namespace: str) -> list[int]:
    """The next offsets of every partition, of the first version and of the second."""
    keys = [PopularityKeys(namespace, number) for number in PARTS]
    stored = client.mget(each.offset for each in keys)
    seconds = [client.hget(each.state, "second") for each in keys]
    return [int(value or 0) for value in (*stored, *seconds)]


def ends_of_views(bootstrap: str, namespace: str) -> list[int]:
    """The ends of both versions' logs, as `offsets` has them."""
    topics = (ARTICLE_VIEWED_V1, ARTICLE_VIEWED)
    ends = [log_ends(bootstrap, t.full_name(namespace), parts=len(PARTS)) for t in topics]
    return ends[0] + ends[1]


class Chaos:
    """Kills one thing after another, each while the counting goes on."""

    def __init__(self, broker, valkey, services, folder, client, namespace) -> None:
        self.broker, self.valkey, self.services = broker, valkey, services
        self.copy = folder / "older"
        self.client, self.namespace = client, namespace

    def strike(self, victim: str, rng: random.Random) -> None:
        getattr(self, f"_{victim}")(rng)

    def keep_a_copy(self) -> None:
        """A copy of the append-only file as a disk would hold it after a power cut."""
        for _ in range(3):
            shutil.rmtree(self.copy, ignore_errors=True)
            with contextlib.suppress(shutil.Error):  # the file was rewritten in the meantime
                shutil.copytree(self.valkey.folder, self.copy)
                return

    def _consumer(self, rng: random.Random) -> None:
        service = rng.choice(self.services)
        service.kill()
        service.start()

    def _rebalance(self, rng: random.Random) -> None:
        # One goes in order and comes again, twice: its partitions wander to the other and back.
        for service in (self.services[0], self.services[1]):
            service.stop()
            service.start()

    def _broker(self, _: random.Random) -> None:
        self.broker.kill()
        self.broker.start()
        self.broker.wait_ready()

    def _redis(self, _: random.Random) -> None:
        self.valkey.kill()
        self.valkey.start()
        self.valkey.wait_ready()

    def _fallback(self, _: random.Random) -> None:
        self.valkey.kill()
        if self.copy.exists():
            shutil.rmtree(self.valkey.folder)
            shutil.copytree(self.copy, self.valkey.folder)
        self.valkey.start()
        self.valkey.wait_ready()

    def _flush(self, _: random.Random) -> None:
        self.client.flushall()


@pytest.mark.parametrize("view_window", [WINDOW, 0], ids=["half an hour", "every view"])
def test_every_count_is_true_whatever_is_killed_and_whenever(
    own_broker, own_valkey, services, namespace, tmp_path, eventually, view_window
):
    rng = random.Random(KILLS)
    now = int(time.time())
    stream = make_stream(EVENTS, now=now, seed=7)
    client = redis.Redis.from_url(own_valkey.url)
    chaos = Chaos(own_broker, own_valkey, services, tmp_path, client, namespace)
    killing = threading.Event()
    share = -(-EVENTS // (KILLS + 1))
    victims = [VICTIMS[n % len(VICTIMS)] for n in range(KILLS)]
    rng.shuffle(victims)
    # Whoever starts anew would notice by itself: at the end it must be noticed at work.
    victims[-1] = "fallback"
    for number, victim in enumerate(victims):
        part = stream.views[number * share : (number + 1) * share]
        producing = threading.Thread(
            target=produce if number < KILLS // 2 else produce_together,
            args=(own_broker.bootstrap, namespace, part),
            daemon=True,
        )
        producing.start()
        killing.wait(rng.random())
        chaos.strike(victim, rng)
        producing.join()
        if number % 3 == 0:
            chaos.keep_a_copy()
    produce_together(own_broker.bootstrap, namespace, stream.views[KILLS * share :])
    in_log = ends_of_views(own_broker.bootstrap, namespace)
    eventually(
        lambda: _or_none(lambda: offsets(client, namespace)) == in_log,
        timeout=CATCH_UP_SECONDS + EVENTS / 5_000,
        what="everything on the log is counted",
    )
    for service in services:
        service.kill()
    store = CountStore(client, namespace, window_seconds=view_window)
    later = int(time.time())
    for number in PARTS:
        assert store.advance(number, expected=in_log[number], clock_seconds=later)
    bootstrap = own_broker.bootstrap
    truth, events = truth_of_the_log(bootstrap, namespace, now=later, view_window=view_window)
    assert events >= EVENTS
    assert stored_numbers(client, namespace) == truth
    assert sum(views for views, _ in truth["24h"].values()) > EVENTS / 4
    # The process that died may have parked some a second time; none is missing.
    rejected = log_ends(own_broker.bootstrap, REJECTED.full_name(namespace), parts=1)
    assert rejected[0] >= stream.futures
    client.close()


def log_ends(bootstrap: str, topic: str, *, parts: int) -> list[int]:
    """The end of each partition."""
    consumer = build_consumer(bootstrap=bootstrap, group=None, client_id="ends")
    ends = consumer.end_offsets([TopicPartition(topic, number) for number in range(parts)])
    consumer.close()
    return [ends[TopicPartition(topic, number)] for number in range(parts)]


def _or_none(ask):
    try:
        return ask()
    except redis.RedisError:
        return None
