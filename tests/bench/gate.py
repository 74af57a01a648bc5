"""publish's throughput, against a bare Faust agent that forwards the same bytes."""

import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition
from stack import cpu_seconds, enriched, free_port

from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.records import Record, encode
from newsman.kafka.topics import ensure_topics
from newsman.provenance.keys import make_key
from newsman.redis.client import build_client
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import Marker
from newsman.tools.local.kafka import Broker
from newsman.tools.local.processes import start_service
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import (
    ArticleEnriched,
    Stage,
    content_digest,
)
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED

ARTICLES, ROUNDS, LIMIT_SECONDS = 8_000, 3, 120
POLL_SECONDS = 0.02
FORWARDING = Path(__file__).parent / "forwarding.py"
BODY = "The council of Lisbon met on Monday and spoke about ferries, trams and the river. " * 18
NAMES = tuple(f"{place} {number}" for place in ("Lisbon", "Oslo", "Ghent") for number in range(200))
NAMED = 8


class Run(NamedTuple):
    """Articles a second, and the processor time of the process for each in microseconds."""

    rate: float
    cpu_us: float


def gate_throughput(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """Articles a second through the gate, also where it signs, and through an agent that only
    forwards."""
    bare, gated, signed = [], [], []
    make_key(folder / "key.pem", folder / "keys.json", now=datetime.now(UTC), overlap=timedelta())
    records = [encode(story(number)) for number in range(ARTICLES)]
    client = build_client(valkey.url)
    empty = client.info("memory")["used_memory"]
    for number in range(ROUNDS):
        for name, found in (("bare", bare), ("gate", gated), ("signed", signed)):
            namespace = f"bench-{name}-{number}"
            ensure_topics(broker.bootstrap, namespace, replication=1)
            # A store that is whole: publish would make it from the log before it begins.
            client.set(ArticleKeys(namespace).marker, str(Marker()))
            produce(broker.bootstrap, namespace, records)
            found.append(run(broker, valkey, namespace, folder, name))
        rates = ", ".join(f"{runs[-1].rate:,.0f}/s" for runs in (bare, gated, signed))
        print(f"  round {number + 1}: {rates}", file=sys.stderr)
    ratio = statistics.median(g.rate / b.rate for b, g in zip(bare, gated, strict=True))
    # Both stores hold the articles, one of them with statements.
    memory = (client.info("memory")["used_memory"] - empty) / ROUNDS / ARTICLES / 2
    size = statistics.mean(len(record.value) for record in records)
    return "\n".join(
        [
            f"| the gate ({ARTICLES:,} new articles of {size:,.0f} bytes) | |",
            "| --- | --- |",
            f"| bare Faust agent, forwards the bytes | {median(bare, 'rate'):,.0f}/s |",
            f"| publish | {median(gated, 'rate'):,.0f}/s |",
            f"| … that signs | {median(signed, 'rate'):,.0f}/s |",
            f"| ratio, median of {ROUNDS} pairs | {ratio:.2f} |",
            f"| processor time of an article, bare | {median(bare, 'cpu_us'):,.0f} µs |",
            f"| … publish | {median(gated, 'cpu_us'):,.0f} µs |",
            f"| … publish that signs | {median(signed, 'cpu_us'):,.0f} µs |",
            f"| Redis memory per stored article, half of them signed | {memory:,.0f} bytes |",
            f"| … of 1,000,000 of them | {memory * 1_000_000 / 2**30:.1f} GiB |",
            "",
        ]
    )


def story(number: int) -> ArticleEnriched:
    """An article as enrich hands it over."""
    names = [NAMES[(number * NAMED + place) % len(NAMES)] for place in range(NAMED)]
    article = enriched(number, names, headline=f"Council meeting number {number}", body=BODY)
    now = article.version_created
    stage = Stage(stage="received", service="ingest", at=now, version=1)
    return ArticleEnriched(
        event_id=content_digest(article), occurred_at=now, article=article, trail=(stage,)
    )


def produce(bootstrap: str, namespace: str, records: list[Record]) -> None:
    """All of them onto article-enriched."""
    producer = build_producer(bootstrap, client_id="bench", linger_ms=20)
    topic = ARTICLE_ENRICHED.full_name(namespace)
    for record in records:
        producer.send(topic, key=record.key, value=record.value, headers=record.headers)
    producer.flush()
    producer.close()


def median(runs: list[Run], figure: str) -> float:
    """Of one figure of several runs."""
    return statistics.median(getattr(one, figure) for one in runs)


def run(broker: Broker, valkey: Valkey, namespace: str, folder: Path, kind: str) -> Run:
    """What was seen between the first and the last article on article-published: of the gate, or
    of the bare agent; a signed gate has a key."""
    env = {
        **os.environ,
        "NEWSMAN_KAFKA_BOOTSTRAP": broker.bootstrap,
        "NEWSMAN_REDIS_URL": valkey.url,
        "NEWSMAN_NAMESPACE": namespace,
        "NEWSMAN_PORT": str(free_port()),
    }
    if kind == "signed":
        env |= {"NEWSMAN_SIGNING_KEY_FILE": str(folder / "key.pem")}
        env |= {"NEWSMAN_SIGNING_KEYS_FILE": str(folder / "keys.json")}
    if kind == "bare":
        process = subprocess.Popen([sys.executable, str(FORWARDING)], env=env)
    else:
        process = start_service("publish", env, folder / "publish-bench.log")
    try:
        return _watched(broker.bootstrap, ARTICLE_PUBLISHED.full_name(namespace), process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _watched(bootstrap: str, topic: str, pid: int) -> Run:
    consumer: KafkaConsumer = build_consumer(bootstrap=bootstrap, group=None, client_id="bench")
    parts = [TopicPartition(topic, n) for n in range(ARTICLE_PUBLISHED.partitions)]
    began, used, deadline, first = None, 0.0, time.monotonic() + LIMIT_SECONDS, 0
    while time.monotonic() < deadline:
        count = sum(consumer.end_offsets(parts).values())
        if count and began is None:
            began, used, first = time.monotonic(), cpu_seconds(pid), count
        if count >= ARTICLES and began is not None:
            consumer.close()
            took, used = time.monotonic() - began, cpu_seconds(pid) - used
            return Run((count - first) / took, used / (count - first) * 1_000_000)
        time.sleep(POLL_SECONDS)
    raise SystemExit("the articles did not come through in time")
