"""How fast views are counted, what that costs in Redis, and how fast rankings can be read."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition
from rankings import READS_PER_SECOND, ranking_reads
from redis import Redis
from stack import seconds
from views_stream import (
    ARTICLES,
    HOURS,
    PARTS,
    READERS,
    VIEWS,
    count,
    produce_views,
    start_empty,
)

from newsman.kafka.clients import build_consumer
from newsman.kafka.records import decode
from newsman.popularity.counting.count_store import CountStore
from newsman.redis.client import build_client
from newsman.redis.keys import READ, PopularityKeys
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import article_id
from newsman_schemas.popularity import ArticleViewed
from newsman_schemas.topics import ARTICLE_VIEWED_V1

FEWER_VIEWS, FAUST_VIEWS, ROUNDS = VIEWS // 4, 60_000, 3
EVER_SEEN = ARTICLES * 100
STEADY_RATE = 10_000


def views_into_redis(broker: Broker, valkey: Valkey, _: Path) -> str:
    """Views counted per second, against a bare consumer and against a plain Faust agent."""
    produce_views(broker.bootstrap, "bench", VIEWS, ARTICLES)
    client = build_client(valkey.url)
    bare, counted, twofold, memory, left = [], [], [], 0.0, 0.0
    for number in range(ROUNDS):
        start_empty(client)
        bare.append(VIEWS / seconds(lambda: read_bare(broker.bootstrap)))
        before = client.info("memory")["used_memory"]
        counted.append(VIEWS / count(broker, valkey, "bench", f"one{number}", processes=1))
        memory = (client.info("memory")["used_memory"] - before) / VIEWS * 1_000_000 / 2**20
        left = memory_after_retention(client, valkey.url, f"one{number}", before)
        start_empty(client)
        twofold.append(VIEWS / count(broker, valkey, "bench", f"two{number}", processes=2))
        told = f"{bare[-1]:,.0f}/s bare, {counted[-1]:,.0f}/s, {twofold[-1]:,.0f}/s by two"
        print(f"  round {number + 1}: {told}", file=sys.stderr)
    faust = [faust_agent(broker, valkey, number) for number in range(ROUNDS)]
    few, many, ever = articles_matter(broker, valkey)
    steady = ranking_reads(broker, valkey, "steady", STEADY_RATE)
    full = ranking_reads(broker, valkey, "full", 0)
    kept = ranking_reads(broker, valkey, "kept", STEADY_RATE, kept=True)
    rows = [
        ("bare kafka-python loop, validated with Pydantic", f"{middle(bare):,.0f}/s"),
        ("counted into Redis with their offsets, one process", f"{middle(counted):,.0f}/s"),
        ("… as a ratio to the bare loop", ratio(counted, bare)),
        ("Faust agent, one INCR per event", f"{middle(faust):,.0f}/s"),
        ("… counted as a multiple of that", ratio(counted, faust)),
        ("two processes on two partitions each", f"{middle(twofold):,.0f}/s"),
        ("… as a ratio to one process", ratio(twofold, counted)),
        (f"{FEWER_VIEWS:,} views of {ARTICLES:,} articles", f"{few:,.0f}/s"),
        (f"{FEWER_VIEWS:,} views of {ARTICLES * 10:,} articles", f"{many:,.0f}/s"),
        (f"… when {EVER_SEEN:,} others were seen before", f"{ever:,.0f}/s"),
        ("Redis memory per million events", f"{memory:.0f} MiB"),
        ("… when only all time still knows them", f"{left:.1f} MiB"),
        (
            f"{READS_PER_SECOND:,} rankings/s while {STEADY_RATE:,} views/s count, p50, p99",
            f"{steady[0]:.1f} ms, {steady[1]:.1f} ms",
        ),
        ("… while as many count as can", f"{full[0]:.1f} ms, {full[1]:.1f} ms"),
        ("… with all reasons, as feeds reads them", f"{kept[0]:.1f} ms, {kept[1]:.1f} ms"),
    ]
    title = f"views ({VIEWS:,} over {HOURS} h, {ARTICLES:,} articles, {READERS:,} readers)"
    table = [f"| {title} | |", "| --- | --- |", *(f"| {name} | {said} |" for name, said in rows)]
    return "\n".join([*table, ""])


def middle(values: list[float]) -> float:
    """The median."""
    return statistics.median(values)


def ratio(values: list[float], of: list[float]) -> str:
    """The median of the pairs' ratios."""
    return f"{statistics.median(v / o for v, o in zip(values, of, strict=True)):.2f}"


def read_bare(bootstrap: str) -> None:
    """Polls and validates, and nothing else."""
    consumer: KafkaConsumer = build_consumer(bootstrap=bootstrap, group=None, client_id="bare")
    topic = ARTICLE_VIEWED_V1.full_name("bench")
    consumer.assign([TopicPartition(topic, n) for n in PARTS])
    consumer.seek_to_beginning()
    read = 0
    while read < VIEWS:
        for records in consumer.poll(timeout_ms=200, max_records=4_000).values():
            for record in records:
                decode(ArticleViewed, record.value)
            read += len(records)
    consumer.close()


def faust_agent(broker: Broker, valkey: Valkey, number: int) -> float:
    """Events per second of the plainest Faust agent that counts."""
    script = str(Path(__file__).with_name("faust_agent.py"))
    words = [sys.executable, script, broker.bootstrap, valkey.url, str(number), str(FAUST_VIEWS)]
    said = subprocess.run(words, capture_output=True, text=True, timeout=300, check=True).stdout
    return FAUST_VIEWS / float(said.split()[-1])


def memory_after_retention(client: Redis, url: str, name: str, before: int) -> float:
    """MiB that are left of one round when all its views have left every window."""
    store = CountStore(build_client(url), name, window_seconds=1_800)
    for part in PARTS:
        offset = store.offset(part)
        for days in (40, 43, 450):
            later = int(time.time()) + days * 86_400
            assert store.advance(part, expected=offset, clock_seconds=later)
    return (client.info("memory")["used_memory"] - before) / 2**20


def articles_matter(broker: Broker, valkey: Valkey) -> tuple[float, float, float]:
    """Views counted per second with the articles, with ten times as many, and with the articles
    after a hundred times as many others were seen that nobody reads any more."""
    rates: dict[str, list[float]] = {"few": [], "many": [], "ever": []}
    for name, articles in (("few", ARTICLES), ("many", ARTICLES * 10)):
        produce_views(broker.bootstrap, name, FEWER_VIEWS, articles)
    client = build_client(valkey.url)
    for number in range(ROUNDS):
        start_empty(client)
        for name, found in rates.items():
            keys = f"{name}{number}"
            if name == "ever":
                remember(client, keys)
            topics = "many" if name == "many" else "few"
            found.append(FEWER_VIEWS / count(broker, valkey, topics, keys, processes=1))
    few, many, ever = (middle(found) for found in rates.values())
    return few, many, ever


def remember(client: Redis, keys: str) -> None:
    """Articles of long ago, as counts of all time know them."""
    store = CountStore(client, keys, window_seconds=1_800)
    for part in PARTS:
        store.offset(part)
        of_all_time = PopularityKeys(keys, part).count("all")
        for start in range(part, EVER_SEEN, 4_000):
            few = range(start, min(start + 4_000, EVER_SEEN), len(PARTS))
            client.zadd(of_all_time, {article_id("old", str(n)): READ + 1 for n in few})
