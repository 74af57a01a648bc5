"""How fast views are counted, what that costs in Redis, and how fast rankings can be read."""

import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition
from redis import Redis
from stack import seconds

from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.records import decode
from newsman.kafka.topics import ensure_topics
from newsman.local.kafka import Broker
from newsman.local.valkey import Valkey
from newsman.popularity.store import CountStore
from newsman.redis.client import build_async_client, build_client
from newsman.redis.rankings import RankingReader
from newsman_schemas.articles import article_id
from newsman_schemas.popularity import ArticleViewed
from newsman_schemas.topics import ARTICLE_VIEWED

VIEWS = int(os.environ.get("NEWSMAN_BENCH_VIEWS", "1000000"))
FEWER_VIEWS, FAUST_VIEWS = VIEWS // 4, 60_000
ARTICLES, READERS, ROUNDS = 5_000, 70_000, 3
HOURS = 24
"""The views are spread over as many hours before now, in the log's own time too."""
READS_PER_SECOND, READ_SECONDS, READ_CONNECTIONS = 1_000, 8, 8
STEADY_RATE = 10_000
WORKER = str(Path(__file__).with_name("views_worker.py"))
PARTS = range(ARTICLE_VIEWED.partitions)


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
    few, many = articles_matter(broker, valkey)
    steady = ranking_reads(broker, valkey, "steady", STEADY_RATE)
    full = ranking_reads(broker, valkey, "full", 0)
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
        ("Redis memory per million events", f"{memory:.0f} MiB"),
        ("… when they have left every window", f"{left:.1f} MiB"),
        (
            f"{READS_PER_SECOND:,} rankings/s while {STEADY_RATE:,} views/s count, p50, p99",
            f"{steady[0]:.1f} ms, {steady[1]:.1f} ms",
        ),
        ("… while as many count as can", f"{full[0]:.1f} ms, {full[1]:.1f} ms"),
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


def produce_views(bootstrap: str, namespace: str, views: int, articles: int) -> None:
    """A Zipf-like stream of views of 150 bytes."""
    ensure_topics(bootstrap, namespace, replication=1)
    rng = random.Random(3)
    producer = build_producer(bootstrap, client_id="bench", linger_ms=20, batch_size=2**18)
    ids = [article_id("bench", str(n)) for n in range(articles)]
    weights = [1 / (rank + 1) for rank in range(articles)]
    topic, began = ARTICLE_VIEWED.full_name(namespace), datetime.now(UTC) - timedelta(hours=HOURS)
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


def read_bare(bootstrap: str) -> None:
    """Polls and validates, and nothing else."""
    consumer: KafkaConsumer = build_consumer(bootstrap=bootstrap, group=None, client_id="bare")
    topic = ARTICLE_VIEWED.full_name("bench")
    consumer.assign([TopicPartition(topic, n) for n in PARTS])
    consumer.seek_to_beginning()
    read = 0
    while read < VIEWS:
        for records in consumer.poll(timeout_ms=200, max_records=4_000).values():
            for record in records:
                decode(ArticleViewed, record.value)
            read += len(records)
    consumer.close()


def start(
    broker: Broker, valkey: Valkey, topics: str, keys: str, parts: list[int], rate: int = 0
) -> subprocess.Popen[str]:
    """A process that counts some partitions, from the beginning to the end, when it is told to."""
    numbers = ",".join(map(str, parts))
    words = [sys.executable, WORKER, broker.bootstrap, valkey.url, topics, keys, numbers, str(rate)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def count(broker: Broker, valkey: Valkey, topics: str, keys: str, *, processes: int) -> float:
    """Seconds until the service's own loop has counted all views into fresh keys."""
    shares = [list(PARTS)[n::processes] for n in range(processes)]
    workers = [start(broker, valkey, topics, keys, share) for share in shares]

    def run() -> None:
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in workers:
            assert worker.stdout.readline() == "done\n"

    took = seconds(run)
    for worker in workers:
        worker.communicate()
    return took


def faust_agent(broker: Broker, valkey: Valkey, number: int) -> float:
    """Events per second of the plainest Faust agent that counts."""
    script = str(Path(__file__).with_name("faust_agent.py"))
    words = [sys.executable, script, broker.bootstrap, valkey.url, str(number), str(FAUST_VIEWS)]
    said = subprocess.run(words, capture_output=True, text=True, timeout=300, check=True).stdout
    return FAUST_VIEWS / float(said.split()[-1])


def start_empty(client: Redis) -> None:
    """Empties Redis and its append-only file, whose rewriting would take a core later."""
    client.flushall()
    rewritten(client)
    client.bgrewriteaof()
    rewritten(client)


def rewritten(client: Redis) -> None:
    """Waits until no rewriting goes on."""
    while client.info("persistence")["aof_rewrite_in_progress"]:
        time.sleep(0.05)


def memory_after_retention(client: Redis, url: str, name: str, before: int) -> float:
    """MiB that are left of one round when all its views have left every window."""
    store = CountStore(build_client(url), name, window_seconds=1_800)
    for part in PARTS:
        offset = store.offset(part)
        for days in (9, 12):
            later = int(time.time()) + days * 86_400
            assert store.advance(part, expected=offset, clock_seconds=later)
    return (client.info("memory")["used_memory"] - before) / 2**20


def articles_matter(broker: Broker, valkey: Valkey) -> tuple[float, float]:
    """Views counted per second with the articles, and with ten times as many."""
    rates: dict[str, list[float]] = {"few": [], "many": []}
    for name, articles in (("few", ARTICLES), ("many", ARTICLES * 10)):
        produce_views(broker.bootstrap, name, FEWER_VIEWS, articles)
    for number in range(ROUNDS):
        start_empty(build_client(valkey.url))
        for name, found in rates.items():
            took = count(broker, valkey, name, f"{name}{number}", processes=1)
            found.append(FEWER_VIEWS / took)
    return middle(rates["few"]), middle(rates["many"])


def ranking_reads(broker: Broker, valkey: Valkey, keys: str, rate: int) -> tuple[float, float]:
    """p50 and p99 in ms of a ranking's first 20 rows, read at a fixed rate while others count.

    `rate`: events counted per second, 0 for as many as can be.
    """
    start_empty(build_client(valkey.url))
    worker = start(broker, valkey, "bench", keys, list(PARTS), rate)
    worker.stdin.write("go\n")
    worker.stdin.flush()
    try:
        times = sorted(asyncio.run(read_rankings(valkey.url, keys, worker)))
    finally:
        worker.kill()
        worker.communicate()
    return times[len(times) // 2], times[int(len(times) * 0.99)]


async def read_rankings(url: str, keys: str, worker: subprocess.Popen[str]) -> list[float]:
    """Reads at the rate; what waits for its turn waits within its own time."""
    client = build_async_client(url)
    reader = RankingReader(client, keys, ARTICLE_VIEWED.partitions)
    turns = asyncio.Semaphore(READ_CONNECTIONS)
    times: list[float] = []
    done = asyncio.get_running_loop().run_in_executor(None, worker.stdout.readline)

    async def read(due: float) -> None:
        async with turns:
            await reader.top("24h", limit=20)
        times.append((time.perf_counter() - due) * 1000)

    began = time.perf_counter()
    tasks = []
    for number in range(READS_PER_SECOND * READ_SECONDS):
        due = began + number / READS_PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if done.done():
            break
        tasks.append(asyncio.create_task(read(due)))
    await asyncio.gather(*tasks)
    worker.kill()
    await client.aclose()
    return times
