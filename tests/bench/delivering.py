"""How fast deliver is, beside a bare aiohttp loop, and how late with a thousand subscriptions."""

import itertools
import json
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import redis
from stack import cpu_seconds, ended, enriched, free_port, service, wait_for

from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.bodies import render_body
from newsman.deliver.signing import new_secret
from newsman.kafka.clients import build_producer
from newsman.kafka.records import encode
from newsman.kafka.topics import ensure_topics
from newsman.redis.keys import STORE_LAYOUT, ArticleKeys, QueueKeys
from newsman.tools.local.kafka import Broker
from newsman.tools.local.processes import memory_mb
from newsman.tools.local.valkey import Valkey
from newsman_schemas.article_rules import Status
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.events import Event, unix_ms
from newsman_schemas.subscriptions import (
    OPERATOR,
    Filter,
    Secret,
    Subscription,
    SubscriptionChanged,
)
from newsman_schemas.topics import ARTICLE_PUBLISHED, SUBSCRIPTION_CHANGED, Topic

HERE = Path(__file__).parent
BODY = "The council of Lisbon met on Monday and spoke about ferries, trams and the river. " * 30
TOWNS = tuple(f"Town {number}" for number in range(500))
ARTICLES, RECEIVERS, AT_ONCE, PAIRS = 2_000, 8, 32, 5
SUBSCRIPTIONS, PER_SECOND, SECONDS, DEAD = 1_000, 50, 20, 50
FLASH_EVERY = 10
UNTIL_QUIET = 15.0
BACKLOG = 10_000


class World:
    """A namespace of its own: the logs, the store and what comes to the receiver."""

    def __init__(self, broker: Broker, valkey: Valkey, namespace: str, url: str) -> None:
        ensure_topics(broker.bootstrap, namespace, replication=1)
        self.namespace = namespace
        self._url = url
        self._producer = build_producer(broker.bootstrap, client_id="bench")
        self.client = redis.Redis.from_url(valkey.url)
        self._keys = ArticleKeys(namespace)
        self.client.set(self._keys.marker, STORE_LAYOUT)

    def subscribe(self, path: str, **fields: Any) -> Subscription:
        """A subscription of the operator at a path of the receiver."""
        ident = "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:16])
        now = datetime.now(UTC)
        subscription = Subscription(
            **{
                "id": ident,
                "owner": OPERATOR,
                "kind": "webhook",
                "target": f"{self._url}/{path}",
                "secrets": (Secret(value=new_secret()),),
                "created_at": now,
                "changed_at": now,
                **fields,
            }
        )
        event = SubscriptionChanged(
            event_id=uuid.uuid4().hex,
            occurred_at=now,
            subscription_id=ident,
            subscription=subscription,
            by="bench",
        )
        self._send(SUBSCRIPTION_CHANGED, event)
        return subscription

    def publish(self, events: Sequence[ArticlePublished]) -> None:
        """As publish does it: into the store first, then onto the log."""
        with self.client.pipeline(transaction=False) as pipe:
            for event in events:
                assert event.article is not None
                fields: dict[Any, Any] = {
                    "status": Status.PUBLISHED.value,
                    "doc": event.article.model_dump_json(),
                    "revision": event.revision,
                    "at_ms": unix_ms(event.occurred_at),
                }
                pipe.hset(self._keys.article(event.article_id), mapping=fields)
            pipe.execute()
        for event in events:
            self._send(ARTICLE_PUBLISHED, event)

    def flush(self) -> None:
        """Everything is acknowledged."""
        self._producer.flush(60)

    def _send(self, topic: Topic, event: Event) -> None:
        record = encode(event)
        self._producer.send(topic.full_name(self.namespace), key=record.key, value=record.value)


