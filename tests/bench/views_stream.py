"""A stream of views on the log, and processes that count it."""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis import Redis
from redis.exceptions import ResponseError
from stack import seconds

from newsman.kafka.clients import build_producer
from newsman.kafka.topics import ensure_topics
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import article_id
from newsman_schemas.topics import ARTICLE_VIEWED_V1

VIEWS = int(os.environ.get("NEWSMAN_BENCH_VIEWS", "1000000"))
ARTICLES, READERS = 5_000, 70_000
HOURS = 24
"""The views are spread over as many hours before now, in the log's own time too."""
WORKER = str(Path(__file__).with_name("views_worker.py"))
PARTS = range(ARTICLE_VIEWED_V1.partitions)


def produce_views(bootstrap: str, namespace: str, views: int, articles: int) -> None:
    """A Zipf-like stream of views of 150 bytes, each a record of the first version."""
    ensure_topics(bootstrap, namespace, replication=1)
    rng = random.Random(3)
    producer = build_producer(bootstrap, client_id="bench", linger_ms=20, batch_size=2**18)
    ids = [article_id("bench", str(n)) for n in range(articles)]
    weights = [1 / (rank + 1) for rank in range(articles)]
    topic, began = (
        ARTICLE_VIEWED_V1.full_name(namespace),
        datetime.now(UTC) - timedelta(hours=HOURS),
    )
    for number, article in enumerate(rng.choices(ids, weights, k=views)):
        at = began + timedelta(hours=HOURS) * (number / views)
        value = (
            f'{{"event_id":"{number:07d}","occurred_at":"{at:%Y-%m-%dT%H:%M:%S.%fZ}",'
            f'"article_id":"{article}","reader":"{rng.randrange(READERS):022x}","agent":"reader"}}'
        )
        ms = int(at.timestamp() * 1000)
        producer.send(topic, key=article.encode(), value=value.encode(), timestamp_ms=ms)
    producer.flush()
    producer.close()


def start(
    broker: Broker,
    valkey: Valkey,
    topics: str,
    keys: str,
    parts: Iterable[int],
    rate: int = 0,
    program: Sequence[str] = (sys.executable, WORKER),
) -> subprocess.Popen[str]:
    """A process that counts some partitions, from the beginning to the end, when it is told to."""
    numbers = ",".join(map(str, parts))
    words = [*program, broker.bootstrap, valkey.url, topics, keys, numbers, str(rate)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def count(broker: Broker, valkey: Valkey, topics: str, keys: str, *, processes: int) -> float:
    """Seconds until the service's own loop has counted all views into fresh keys."""
    shares = [list(PARTS)[n::processes] for n in range(processes)]
    workers = [start(broker, valkey, topics, keys, share) for share in shares]
    took = seconds(lambda: run_to_the_end(workers))
    for worker in workers:
        worker.communicate()
    return took


def run_to_the_end(workers: Iterable[subprocess.Popen[str]]) -> None:
    """Tells processes that are ready to count, and returns once they have."""
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.stdout.readline() == "done\n"


def start_empty(client: Redis) -> None:
    """Empties Redis and its append-only file, whose rewriting would take a core later."""
    client.flushall()
    rewritten(client)
    with contextlib.suppress(ResponseError):  # it has begun to by itself
        client.bgrewriteaof()
    rewritten(client)


def rewritten(client: Redis) -> None:
    """Waits until no rewriting goes on."""
    while client.info("persistence")["aof_rewrite_in_progress"]:
        time.sleep(0.05)
