"""ingest under load: what waiting for Kafka costs, how long pushes take, what stays in memory."""

import itertools
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from load import at_most, at_rate
from stack import answers, ended, environment, free_port, ops_url, service, wait_for
from stories import NATIVE, NDJSON, NINJS, batches, distinct

from newsman.ingest.formats.model import Defaults
from newsman.ingest.pushes import Push, prepare
from newsman.kafka.clients import build_producer
from newsman.kafka.records import Record, new_traceparent
from newsman.kafka.topics import ensure_topics
from newsman.tools.local.kafka import Broker
from newsman.tools.local.layout import Layout
from newsman.tools.local.supervisor import prepare as prepare_layout
from newsman.tools.local.valkey import Valkey
from newsman_schemas.topics import ARTICLE_RECEIVED

CONNECTIONS, SECONDS, ROUNDS = 64, 4, 2
BATCH, BATCHES, BATCH_CONNECTIONS = 500, 40, 4
PACED_SECONDS = 15
MEMORY_ARTICLES, SAMPLES = 100_000, 20
WITHOUT_KAFKA = Path(__file__).parent / "without_kafka.py"
_firsts = itertools.count(0, 10_000_000)


def intake(broker: Broker, valkey: Valkey, folder: Path, *, articles: int) -> str:
    """One ingest process against the same one without Kafka, and against a bare producer."""
    ensure_topics(broker.bootstrap, "newsman", replication=1)
    layout = Layout(folder / "intake")
    prepare_layout(layout)
    with ExitStack() as stack:
        stored = stack.enter_context(running_ingest(broker, valkey, layout, "ingest"))
        bare = stack.enter_context(running_ingest(broker, valkey, layout, "without-kafka"))
        tables = [singles(bare.url, stored.url), lines(broker, stored.url), paced(stored.url)]
        tables.append(memory(stored, articles))
    return "\n".join(tables)


class Ingest:
    """A running ingest: where it listens, which process it is."""

    def __init__(self, url: str, process: "subprocess.Popen[bytes]") -> None:
        self.url = url
        self.process = process

    def resident_kib(self) -> int:
        """Its resident memory."""
        lines_ = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines_ if line.startswith("VmRSS:"))


@contextmanager
def running_ingest(
    broker: Broker, valkey: Valkey, layout: Layout, name: str, **settings: str
) -> Iterator[Ingest]:
    """The service, or the one without Kafka, ready."""
    wanted = {
        "NEWSMAN_SOURCES_FILE": str(layout.sources),
        "NEWSMAN_LOG_LEVEL": "WARNING",
        **settings,
    }
    if name == "ingest":
        with service(name, broker, valkey, layout.logs, **wanted) as (process, url):
            yield Ingest(url, process)
        return
    port = free_port()
    env = {**os.environ, **environment(broker, valkey, port), **wanted}
    url = f"http://127.0.0.1:{port}"
    with ended(subprocess.Popen([sys.executable, str(WITHOUT_KAFKA)], env=env)) as process:
        wait_for(lambda: answers(f"{ops_url('ingest', url)}/readyz"))
        yield Ingest(url, process)


def singles(bare: str, stored: str) -> str:
    """One article a request, acknowledged by Kafka, against validated only."""
    rows = []
    for content_type in (NATIVE, NINJS):
        pairs = []
        for number in range(ROUNDS + 1):
            pair = [push_all(url, content_type) for url in (bare, stored)]
            told(f"{content_type} round {number}: {pair[0]:,.0f}/s, {pair[1]:,.0f}/s")
            pairs.append(pair)
        without, with_kafka = zip(*pairs[1:], strict=True)  # the first one warms up
        ratio = statistics.median(b / a for a, b in pairs[1:])
        rows.append(
            f"| {content_type} | {statistics.median(without):,.0f} "
            f"| {statistics.median(with_kafka):,.0f} | {ratio:.2f} |"
        )
    return table(
        f"| one article of 3 kB a request, {CONNECTIONS} connections "
        f"| requests/s, validated only | requests/s, in Kafka | ratio, median of {ROUNDS} pairs |",
        rows,
    )


def push_all(url: str, content_type: str) -> float:
    """Requests per second over all connections."""
    bodies = distinct(content_type, first=next(_firsts))
    outcome = at_most(url, content_type, bodies, connections=CONNECTIONS, seconds=SECONDS)
    return outcome.must_be_taken().per_second