def speed(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """Deliveries a second from the log on, and of the bare loop, in pairs one after the other."""
    body = webhook_body(published(1))
    pairs = [
        (_delivered(broker, valkey, folder), _posted_barely(folder, body)) for _ in range(PAIRS)
    ]
    ours, bare = (
        _Speed(*map(median, zip(*runs, strict=True))) for runs in zip(*pairs, strict=True)
    )
    rates = sorted(mine.per_second / other.per_second for mine, other in pairs)
    costs = sorted(other.cpu_us / mine.cpu_us for mine, other in pairs)
    return (
        f"| {RECEIVERS} subscriptions, {ARTICLES:,} articles of {len(body) / 1_000:.1f} kB, median "
        f"of {PAIRS} pairs | deliver | bare aiohttp | ratio, from the least to the most |\n"
        "| --- | --- | --- | --- |\n"
        f"| deliveries a second | {ours.per_second:,.0f} | {bare.per_second:,.0f} | "
        f"{_range(rates)} |\n"
        f"| CPU time a delivery | {ours.cpu_us:,.0f} µs | {bare.cpu_us:,.0f} µs | "
        f"{_range(costs)} |\n"
    )


class _Speed(NamedTuple):
    per_second: float
    cpu_us: float
    """CPU time of the sending process for each."""


def _range(sorted_ratios: Sequence[float]) -> str:
    return f"{median(sorted_ratios):.2f} ({sorted_ratios[0]:.2f} to {sorted_ratios[-1]:.2f})"


def _delivered(broker: Broker, valkey: Valkey, folder: Path) -> _Speed:
    with receiver() as url:
        world = World(broker, valkey, f"bench-speed-{uuid.uuid4().hex[:6]}", url)
        for number in range(RECEIVERS):
            world.subscribe(str(number), concurrency=AT_ONCE)
        world.publish([published(number) for number in range(ARTICLES)])
        world.flush()
        with deliver(world, broker, valkey, folder) as process:
            before, cpu = came(url), cpu_seconds(process.pid)
            wait_for(lambda: came(url) >= ARTICLES * RECEIVERS, 300)
            cpu = cpu_seconds(process.pid) - cpu
        times = [at for first in arrivals(url).values() for at in first.values()]
    return _Speed(
        len(times) / (max(times) - min(times)), cpu / (ARTICLES * RECEIVERS - before) * 1e6
    )


def _posted_barely(folder: Path, body: bytes) -> _Speed:
    """The same number of the same bytes, as many at once, to a receiver of its own."""
    (folder / "body").write_bytes(body)
    with receiver() as url:
        command = [sys.executable, HERE / "bare_webhooks.py", f"{url}/bare", folder / "body"]
        numbers = (str(ARTICLES * RECEIVERS), str(AT_ONCE * RECEIVERS))
        printed = subprocess.check_output([*command, *numbers], text=True)
    return _Speed(*(float(word) for word in printed.split()))


def webhook_body(event: ArticlePublished) -> bytes:
    """The bytes that a subscription is sent of an event."""
    reference = Reference(event.article_id, "article.published", event.event_id, 1, 1)
    return render_body("full", reference, event.article).content


def idle(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """The CPU time of a process that has subscriptions and nothing to do."""
    with receiver() as url:
        world = World(broker, valkey, f"bench-idle-{uuid.uuid4().hex[:6]}", url)
        for number in range(RECEIVERS):
            world.subscribe(str(number))
        world.flush()
        with deliver(world, broker, valkey, folder) as process:
            time.sleep(UNTIL_QUIET)
            cpu = cpu_seconds(process.pid)
            time.sleep(SECONDS)
            cpu = cpu_seconds(process.pid) - cpu
    return (
        "| nothing is published | |\n| --- | --- |\n"
        f"| CPU time of the process, of one core | {cpu / SECONDS:.1%} |\n"
    )


def latency(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """How late the first attempt is, without and with dead receivers."""
    columns = [
        late(broker, valkey, folder, dead=dead, is_measuring_memory=dead == 0) for dead in (0, DEAD)
    ]
    rows = [
        ("publish → first attempt, p50", "p50", "ms"),
        ("publish → first attempt, p99", "p99", "ms"),
        ("flash → first attempt, p99", "flash", "ms"),
        ("deliveries", "count", ""),
        ("CPU time of the process, of one core", "cpu", "%"),
        ("memory per subscription", "kb", "kB"),
        ("Redis per waiting delivery", "bytes", "bytes"),
    ]
    head = (
        f"| {SUBSCRIPTIONS:,} subscriptions with filters, {PER_SECOND} articles/s, {SECONDS} s | "
        f"all answer | {DEAD} are dead |\n| --- | --- | --- |\n"
    )
    return head + "".join(
        f"| {name} | " + " | ".join(_cell(column, key, unit) for column in columns) + " |\n"
        for name, key, unit in rows
    )


def _cell(column: dict[str, float], key: str, unit: str) -> str:
    return f"{column[key]:,.0f} {unit}".rstrip() if key in column else ""


def late(
    broker: Broker, valkey: Valkey, folder: Path, *, dead: int, is_measuring_memory: bool
) -> dict[str, float]:
    """One run: articles at a pace, and when each came first at each address."""
    with receiver() as url:
        world = World(broker, valkey, f"bench-late-{uuid.uuid4().hex[:6]}", url)
        with deliver(world, broker, valkey, folder) as process:
            before_mb = memory_mb(process.pid)
            filters = itertools.cycle(_filters())
            subscriptions = [
                world.subscribe(
                    f"slow-{number}" if number < dead else str(number), filter=next(filters)
                )
                for number in range(SUBSCRIPTIONS)
            ]
            world.flush()
            wait_for(lambda: all(_is_live(world, one) for one in subscriptions), 120)
            measured = {"kb": (memory_mb(process.pid) - before_mb) * 1_024 / SUBSCRIPTIONS}
            cpu, sent = cpu_seconds(process.pid), _paced(world)
            measured["cpu"] = (cpu_seconds(process.pid) - cpu) / SECONDS * 100
            time.sleep(3)
        measured |= _lateness(sent, arrivals(url))
        if is_measuring_memory:
            measured["bytes"] = _bytes_of_a_backlog(world)
    return measured


def _filters() -> Iterator[Filter]:
    """Filters of every kind; of each some articles pass."""
    for number, town in enumerate(TOWNS):
        slug = town.lower().replace(" ", "-")
        yield (
            Filter(entity=(slug,)),
            Filter(entity=(slug,), urgency_max=3),
            Filter(q=f"town {number}"),
        )[number % 3]


def _is_live(world: World, subscription: Subscription) -> bool:
    places = world.client.hvals(QueueKeys(world.namespace, subscription.id).places)
    return len(places) == ARTICLE_PUBLISHED.partitions


def _paced(world: World) -> dict[str, tuple[float, bool]]:
    """Publishes at a pace; when each article was handed over, and whether it is a flash."""
    sent: dict[str, tuple[float, bool]] = {}
    began = time.monotonic()
    for number in range(PER_SECOND * SECONDS):
        time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        is_flash = number % FLASH_EVERY == 0
        event = published(1_000_000 + number, urgency=1 if is_flash else 5)
        sent[event.article_id] = (time.time(), is_flash)
        world.publish([event])
    world.flush()
    return sent


def _lateness(
    sent: dict[str, tuple[float, bool]], came_at: dict[str, dict[str, float]]
) -> dict[str, float]:
    lateness = [
        (at - sent[article][0], sent[article][1])
        for first in came_at.values()
        for article, at in first.items()
        if article in sent
    ]
    everything = sorted(seconds for seconds, _ in lateness)
    flashes = sorted(seconds for seconds, is_flash in lateness if is_flash)
    return {
        "p50": everything[len(everything) // 2] * 1_000,
        "p99": everything[int(len(everything) * 0.99)] * 1_000,
        "flash": flashes[int(len(flashes) * 0.99)] * 1_000,
        "count": len(everything),
    }


def _bytes_of_a_backlog(world: World) -> float:
    """What Redis takes for each delivery that waits, in the queue of one subscription."""
    from newsman.deliver.queue.inlet import Inlet, Put, Row

    inlet = Inlet(world.client, world.namespace, most_waiting=BACKLOG)
    before = world.client.info("memory")["used_memory"]
    rows = [
        Row(Reference(one.article_id, "article.published", one.event_id, 1, 1, 10**12), 0, False)
        for one in (published(number) for number in range(BACKLOG))
    ]
    inlet.put([Put("z" * 16, rows)])
    return float((world.client.info("memory")["used_memory"] - before) / BACKLOG)


def published(number: int, *, urgency: int = 5) -> ArticlePublished:
    """The first revision of an article that names a few towns."""
    names = [TOWNS[(number * step) % len(TOWNS)] for step in (1, 7, 31)]
    article = enriched(number, names, headline=f"News of {names[0]}", body=BODY + names[1])
    article = article.model_copy(update={"urgency": urgency, "section": "City"})
    return ArticlePublished(
        event_id=f"event-{number}",
        occurred_at=datetime.now(UTC),
        action="published",
        revision=1,
        article_id=article.id,
        source=article.source,
        uri=article.uri,
        version=1,
        article=article,
    )


@contextmanager
def deliver(
    world: World, broker: Broker, valkey: Valkey, folder: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """The service, ready."""
    settings = {
        "NEWSMAN_NAMESPACE": world.namespace,
        "NEWSMAN_OUTBOUND_NETWORKS": "127.0.0.0/8",
        "NEWSMAN_OUTBOUND_PORTS": "1-65535",
    }
    with service("deliver", broker, valkey, folder, **settings) as (process, _):
        yield process


@contextmanager
def receiver() -> Iterator[str]:
    """The receiver in a process of its own, and its address."""
    port = free_port()
    command = [sys.executable, HERE / "webhook_receiver.py", str(port)]
    with ended(subprocess.Popen(command)):
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: came(url) == 0)
        yield url


def came(url: str) -> int:
    """The number of webhooks that came."""
    try:
        with urllib.request.urlopen(f"{url}/count", timeout=5) as answer:
            return int(answer.read())
    except OSError:
        return -1


def arrivals(url: str) -> dict[str, dict[str, float]]:
    """The first arrival of each article, by path."""
    with urllib.request.urlopen(f"{url}/", timeout=60) as answer:
        told: dict[str, dict[str, dict[str, float]]] = json.load(answer)
    return told["first"]
