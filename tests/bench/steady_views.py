"""The processor time that popularity takes while views come steadily, with its rankings."""

import itertools
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rankings import publish
from redis import Redis
from stack import service, used_seconds
from views_stream import ARTICLES

from newsman.kafka.clients import build_producer
from newsman.kafka.partitions import partition_of
from newsman.kafka.topics import ensure_topics
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import article_id
from newsman_schemas.topics import ARTICLE_VIEWED

RATES, SECONDS, WARM_SECONDS, PUSHES_A_SECOND = (0, 2_000, 10_000), 15, 12, 20
KEYS = "steady"


def steady_views(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """Shares of a core that popularity and Valkey take at some rates of views."""
    ensure_topics(broker.bootstrap, KEYS, replication=1)
    publish(Redis.from_url(valkey.url), KEYS)
    rows = []
    with service("popularity", broker, valkey, folder, NEWSMAN_NAMESPACE=KEYS) as (process, _):
        for rate in RATES:
            push_for(broker, rate, WARM_SECONDS)
            before = used_seconds(process.pid), used_seconds(valkey.process.pid)
            began = time.monotonic()
            push_for(broker, rate, SECONDS)
            took = time.monotonic() - began
            after = used_seconds(process.pid), used_seconds(valkey.process.pid)
            shares = [(b - a) / took for a, b in zip(before, after, strict=True)]
            reached = round(rate * SECONDS / took)
            rows.append(f"| {reached:,} views/s | {shares[0]:.1%} | {shares[1]:.1%} |")
            print(rows[-1], file=sys.stderr, flush=True)
    head = f"| {ARTICLES:,} published articles, {SECONDS} s | popularity, of one core | Valkey |"
    return "\n".join([head, "| --- | --- | --- |", *rows, ""])


def push_for(broker: Broker, rate: int, seconds: int) -> None:
    """Puts views on the log at a rate, as ingest does with pushes."""
    producer, views = build_producer(broker.bootstrap, client_id="steady"), viewed()
    topic, began = ARTICLE_VIEWED.full_name(KEYS), time.monotonic()
    for number in range(seconds * PUSHES_A_SECOND):
        time.sleep(max(0.0, began + number / PUSHES_A_SECOND - time.monotonic()))
        groups: dict[int, list[dict[str, str]]] = {}
        for partition, view in itertools.islice(views, rate // PUSHES_A_SECOND):
            groups.setdefault(partition, []).append(view)
        for partition, group in groups.items():
            event = {"event_id": "e", "occurred_at": datetime.now(UTC).isoformat(), "views": group}
            producer.send(topic, value=json.dumps(event).encode(), partition=partition)
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    producer.close()


def viewed() -> Iterator[tuple[int, dict[str, str]]]:
    """Views by ever new readers, of few articles much and of the others seldom."""
    ids = [article_id("bench", str(number)) for number in range(ARTICLES)]
    partitions = [partition_of(each, ARTICLE_VIEWED.partitions) for each in ids]
    for reader in itertools.count():
        place = int(ARTICLES ** ((reader * 0.6180339887) % 1)) - 1
        yield partitions[place], {"article_id": ids[place], "reader": f"r{reader:x}"}
