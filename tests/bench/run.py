"""`make bench`: first figures, on a Kafka and a Valkey of their own. Prints Markdown."""

import json
import os
import platform
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition

from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.records import decode, encode
from newsman.kafka.topics import ensure_topics
from newsman.local.jars import ensure_jars
from newsman.local.kafka import Broker
from newsman.local.layout import Layout
from newsman.local.processes import start_service
from newsman.local.supervisor import prepare
from newsman.local.valkey import Valkey
from newsman.ops import Pulse
from newsman.popularity.counter import ViewCounter
from newsman.popularity.store import CountStore
from newsman.redis.client import build_client
from newsman_schemas.articles import article_id
from newsman_schemas.popularity import ArticleViewed
from newsman_schemas.topics import ARTICLE_VIEWED

REPOSITORY = Path(__file__).resolve().parents[2]
JARS = REPOSITORY / ".newsman" / "kafka-jars"
SERVICES = ("ingest", "enrich", "popularity", "publish", "feeds")
PUSHES, PUSHES_PER_SECOND, BACKLOG = 150, 5, 300
VIEWS, ARTICLES, READERS, ROUNDS = 300_000, 5_000, 70_000, 3
BODY = "The council of Lisbon met on Monday and spoke about ferries, trams and the river. " * 36


def main() -> int:
    """Runs every benchmark once."""
    folder = Path(tempfile.mkdtemp(prefix="newsman-bench-"))
    ensure_jars(JARS)
    broker = Broker(folder / "kafka", free_port(), free_port(), JARS)
    valkey = Valkey(folder / "valkey", free_port())
    broker.start()
    valkey.start()
    try:
        broker.wait_ready()
        valkey.wait_ready()
        print(machine())
        print(views_into_redis(broker, valkey))
        print(push_to_feed(broker, valkey, folder))
    finally:
        broker.kill()
        valkey.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def machine() -> str:
    """What it ran on."""
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")),
        platform.processor(),
    )  # fmt: skip
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({model}), "
        f"Python {platform.python_version()}\n"
    )


def views_into_redis(broker: Broker, valkey: Valkey) -> str:
    """Views counted per second, against a consumer that only polls and validates."""
    ensure_topics(broker.bootstrap, "bench", replication=1)
    produce_views(broker.bootstrap)
    bare, counted = [], []
    for number in range(ROUNDS):
        bare.append(VIEWS / seconds(lambda: read_bare(broker.bootstrap)))
        counted.append(VIEWS / seconds(lambda n=number: count(broker.bootstrap, valkey.url, n)))
        print(f"  round {number + 1}: {bare[-1]:,.0f}/s, {counted[-1]:,.0f}/s", file=sys.stderr)
    client = build_client(valkey.url)
    memory = client.info("memory")["used_memory"] / ROUNDS / VIEWS * 1_000_000 / 1024**2
    ratio = statistics.median(c / b for b, c in zip(bare, counted, strict=True))
    return "\n".join(
        [
            f"| views ({VIEWS:,}, {ARTICLES:,} articles, {READERS:,} readers) | per second |",
            "| --- | --- |",
            f"| bare consumer, validated with Pydantic | {statistics.median(bare):,.0f} |",
            f"| counted into Redis with their offsets | {statistics.median(counted):,.0f} |",
            f"| ratio, median of {ROUNDS} pairs | {ratio:.2f} |",
            f"| Redis memory per million events | {memory:.0f} MiB |",
            "",
        ]
    )


def produce_views(bootstrap: str) -> None:
    """A Zipf-like stream of views."""
    rng = random.Random(3)
    producer = build_producer(bootstrap, client_id="bench", linger_ms=20)
    ids = [article_id("bench", str(n)) for n in range(ARTICLES)]
    weights = [1 / (rank + 1) for rank in range(ARTICLES)]
    topic, now = ARTICLE_VIEWED.full_name("bench"), datetime.now(UTC)
    for number, article in enumerate(rng.choices(ids, weights, k=VIEWS)):
        event = ArticleViewed(
            event_id=str(number),
            occurred_at=now,
            article_id=article,
            reader=f"reader-{rng.randrange(READERS)}",
        )
        record = encode(event)
        producer.send(topic, key=record.key, value=record.value, headers=record.headers)
    producer.flush()
    producer.close()


def read_bare(bootstrap: str) -> None:
    """Polls and validates, and nothing else."""
    consumer: KafkaConsumer = build_consumer(bootstrap=bootstrap, group=None, client_id="bare")
    topic = ARTICLE_VIEWED.full_name("bench")
    consumer.assign([TopicPartition(topic, n) for n in range(ARTICLE_VIEWED.partitions)])
    consumer.seek_to_beginning()
    read = 0
    while read < VIEWS:
        for records in consumer.poll(timeout_ms=200, max_records=2_000).values():
            for record in records:
                decode(ArticleViewed, record.value)
            read += len(records)
    consumer.close()