def lines(broker: Broker, url: str) -> str:
    """NDJSON in batches, against a producer that sends the same bytes and does nothing else."""
    rounds = []
    for number in range(ROUNDS + 1):
        bodies = list(itertools.islice(batches(BATCH, first=next(_firsts)), BATCHES))
        pushed = [
            Record(random.randbytes(16), line, []) for line in b"\n".join(bodies).split(b"\n")
        ]
        stored = [record for body in bodies for record in as_stored(body)]
        rates = [len(each) / produce(broker.bootstrap, each) for each in (stored, pushed)]
        outcome = at_most(
            url,
            NDJSON,
            iter(bodies),
            connections=BATCH_CONNECTIONS,
            pushes=BATCHES,
        ).must_be_taken()
        rounds.append((*rates, outcome.per_second * BATCH))
        told(f"batches round {number}: " + ", ".join(f"{rate:,.0f}/s" for rate in rounds[-1]))
    rows = []
    for name, bare in (("as they are stored", 0), ("as they were pushed", 1)):
        ratio = statistics.median(found[2] / found[bare] for found in rounds[1:])
        medians = [statistics.median(column) for column in zip(*rounds[1:], strict=True)]
        rows.append(f"| {name} | {medians[bare]:,.0f} | {medians[2]:,.0f} | {ratio:.2f} |")
    return table(
        f"| NDJSON, {BATCH} articles a request, {BATCH_CONNECTIONS} connections; the same bytes "
        f"| articles/s, bare producer | articles/s, ingest | ratio, median of {ROUNDS} |",
        rows,
    )


def as_stored(body: bytes) -> tuple[Record, ...]:
    """What ingest hands to Kafka of a push."""
    defaults = Defaults("demo", "en", UTC, None, datetime.now(UTC))
    return prepare(Push(body, NDJSON, None, defaults, new_traceparent())).records[ARTICLE_RECEIVED]


def produce(bootstrap: str, records: list[Record]) -> float:
    """Seconds for a bare producer, as ingest sets it up, until all is acknowledged."""
    producer = build_producer(bootstrap, client_id="bare", linger_ms=2, batch_size=512 * 1024)
    topic = ARTICLE_RECEIVED.full_name("newsman")
    producer.partitions_for(topic)
    began = time.perf_counter()
    futures = [
        producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        for record in records
    ]
    producer.flush()
    took = time.perf_counter() - began
    assert all(future.succeeded() for future in futures)
    producer.close()
    return took


def paced(url: str) -> str:
    """How long pushes take at half of what was possible."""
    most = push_all(url, NATIVE)
    outcome = at_rate(
        url,
        NATIVE,
        distinct(NATIVE, first=next(_firsts)),
        connections=CONNECTIONS,
        per_second=most / 2,
        seconds=PACED_SECONDS,
    ).must_be_taken()
    return table(
        f"| half of the maximum, {most / 2:,.0f} requests/s for {PACED_SECONDS} s | ms |",
        [f"| p{percent} | {outcome.percentile(percent):.1f} |" for percent in (50, 90, 99)],
    )


def memory(ingest: Ingest, articles: int) -> str:
    """What stays in memory of many articles."""
    bodies = distinct(NATIVE, first=next(_firsts))
    samples = [(0, ingest.resident_kib())]
    for number in range(1, SAMPLES + 1):
        at_most(
            ingest.url, NATIVE, bodies, connections=CONNECTIONS, pushes=articles // SAMPLES
        ).must_be_taken()
        samples.append((number * articles // SAMPLES, ingest.resident_kib()))
        told(f"memory: {samples[-1][0]:,} articles, {samples[-1][1] / 1024:.1f} MiB")
    half = samples[len(samples) // 2 :]
    slope = statistics.linear_regression(*zip(*half, strict=True)).slope
    return table(
        f"| memory over {articles:,} articles | |",
        [
            (
                f"| at the beginning, half-way, at the end | {samples[0][1] / 1024:.1f}, "
                f"{half[0][1] / 1024:.1f}, {samples[-1][1] / 1024:.1f} MiB |"
            ),
            f"| slope over the second half, per million articles | {slope * 1e6 / 1024:.1f} MiB |",
        ],
    )


def table(head: str, rows: list[str]) -> str:
    """A Markdown table."""
    return "\n".join([head, "|" + " --- |" * (head.count("|") - 1), *rows, ""])


def told(text: str) -> None:
    """Says how it goes."""
    print(f"  {text}", file=sys.stderr, flush=True)