def count(bootstrap: str, redis_url: str, number: int) -> None:
    """The service's own loop, from the beginning, into fresh keys."""
    name = f"bench{number}"
    consumer = build_consumer(bootstrap=bootstrap, group=name, client_id=name)
    store = CountStore(build_client(redis_url), name, window_seconds=1_800)
    counter = ViewCounter(consumer, store, lambda _: None, Pulse(limit_seconds=60))
    counter.subscribe(ARTICLE_VIEWED.full_name("bench"))
    read = 0
    while read < VIEWS:
        read += counter.turn()
    counter.close()


def push_to_feed(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """Milliseconds from the push of an article to its appearance in a feed."""
    ensure_topics(broker.bootstrap, "newsman", replication=1)
    layout = Layout(folder / "home")
    prepare(layout)
    with running(broker, valkey, layout) as urls:
        for n in range(5):
            push(urls["ingest"], f"warm-{n}")
        wait_for(lambda: answers(f"{urls['feeds']}/sections/bench.json"))
        pushed, seen = {}, {}
        stop = threading.Event()
        watching = threading.Thread(target=watch, args=(urls["feeds"], seen, stop))
        watching.start()
        for number in range(PUSHES):
            began = time.monotonic()
            pushed[push(urls["ingest"], f"{number}")] = began
            time.sleep(max(0.0, 1 / PUSHES_PER_SECOND - (time.monotonic() - began)))
        deadline = time.monotonic() + 30
        while len(seen.keys() & pushed.keys()) < PUSHES and time.monotonic() < deadline:
            time.sleep(0.1)
        stop.set()
        watching.join()
        per_second = BACKLOG / seconds(lambda: drain(urls["ingest"], valkey.url))
    delays = sorted((seen[a] - pushed[a]) * 1000 for a in pushed if a in seen)
    lost = PUSHES - len(delays)
    return "\n".join(
        [
            f"| push → feed ({PUSHES} articles of 3 kB, {PUSHES_PER_SECOND}/s, enriched) | |",
            "| --- | --- |",
            f"| p50 | {delays[len(delays) // 2]:.0f} ms |",
            f"| p99 | {delays[int(len(delays) * 0.99)]:.0f} ms |",
            f"| not seen | {lost} |",
            f"| a backlog of {BACKLOG} drains at | {per_second:.0f} articles/s |",
            "",
        ]
    )


def drain(url: str, redis_url: str) -> None:
    """Pushes many articles at once and waits until all are published."""
    client = build_client(redis_url)
    before = client.zcard("newsman:index:latest")
    lines = [
        json.dumps({"uri": f"urn:drain:{n}", "headline": f"Number {n}", "body_text": BODY})
        for n in range(BACKLOG)
    ]
    request = urllib.request.Request(
        f"{url}/v1/articles",
        "\n".join(lines).encode(),
        {"Authorization": "Bearer demo-key", "Content-Type": "application/x-ndjson"},
    )
    with urllib.request.urlopen(request, timeout=30):
        pass
    wait_for(lambda: client.zcard("newsman:index:latest") >= before + BACKLOG)


@contextmanager
def running(broker: Broker, valkey: Valkey, layout: Layout):
    """All services, ready; their addresses by name."""
    urls, processes = {}, []
    for name in SERVICES:
        port = free_port()
        urls[name] = f"http://127.0.0.1:{port}"
        env = {
            **os.environ,
            "NEWSMAN_KAFKA_BOOTSTRAP": broker.bootstrap,
            "NEWSMAN_REDIS_URL": valkey.url,
            "NEWSMAN_SOURCES_FILE": str(layout.sources),
            "NEWSMAN_PORT": str(port),
        }
        processes.append(start_service(name, env, layout.logs / f"{name}.log"))
    try:
        wait_for(lambda: all(answers(f"{url}/readyz") for url in urls.values()))
        yield urls
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def push(url: str, name: str) -> str:
    """Pushes one article; its id."""
    article = {"uri": f"urn:bench:{name}", "headline": f"Number {name}", "section": "Bench"}
    request = urllib.request.Request(
        f"{url}/v1/articles",
        json.dumps({**article, "body_text": BODY}).encode(),
        {"Authorization": "Bearer demo-key", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["id"])


def watch(url: str, seen: dict[str, float], stop: threading.Event) -> None:
    """Notes when each article is first in the feed."""
    while not stop.is_set():
        with urllib.request.urlopen(f"{url}/sections/bench.json", timeout=10) as answer:
            items = json.load(answer)["items"]
        now = time.monotonic()
        for item in items:
            seen.setdefault(item["_newsman"]["article_id"], now)
        time.sleep(0.005)


def seconds(work: Callable[[], None]) -> float:
    """How long it takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def wait_for(condition: Callable[[], bool], limit_seconds: float = 90) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("the services did not become ready")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether the address answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    raise SystemExit(main())
